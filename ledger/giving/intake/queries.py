"""What the desk shows of gifts: a page of them, and one of them; in a number of statements that depends on nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from ledger.core import tracking
from ledger.core.errors import NotFoundError, RuleError
from ledger.giving.actions import code_of, resting
from ledger.giving.donors.consents import names_given
from ledger.giving.intake.tables import receipts
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.people.accounts.names import names_of
from ledger.web.convert import Names, day, moment
from ledger.web.lines import entry_lines, read_records

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from ledger.core.entry import Body
    from ledger.journal.read import BookRow
    from ledger.web.pages import EntryLine, Quantity, Ref

STATES = ("standing", "reversed", "refunded", "partly refunded")
MOST_LINES = 50  # later entries of a gift that are told one by one

f, a, p, r, h = t.flows.c, t.axes.c, t.private.c, receipts.c, t.headers.c


class Receipt(NamedTuple):
    """The official receipt of a gift, issued elsewhere."""

    code: str
    number: str
    check: str


@dataclass(frozen=True, slots=True)
class GiftRow:
    """A gift in a list. `donor` None: unnamed, or erased. `value`: of goods, in fen."""

    seq: int
    dated: date
    quantity: Quantity
    value: Quantity | None
    taker: Ref
    fund: Ref
    source: Ref
    donor: str | None
    channel: str
    campaign: Ref | None
    receipt: Receipt | None
    state: str
    refunded: Quantity | None
    reversed_by: int | None

    @property
    def earmarked(self) -> bool:
        """Tell whether it was given for a purpose."""
        return self.taker != self.fund


@dataclass(frozen=True, slots=True)
class GiftPage:
    """Everything about one gift. `held`: what still lies in which fund or earmark; `code`: as its donor reads it."""

    row: GiftRow
    recorded: datetime
    by: str
    approved_by: str
    place: Ref | None
    remark: str | None
    publish: bool  # the donor agreed that the name is published, with the gift or later
    memo: str
    facts: dict[str, Any]
    leaf: str
    proposal: str | None
    code: str
    held: tuple[tuple[Ref, Quantity], ...]
    later: tuple[EntryLine, ...]

    @property
    def left(self) -> int:
        """Return how much of it still lies in funds and earmarks."""
        return sum(quantity.amount for _, quantity in self.held)

    @property
    def in_earmark(self) -> int:
        """Return how much of it still lies in earmarks."""
        return sum(quantity.amount for ref, quantity in self.held if ref.type == "earmark")


class _Taken(NamedTuple):
    """What was given back of some gifts, and which entries reversed them."""

    refunded: dict[int, int]
    reversed_by: dict[int, int]


def gift_rows(connection: Connection, book_id: int, seqs: Sequence[int]) -> list[GiftRow]:
    """Read gifts by the numbers of their entries, in that order; what is no gift is left out."""
    bodies = {
        seq: record.body
        for seq, record in read_records(connection, book_id, seqs).items()
        if record.body["kind"] == "donation.received"
    }
    names = Names(connection, book_id, {address for body in bodies.values() for address in _addresses(body)})
    donors = _private(connection, book_id, bodies, "donor")
    papers = read_receipts(connection, book_id, bodies)
    taken = _taken(connection, book_id, bodies)
    return [_row(bodies[seq], names, donors.get(seq), papers.get(seq), taken) for seq in seqs if seq in bodies]


def _addresses(body: Body) -> set[str]:
    flow, campaign = body["flows"][0], body["facts"].get("campaign")
    found = {flow["from"], flow["to"], f"unit:{flow['unit']}"}
    return found | ({f"campaign:{campaign}"} if campaign else set())


def _row(body: Body, names: Names, donor: str | None, receipt: Receipt | None, taken: _Taken) -> GiftRow:
    flow, facts, seq = body["flows"][0], body["facts"], body["seq"]
    taker = names.ref(flow["to"])
    back = taken.refunded.get(seq, 0)
    return GiftRow(
        seq,
        day(body["dated"]),
        names.quantity(flow["amount"], flow["unit"]),
        names.quantity(flow["value"], "CNY") if "value" in flow else None,
        taker,
        (names.other(flow["to"], "fund") if taker.type == "earmark" else None) or taker,
        names.ref(flow["from"]),
        donor,
        str(facts.get("channel") or ""),
        names.ref(f"campaign:{facts['campaign']}") if isinstance(facts.get("campaign"), str) else None,
        receipt,
        _state(seq in taken.reversed_by, back, flow["amount"]),
        names.quantity(back, flow["unit"]) if back else None,
        taken.reversed_by.get(seq),
    )


def _state(undone: bool, back: int, amount: int) -> str:  # noqa: FBT001  # three facts about a gift
    if undone:
        return "reversed"
    if not back:
        return "standing"
    return "refunded" if back >= amount else "partly refunded"


def _private(connection: Connection, book_id: int, seqs: Collection[int], field: str) -> dict[int, str]:
    """Read one kind of personal data of some entries from the side store."""
    if not seqs:
        return {}
    query = select(p.seq, p.value).where(
        p.book_id == book_id, lookup.among(connection, p.seq, set(seqs)), p.field == field
    )
    return {row.seq: row.value for row in connection.execute(query)}


def read_receipts(connection: Connection, book_id: int, seqs: Collection[int]) -> dict[int, Receipt]:
    """Read the official receipts of some gifts."""
    if not seqs:
        return {}
    query = select(r.seq, r.code, r.number, r.check_code)
    query = query.where(r.book_id == book_id, lookup.among(connection, r.seq, set(seqs)))
    return {row.seq: Receipt(*row[1:]) for row in connection.execute(query)}


def _taken(connection: Connection, book_id: int, seqs: Collection[int]) -> _Taken:
    """Tell what became of gifts as such: refunds that stand, and reversals."""
    back: dict[tuple[int, int], int] = {}
    if seqs:
        query = (
            select(f.designated, f.seq, func.sum(f.amount).label("amount"))
            .join(t.axes, (a.book_id == f.book_id) & (a.no == f.taker))
            .where(f.book_id == book_id, f.designated.is_not(None), lookup.among(connection, f.designated, set(seqs)))
            .where(a.account == "outcome:refund")
            .group_by(f.designated, f.seq)
        )
        back = {(row.designated, row.seq): int(row.amount) for row in connection.execute(query)}
    undone = lookup.reversals(connection, book_id, {*seqs, *(seq for _, seq in back)})
    refunded: dict[int, int] = defaultdict(int)
    for (gift, seq), amount in back.items():
        if seq not in undone:
            refunded[gift] += amount
    return _Taken(refunded, {seq: header.seq for seq, header in undone.items() if seq in set(seqs)})


# ------------------------------------------------------------------ one gift


def gift_page(connection: Connection, book: BookRow, seq: int, code_key: bytes) -> GiftPage:
    """Read one gift; NotFoundError for any other entry."""
    record = read_records(connection, book.id, [seq]).get(seq)
    rows = gift_rows(connection, book.id, [seq])
    if record is None or not rows:
        raise NotFoundError("entry %(seq)s of this book is not a gift", seq=seq)
    body = record.body
    free, unit = resting(connection, book.id, seq)
    place = body["postings"][0]["account"] if body["postings"] else None
    names = Names(connection, book.id, {*free, f"unit:{unit}", *([place] if place else [])})
    named = names_given(connection, book.id, {seq: body}).get(seq)
    by, approved_by = str(body["by"]), str(body["approved_by"] or "")
    people = names_of(connection, {by, approved_by} - {""})
    return GiftPage(
        rows[0],
        moment(body["recorded"]),
        people.get(by, by),
        people.get(approved_by, approved_by),
        names.ref(place) if place else None,
        _private(connection, book.id, [seq], "remark").get(seq),
        named is not None and named.published,
        body["memo"],
        {key: body["facts"][key] for key in ("lot", "expires", "spec", "volunteer") if body["facts"].get(key)},
        record.leaf.hex(),
        body["ref"].removeprefix("desk/").partition("/")[0] if body["ref"].startswith("desk/") else None,
        tracking_code(body, code_key),
        tuple((names.ref(account), names.quantity(_sum(spans), unit)) for account, spans in free.items()),
        _later(connection, book.id, seq),
    )


def _sum(spans: Sequence[tuple[int, int]]) -> int:
    return sum(hi - lo for lo, hi in spans)


def tracking_code(body: Body, code_key: bytes) -> str:
    """Make the tracking code of a gift again, as its donor reads it; empty when it was made with another key."""
    try:
        return tracking.display(code_of(body, code_key))
    except RuleError:
        return ""


def _later(connection: Connection, book_id: int, seq: int) -> tuple[EntryLine, ...]:
    """List the entries that moved the very units of a gift: refunds, redirections, its reversal."""
    query = (
        select(f.seq)
        .where(f.book_id == book_id, f.designated.is_not(None), f.designated == seq)
        .group_by(f.seq)
        .order_by(f.seq)
        .limit(MOST_LINES)
    )
    return entry_lines(connection, book_id, list(connection.scalars(query)))


def gift_of_proposal(connection: Connection, book_id: int, code: str) -> int | None:
    """Find the gift that a proposal put on the ledger."""
    query = select(h.seq).where(h.book_id == book_id, h.ref == f"desk/{code}", h.kind == "donation.received")
    return connection.scalar(query)
