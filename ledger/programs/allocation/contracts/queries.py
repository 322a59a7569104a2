"""Contracts as pages show them: what came, what it was spent on, what is claimed, and what is in the way of a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from ledger.core.errors import NotFoundError
from ledger.core.spans import overlap, size
from ledger.core.units import CNY
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.allocation.contracts.money import (
    Money,
    claimable,
    claimed_by_service,
    claims_on,
    money_of,
    source_of,
)
from ledger.programs.allocation.rows import Selection, fact, has_words, names, o, ordered
from ledger.web.convert import Names, day, name_of
from ledger.web.pages import Pager

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from ledger.journal.lookup import Object
    from ledger.programs.allocation.contracts.money import Claim
    from ledger.web.pages import Quantity, Ref

STATES = ("open", "closed")
SIZE = 20  # services a page
SERVICES = ("claimable", "claimed", "mixed", "all")


class Chosen(NamedTuple):
    """What a reader asks for; empty: anything."""

    organization: str = ""
    state: str = ""
    words: str = ""
    sort: str = "opened"
    descending: bool = True


class ContractLine(NamedTuple):
    """A contract in a list, in money."""

    code: str
    name: str
    buyer: str
    organization: Ref | None
    project: Ref | None
    starts: date | None
    ends: date | None
    is_open: bool
    amount: Quantity
    received: Quantity
    claimed: Quantity
    seq: int
    facts: dict[str, Any]

    @property
    def unclaimed(self) -> int:
        """Return what came and is not claimed, in fen."""
        return self.received.amount - self.claimed.amount


class Bought(NamedTuple):
    """A service that money of the contract reached."""

    code: str
    title: str
    dated: date
    used: Quantity  # in all
    own: Quantity  # out of this contract
    claimed: Quantity
    claimable: Quantity
    elsewhere: Quantity  # paid by gifts or other sources: never claimed
    spent_before: Quantity  # fen claimed in a service that was taken back
    claims: tuple[int, ...]  # entries
    gone: bool


class ContractPage(NamedTuple):
    """One contract: where its money is, the services it paid for, its claims."""

    line: ContractLine
    used: Quantity
    otherwise: Quantity
    waiting: Quantity
    to_come: Quantity
    open: Quantity  # can be claimed now
    where: tuple[tuple[Ref, Quantity], ...]  # what waits, and where
    services: tuple[Bought, ...]
    pager: Pager
    claims: tuple[Claim, ...]


def selection(connection: Connection, book_id: int, chosen: Chosen) -> Selection:
    """Select the contracts that fit."""
    where: list[ColumnElement[bool]] = []
    if chosen.organization:
        where.append(names(f"organization:{chosen.organization}"))
    if chosen.words:
        where.append(has_words(connection, chosen.words, "name", "buyer"))
    if chosen.state:
        where.append(o.closed.is_(None) if chosen.state == "open" else o.closed.is_not(None))
    return Selection(connection, book_id, "contract", tuple(where))


def read_contracts(
    connection: Connection, book_id: int, chosen: Chosen, *, limit: int, offset: int = 0
) -> list[ContractLine]:
    """Read a page of contracts, in four statements."""
    columns: dict[str, ColumnElement[Any]] = {"opened": o.opened, "ends": fact(connection, "ends")}
    columns |= {key: fact(connection, key) for key in ("name", "buyer")}
    order = [ordered(columns.get(chosen.sort, o.opened), descending=chosen.descending)]
    found = selection(connection, book_id, chosen).read(order, limit, offset)
    return lines(connection, book_id, found)


def lines(connection: Connection, book_id: int, found: Sequence[Object]) -> list[ContractLine]:
    """Make the lines of contracts."""
    named = {f"{kind}:{c.facts[kind]}" for c in found for kind in ("organization", "project") if c.facts.get(kind)}
    names_ = Names(connection, book_id, named | {f"unit:{CNY.code}"})
    received = _received(connection, book_id, [c.facts["code"] for c in found])
    claimed = _claimed(connection, book_id, [c.address for c in found])
    return [_line(c, received.get(source_of(c.facts["code"]), 0), claimed.get(c.address, 0), names_) for c in found]


def _received(connection: Connection, book_id: int, codes: Sequence[str]) -> dict[str, int]:
    """Tell what each source gave, without what was taken back to it."""
    if not codes:
        return {}
    a = t.axes.c
    which = lookup.among(connection, a.account, {source_of(code) for code in codes})
    query = select(a.account, a.given - a.received).where(a.book_id == book_id, a.unit == CNY.code, which)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def _claimed(connection: Connection, book_id: int, addresses: Sequence[str]) -> dict[str, int]:
    """Add up the claims of contracts."""
    found = claims_on(connection, book_id, addresses)
    return {address: sum(claim.amount for claim in claims) for address, claims in found.items()}


def _line(contract: Object, received: int, claimed: int, names_: Names) -> ContractLine:
    facts = contract.facts
    return ContractLine(
        facts["code"],
        name_of(facts),
        facts["buyer"],
        names_.ref(f"organization:{facts['organization']}") if facts.get("organization") else None,
        names_.ref(f"project:{facts['project']}") if facts.get("project") else None,
        day(facts["starts"]) if facts.get("starts") else None,
        day(facts["ends"]) if facts.get("ends") else None,
        contract.closed is None,
        names_.quantity(facts["amount"], CNY.code),
        names_.quantity(received, CNY.code),
        names_.quantity(claimed, CNY.code),
        contract.latest,
        facts,
    )


def contract_object(connection: Connection, book_id: int, code: str) -> Object:
    """Read a contract as it stands on the ledger; raise NotFoundError."""
    known = lookup.objects(connection, book_id, {f"contract:{code}"}).get(f"contract:{code}")
    if known is None:
        raise NotFoundError("this book has no contract '%(code)s'", code=code)
    return known


def contract_page(connection: Connection, book_id: int, code: str, number: int, which: str = "all") -> ContractPage:
    """Read one contract with a page of its services, in a dozen statements."""
    contract = contract_object(connection, book_id, code)
    money = money_of(connection, book_id, code)
    claims = claims_on(connection, book_id, [contract.address]).get(contract.address, [])
    claimed = claimed_by_service(claims)
    totals = _totals(connection, book_id, money)
    chosen = [service for service in money.services if _fits(service, which, money, claimed, totals)]
    pager = Pager.turned(number, SIZE, len(chosen))
    shown = pager.cut(sorted(chosen, reverse=True))
    resting = {account for account in money.now if not account.startswith(("source:", "service:", "outcome:"))}
    names_ = Names(connection, book_id, {f"service:{s}" for s in shown} | resting | {f"unit:{CNY.code}"})
    used, otherwise, waiting, to_come, left = (
        names_.quantity(amount, CNY.code)
        for amount in (
            money.used,
            money.spent_otherwise,
            money.waiting,
            contract.facts["amount"] - money.received,
            _open(money, claimed),
        )
    )
    return ContractPage(
        lines(connection, book_id, [contract])[0],
        used,
        otherwise,
        waiting,
        to_come,
        left,
        tuple((names_.ref(account), names_.quantity(money.now[account], CNY.code)) for account in sorted(resting)),
        tuple(_bought(s, money, claims, claimed, totals.get(s, 0), names_) for s in shown),
        pager,
        tuple(reversed(claims)),
    )


def _open(money: Money, claimed: Mapping[str, int]) -> int:
    """Tell what can be claimed now, over all services."""
    return sum(claimable(money, claimed, service) for service in money.services if service not in money.gone)


def _totals(connection: Connection, book_id: int, money: Money) -> dict[str, int]:
    """Read how much money each service of a contract used in all, in one statement."""
    if not money.services:
        return {}
    a = t.axes.c
    which = lookup.among(connection, a.account, {f"service:{service}" for service in money.services})
    query = select(a.account, a.received).where(a.book_id == book_id, a.unit == CNY.code, which)
    return {row[0].partition(":")[2]: int(row[1]) for row in connection.execute(query)}


def _fits(service: str, which: str, money: Money, claimed: Mapping[str, int], totals: Mapping[str, int]) -> bool:
    if which == "claimable":
        return service not in money.gone and claimable(money, claimed, service) > 0
    if which == "claimed":
        return claimed.get(service, 0) > 0
    if which == "mixed":
        left = claimable(money, claimed, service) + claimed.get(service, 0)
        return service not in money.gone and left < totals.get(service, 0)
    return True


def _bought(
    service: str,
    money: Money,
    claims: Sequence[Claim],
    claimed: Mapping[str, int],
    used: int,
    names_: Names,
) -> Bought:
    known = names_.objects[f"service:{service}"]
    own, gone = money.in_service(service), service in money.gone
    left = 0 if gone else claimable(money, claimed, service)
    had = claimed.get(service, 0)
    before = 0 if gone else max(0, own - had - left)
    total, ours, done, free, other, again = (
        names_.quantity(amount, CNY.code) for amount in (used, own, had, left, used - own, before)
    )
    seqs = tuple(claim.seq for claim in claims if _had(claim, service, money))
    title, dated = name_of(known.facts), day(known.body["dated"])
    return Bought(service, title, dated, total, ours, done, free, other, again, seqs, gone)


def _had(claim: Claim, service: str, money: Money) -> bool:
    """Tell whether a claim had fen that are in a service now."""
    own = money.services.get(service, ())
    gone = (other for other in claim.parts if other in money.gone and other != service)
    return service in claim.parts or any(size(overlap(own, money.services.get(other, ()))) for other in gone)
