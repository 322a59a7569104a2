"""Contracts of government purchase: opened with a source of their own, paid, and claimed; no fen is claimed twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ledger.core.entry import Move, Posting, check_amount
from ledger.core.errors import MalformedError, RuleError, Word
from ledger.core.spans import overlap
from ledger.core.units import Counted
from ledger.funds.actions import open_fund
from ledger.journal import lookup
from ledger.people.actions import one
from ledger.programs.actions import check_payment
from ledger.programs.allocation.checks import (
    check_once,
    check_period,
    check_text,
    facts_of,
    iso,
    part,
    present,
)
from ledger.programs.allocation.contracts.elsewhere import elsewhere
from ledger.programs.allocation.contracts.money import (
    claimable,
    claimed_by_service,
    claims_on,
    money_of,
    source_of,
)
from ledger.programs.allocation.decisions.limits import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ledger.journal.append import Appended, Writer
    from ledger.people.actions import Act
    from ledger.programs.allocation.contracts.money import Claim, Money


_WHAT = {"organization": Word("organization"), "project": Word("project")}


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract: who buys (a street, a township), for how much, from whom, for which project and period."""

    code: str
    name: str
    buyer: str
    amount: int
    organization: str | None = None
    project: str | None = None
    starts: date | None = None
    ends: date | None = None
    evidence: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """A claim to be filed: (service, amount in fen) of each service that the contract pays for."""

    code: str
    contract: str
    parts: Sequence[tuple[str, int]]
    evidence: Sequence[dict[str, Any]] = field(default=())


def open_contract(writer: Writer, act: Act, contract: Contract) -> list[Appended]:
    """Open a contract and the account that its money comes from."""
    source = {"code": source_of(contract.code).partition(":")[2], "name": contract.name.strip(), "kind": "public"}
    drafts = [act.draft("contract.opened", facts=_facts(contract))]
    drafts.append(part(act, 2).draft("source.opened", facts=source))
    return writer.append(drafts)


def change_contract(writer: Writer, act: Act, contract: Contract) -> Appended:
    """Say anew what was agreed; never less than what was received."""
    writer.lock()
    received = money_of(writer.connection, writer.book_id, contract.code).received
    if contract.amount < received:
        raise RuleError(
            "contract %(contract)s has brought %(received)s; it cannot be for %(amount)s only",
            contract=contract.code,
            received=Counted(received),
            amount=Counted(contract.amount),
        )
    return one(writer, act.draft("contract.changed", facts=_facts(contract)))


def close_contract(writer: Writer, act: Act, code: str, reason: str) -> Appended:
    """Close a contract: nothing more is received or claimed under it."""
    return one(
        writer, act.draft("contract.closed", facts={"code": code, "reason": check_text(Word("the reason"), reason)})
    )


def _facts(contract: Contract) -> dict[str, Any]:
    check_amount(contract.amount)
    check_period(contract.starts, contract.ends)
    return {
        "code": contract.code,
        "name": check_text(Word("the name of the contract"), contract.name),
        "buyer": check_text(Word("the buyer"), contract.buyer),
        "amount": contract.amount,
        "unit": "CNY",
    } | present(
        {
            "organization": contract.organization,
            "project": contract.project,
            "starts": iso(contract.starts),
            "ends": iso(contract.ends),
            "evidence": list(contract.evidence),
        }
    )


def own_fund(contract: str) -> str:
    """Return the code of the fund that keeps the money of one contract apart."""
    return f"contract-{contract}"


def receive_to_own_fund(writer: Writer, act: Act, contract: str, amount: int, place: str) -> list[Appended]:
    """Receive money of a contract into a restricted fund of its own, opened on first use."""
    writer.lock()
    code, made = own_fund(contract), []
    if not writer.knows(f"fund:{code}"):
        facts = facts_of(writer, f"contract:{contract}")
        made.append(open_fund(writer, part(act, 2), code, facts["name"], restricted=True, purpose=facts["name"]))
    return [*made, receive_money(writer, act, contract, amount, f"fund:{code}", place)]


def receive_money(writer: Writer, act: Act, contract: str, amount: int, taker: str, place: str = "") -> Appended:
    """Receive money of a contract: into a fund and a place, or straight to a grant (no place: it never was ours)."""
    writer.lock()
    check_amount(amount)
    to_grant = taker.startswith("grant:")
    facts = {"contract": contract} | ({"grant": taker.partition(":")[2]} if to_grant else {})
    if writer.ref_used(act.ref) is None:
        _check_receipt(writer, contract, amount, facts.get("grant"))
    if not to_grant:
        check_text(Word("the place that the money came to"), place)
    postings = [] if to_grant else [Posting(place, amount, "CNY")]
    moves = [Move(source_of(contract), taker, amount, "CNY")]
    return one(writer, act.draft("income.received", moves=moves, postings=postings, facts=facts))


