"""What the pages of funds show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from ledger.web.pages.log import EntryLine
    from ledger.web.pages.programs import ServiceCard
    from ledger.web.pages.values import BookRef, Pager, Quantity, Ref, SourceShare, Totals


@dataclass(frozen=True, slots=True)
class FundCard:
    """A fund in a list; `totals` is its money, `gifts` and `services` those of money.

    Received = `given` in gifts + other `income` + `transferred` from other funds. `kinds`: of goods ever received.
    """

    code: str
    name: str
    restricted: bool
    closed: bool
    purpose: str | None
    totals: Totals
    gifts: int
    services: int
    newest: date | None
    income: int = 0
    transferred: int = 0
    kinds: int = 0

    @property
    def given(self) -> int:
        """Return the money that came as gifts."""
        return self.totals.received - self.income - self.transferred


@dataclass(frozen=True, slots=True)
class FundsPage:
    """All funds of a book; open ones first."""

    book: BookRef
    funds: tuple[FundCard, ...]
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class EarmarkLine:
    """An earmark of a fund: what was given for it, what of that still waits."""

    earmark: Ref
    received: Quantity
    held: Quantity


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant out of a fund; `spent + returned + held = paid`, awarded ≥ paid."""

    grant: Ref
    organization: Ref
    project: Ref | None
    dated: date
    seq: int
    awarded: Quantity
    paid: Quantity
    spent: Quantity
    returned: Quantity
    held: Quantity


@dataclass(frozen=True, slots=True)
class FundPage:
    """One fund. `others` are its totals in hours and in a page of its goods; `entries` newest first.

    Each list that can be long has its page; `named` is the part of a name that goods were searched by.
    """

    book: BookRef
    card: FundCard
    others: tuple[Totals, ...]
    sources: tuple[SourceShare, ...]
    earmarks: tuple[EarmarkLine, ...]
    grants: tuple[GrantLine, ...]
    services: tuple[ServiceCard, ...]
    entries: tuple[EntryLine, ...]
    pager: Pager  # of `entries`
    as_of: datetime | None
    goods: Pager
    earmarks_pager: Pager
    grants_pager: Pager
    named: str = ""
