"""The one who tells the story to the ledger: day by day, gifts in batches, everything else by its action."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from ledger.core import tracking
from ledger.core.entry import Draft
from ledger.giving.actions import Donation, donation_draft
from ledger.journal.append import Writer
from ledger.journal.read import find_book
from ledger.people.actions import Act

BOOK = "heping"
START, END = date(2025, 9, 1), date(2026, 10, 31)


class Teller:
    """Tells entries to one writer. Gifts wait in a batch until something else is told, which keeps their order."""

    def __init__(self, writer: Writer, code_key: bytes, evidence: Path) -> None:
        self.writer, self.evidence = writer, evidence
        self.seqs: dict[str, int] = {}  # entries by ref
        self._code_key = code_key
        self._batch: list[Draft] = []

    def gift(self, act: Act, donation: Donation) -> None:
        """Put a donation into the batch."""
        code = tracking.derive(self._code_key, self.writer.code, act.ref)
        self.put(donation_draft(act, donation, code))

    def put(self, draft: Draft) -> None:
        """Put an entry into the batch."""
        self._batch.append(draft)

    def settled(self) -> Writer:
        """Append the batch; return the writer, for what comes next."""
        if self._batch:
            for draft, made in zip(self._batch, self.writer.append(self._batch), strict=True):
                self.seqs[draft.ref] = made.seq
            self._batch.clear()
        return self.writer

    def size(self) -> int:
        """Count the entries told so far."""
        return find_book(self.settled().connection, BOOK).size

    def held(self, account: str, unit: str = "CNY") -> int:
        """Tell what an account holds now."""
        return self.settled().axis(account, unit).balance


class Event(NamedTuple):
    """Something that happens on a day; those of one day by `rank`, then in the order of the chapters."""

    day: date
    rank: int
    tell: Callable[[Teller], object]


OPENING, INCOME, GRANT, SERVICE, EXPENSE, MONEY = range(6)
"""Ranks: what comes before what on the same day."""


@dataclass(frozen=True, slots=True)
class Told(Act):
    """An act whose entries also say what forms do not ask for: names in English."""

    more: Mapping[str, str] = field(default_factory=dict)

    def draft(self, kind: str, **parts: Any) -> Draft:
        """Make the draft of an entry of this kind, with the further facts."""
        facts = {**parts.pop("facts", {}), **self.more}
        return Draft(
            kind, self.dated, self.by, self.ref, memo=self.memo, approved_by=self.approved_by, facts=facts, **parts
        )


def told(acting: Act, **more: str) -> Told:
    """Add further facts to an act."""
    return Told(acting.by, acting.dated, acting.ref, acting.approved_by, acting.memo, more)


def act(day: date, ref: str, by: str, approved_by: str | None = None, memo: str = "") -> Act:
    """Act in the story; every reference begins with `demo/`."""
    return Act(by, day, f"demo/{ref}", approved_by, memo)


def approved(day: date, ref: str, memo: str = "") -> Act:
    """Act as the accountant, approved by another."""
    return act(day, ref, "accountant", "approver", memo)


def day_of(text: str) -> date:
    """Read a day of the tables."""
    return date.fromisoformat(text)


def yuan(amount: int | str) -> int:
    """Give fen for the yuan of the tables ("312.46"); exact, from text."""
    whole, _, part = str(amount).partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)