def _check_receipt(writer: Writer, contract: str, amount: int, grant: str | None) -> None:
    facts = facts_of(writer, f"contract:{contract}")
    received = money_of(writer.connection, writer.book_id, contract).received
    if received + amount > facts["amount"]:
        raise RuleError(
            "contract %(contract)s is for %(agreed)s, %(received)s came; %(amount)s more is too much",
            contract=contract,
            agreed=Counted(facts["amount"]),
            received=Counted(received),
            amount=Counted(amount),
        )
    if grant is None:
        return
    award = facts_of(writer, f"grant:{grant}")
    if facts.get("organization") not in {None, award["organization"]}:
        raise RuleError(
            "contract %(contract)s is with %(organization)s, grant %(grant)s with %(other)s",
            contract=contract,
            organization=facts["organization"],
            grant=grant,
            other=award["organization"],
        )
    check_payment(writer, grant, amount, "CNY")


def file_claim(writer: Writer, act: Act, filing: Filing) -> Appended:
    """File which services a contract pays for; refused for fen that gifts or other sources paid, or claimed before."""
    writer.lock()
    if not filing.parts:
        raise MalformedError("a claim names at least one service and an amount")
    check_once(Word("the service"), [service for service, _ in filing.parts])
    for _, amount in filing.parts:
        check_amount(amount)
    if writer.ref_used(act.ref) is None:
        _check_claim(writer, filing)
    facts = {
        "code": filing.code,
        "contract": filing.contract,
        "service": [service for service, _ in filing.parts],
        "amount": sum(amount for _, amount in filing.parts),
        "unit": "CNY",
        "claims": [{"service": service, "amount": amount} for service, amount in filing.parts],
    } | present({"evidence": list(filing.evidence)})
    return one(writer, act.draft("claim.filed", facts=facts))


def _check_claim(writer: Writer, filing: Filing) -> None:
    terms = facts_of(writer, f"contract:{filing.contract}")
    addresses = [f"service:{service}" for service, _ in filing.parts]
    writer.preload(addresses)
    for address in addresses:
        writer.known(address)
    services = lookup.objects(writer.connection, writer.book_id, addresses)
    money = money_of(writer.connection, writer.book_id, filing.contract)
    found = claims_on(writer.connection, writer.book_id, [f"contract:{filing.contract}"])
    claims = found.get(f"contract:{filing.contract}", [])
    claimed = claimed_by_service(claims)
    for service, amount in filing.parts:
        known = services[f"service:{service}"]
        _check_terms(filing.contract, terms, service, {**known.facts, "dated": known.body["dated"]})
        left = claimable(money, claimed, service)
        if amount > left:
            raise _refusal(writer, filing.contract, money, claims, service, amount)


def _check_terms(contract: str, terms: Mapping[str, Any], service: str, facts: Mapping[str, Any]) -> None:
    """Refuse a service of another organization or project, or outside the period."""
    for fact in ("organization", "project"):
        if terms.get(fact) and facts.get(fact) != terms[fact]:
            raise RuleError(
                "contract %(contract)s is for %(what)s %(agreed)s; that of service %(service)s is %(other)s",
                contract=contract,
                what=_WHAT[fact],
                agreed=terms[fact],
                service=service,
                other=facts.get(fact) or "–",
            )
    if not terms.get("starts", "") <= facts["dated"] <= terms.get("ends", "9999"):
        raise RuleError(
            "service %(service)s is of %(dated)s, outside the period of contract %(contract)s",
            service=service,
            dated=facts["dated"],
            contract=contract,
        )


def _refusal(
    writer: Writer, contract: str, money: Money, claims: Sequence[Claim], service: str, amount: int
) -> RuleError:
    """Say what stands in the way of a claim, by entries."""
    other = elsewhere(writer.connection, writer.book_id, service, source_of(contract))
    claimed = claimed_by_service(claims)
    ours = [claim.seq for claim in claims if _touches(claim, money, service)]
    return RuleError(
        "service %(service)s used %(used)s: %(own)s from contract %(contract)s, of which %(left)s can still be claimed"
        "%(claims)s, and %(other)s from elsewhere%(entries)s; %(amount)s is too much",
        service=service,
        used=Counted(other.used),
        own=Counted(money.in_service(service)),
        contract=contract,
        left=Counted(claimable(money, claimed, service)),
        claims=listed(ours),
        other=Counted(other.amount),
        entries=listed(other.entries),
        amount=Counted(amount),
    )


def _touches(claim: Claim, money: Money, service: str) -> bool:
    """Tell whether a claim had fen of a service: of itself, or of one taken back whose fen are now in it."""
    own = money.services.get(service, ())
    gone = (other for other in claim.parts if other in money.gone)
    return service in claim.parts or any(overlap(own, money.services.get(other, ())) for other in gone)
