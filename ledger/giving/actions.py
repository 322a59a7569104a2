"""Donations are received and refunded; other income is received."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from ledger.core import tracking
from ledger.core.entry import Body, Draft, Move, Posting, check_amount
from ledger.core.errors import NotFreeError, RepeatedRefError, RuleError
from ledger.core.spans import Span, first
from ledger.core.units import HOURS, Counted
from ledger.journal import tables as t
from ledger.journal.append import Appended, Writer
from ledger.journal.checks import read_body
from ledger.journal.paths import forward, gaps
from ledger.people.actions import Act, one


@dataclass(frozen=True, slots=True)
class Donation:
    """One resource given: money (fen), goods (with fair value in fen) or hours (minutes).

    `taker` is a fund or an earmark; `place` where it now lies (None for hours). `donor` and `remark` are personal data.
    """

    source: str
    taker: str
    amount: int
    unit: str = "CNY"
    place: str | None = "bank:main"
    value: int | None = None
    donor: str = ""
    remark: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


class Given(NamedTuple):
    """Where a donation stands, and the code by which the donor finds it."""

    seq: int
    leaf: bytes
    code: str
    repeated: bool


def donation_draft(act: Act, donation: Donation, code: str) -> Draft:
    """Make the draft of a donation."""
    posted = donation.place is not None and donation.unit != HOURS.code
    private = {name: text for name, text in (("donor", donation.donor), ("remark", donation.remark)) if text}
    return Draft(
        "donation.received",
        act.dated,
        act.by,
        act.ref,
        moves=(Move(donation.source, donation.taker, donation.amount, donation.unit, value=donation.value),),
        postings=(Posting(str(donation.place), donation.amount, donation.unit),) if posted else (),
        facts={**donation.facts, "code": tracking.digest(code)},
        private=private,
        memo=act.memo,
        approved_by=act.approved_by,
    )


def receive(writer: Writer, act: Act, donation: Donation, *, code_key: bytes) -> Given:
    """Receive a donation; return its entry and tracking code."""
    code = tracking.derive(code_key, writer.code, act.ref)
    made = one(writer, donation_draft(act, donation, code))
    return Given(made.seq, made.leaf, code, made.repeated)


def code_of(body: Body, code_key: bytes) -> str:
    """Make the tracking code of a donation again, for its donor: codes are not kept anywhere."""
    if body["kind"] != "donation.received":
        raise RuleError("entry %(seq)s is not a donation; only donations have tracking codes", seq=body["seq"])
    code = tracking.derive(code_key, body["book"], body["ref"])
    if tracking.digest(code) != body["facts"]["code"]:
        raise RuleError(
            "the code of donation %(seq)s was made with another key; use the code.key of that time",
            seq=body["seq"],
        )
    return code


def receive_income(
    writer: Writer, act: Act, source: str, taker: str, amount: int, place: str, **facts: str
) -> Appended:
    """Receive what is not a donation: government purchase of services, interest, sales."""
    moves, postings = [Move(source, taker, amount, "CNY")], [Posting(place, amount, "CNY")]
    return one(writer, act.draft("income.received", moves=moves, postings=postings, facts=facts))


def refund(writer: Writer, act: Act, seq: int, reason: str, place: str, amount: int | None = None) -> Appended:
    """Give a donation back to its donor, as far as it still lies in funds: exactly its own units, never others'.

    Without an amount all that is still there. Refused when less than the amount is there.
    """
    writer.lock()
    before = writer.ref_used(act.ref)
    moves, unit = _refunding(writer, seq, amount) if before is None else _refunded(writer, before, amount)
    facts = {"donation": seq, "reason": reason}
    total = sum(move.amount for move in moves)
    postings = [Posting(place, -total, unit)] if unit != HOURS.code else []
    return one(writer, act.draft("donation.refunded", moves=moves, postings=postings, facts=facts))


def _refunding(writer: Writer, seq: int, amount: int | None) -> tuple[list[Move], str]:
    """Choose the units to give back, the first of what is left; return the moves and the unit."""
    free, unit = unspent(writer, seq)
    held = sum(hi - lo for pieces in free.values() for lo, hi in pieces)
    wanted = held if amount is None else amount
    if not held:
        raise NotFreeError("nothing of donation %(seq)s lies in funds any more; there is nothing to refund", seq=seq)
    check_amount(wanted)
    if wanted > held:
        raise NotFreeError(
            "of donation %(seq)s %(held)s still lie in funds; %(wanted)s were to be refunded",
            seq=seq,
            held=Counted(held, unit),
            wanted=Counted(wanted, unit),
        )
    moves, left = [], wanted
    for account, pieces in free.items():
        cut = first(pieces, left)
        part = sum(hi - lo for lo, hi in cut)
        if part:
            moves.append(Move(account, "outcome:refund", part, unit, of=seq, pieces=cut))
        left -= part
    return moves, unit


def _refunded(writer: Writer, before: int, amount: int | None) -> tuple[list[Move], str]:
    """Repeat what the entry under the same `ref` gave back: asking twice is asking once, though less is left now."""
    flows = read_body(writer.connection, writer.book_id, before)["flows"]
    total = sum(f["amount"] for f in flows)
    if not flows or amount not in {None, total}:
        raise RepeatedRefError(
            "this ref was used by entry %(before)s for another request; use a new ref",
            before=before,
        )
    moves = [
        Move(f["from"], f["to"], f["amount"], f["unit"], f.get("of"), (Span(f["out"], f["out"] + f["amount"]),))
        for f in flows
    ]
    return moves, flows[0]["unit"]


def unspent(writer: Writer, seq: int) -> tuple[dict[str, list[Span]], str]:
    """Tell which units of a donation still lie in funds: free spans by account, and the unit."""
    return resting(writer.connection, writer.book_id, seq)


def resting(connection: Connection, book_id: int, seq: int) -> tuple[dict[str, list[Span]], str]:
    """Tell the same to a reader, who has no lock."""
    f, h, a = t.flows.c, t.headers.c, t.axes.c
    query = (
        select(f.taker, f.in_at, f.amount, h.kind)
        .join(t.headers, (h.book_id == f.book_id) & (h.seq == f.seq))
        .where(f.book_id == book_id, f.seq == seq, f.n == 0)
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.kind != "donation.received":
        raise RuleError("entry %(seq)s is not a donation; give the entry number that its confirmation shows", seq=seq)
    steps = forward(connection, book_id, row.taker, Span(row.in_at, row.in_at + row.amount))
    rest = gaps(steps)
    accounts = {
        axis.no: axis
        for axis in connection.execute(
            select(a.no, a.account, a.unit).where(a.book_id == book_id, a.no.in_({gap.axis for gap in rest}))
        )
    }
    free: dict[str, list[Span]] = {}
    for gap in rest:
        account = accounts[gap.axis].account
        if account.startswith(("fund:", "earmark:")):
            free.setdefault(account, []).append(Span(gap.lo, gap.hi))
    return free, accounts[rest[0].axis].unit
