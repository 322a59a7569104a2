"""Blank cells that mean "the same as above": merged cells, ditto marks, and blanks where that is the custom."""

from collections import Counter
from collections.abc import Sequence

from ledger.exchange.cells import Cell, is_blank, text_of
from ledger.exchange.merges import Merges
from ledger.exchange.roles import Role

_DITTO = frozenset({"同上", "〃", "″", '"', "''", "“", "”", "ditto", "Ditto", "DITTO", "同前"})


class Carry:
    """The last value of each column, and how often it was carried down, and why."""

    __slots__ = ("_ended", "_merges", "_values", "counts")

    def __init__(self, merges: Merges) -> None:
        self._merges = merges
        self._values: dict[int, tuple[int, Cell]] = {}
        self._ended: set[int] = set()
        self.counts: Counter[tuple[str, str]] = Counter()

    def look(self, number: int, place: int, row: Sequence[Cell], role: Role, *, blank_is_above: bool) -> Cell:
        """Return the value that a cell shows or stands for; "" when it is blank and nothing above is meant."""
        cell = row[place] if place < len(row) else ""
        if not is_blank(cell):
            if not (isinstance(cell, str) and text_of(cell) in _DITTO):
                self.remember(place, number, cell)
                return cell
            way = "carried-ditto"
        elif self._is_merged(number, place):
            way = "carried-merged"
        elif blank_is_above and place not in self._ended:
            way = "carried-blank"
        else:
            return ""
        known = self._values.get(place)
        if known is None:
            return ""
        self.counts[way, role.value] += 1
        return known[1]

    def _is_merged(self, number: int, place: int) -> bool:
        """Tell whether the cell belongs to a merged one above whose value is the one remembered."""
        above = self._merges.above(number, place)
        return above is not None and place in self._values and self._values[place][0] == above

    def remember(self, place: int, number: int, cell: Cell) -> None:
        """Let blank cells below stand for this one."""
        self._values[place] = (number, cell)
        self._ended.discard(place)

    def end_blanks(self, place: int | None) -> None:
        """Let blank cells stand for nothing until there is a new value (after a blank row, a new day, a total)."""
        if place is not None:
            self._ended.add(place)
