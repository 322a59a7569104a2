"""Services as pages: a list that can be filtered, and one service with all that proves it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.chain import leaf_hash
from ledger.core.errors import NotFoundError
from ledger.core.units import CNY
from ledger.journal import lookup
from ledger.journal.checks import read_body
from ledger.journal.read import read_entry
from ledger.programs import listing
from ledger.programs.origins import origins_of, walks_of
from ledger.programs.worth import values_of
from ledger.web.cards import service_cards
from ledger.web.convert import Names, day, moment, read_book, told
from ledger.web.lines import held_by
from ledger.web.pages import Check, Evidence, ResourceLine, ServiceFilter, ServicePage, ServicesPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from ledger.core.entry import Body


def services_page(connection: Connection, code: str, chosen: ServiceFilter, number: int) -> ServicesPage:
    """Read a page of services; beyond the last page, the last."""
    row, book = read_book(connection, code)
    codes, pager = listing.find(connection, row.id, chosen, number)
    cards = service_cards(connection, row.id, codes)
    offered = listing.choices(connection, row.id)
    everything = replace(chosen, sort="newest") == ServiceFilter()
    undone = pager.total - lookup.count_objects(connection, row.id, "service") if everything else 0
    return ServicesPage(book, tuple(cards.values()), pager, chosen, *offered, undone=undone)


class Undone(NamedTuple):
    """The entry that took a service back."""

    seq: int | None = None
    dated: date | None = None
    reason: str | None = None


def service_page(connection: Connection, code: str, service: str) -> ServicePage:
    """Read one service with what it used, where that came from and who confirmed it; raise NotFoundError."""
    row, book = read_book(connection, code)
    address = f"service:{service}"
    names = Names(connection, row.id, {address})
    known = names.objects.get(address)
    if known is None:
        raise NotFoundError(
            "book '%(code)s' has no service '%(service)s'; its services are listed at /%(code)s/services",
            code=code,
            service=service,
        )
    names.read({flow["from"] for flow in known.body["flows"]})
    names.read(names.named())
    stored = read_entry(connection, row.id, known.latest)
    walks = walks_of(connection, row.id, address)
    origins = origins_of(connection, row.id, walks)
    values = values_of(connection, row.id, known.body, walks, sum(origin.gifts for origin in origins))
    undone = _undone(connection, row.id, known.latest) if known.closed is not None else Undone()
    return ServicePage(
        book=book,
        card=service_cards(connection, row.id, [service], names)[service],
        seq=known.latest,
        hash=stored.leaf.hex(),
        recorded=moment(known.body["recorded"]),
        project=names.other(address, "project"),
        description=told(known.facts, "description") or None,
        resources=_resources(known.body, names, values),
        origins=origins,
        evidence=tuple(
            Evidence(file["sha256"], str(file.get("name") or ""), known.latest)
            for file in known.facts.get("evidence") or ()
        ),
        check=Check("leaf", leaf_hash(stored.body) == stored.leaf, datetime.now(UTC)),
        reversed_by=undone.seq,
        reversed_dated=undone.dated,
        reversed_reason=undone.reason,
    )


def _undone(connection: Connection, book_id: int, seq: int) -> Undone:
    header = lookup.reversals(connection, book_id, {seq}).get(seq)
    if header is None:
        return Undone()
    reason = read_body(connection, book_id, header.seq)["facts"].get("reason")
    return Undone(header.seq, day(header.dated), reason or None)


def _resources(body: Body, names: Names, values: Mapping[tuple[str, str], int]) -> tuple[ResourceLine, ...]:
    """Sum what a service used by giver and unit; a draw may have been recorded in several pieces."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for flow in body["flows"]:
        sums[(flow["from"], flow["unit"])] += flow["amount"]
    return tuple(
        ResourceLine(
            names.quantity(amount, unit),
            held_by(giver, names),
            body["seq"],
            names.quantity(values[giver, unit], CNY.code) if (giver, unit) in values else None,
        )
        for (giver, unit), amount in sums.items()
    )
