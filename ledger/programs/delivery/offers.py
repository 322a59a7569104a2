"""What a report can draw on: the grants of an organization with what they have left, the funds, the parties."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.core import canonical
from ledger.core.units import HOUR
from ledger.giving.hours.queries import closed_shifts
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs import budgets
from ledger.web.convert import Names, name_of
from ledger.web.pages import Quantity, Ref
from ledger.web.quantities import quantity

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from ledger.programs.budgets import Budget
    from ledger.web.voice import Voice

MOST = 500  # grants, workers, needs offered


class Grant(NamedTuple):
    """An open grant: whose, for what, and what of it is left, money first."""

    code: str
    organization: Ref
    project: Ref | None
    fund: Ref | None
    awarded: Quantity | None
    left: tuple[Quantity, ...]

    @property
    def money(self) -> int:
        """Return the fen that are left."""
        return sum(part.amount for part in self.left if part.unit.code == "CNY")

    @property
    def goods(self) -> tuple[Quantity, ...]:
        """Return the goods that are left."""
        return tuple(part for part in self.left if part.unit.kind == "goods")


class Chosen(NamedTuple):
    """A grant, and the plan of its project: lines, communities, lead element."""

    grant: Grant
    budget: Budget
    communities: tuple[str, ...]
    lead_element: str


class Holding(NamedTuple):
    """What a fund or an earmark holds of a unit."""

    account: Ref
    quantity: Quantity


def grants_of(connection: Connection, book_id: int, organizations: Collection[str]) -> tuple[Grant, ...]:
    """List the open grants of organizations, newest first, in four statements."""
    h, m, o, e = t.headers.c, t.mentions.c, t.objects.c, t.entries.c
    theirs = [f"organization:{code}" for code in sorted(organizations)]
    named = select(m.seq).where(m.book_id == h.book_id, m.seq == h.seq, m.address.in_(theirs)).exists()
    query = (
        select(h.subject, e.body)
        .join(t.entries, (e.book_id == h.book_id) & (e.seq == h.seq))
        .join(t.objects, (o.book_id == h.book_id) & (o.address == h.subject))
        .where(h.book_id == book_id, h.kind == "grant.awarded", o.closed.is_(None), named)
        .order_by(h.seq.desc())
        .limit(MOST)
    )
    facts = {row.subject: canonical.decode(bytes(row.body))["facts"] for row in connection.execute(query)}
    left = held_by(connection, book_id, facts)
    named_here = {f"{kind}:{fact[kind]}" for fact in facts.values() for kind in NAMED if fact.get(kind)}
    units = {f"unit:{unit}" for parts in left.values() for unit in parts}
    names = Names(connection, book_id, named_here | units | {f"unit:{fact['unit']}" for fact in facts.values()})

    def ref(fact: dict[str, str], kind: str) -> Ref | None:
        return names.ref(f"{kind}:{fact[kind]}") if fact.get(kind) else None

    return tuple(
        Grant(
            address.partition(":")[2],
            names.ref(f"organization:{fact['organization']}"),
            ref(fact, "project"),
            ref(fact, "fund"),
            names.quantity(fact["amount"], fact["unit"]) if fact.get("amount") else None,
            tuple(names.quantity(amount, unit) for unit, amount in sorted(left[address].items()) if amount),
        )
        for address, fact in facts.items()
    )


NAMED = ("organization", "project", "fund")


def held_by(connection: Connection, book_id: int, accounts: Collection[str]) -> dict[str, dict[str, int]]:
    """Read what accounts hold, by account and unit, in one statement."""
    held: dict[str, dict[str, int]] = defaultdict(dict)
    if not accounts:
        return held
    a = t.axes.c
    query = select(a.account, a.unit, a.received - a.given).where(
        a.book_id == book_id, lookup.among(connection, a.account, set(accounts))
    )
    for account, unit, amount in connection.execute(query):
        held[account][unit] = int(amount)
    return held


def choose(connection: Connection, book_id: int, code: str, organizations: Collection[str]) -> Chosen | None:
    """Read one grant of these organizations and what its project plans; None when it is not theirs or closed."""
    found = next((grant for grant in grants_of(connection, book_id, organizations) if grant.code == code), None)
    if found is None:
        return None
    facts = {}
    if found.project:
        known = lookup.objects(connection, book_id, {found.project.address}).get(found.project.address)
        facts = known.facts if known else {}
    budget = budgets.of_project(connection, book_id, found.project.code if found.project else "", facts)
    named = facts.get("community") or ()
    communities = (named,) if isinstance(named, str) else tuple(named)
    return Chosen(found, budget, communities, str(facts.get("lead_element") or ""))


def holdings(connection: Connection, book_id: int) -> tuple[Holding, ...]:
    """List what funds and earmarks hold, hours left out; funds are few."""
    a = t.axes.c
    kinds = lookup.of_type(a.account, "fund") | lookup.of_type(a.account, "earmark")
    query = (
        select(a.account, a.unit, a.received - a.given)
        .where(a.book_id == book_id, kinds, a.received > a.given, a.unit != HOUR)
        .order_by(a.account.desc(), a.unit)
        .limit(MOST)
    )
    rows = connection.execute(query).all()
    names = Names(connection, book_id, {address for row in rows for address in (row.account, f"unit:{row.unit}")})
    return tuple(Holding(names.ref(account), names.quantity(int(amount), unit)) for account, unit, amount in rows)


def stores(connection: Connection, book_id: int) -> dict[str, list[tuple[Ref, int]]]:
    """List the places that hold something, by unit, the fullest first."""
    a = t.axes.c
    kinds = [lookup.of_type(a.account, kind) for kind in ("bank", "cash", "wallet", "inventory")]
    where = kinds[0] | kinds[1] | kinds[2] | kinds[3]
    query = (
        select(a.account, a.unit, a.received - a.given)
        .where(a.book_id == book_id, where, a.received > a.given)
        .order_by((a.received - a.given).desc(), a.account)
        .limit(MOST)
    )
    rows = connection.execute(query).all()
    names = Names(connection, book_id, {row.account for row in rows})
    found: dict[str, list[tuple[Ref, int]]] = defaultdict(list)
    for account, unit, amount in rows:
        found[unit].append((names.ref(account), int(amount)))
    return found


class Party(NamedTuple):
    """A party or need to choose: what it is called, and the code of the organization or community it belongs to."""

    ref: Ref
    belongs: str


def parties(connection: Connection, book_id: int, kind: str, owner: str = "organization") -> tuple[Party, ...]:
    """List the open parties or needs of a type by address, in one statement; at most `MOST`."""
    o, e = t.objects.c, t.entries.c
    query = (
        select(o.address, e.body)
        .join(t.entries, (e.book_id == o.book_id) & (e.seq == o.latest))
        .where(o.book_id == book_id, lookup.of_type(o.address, kind), o.closed.is_(None))
        .order_by(o.address)
        .limit(MOST)
    )
    found = [(row.address, canonical.decode(bytes(row.body))["facts"]) for row in connection.execute(query)]
    return tuple(Party(Ref(address, name_of(facts)), str(facts.get(owner) or "")) for address, facts in found)


def workers(connection: Connection, book_id: int, organizations: Collection[str] | None = None) -> tuple[Party, ...]:
    """List open workers with their names, of some organizations or of all; colleagues know each other by name."""
    found = [
        party
        for party in parties(connection, book_id, "worker")
        if organizations is None or not party.belongs or party.belongs in organizations
    ]
    o, p = t.objects.c, t.private.c
    query = (
        select(o.address, p.value)
        .join(t.private, (p.book_id == o.book_id) & (p.seq == o.opened) & (p.field == "name"))
        .where(o.book_id == book_id, lookup.among(connection, o.address, {party.ref.address for party in found}))
    )
    names = {row.address: row.value for row in connection.execute(query)} if found else {}
    return tuple(Party(Ref(party.ref.address, names.get(party.ref.address, "")), party.belongs) for party in found)


def shifts(
    connection: Connection, book_id: int, organizations: Collection[str] | None, voice: Voice
) -> list[tuple[str, str]]:
    """List closed shifts whose hours no service took up: code, and title, day and hours in words."""
    names = Names(connection, book_id, {f"unit:{HOUR}"})
    return [
        (shift.code, f"{shift.title} · {shift.starts[:10]} · {quantity(names.quantity(shift.minutes, HOUR), voice)}")
        for shift in closed_shifts(connection, book_id, organizations=sorted(organizations or ()))
    ]
