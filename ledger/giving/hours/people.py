"""Volunteers: who belongs to whom, what they are called, and the hours of theirs on the ledger.

Names are personal data of the side store. Whoever shows them notes it in the trail.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, or_, select

from ledger.core import canonical
from ledger.core.errors import NotFoundError
from ledger.core.units import HOUR
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.actor import FOUNDATION, PARTIES
from ledger.web.convert import Names, day

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import Connection, Select
    from sqlalchemy.sql.elements import ColumnElement

    from ledger.core.entry import Body
    from ledger.web.actor import Actor
    from ledger.web.pages import Ref

MOST = 3_000  # entries read for the hours of a page of volunteers
KINDS = ("service.delivered", "donation.received")


class Volunteer(NamedTuple):
    """A volunteer: code, name when the side store has one, and whom they belong to."""

    code: str
    name: str
    opened: int
    closed: bool
    community: Ref | None
    organization: Ref | None


class Given(NamedTuple):
    """Hours of one volunteer in one entry. `minutes` None: they took part, and the hours were not told apart."""

    seq: int
    dated: date
    title: str  # of the service; '' for hours that were donated
    service: str
    community: Ref | None
    organization: Ref | None
    minutes: int | None


class Sum(NamedTuple):
    """What a volunteer gave: minutes, in how many entries."""

    minutes: int = 0
    times: int = 0


def visible(actor: Actor, book: str) -> list[str] | None:
    """List the parties whose volunteers somebody sees by name; None: all of them."""
    if actor.has(book, *FOUNDATION):
        return None
    return [
        f"{kind}:{code}"
        for role, kind in PARTIES.items()
        if kind in {"community", "organization"}
        for code in sorted(actor.parties(book, role))
    ]


def _mine(book_id: int, parties: Sequence[str] | None, words: str) -> Select[tuple[str]]:
    """Choose volunteers: those whose description names one of the parties; `words` is in the code or the name."""
    o, m, p = t.objects.c, t.mentions.c, t.private.c
    query = select(o.address).where(o.book_id == book_id, lookup.of_type(o.address, "volunteer"))
    if parties is not None:
        party = m.address + ""  # by the volunteer's two entries, never by all that names the party
        named = select(m.seq).where(m.book_id == o.book_id, m.seq.in_((o.latest, o.opened)), party.in_(parties))
        query = query.where(named.exists())
    if words:
        called = select(p.seq).where(
            p.book_id == o.book_id,
            p.seq.in_((o.opened, o.latest)),
            p.field == "name",
            p.value.icontains(words, autoescape=True),
        )
        query = query.where(or_(o.address.icontains(words, autoescape=True), called.exists()))
    return query


def count(connection: Connection, book_id: int, parties: Sequence[str] | None, words: str = "") -> int:
    """Count volunteers."""
    return connection.scalar(select(func.count()).select_from(_mine(book_id, parties, words).subquery())) or 0


def find(
    connection: Connection,
    book_id: int,
    parties: Sequence[str] | None,
    words: str = "",
    *,
    limit: int,
    offset: int = 0,
    backwards: bool = False,
    open_only: bool = False,
) -> list[Volunteer]:
    """List volunteers by code, or the other way round."""
    o = t.objects.c
    query = _mine(book_id, parties, words).order_by(o.address.desc() if backwards else o.address)
    if open_only:
        query = query.where(o.closed.is_(None))
    return read(connection, book_id, list(connection.scalars(query.limit(limit).offset(offset))))


def read(connection: Connection, book_id: int, addresses: Sequence[str]) -> list[Volunteer]:
    """Read volunteers by address, in this order; those that the book does not have are left out."""
    found = lookup.objects(connection, book_id, set(addresses))
    seqs = {seq for known in found.values() for seq in (known.opened, known.latest)}
    called = _names(connection, book_id, seqs)
    parties = {
        f"{kind}:{known.facts[kind]}"
        for known in found.values()
        for kind in ("community", "organization")
        if isinstance(known.facts.get(kind), str)
    }
    names = Names(connection, book_id, parties)
    return [
        Volunteer(
            address.partition(":")[2],
            called.get(known.latest) or called.get(known.opened) or "",
            known.opened,
            known.closed is not None,
            _party(names, known.body, "community"),
            _party(names, known.body, "organization"),
        )
        for address in addresses
        if (known := found.get(address)) is not None
    ]


def check_belong(connection: Connection, book_id: int, parties: Sequence[str], codes: Collection[str]) -> None:
    """Refuse volunteers who are none of the parties' own, in the same words as those that there are not."""
    wanted = {f"volunteer:{code}" for code in codes}
    if not wanted:
        return
    o = t.objects.c
    query = _mine(book_id, parties, "").where(lookup.among(connection, o.address, wanted))
    missing = sorted(wanted - set(connection.scalars(query)))
    if missing:
        raise NotFoundError("there is no volunteer %(code)s; register them first", code=missing[0].partition(":")[2])


