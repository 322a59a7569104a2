"""What the first pages show: an installation and a book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from ledger.web.pages.funds import FundCard
    from ledger.web.pages.programs import ServiceCard
    from ledger.web.pages.values import BookRef, LedgerState, Quantity, Totals


@dataclass(frozen=True, slots=True)
class BookCard:
    """A book in the list of an installation that has several."""

    book: BookRef
    received: Quantity
    gifts: int
    services: int
    entries: int
    newest_recorded: datetime | None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """All books of the installation; `book` is always None."""

    books: tuple[BookCard, ...]
    book: None = None


@dataclass(frozen=True, slots=True)
class HomePage:
    """A book's home. `totals`: money first, then hours, then the chief goods.

    `goods_kinds` counts all kinds of goods ever received; `residents` sums services
    (person-times), and is the least there were when `some_hidden`.
    Figures are cumulative `since` … `as_of`; both None when empty.
    """

    book: BookRef
    totals: tuple[Totals, ...]
    goods_kinds: int
    gifts: int
    services_count: int
    residents: int
    communities: int
    organizations: int
    funds: tuple[FundCard, ...]
    services: tuple[ServiceCard, ...]  # newest first, about six
    state: LedgerState | None
    since: date | None
    as_of: datetime | None
    some_hidden: bool = False
