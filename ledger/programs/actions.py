"""Grants, services and goods: what donations become."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, cast, func, select

from ledger.core.entry import SMALL_GROUP, Move, Posting, check_amount
from ledger.core.errors import MalformedError, RuleError
from ledger.core.units import Counted
from ledger.giving.stock.recipients import recipient_code as recipient_code
from ledger.giving.stock.recipients import recipient_opened as recipient_opened
from ledger.journal import tables as t
from ledger.journal.append import Appended, Writer
from ledger.journal.checks import read_body
from ledger.journal.read import read_bodies
from ledger.people.actions import Act, one

CONFIRMERS = ("community", "worker")
PAYS = ("grant.paid", "income.received")  # entries that bring units to a grant


def award_grant(
    writer: Writer,
    act: Act,
    code: str,
    *,
    organization: str,
    fund: str,
    amount: int,
    project: str | None = None,
) -> Appended:
    """Award a grant to an organization; money moves only when it is paid."""
    check_amount(amount)
    facts = {"code": code, "organization": organization, "fund": fund, "amount": amount, "unit": "CNY"}
    if project:
        facts["project"] = project
    return one(writer, act.draft("grant.awarded", facts=facts))


def pay_grant(
    writer: Writer,
    act: Act,
    grant: str,
    moves: Sequence[tuple[str, int]],
    place: str,
    *,
    unit: str = "CNY",
    instalment: int | None = None,
    met: str = "",
) -> Appended:
    """Pay an instalment: amounts out of funds or earmarks, in this order (earmarked money first, then the fund's).

    `instalment` is its number in the agreement, `met` how its condition was met.
    """
    writer.lock()
    amount = sum(part for _, part in moves)
    if writer.ref_used(act.ref) is None:
        check_payment(writer, grant, amount, unit, instalment, met)
    facts: dict[str, Any] = {"grant": grant}
    if instalment is not None:
        facts["instalment"] = instalment
    if met.strip():
        facts["met"] = met.strip()
    return one(
        writer,
        act.draft(
            "grant.paid",
            moves=[Move(giver, f"grant:{grant}", part, unit) for giver, part in moves],
            postings=[Posting(place, -amount, unit)],
            facts=facts,
        ),
    )


def check_payment(
    writer: Writer, grant: str, amount: int, unit: str, instalment: int | None = None, met: str = ""
) -> None:
    """Refuse what the award or its instalment does not allow. Call it under the book's lock."""
    _check_award(writer, grant, amount, unit)
    _check_instalment(writer, grant, amount, unit, instalment, met)


def _check_award(writer: Writer, grant: str, amount: int, unit: str) -> None:
    """Refuse to pay more than was awarded; goods may go along with an award of money, never the other way round."""
    facts = _award_of(writer, grant)
    if facts["unit"] != unit:
        if unit == "CNY":
            raise RuleError("grant %(grant)s was awarded in %(unit)s, not in money", grant=grant, unit=facts["unit"])
        return
    awarded, paid = facts["amount"], sum(standing_payments(writer, grant, unit).values())
    if paid + amount > awarded:
        raise RuleError(
            "grant %(grant)s was awarded %(awarded)s, %(paid)s are paid; %(amount)s more is too much",
            grant=grant,
            awarded=Counted(awarded, unit),
            paid=Counted(paid, unit),
            amount=Counted(amount, unit),
        )


def _check_instalment(writer: Writer, grant: str, amount: int, unit: str, instalment: int | None, met: str) -> None:
    """Refuse a payment that the agreement does not have, that is too much, or whose condition nobody looked at."""
    facts = _award_of(writer, grant)
    plan = {each["n"]: each for each in facts.get("instalments", ())} if facts["unit"] == unit else {}
    if instalment is None and not plan:
        return
    agreed = plan.get(instalment)
    if agreed is None:
        raise RuleError(
            "grant %(grant)s has instalments %(known)s; say which of them this pays",
            grant=grant,
            known=", ".join(map(str, plan)) or "–",
        )
    payments = standing_payments(writer, grant, unit)
    bodies = read_bodies(writer.connection, writer.book_id, list(payments))
    paid = sum(part for seq, part in payments.items() if bodies[seq]["facts"].get("instalment") == instalment)
    if paid + amount > agreed["amount"]:
        raise RuleError(
            "instalment %(number)s of grant %(grant)s is %(agreed)s, %(paid)s are paid; %(amount)s more is too much",
            number=instalment,
            grant=grant,
            agreed=Counted(agreed["amount"], unit),
            paid=Counted(paid, unit),
            amount=Counted(amount, unit),
        )
    if agreed.get("condition") and not met.strip():
        raise RuleError(
            "instalment %(number)s of grant %(grant)s has a condition; say how it was met: %(condition)s",
            number=instalment,
            grant=grant,
            condition=agreed["condition"],
        )


def _award_of(writer: Writer, grant: str) -> dict[str, Any]:
    facts = read_body(writer.connection, writer.book_id, writer.known(f"grant:{grant}").latest)["facts"]
    return {"unit": "CNY", **facts}


def standing_payments(writer: Writer, grant: str, unit: str = "CNY") -> dict[int, int]:
    """Give what was paid on a grant, by entry, without what was reversed; what came back unspent was paid.

    Public money that a contract brought straight to the grant was paid too.
    """
    f, h, a, o = t.flows.c, t.headers.c, t.axes.c, t.objects.c
    reversal = "reversal:" + cast(h.seq, String)
    query = (
        select(h.seq, func.sum(f.amount))
        .join(t.headers, (h.book_id == f.book_id) & (h.seq == f.seq))
        .join(t.axes, (a.book_id == f.book_id) & (a.no == f.taker))
        .where(f.book_id == writer.book_id, a.account == f"grant:{grant}", a.unit == unit, h.kind.in_(PAYS))
        .where(~select(o.address).where(o.book_id == f.book_id, o.address == reversal).exists())
        .group_by(h.seq)
        .order_by(h.seq)
    )
    return {seq: int(paid) for seq, paid in writer.connection.execute(query)}


def return_grant(
    writer: Writer, act: Act, grant: str, fund: str, amount: int, place: str, *, unit: str = "CNY"
) -> Appended:
    """Take back what an organization did not spend."""
    moves, postings = [Move(f"grant:{grant}", fund, amount, unit)], [Posting(place, amount, unit)]
    return one(writer, act.draft("grant.returned", moves=moves, postings=postings, facts={"grant": grant}))


@dataclass(frozen=True, slots=True)
class Service:
    """A resident service as delivered.

    `used` are (account, amount, unit): money of a grant or fund, goods of a fund, hours of `source:volunteer`. What a
    fund gives directly names the place it is paid from in `places`, by unit. `evidence`: {sha256, name, size, media}.
    """

    code: str
    title: str
    kind: str
    community: str
    organization: str
    worker: str
    residents: int
    used: Sequence[tuple[str, int, str]] = ()
    places: dict[str, str] = field(default_factory=dict)
    evidence: Sequence[dict[str, Any]] = ()
    more: dict[str, Any] = field(default_factory=dict)  # project, grant, volunteers, lead_element, description


def deliver_service(writer: Writer, act: Act, service: Service) -> Appended:
    """Record a resident service and the resources it consumed."""
    if service.residents < 0:
        raise MalformedError(
            "service %(code)s: %(residents)s residents; write 0 or more",
            code=service.code,
            residents=service.residents,
        )
    address = f"service:{service.code}"
    postings = [
        Posting(_place(service, unit), -amount, unit)
        for giver, amount, unit in service.used
        if giver.startswith(("fund:", "earmark:")) and unit != "volunteer-hour"
    ]
    facts = {
        "code": service.code,
        "title": service.title,
        "kind": service.kind,
        "community": service.community,
        "organization": service.organization,
        "worker": service.worker,
        "evidence": list(service.evidence),
        **service.more,
    }
    private = {}
    if 0 < service.residents < SMALL_GROUP:  # the number of a small group points at persons
        facts["residents_below"], private["residents"] = SMALL_GROUP, str(service.residents)
    else:
        facts["residents"] = service.residents
    moves = [Move(giver, address, amount, unit) for giver, amount, unit in service.used]
    return one(writer, act.draft("service.delivered", moves=moves, postings=postings, facts=facts, private=private))


def _place(service: Service, unit: str) -> str:
    place = service.places.get(unit)
    if place is None:
        raise MalformedError(
            "service %(code)s takes %(unit)s from a fund; say which place it is paid from",
            code=service.code,
            unit=unit,
        )
    return place


def confirm_service(writer: Writer, act: Act, service: str, role: str, party: str) -> Appended:
    """Record that a community or the responsible worker confirms a service; each once."""
    if role not in CONFIRMERS:
        raise MalformedError(
            "'%(role)s' does not confirm services; %(confirmers)s does",
            role=role,
            confirmers=" or ".join(CONFIRMERS),
        )
    writer.lock()
    if writer.ref_used(act.ref) is None:
        _check_confirmer(writer, service, role, party)
    return one(writer, act.draft("service.confirmed", facts={"service": service, "role": role, role: party}))


def _check_confirmer(writer: Writer, service: str, role: str, party: str) -> None:
    """Refuse a party that the service does not name, and a second confirmation."""
    facts = read_body(writer.connection, writer.book_id, writer.known(f"service:{service}").latest)["facts"]
    if facts.get(role) != party:
        raise RuleError(
            "service %(service)s names %(role)s '%(named)s'; '%(party)s' cannot confirm it",
            service=service,
            role=role,
            named=facts.get(role),
            party=party,
        )
    h, m = t.headers.c, t.mentions.c
    query = (
        select(h.seq)
        .join(t.mentions, (m.book_id == h.book_id) & (m.seq == h.seq))
        .where(h.book_id == writer.book_id, h.kind == "service.confirmed", m.address == f"service:{service}")
    )
    for seq, body in read_bodies(writer.connection, writer.book_id, list(writer.connection.scalars(query))).items():
        if body["facts"].get("role") == role:
            raise RuleError(
                "service %(service)s was confirmed by its %(role)s in entry %(seq)s; once is enough",
                service=service,
                role=role,
                seq=seq,
            )


def issue_goods(writer: Writer, act: Act, recipient: str, giver: str, amount: int, unit: str, place: str) -> Appended:
    """Issue goods to a recipient outside the book (a hospital, a school); its account is opened on first use."""
    writer.lock()
    address = open_recipient(writer, act, recipient)
    return one(
        writer,
        act.draft(
            "goods.issued",
            moves=[Move(giver, address, amount, unit)],
            postings=[Posting(place, -amount, unit)],
            facts={"recipient": recipient},
        ),
    )


def open_recipient(writer: Writer, act: Act, recipient: str) -> str:
    """Open the account of a recipient of goods, unless it is open; return its address."""
    address = f"outcome:{recipient_code(recipient)}"
    if not writer.knows(address):
        one(writer, recipient_opened(act, recipient))
    return address
