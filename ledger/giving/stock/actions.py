"""Goods are issued, written off and counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import String, cast, func, select

from ledger.core.entry import Draft, Move, Posting, check_amount
from ledger.core.errors import MalformedError, NotFreeError, OverspentError, RuleError
from ledger.core.spans import first, size
from ledger.core.units import Counted
from ledger.giving.stock.lots import Held, holdings, lots_in
from ledger.giving.stock.recipients import recipient_code, recipient_opened
from ledger.journal import tables as t
from ledger.journal.append import Appended, Writer
from ledger.journal.checks import read_body
from ledger.people.actions import Act

LOSSES = ("lost", "broken", "expired")
COUNT = "count"
SURPLUS = "surplus"
_MANY_LOTS = 100_000  # of one item in one fund, when some are asked for by name


class Wanted(NamedTuple):
    """So many units of a lot, named by the entry that brought it."""

    seq: int
    amount: int


@dataclass(frozen=True, slots=True)
class Draw:
    """Goods to take out of a fund and a store: the first in, or of particular lots, which add up to the amount."""

    unit: str
    giver: str  # fund or earmark
    store: str
    amount: int
    lots: Sequence[Wanted] = ()


class Line(NamedTuple):
    """An item as counted in a store, and what the ledger said it held; in the unit's smallest parts."""

    unit: str
    counted: int
    expected: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was counted in a store. `taker`: the fund that gets what no fund holds yet."""

    store: str
    lines: Sequence[Line]
    taker: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def issue_to_grant(writer: Writer, act: Act, draw: Draw, grant: str) -> list[Appended]:
    """Hand goods to the organization of a grant, for its services to use."""
    writer.lock()
    if writer.ref_used(act.ref) is None:
        _check_award(writer, grant, draw)
    return [_taken(writer, act, "grant.paid", draw, f"grant:{grant}", {"grant": grant})]


def issue_to_recipient(writer: Writer, act: Act, draw: Draw, recipient: str) -> list[Appended]:
    """Hand goods to a recipient outside (a hospital, a school); its account is opened on first use."""
    address = f"outcome:{recipient_code(recipient)}"
    writer.lock()
    opened = [] if writer.knows(address) else writer.append([recipient_opened(act, recipient)])
    return [*opened, _taken(writer, act, "goods.issued", draw, address, {"recipient": recipient})]


def issue_to_service(writer: Writer, act: Act, draw: Draw, service: str) -> list[Appended]:
    """Use goods of a fund in a service that is on the ledger."""
    return [_taken(writer, act, "goods.issued", draw, f"service:{service}", {"service": service})]


def write_off(writer: Writer, act: Act, draw: Draw, reason: str, **facts: Any) -> list[Appended]:
    """Write off goods that are lost, broken or expired."""
    if reason not in LOSSES:
        raise MalformedError(
            "goods are written off as %(reasons)s, not as '%(reason)s'", reasons=", ".join(LOSSES), reason=reason
        )
    return [_taken(writer, act, "loss.recorded", draw, "outcome:loss", {"reason": reason, **facts})]


def record_count(writer: Writer, act: Act, sheet: Sheet) -> list[Appended]:
    """Record the differences of a stock count: an entry an item, all of them or none.

    What is missing is lost by the funds that hold the item, the one that holds most of it first; what is found goes
    to the fund that holds most of it, from `source:surplus`.
    """
    lines = [line for line in sheet.lines if line.counted != line.expected]
    if not lines:
        raise RuleError("the count agrees with the ledger; there is nothing to record")
    writer.lock()
    held = holdings(writer.connection, writer.book_id, {line.unit for line in lines})
    drafts = [_counted(act, number, line, sheet, held) for number, line in enumerate(lines, 1)]
    found = any(line.counted > line.expected for line in lines)
    opening = [] if not found or writer.knows(f"source:{SURPLUS}") else [_surplus_opened(act)]
    return writer.append([*opening, *drafts])


def _counted(act: Act, number: int, line: Line, sheet: Sheet, held: Sequence[Held]) -> Draft:
    """Make the entry of one difference."""
    facts = {**sheet.facts, "reason": COUNT, "counted": line.counted, "expected": line.expected}
    of_unit = sorted((one for one in held if one.unit == line.unit), key=lambda one: (-one.amount, one.axis))
    difference = line.counted - line.expected
    posting = Posting(sheet.store, difference, line.unit)
    part = Act(act.by, act.dated, f"{act.ref}/{number}", act.approved_by, act.memo)
    if difference > 0:
        taker = of_unit[0].account if of_unit else sheet.taker
        if not taker:
            raise RuleError("no fund holds %(unit)s yet; say which fund gets what was found", unit=line.unit)
        move = Move(f"source:{SURPLUS}", taker, difference, line.unit)
        return part.draft("income.received", moves=[move], postings=[posting], facts=facts)
    moves, left = [], -difference
    for one in of_unit:
        amount = min(left, one.amount)
        moves += [Move(one.account, "outcome:loss", amount, line.unit)] if amount else []
        left -= amount
    if left:
        raise OverspentError(
            "%(missing)s are missing, and funds hold %(held)s",
            missing=Counted(-difference, line.unit),
            held=Counted(-difference - left, line.unit),
        )
    return part.draft("loss.recorded", moves=moves, postings=[posting], facts=facts)


def _surplus_opened(act: Act) -> Draft:
    facts = {"code": SURPLUS, "name": "盘盈", "name_en": "Found in stock counts", "kind": "count"}
    return Act(act.by, act.dated, f"open/source:{SURPLUS}", act.approved_by).draft("source.opened", facts=facts)


def _taken(writer: Writer, act: Act, kind: str, draw: Draw, taker: str, facts: Mapping[str, Any]) -> Appended:
    """Append the entry that takes goods out of a fund and a store."""
    check_amount(draw.amount)
    moves = [Move(draw.giver, taker, draw.amount, draw.unit)]
    if draw.lots:
        before = writer.ref_used(act.ref)
        moves = _of_lots(writer, draw, taker) if before is None else _repeated(writer, before)
    postings = [Posting(draw.store, -draw.amount, draw.unit)]
    return writer.append([act.draft(kind, moves=moves, postings=postings, facts=dict(facts))])[0]


def _of_lots(writer: Writer, draw: Draw, taker: str) -> list[Move]:
    """Choose the units of the lots asked for: of each the first that are left."""
    if sum(lot.amount for lot in draw.lots) != draw.amount:
        raise MalformedError(
            "the lots chosen add up to %(chosen)s, not to %(amount)s",
            chosen=Counted(sum(lot.amount for lot in draw.lots), draw.unit),
            amount=Counted(draw.amount, draw.unit),
        )
    writer.lock()
    held = holdings(writer.connection, writer.book_id, {draw.unit}, {draw.giver})
    left = {lot.seq: lot.pieces for lot in lots_in(writer.connection, writer.book_id, held, _MANY_LOTS).lots}
    moves = []
    for seq, amount in draw.lots:
        check_amount(amount)
        pieces = first(left.pop(seq, ()), amount)
        if size(pieces) < amount:
            raise NotFreeError(
                "of lot %(lot)s %(left)s are left in %(fund)s, and %(amount)s were asked; choose again",
                lot=seq,
                left=Counted(size(pieces), draw.unit),
                fund=draw.giver,
                amount=Counted(amount, draw.unit),
            )
        moves.append(Move(draw.giver, taker, amount, draw.unit, of=seq, pieces=pieces))
    return moves


def _repeated(writer: Writer, seq: int) -> list[Move]:
    """Ask again for what the entry of the same `ref` took: asking twice is asking once."""
    flows = read_body(writer.connection, writer.book_id, seq)["flows"]
    return [Move(f["from"], f["to"], f["amount"], f["unit"], f.get("of"), ()) for f in flows]


def _check_award(writer: Writer, grant: str, draw: Draw) -> None:
    """Refuse to hand out more than was awarded, when the award is in these goods."""
    facts = read_body(writer.connection, writer.book_id, writer.known(f"grant:{grant}").latest)["facts"]
    if facts["unit"] != draw.unit:
        return
    given = handed_out(writer, grant, draw.unit)
    if given + draw.amount > facts["amount"]:
        raise RuleError(
            "grant %(grant)s was awarded %(awarded)s and was handed %(given)s; %(amount)s more is too much",
            grant=grant,
            awarded=Counted(facts["amount"], draw.unit),
            given=Counted(given, draw.unit),
            amount=Counted(draw.amount, draw.unit),
        )


def handed_out(writer: Writer, grant: str, unit: str) -> int:
    """Return how much of a unit was paid on a grant, without what was reversed."""
    f, h, a, o = t.flows.c, t.headers.c, t.axes.c, t.objects.c
    undone = select(o.address).where(o.book_id == f.book_id, o.address == "reversal:" + cast(h.seq, String)).exists()
    query = (
        select(func.sum(f.amount))
        .join(t.axes, (a.book_id == f.book_id) & (a.no == f.taker))
        .join(t.headers, (h.book_id == f.book_id) & (h.seq == f.seq))
        .where(f.book_id == writer.book_id, a.account == f"grant:{grant}", a.unit == unit)
        .where(h.kind == "grant.paid", ~undone)
    )
    return int(writer.connection.scalar(query) or 0)
