"""What the pages of disclosure show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from ledger.audit.disclosure.clocks import Clock
    from ledger.audit.disclosure.residuals import Residual
    from ledger.audit.disclosure.rules import Rule
    from ledger.web.pages import BookRef, Pager, Quantity, Ref


@dataclass(frozen=True, slots=True)
class DetailRow:
    """A row of the detail of a figure: an object, or words (a kind of service, a day); `count`: rows taken together."""

    ref: Ref | None
    kind: str
    quantity: Quantity
    count: int = 0


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure as published, what stood there before corrections (newest first), and as the ledger gives it today."""

    key: str
    quantity: Quantity
    before: tuple[Quantity, ...]
    today: Quantity | None
    difference: Quantity | None
    detail: tuple[DetailRow, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """What was published or corrected by which entry, and why."""

    seq: int
    dated: date
    recorded: datetime
    size: int
    note: str


@dataclass(frozen=True, slots=True)
class DisclosurePage:
    """One disclosure. `later`: entries since the cut-off (of a period: dated in it); `undone`: counted ones taken back.

    `differs`: a figure of today is another. `moment` is when the last entry counted was recorded.
    """

    book: BookRef
    ref: Ref
    subject: Ref
    basis: str
    since: date | None
    until: date
    size: int
    moment: datetime | None
    clock: str
    figures: tuple[FigureRow, ...]
    versions: tuple[Version, ...]  # newest first
    now: int
    later: int
    undone: int
    differs: bool


@dataclass(frozen=True, slots=True)
class DisclosureLine:
    """A disclosure in a list."""

    ref: Ref
    subject: Ref
    basis: str
    since: date | None
    until: date
    clock: str
    dated: date
    seq: int
    size: int
    corrected: bool


@dataclass(frozen=True, slots=True)
class DisclosuresPage:
    """A page of disclosures, newest first."""

    book: BookRef
    lines: tuple[DisclosureLine, ...]
    pager: Pager
    kind: str
    search: str
    sort: str


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The desk of disclosure: clocks (a page of them), residuals of public totals, rules, newest disclosures."""

    clocks: tuple[Clock, ...]
    pager: Pager
    late: int
    soon: int
    residuals: tuple[Residual, ...]
    rules: tuple[Rule, ...]
    lines: tuple[DisclosureLine, ...]
    state: str
