"""Tables side by side: the same columns repeated to save paper (序号 姓名 金额 | 序号 姓名 金额)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.exchange.cells import Cell
from ledger.exchange.header import Header
from ledger.exchange.roles import plain_label


@dataclass(frozen=True, slots=True)
class Block:
    """One of the tables: its header, and the columns from `start` up to `end` (None: all there are)."""

    header: Header
    start: int = 0
    end: int | None = None
    first: bool = True

    def cut(self, row: Sequence[Cell]) -> Sequence[Cell]:
        """Blank out what belongs to the tables beside this one."""
        if self.start == 0 and self.end is None:
            return row
        end = len(row) if self.end is None else min(self.end, len(row))
        return [*[""] * min(self.start, len(row)), *row[self.start : end]]


def blocks_of(header: Header) -> list[Block]:
    """Divide a header whose labels repeat into the headers of its tables; mostly there is one."""
    places = sorted(header.labels)
    labels = [plain_label(header.labels[place]) for place in places]
    for times in (4, 3, 2):
        for shared in (0, 1):  # a number in the first column may count the rows of all tables
            size, rest = divmod(len(labels) - shared, times)
            if not rest and size > 1 and labels[shared:] == labels[shared : shared + size] * times:
                return _divide(header, places[shared:], size)
    return [Block(header)]


def _divide(header: Header, places: Sequence[int], size: int) -> list[Block]:
    starts = [places[at] for at in range(0, len(places), size)]
    blocks = []
    for at, start in enumerate(starts):
        end = starts[at + 1] if at + 1 < len(starts) else None
        shift = start - starts[0]
        moved = replace(
            header,
            columns={
                role: place + shift
                for role, place in header.columns.items()
                if place < starts[1] and (at == 0 or place >= starts[0])
            },
            labels={
                place: label
                for place, label in header.labels.items()
                if start <= place and (end is None or place < end)
            },
            remarks=tuple(place + shift for place in header.remarks if place < starts[1]),
        )
        blocks.append(Block(moved, 0 if at == 0 else start, end, first=at == 0))
    return blocks
