"""Grants, services and goods: what donations become."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.core.entry import Move, Posting
from ledger.core.errors import MalformedError, RuleError
from ledger.journal.append import Appended, Writer
from ledger.journal.checks import read_body
from ledger.people.actions import Act, one

CONFIRMERS = ("community", "worker")


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
    facts = {"code": code, "organization": organization, "fund": fund, "amount": amount, "unit": "CNY"}
    if project:
        facts["project"] = project
    return one(writer, act.draft("grant.awarded", facts=facts))


def pay_grant(
    writer: Writer, act: Act, grant: str, moves: Sequence[tuple[str, int]], place: str, *, unit: str = "CNY"
) -> Appended:
    """Pay an instalment: amounts out of funds or earmarks, in this order (earmarked money first, then the fund's)."""
    writer.lock()
    awarded = read_body(writer.connection, writer.book_id, writer.known(f"grant:{grant}").latest)["facts"]["amount"]
    paid = writer.axis(f"grant:{grant}", unit).received
    amount = sum(part for _, part in moves)
    if unit == "CNY" and paid + amount > awarded:
        raise RuleError(f"grant {grant} was awarded {awarded} fen, {paid} are paid; {amount} more is too much")
    return one(
        writer,
        act.draft(
            "grant.paid",
            moves=[Move(giver, f"grant:{grant}", part, unit) for giver, part in moves],
            postings=[Posting(place, -amount, unit)],
            facts={"grant": grant},
        ),
    )


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
        raise MalformedError(f"service {service.code}: {service.residents} residents; write 0 or more")
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
        "residents": service.residents,
        "evidence": list(service.evidence),
        **service.more,
    }
    moves = [Move(giver, address, amount, unit) for giver, amount, unit in service.used]
    return one(writer, act.draft("service.delivered", moves=moves, postings=postings, facts=facts))


def _place(service: Service, unit: str) -> str:
    place = service.places.get(unit)
    if place is None:
        raise MalformedError(f"service {service.code} takes {unit} from a fund; say which place it is paid from")
    return place


def confirm_service(writer: Writer, act: Act, service: str, role: str, party: str) -> Appended:
    """Record that a community or the responsible worker confirms a service; each once."""
    if role not in CONFIRMERS:
        raise MalformedError(f"'{role}' does not confirm services; {' or '.join(CONFIRMERS)} does")
    writer.lock()
    facts = read_body(writer.connection, writer.book_id, writer.known(f"service:{service}").latest)["facts"]
    if facts.get(role) != party:
        raise RuleError(f"service {service} names {role} '{facts.get(role)}'; '{party}' cannot confirm it")
    if writer.ref_used(f"confirm/{service}/{role}") is not None and act.ref != f"confirm/{service}/{role}":
        raise RuleError(f"service {service} is confirmed by its {role} already")
    return one(writer, act.draft("service.confirmed", facts={"service": service, "role": role, role: party}))


def issue_goods(
    writer: Writer, act: Act, recipient: str, giver: str, amount: int, unit: str, place: str
) -> Appended:
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


def write_off(
    writer: Writer, act: Act, giver: str, amount: int, unit: str, place: str, reason: str
) -> Appended:
    """Write off what is lost, broken or expired."""
    return one(
        writer,
        act.draft(
            "loss.recorded",
            moves=[Move(giver, "outcome:loss", amount, unit)],
            postings=[Posting(place, -amount, unit)],
            facts={"reason": reason},
        ),
    )


def open_recipient(writer: Writer, act: Act, recipient: str) -> str:
    """Open the account of a recipient of goods, unless it is open; return its address."""
    code = "recipient/" + "_".join(recipient.split())
    address = f"outcome:{code}"
    if not writer.knows(address):
        opening = Act(act.by, act.dated, f"open/{address}", act.approved_by)
        one(writer, opening.draft("outcome.opened", facts={"code": code, "name": recipient}))
    return address
