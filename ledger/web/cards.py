"""Resident services as cards: what several rooms show of a service, made in three statements for any number of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ledger.core.entry import public_residents
from ledger.journal import lookup
from ledger.web.convert import Names, day, told
from ledger.web.elements import CONFIRMING, proven_by_use
from ledger.web.pages import ELEMENTS, Element, ServiceCard, ServiceConfirmation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from ledger.core.entry import Body
    from ledger.journal.lookup import Header, Object
    from ledger.web.pages import ElementKey, Quantity

KINDS = ("money", "goods", "hours")  # the order of resources on a card


def service_cards(
    connection: Connection, book_id: int, codes: Iterable[str], names: Names | None = None
) -> dict[str, ServiceCard]:
    """Make the cards of services, in the order of `codes`; unknown codes are left out.

    `names` saves two statements when it knows the services already.
    """
    addresses = {f"service:{code}": code for code in codes}
    if not addresses:
        return {}
    names = names or Names(connection, book_id, addresses)
    confirmed = lookup.mentioning(connection, book_id, addresses, "service.confirmed")
    return {
        code: card_of(names.objects[address], confirmed.get(address, ()), names)
        for address, code in addresses.items()
        if address in names.objects
    }


def card_of(known: Object, confirmed: Sequence[tuple[Header, Body]], names: Names) -> ServiceCard:
    """Make the card of a service of its object, its confirmations, and names that cover it."""
    facts = known.facts
    return ServiceCard(
        code=facts["code"],
        kind=str(facts.get("kind", "")),
        title=told(facts, "title"),
        dated=day(known.body["dated"]),
        community=names.other(known.address, "community"),
        organization=names.other(known.address, "organization"),
        worker=names.other(known.address, "worker"),
        residents=public_residents(facts),
        elements=elements_of(known, confirmed),
        resources=resources_of(known, names),
        confirmations=tuple(_confirmation(header, body, names) for header, body in confirmed),
        reversed=known.closed is not None,
    )


def elements_of(known: Object, confirmed: Sequence[tuple[Header, Body]]) -> tuple[Element, ...]:
    """Tell which of the five parties are proven, and by which entries (`ledger.web.elements` says what proves)."""
    proof: dict[ElementKey, set[int]] = defaultdict(set)
    for header, body in confirmed:
        key = CONFIRMING.get(str(body["facts"].get("role")))
        if key:
            proof[key].add(header.seq)
    for key in proven_by_use(known.body["flows"]):
        proof[key].add(known.latest)
    return tuple(Element(key, bool(proof[key]), tuple(sorted(proof[key]))) for key in ELEMENTS)


def resources_of(known: Object, names: Names) -> tuple[Quantity, ...]:
    """Sum what a service used by unit: money, goods by code, hours."""
    sums: dict[str, int] = defaultdict(int)
    for flow in known.body["flows"]:
        sums[flow["unit"]] += flow["amount"]
    found = [names.quantity(amount, unit) for unit, amount in sums.items()]
    return tuple(sorted(found, key=lambda q: (KINDS.index(q.unit.kind), q.unit.code)))


def _confirmation(header: Header, body: Body, names: Names) -> ServiceConfirmation:
    facts = body["facts"]
    role = str(facts["role"])
    party = facts.get(role)
    return ServiceConfirmation(role, day(header.dated), header.seq, names.ref(f"{role}:{party}") if party else None)
