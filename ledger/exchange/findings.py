"""What accumulates while a file is read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ledger.exchange.cells import Cell, text_of
from ledger.exchange.keys import Keys
from ledger.exchange.lines import Line, Note, Refusal
from ledger.exchange.messages import Reason
from ledger.exchange.repeats import References

_RAW_CELLS, _RAW_TEXT = 24, 80
"""How much of a refused row the report keeps: cells, and characters of each."""


@dataclass(slots=True)
class Findings:
    """Lines, refusals and notes of a whole file."""

    lines: list[Line] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    keys: Keys = field(default_factory=Keys)
    gift_keys: Keys = field(default_factory=Keys)
    references: References = field(default_factory=References)
    rows: int = 0

    def note(self, sheet: str, row: int | None, code: str, **values: str | int) -> None:
        """Write a note."""
        self.notes.append(Note(sheet, row, Reason(code, values)))

    def refuse(self, sheet: str, row: int, reason: Reason, cells: Sequence[Cell]) -> None:
        """Refuse a row."""
        raw = tuple(text_of(cell)[:_RAW_TEXT] for cell in cells[:_RAW_CELLS])
        self.refusals.append(Refusal(sheet, row, reason, raw))


@dataclass(slots=True)
class Tallied:
    """Things that happen often in one sheet: counted, each with its first example, and noted once at the end."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, code: str, given: str = "", by: int = 1) -> None:
        """Count one more; notes of the same code with another `given` are counted apart."""
        self.counts[code, given] += by

    def note(self, findings: Findings, sheet: str) -> None:
        """Write one note for each."""
        for (code, given), count in self.counts.items():
            findings.note(sheet, None, code, count=count, given=given)
