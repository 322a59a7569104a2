"""What the pages of the ledger show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from ledger.web.pages.values import BookRef, Check, LedgerState, Pager, Quantity, Ref


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry in a list, and the sentence of its page.

    `giver`/`receiver` are the flow accounts when there is one pair of them;
    `subject` is what was opened, confirmed or reversed; `quantities` one a unit.
    """

    seq: int
    kind: str
    dated: date
    recorded: datetime
    hash: str
    quantities: tuple[Quantity, ...] = ()
    giver: Ref | None = None
    receiver: Ref | None = None
    subject: Ref | None = None
    memo: str | None = None
    reverses: int | None = None
    reversed_by: int | None = None


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A flow as recorded: `[out, out+amount)` of `giver` became `[in_, …)` of `receiver`."""

    giver: Ref
    out: int
    receiver: Ref
    in_: int
    quantity: Quantity
    value: Quantity | None = None  # fair value of goods, in CNY
    of: int | None = None  # seq of the entry whose resource was designated


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A posting: debit positive, credit negative."""

    account: Ref
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry: `body` is the exact text whose UTF-8 bytes are hashed, `pretty` for reading.

    `by`/`approved_by` are user codes. `previous_hash` is the body's `_prev`.
    """

    book: BookRef
    line: EntryLine
    flows: tuple[FlowRow, ...]
    postings: tuple[PostingRow, ...]
    by: str
    approved_by: str | None
    ref: str | None
    body: str
    pretty: str
    length: int  # bytes of the body
    previous_hash: str
    previous: int | None
    next: int | None
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What the reader asked for; None = all."""

    kind: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Newest entries first; `kinds` are those the book has, for the filter."""

    book: BookRef
    state: LedgerState | None
    entries: tuple[EntryLine, ...]
    pager: Pager
    chosen: LedgerFilter
    kinds: tuple[str, ...]
