"""What goods can be given to, and what else a form of the store offers; the newest of each, never the whole book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import Names, name_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

OFFERED = 200  # open grants, services and items offered in a list

Choice = tuple[str, str]


def grants(connection: Connection, book_id: int) -> list[Choice]:
    """List the newest open grants: code, and organization with code."""
    names = Names(connection, book_id, _newest(connection, book_id, "grant"))
    return [
        (address.partition(":")[2], f"{names.place(address).name or address} · {address.partition(':')[2]}")
        for address in sorted(names.objects, key=lambda a: names.place(a).name)
        if address.startswith("grant:")
    ]


def services(connection: Connection, book_id: int) -> list[Choice]:
    """List the newest services: code, and day with title."""
    s, o = t.services.c, t.objects.c
    query = (
        select(s.code, s.dated, s.title)
        .join(t.objects, (o.book_id == s.book_id) & (o.address == "service:" + s.code))
        .where(s.book_id == book_id, o.closed.is_(None))
        .order_by(s.dated.desc(), s.seq.desc())
        .limit(OFFERED)
    )
    return [(code, f"{dated} {title} · {code}") for code, dated, title in connection.execute(query)]


def funds(connection: Connection, book_id: int) -> list[Choice]:
    """List the open funds: address and name."""
    found = lookup.objects_of(connection, book_id, "fund")
    return [(address, name_of(known.facts)) for address, known in found.items() if known.closed is None]


def goods(connection: Connection, book_id: int, but: Collection[str]) -> list[Choice]:
    """List the newest kinds of goods but some: code and name with measure."""
    found = lookup.objects(connection, book_id, _newest(connection, book_id, "unit"))
    listed = ((known.facts["code"], known.facts) for known in found.values() if ":" in known.facts["code"])
    return sorted(
        ((code, f"{name_of(facts)} ({facts.get('measure') or code})") for code, facts in listed if code not in but),
        key=lambda choice: choice[1],
    )


def called(connection: Connection, book_id: int, to: str, target: str) -> tuple[str, str]:
    """Name a target, and give the code of the organization it belongs to ('' when it belongs to none)."""
    if to == "recipient":
        return target, ""
    names = Names(connection, book_id, {f"{to}:{target}"})
    organization = str(names.facts(f"{to}:{target}").get("organization") or "")
    return names.place(f"{to}:{target}").name or target, organization


def _newest(connection: Connection, book_id: int, kind: str) -> list[str]:
    o = t.objects.c
    query = select(o.address).where(o.book_id == book_id, lookup.of_type(o.address, kind), o.closed.is_(None))
    return list(connection.scalars(query.order_by(o.opened.desc()).limit(OFFERED)))
