"""The yearly giving statement 年度捐赠对账单: what one person gave in a year and what became of it, on A4.

It says what stands on the ledgers of one or several foundations at a moment. It is no official receipt
(公益事业捐赠统一票据), does not look like one, and says so. Of a tracking code only the end is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ledger.reports.engine import render_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Became:
    """A part of a gift: what it became (`service`, `fund`, …) and how much of it, in smallest parts."""

    bucket: str
    amount: int


@dataclass(frozen=True, slots=True)
class Stated:
    """A gift. `amount` in fen, minutes, or parts of a measure (`scale`); `value` of goods in fen."""

    dated: date
    fund: str
    purpose: str  # '' when none was named
    kind: Literal["money", "goods", "hours"]
    amount: int
    scale: int
    item: str
    measure: str
    value: int | None
    code_end: str  # of the tracking code; '' when it is not known
    entry: int
    became: tuple[Became, ...]
    undone: bool = False  # its record was taken back: it counts nothing


@dataclass(frozen=True, slots=True)
class Foundation:
    """A foundation's book and the gifts on it, oldest first. `recorded`: up to when its ledger was read."""

    name: str
    credit_code: str
    book: str
    recorded: datetime
    gifts: tuple[Stated, ...]

    @property
    def money(self) -> int:
        """Return the money given, in fen."""
        return money(self.gifts)

    @property
    def minutes(self) -> int:
        """Return the volunteer time given."""
        return sum(gift.amount for gift in self.gifts if gift.kind == "hours" and not gift.undone)

    @property
    def value(self) -> int:
        """Return the fair value of the goods given, in fen."""
        return sum(gift.value or 0 for gift in self.gifts if gift.kind == "goods" and not gift.undone)


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything on the paper. `donors`: the names as given, none for gifts without a name."""

    year: int
    donors: tuple[str, ...]
    foundations: tuple[Foundation, ...]
    site: str

    @property
    def money(self) -> int:
        """Return all the money, in fen."""
        return sum(foundation.money for foundation in self.foundations)

    @property
    def minutes(self) -> int:
        """Return all the volunteer time."""
        return sum(foundation.minutes for foundation in self.foundations)

    @property
    def value(self) -> int:
        """Return the fair value of all the goods, in fen."""
        return sum(foundation.value for foundation in self.foundations)

    @property
    def gifts(self) -> int:
        """Return how many gifts count."""
        return sum(not gift.undone for foundation in self.foundations for gift in foundation.gifts)

    @property
    def recorded(self) -> datetime:
        """Return up to when the ledgers were read; also the date of the document."""
        return max(foundation.recorded for foundation in self.foundations)


def money(gifts: Sequence[Stated]) -> int:
    """Sum the money that stands, in fen."""
    return sum(gift.amount for gift in gifts if gift.kind == "money" and not gift.undone)


def statement_pdf(statement: Statement, locale: str, fonts: Path | None = None) -> bytes:
    """Return the statement as PDF/A-3; the same statement always gives the same bytes."""
    return render_pdf("statement", {"it": statement}, locale, dated=statement.recorded, fonts=fonts)
