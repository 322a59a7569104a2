"""Donations are redirected from their earmark, with the donor's consent; campaigns are opened and closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert

from ledger.core.entry import Move, check_amount
from ledger.core.errors import MalformedError, NotFreeError, RepeatedRefError, RuleError
from ledger.core.spans import Span, first
from ledger.core.units import Counted
from ledger.giving.actions import unspent
from ledger.giving.intake.tables import receipts
from ledger.journal.checks import read_body
from ledger.people.accounts import clock
from ledger.people.actions import Act, one

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from ledger.journal.append import Appended, Writer

MOST_WORDS = 300  # characters of a reason and of how a consent was given


@dataclass(frozen=True, slots=True)
class Consent:
    """When and how a donor agreed that a gift serves another purpose; `evidence` are files. No personal data."""

    dated: date
    how: str
    evidence: tuple[Mapping[str, Any], ...] = ()


def redirect(
    writer: Writer, act: Act, seq: int, taker: str, consent: Consent, reason: str, amount: int | None = None
) -> Appended:
    """Move what is left of a donation in its earmark to another fund or earmark: exactly its own units.

    Without an amount all that is still there. Refused without the donor's consent, and for more than is there.
    """
    _check_consent(act, consent, reason)
    writer.lock()
    before = writer.ref_used(act.ref)
    moves = _redirecting(writer, seq, taker, amount) if before is None else _redirected(writer, before, taker, amount)
    facts: dict[str, Any] = {
        "reason": reason,
        "donation": seq,
        "consent": {"dated": consent.dated.isoformat(), "how": consent.how},
    }
    if consent.evidence:
        facts["evidence"] = [dict(file) for file in consent.evidence]
    return one(writer, act.draft("fund.transferred", moves=moves, facts=facts))


def _check_consent(act: Act, consent: Consent, reason: str) -> None:
    for text in (consent.how, reason):
        if not text.strip() or len(text) > MOST_WORDS:
            raise MalformedError("say why, and how the donor agreed, in 1 to %(most)s characters each", most=MOST_WORDS)
    if consent.dated > act.dated:
        raise RuleError(
            "the donor agreed on %(agreed)s; the gift cannot be redirected before that, on %(dated)s",
            agreed=consent.dated,
            dated=act.dated,
        )


def _redirecting(writer: Writer, seq: int, taker: str, amount: int | None) -> list[Move]:
    """Choose the units that go, the first of what is left in earmarks."""
    if not taker.startswith(("fund:", "earmark:")):
        raise RuleError("a gift is redirected to a fund or an earmark, not to %(taker)s", taker=taker)
    found, unit = unspent(writer, seq)
    free = {account: spans for account, spans in found.items() if account.startswith("earmark:") and account != taker}
    held = sum(hi - lo for spans in free.values() for lo, hi in spans)
    wanted = held if amount is None else amount
    if not held:
        raise NotFreeError(
            "nothing of donation %(seq)s lies in another earmark any more; there is nothing to redirect", seq=seq
        )
    check_amount(wanted)
    if wanted > held:
        raise NotFreeError(
            "of donation %(seq)s %(held)s still lie in its earmark; %(wanted)s were to be redirected",
            seq=seq,
            held=Counted(held, unit),
            wanted=Counted(wanted, unit),
        )
    return _cut(free, wanted, taker, unit, seq)


def _cut(free: Mapping[str, Sequence[Span]], wanted: int, taker: str, unit: str, seq: int) -> list[Move]:
    moves, left = [], wanted
    for account, spans in free.items():
        pieces = first(spans, left)
        part = sum(hi - lo for lo, hi in pieces)
        if part:
            moves.append(Move(account, taker, part, unit, of=seq, pieces=pieces))
        left -= part
    return moves


def _redirected(writer: Writer, before: int, taker: str, amount: int | None) -> list[Move]:
    """Repeat what the entry under the same `ref` moved: asking twice is asking once, though less is left now."""
    flows = read_body(writer.connection, writer.book_id, before)["flows"]
    if not flows or amount not in {None, sum(flow["amount"] for flow in flows)}:
        raise RepeatedRefError(
            "this ref was used by entry %(before)s for another request; use a new ref",
            before=before,
        )
    return [
        Move(
            flow["from"],
            taker,
            flow["amount"],
            flow["unit"],
            flow.get("of"),
            (Span(flow["out"], flow["out"] + flow["amount"]),),
        )
        for flow in flows
    ]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A call for gifts to a fund (its code) over a period; `target` in fen. `ends` None: until it is closed."""

    code: str
    name: str
    fund: str
    starts: date
    ends: date | None = None
    emergency: bool = False
    target: int | None = None
    description: str = ""


def open_campaign(writer: Writer, act: Act, campaign: Campaign) -> Appended:
    """Open a campaign."""
    if not campaign.name.strip():
        raise MalformedError("a campaign needs a name, as the public knows it")
    if campaign.ends is not None and campaign.ends < campaign.starts:
        raise MalformedError("the campaign would end on %(ends)s, before it starts", ends=campaign.ends)
    if campaign.target is not None:
        check_amount(campaign.target)
    facts: dict[str, Any] = {
        "code": campaign.code,
        "name": campaign.name,
        "fund": campaign.fund,
        "starts": campaign.starts.isoformat(),
        "emergency": campaign.emergency,
    }
    ends = campaign.ends.isoformat() if campaign.ends else None
    more = {"ends": ends, "target": campaign.target, "description": campaign.description or None}
    facts |= {key: value for key, value in more.items() if value is not None}
    return one(writer, act.draft("campaign.opened", facts=facts))


def close_campaign(writer: Writer, act: Act, code: str, reason: str) -> Appended:
    """Close a campaign: no gift names it any more."""
    if not reason.strip():
        raise MalformedError("say why the campaign is closed")
    return one(writer, act.draft("campaign.closed", facts={"code": code, "reason": reason}))


def note_receipt(
    connection: Connection, book_id: int, seq: int, by: str, code: str, number: str, check: str = ""
) -> None:
    """Keep the code and number of the official receipt of a donation, beside the ledger; empty ones take it away."""
    r = receipts.c
    connection.execute(delete(receipts).where(r.book_id == book_id, r.seq == seq))
    if code or number:
        if not number:
            raise MalformedError("an official receipt has a number; give it, or leave the code out too")
        row = {"book_id": book_id, "seq": seq, "code": code, "number": number, "check_code": check}
        connection.execute(insert(receipts).values(row | {"noted": clock.stamp(clock.now()), "noted_by": by}))