def belongs(connection: Connection, book_id: int, parties: Sequence[str] | None, code: str) -> bool:
    """Tell whether a volunteer is one of the parties' own."""
    o = t.objects.c
    query = _mine(book_id, parties, "").where(o.address == f"volunteer:{code}")
    return connection.execute(query).first() is not None


def called(connection: Connection, book_id: int, codes: Collection[str], kind: str = "volunteer") -> dict[str, str]:
    """Read the names of volunteers (or workers) by code, in one statement."""
    if not codes:
        return {}
    o, p = t.objects.c, t.private.c
    wanted = {f"{kind}:{code}" for code in codes}
    query = (
        select(o.address, p.value)
        .join(t.private, and_(p.book_id == o.book_id, p.seq.in_((o.opened, o.latest)), p.field == "name"))
        .where(o.book_id == book_id, lookup.among(connection, o.address, wanted))
        .order_by(p.seq)
    )
    return {row.address.partition(":")[2]: row.value for row in connection.execute(query)}


def _names(connection: Connection, book_id: int, seqs: Collection[int]) -> dict[int, str]:
    p = t.private.c
    if not seqs:
        return {}
    query = select(p.seq, p.value).where(p.book_id == book_id, p.field == "name", lookup.among(connection, p.seq, seqs))
    return {row.seq: row.value for row in connection.execute(query)}


def _party(names: Names, body: Body, kind: str) -> Ref | None:
    code = body["facts"].get(kind)
    return names.ref(f"{kind}:{code}") if isinstance(code, str) and code else None


# ---------------------------------------------------------------------- hours on the ledger


class Found(NamedTuple):
    """What volunteers gave, by code, oldest first; `more`: beyond `MOST` entries there are others."""

    by_code: dict[str, list[Given]]
    more: bool


def hours_of(
    connection: Connection, book_id: int, codes: Collection[str], since: date | None = None, until: date | None = None
) -> Found:
    """Read the hours of volunteers on the ledger, by the index of who is named where; what was taken back is left out.

    Five statements at most, whatever the number of entries.
    """
    m, h, e = t.mentions.c, t.headers.c, t.entries.c
    wanted: ColumnElement[bool] = lookup.among(connection, m.address, {f"volunteer:{code}" for code in codes} or {""})
    query = (
        select(h.seq, h.kind, e.body)
        .select_from(t.mentions)
        .join(t.headers, (h.book_id == m.book_id) & (h.seq == m.seq))
        .join(t.entries, (e.book_id == m.book_id) & (e.seq == m.seq))
        .where(m.book_id == book_id, wanted, h.kind.in_(KINDS))
        .distinct()
        .order_by(h.seq)
        .limit(MOST + 1)
    )
    if since:
        query = query.where(h.dated >= since.isoformat())
    if until:
        query = query.where(h.dated <= until.isoformat())
    rows = {row.seq: canonical.decode(bytes(row.body)) for row in connection.execute(query)}
    undone = lookup.reversals(connection, book_id, rows.keys())
    bodies = [body for seq, body in rows.items() if seq not in undone][:MOST]
    named = {
        f"{kind}:{body['facts'][kind]}"
        for body in bodies
        for kind in ("community", "organization")
        if isinstance(body["facts"].get(kind), str)
    }
    names = Names(connection, book_id, named)
    by_code: dict[str, list[Given]] = defaultdict(list)
    for body in bodies:
        for code in _volunteers(body):
            if code in codes:
                by_code[code].append(_given(names, body, code))
    return Found(dict(by_code), len(rows) > MOST)


def summed(given: Sequence[Given]) -> Sum:
    """Add up what a volunteer gave."""
    return Sum(sum(one.minutes or 0 for one in given), len(given))


def _volunteers(body: Body) -> list[str]:
    named = body["facts"].get("volunteer", [])
    return [named] if isinstance(named, str) else list(dict.fromkeys(named))


def _given(names: Names, body: Body, code: str) -> Given:
    facts = body["facts"]
    service = body["kind"] == "service.delivered"
    return Given(
        body["seq"],
        day(body["dated"]),
        str(facts.get("title") or "") if service else "",
        str(facts["code"]) if service else "",
        _party(names, body, "community"),
        _party(names, body, "organization"),
        _minutes(body, code),
    )


def _minutes(body: Body, code: str) -> int | None:
    """Read the minutes of a volunteer in an entry; None for a service that does not tell them one by one."""
    if body["kind"] == "donation.received":
        return sum(int(flow["amount"]) for flow in body["flows"] if flow["unit"] == HOUR)
    told = [line.get("minutes") for line in body["facts"].get("hours", []) if line.get("volunteer") == code]
    return sum(minutes for minutes in told if type(minutes) is int) if told else None
