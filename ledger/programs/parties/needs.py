"""Needs of communities: who raised them, what is wanted, and whether they were met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.core.entry import public_residents
from ledger.journal import lookup
from ledger.journal.read import read_bodies
from ledger.programs.parties.naming import naming
from ledger.programs.parties.pages import Need
from ledger.programs.parties.parts import day_of
from ledger.web.convert import name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from ledger.journal.lookup import Object
    from ledger.web.convert import Names

STATES = ("open", "met", "withdrawn")
MOST = 2_000  # needs of a community that are read


def needs_of(connection: Connection, book_id: int, community: str) -> list[Object]:
    """Read the needs of a community, newest first, in two statements."""
    entries = naming(connection, book_id, [f"community:{community}"], ("need.opened", "need.changed"))
    found = lookup.objects(connection, book_id, {one.subject for one in entries[-MOST:]})
    ours = [known for known in found.values() if known.facts.get("community") == community]
    return sorted(ours, key=lambda known: -known.opened)


def states_of(connection: Connection, book_id: int, needs: Iterable[Object]) -> dict[str, str]:
    """Tell what became of needs by address: open, met or withdrawn; in one statement."""
    needs = list(needs)
    bodies = read_bodies(connection, book_id, [known.closed for known in needs if known.closed is not None])
    states = {}
    for known in needs:
        outcome = bodies[known.closed]["facts"].get("outcome") if known.closed in bodies else None
        states[known.address] = "open" if known.closed is None else ("met" if outcome == "met" else "withdrawn")
    return states


def units_of(needs: Iterable[Object]) -> set[str]:
    """List the units that needs want, as addresses."""
    return {f"unit:{part['unit']}" for known in needs for part in known.facts.get("wanted") or ()}


def need_rows(needs: Collection[Object], states: dict[str, str], names: Names) -> tuple[Need, ...]:
    """Make the rows of needs."""
    return tuple(_row(known, states[known.address], names) for known in needs)


def _row(known: Object, state: str, names: Names) -> Need:
    facts = known.facts
    community = facts.get("community")
    return Need(
        facts["code"],
        name_of(facts) or facts["code"],
        str(facts.get("category", "")),
        names.ref(f"community:{community}") if community else None,
        day_of(facts, "raised"),
        str(facts.get("raised_by", "")),
        public_residents(facts),
        tuple(names.quantity(int(part["amount"]), str(part["unit"])) for part in facts.get("wanted") or ()),
        state,
        known.opened,
        known.closed,
    )
