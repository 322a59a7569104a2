"""Services as the desk lists them: whose, in which state, for how long unconfirmed; by index of `deliveries`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, false, func, or_, select, true

from ledger.journal import lookup
from ledger.programs.delivery.tables import deliveries, disputes
from ledger.web.actor import FOUNDATION, Role
from ledger.web.convert import Names, day, moment
from ledger.web.pages import Ref

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select
    from sqlalchemy.sql.elements import ColumnElement

    from ledger.web.actor import Actor

D = deliveries.c
MOST_TOLD = 200  # services whose own entries are read for their titles; longer lists have them as first written
SOON, LATE = 7, 14  # days after which a confirmation that is missing is due, and overdue
STATES = ("waiting", "overdue", "confirmed", "disputed", "reversed")
ORDERS: Mapping[str, ColumnElement[Any]] = {
    "dated": D.dated,
    "title": D.title,
    "community": D.community,
    "organization": D.organization,
    "residents": D.residents,
}
CONFIRMING: Mapping[str, Role] = {"community": Role.COMMUNITY, "worker": Role.SOCIAL_WORKER}
WAITS: Mapping[str, ColumnElement[Any]] = {"community": D.waits_community, "worker": D.waits_worker}
S = disputes.c


class Asked(NamedTuple):
    """What is asked of a list of services; empty = all."""

    words: str = ""
    state: str = ""
    community: str = ""
    organization: str = ""
    since: date | None = None
    until: date | None = None
    order: str = "dated"
    descending: bool = True
    limit: int = 50
    offset: int = 0


class Dispute(NamedTuple):
    """What a party said against a service, and what became of it."""

    role: str
    party: Ref
    reason: str
    at: datetime
    state: str
    remark: str


@dataclass(frozen=True, slots=True)
class Line:
    """A service in a list of the desk. `waits`: the roles whose confirmation is missing, and for how many days."""

    seq: int
    code: str
    title: str
    kind: str
    dated: date
    residents: int
    community: Ref
    organization: Ref
    worker: Ref
    confirmed: tuple[str, ...]
    waits: tuple[str, ...]
    days: int
    disputed: bool
    reversed_seq: int | None

    @property
    def ref(self) -> Ref:
        """Return the service itself."""
        return Ref(f"service:{self.code}", self.title)

    @property
    def age(self) -> str:
        """Say how urgent what is missing is: '', due, late."""
        if not self.waits:
            return ""
        return "late" if self.days >= LATE else "due" if self.days >= SOON else ""


class Waiting(NamedTuple):
    """How much waits for confirmation: all, for longer than a week, for longer than two."""

    all: int
    soon: int
    late: int


class Overdue(NamedTuple):
    """A community or worker for whom services wait, how many and since when."""

    party: Ref
    services: int
    oldest: date


def seen_by(actor: Actor, book: str) -> ColumnElement[bool]:
    """Say which services somebody works with: all, in the foundation; else those of their own parties."""
    if actor.has(book, *FOUNDATION):
        return true()
    own = [
        column.in_(sorted(actor.parties(book, role)))
        for column, role in (
            (D.organization, Role.ORG_STAFF),
            (D.community, Role.COMMUNITY),
            (D.worker, Role.SOCIAL_WORKER),
        )
        if actor.parties(book, role)
    ]
    return or_(false(), *own)


def own_parties(actor: Actor, book: str) -> dict[str, frozenset[str]]:
    """Return for which communities and workers somebody confirms, by role."""
    return {role: actor.parties(book, held) for role, held in CONFIRMING.items() if actor.parties(book, held)}


def waiting_for(role: str, parties: Collection[str]) -> ColumnElement[bool]:
    """Say which services wait for one of these parties in a role; a range of an index."""
    return WAITS[role].in_(sorted(parties))


def lines(
    connection: Connection, book_id: int, which: ColumnElement[bool], asked: Asked, today: date
) -> tuple[Line, ...]:
    """Read a page of services in the order of an index, in four statements; titles in the reader's language."""
    query = _fitting(select(deliveries), book_id, which, asked, today)
    order = [column.desc() if asked.descending else column for column in (ORDERS[asked.order], D.dated, D.seq)]
    rows = connection.execute(query.order_by(*order).limit(asked.limit).offset(asked.offset)).all()
    disputed = _disputed(connection, book_id, {row.code for row in rows})
    parties = {f"{kind}:{row._mapping[kind]}" for row in rows for kind in ("community", "organization", "worker")}  # noqa: SLF001
    services = {f"service:{row.code}" for row in rows} if len(rows) <= MOST_TOLD else set()
    names = Names(connection, book_id, services | {address for address in parties if not address.endswith(":")})
    return tuple(_line(row, names, row.code in disputed, today) for row in rows)


def _disputed(connection: Connection, book_id: int, codes: set[str]) -> set[str]:
    if not codes:
        return set()
    query = select(S.service).where(S.book_id == book_id, S.state == "open", lookup.among(connection, S.service, codes))
    return set(connection.scalars(query))


def count(connection: Connection, book_id: int, which: ColumnElement[bool], asked: Asked, today: date) -> int:
    """Count what a list would show on all its pages."""
    query = _fitting(select(func.count()).select_from(deliveries), book_id, which, asked, today)
    return connection.scalar(query) or 0


def _fitting(query: Select[Any], book_id: int, which: ColumnElement[bool], asked: Asked, today: date) -> Select[Any]:
    query = query.where(D.book_id == book_id, which)
    if asked.state:
        query = query.where(_state(book_id, asked.state, today))
    if asked.community:
        query = query.where(D.community == asked.community)
    if asked.organization:
        query = query.where(D.organization == asked.organization)
    if asked.since:
        query = query.where(D.dated >= asked.since.isoformat())
    if asked.until:
        query = query.where(D.dated <= asked.until.isoformat())
    if asked.words:
        query = query.where(D.words.contains(asked.words.lower(), autoescape=True))
    return query


def _state(book_id: int, state: str, today: date) -> ColumnElement[bool]:
    if state == "overdue":
        return and_(D.waits == 1, D.dated <= (today - timedelta(days=LATE)).isoformat())
    return {
        "waiting": D.waits == 1,
        "confirmed": and_(D.waits == 0, D.reversed_seq.is_(None)),
        "disputed": D.code.in_(select(S.service).where(S.book_id == book_id, S.state == "open")),
        "reversed": D.reversed_seq.is_not(None),
    }[state]


def waiting(connection: Connection, book_id: int, role: str, parties: Collection[str], today: date) -> Waiting:
    """Count what waits for some parties in a role: a part of an index, however many services there are."""
    by_age = [func.count().filter(D.dated <= (today - timedelta(days=days)).isoformat()) for days in (SOON, LATE)]
    query = select(func.count(), *by_age).where(D.book_id == book_id, waiting_for(role, parties))
    found = connection.execute(query).one()
    return Waiting(found[0], found[1], found[2])


def overdue(connection: Connection, book_id: int, role: str, today: date, most: int = 5) -> tuple[Overdue, ...]:
    """List the parties for whom services wait longer than a week, those with the most first."""
    waits, services = WAITS[role], func.count().label("services")
    query = (
        select(waits.label("party"), services, func.min(D.dated).label("oldest"))
        .where(D.book_id == book_id, waits.is_not(None), D.dated <= (today - timedelta(days=SOON)).isoformat())
        .group_by(waits)
        .order_by(services.desc(), waits)
        .limit(most)
    )
    rows = connection.execute(query).all()
    names = Names(connection, book_id, {f"{role}:{row.party}" for row in rows})
    return tuple(Overdue(names.ref(f"{role}:{row.party}"), row.services, day(row.oldest)) for row in rows)


def find(connection: Connection, book_id: int, code: str, today: date) -> Line | None:
    """Read one service; None when there is none."""
    found = lines(connection, book_id, D.code == code, Asked(limit=1), today)
    return found[0] if found else None


def disputes_of(connection: Connection, book_id: int, code: str) -> tuple[Dispute, ...]:
    """Read what was said against a service, newest first."""
    query = select(disputes).where(S.book_id == book_id, S.service == code).order_by(S.id.desc())
    rows = connection.execute(query).all()
    names = Names(connection, book_id, {f"{row.role}:{row.party}" for row in rows})
    return tuple(
        Dispute(row.role, names.ref(f"{row.role}:{row.party}"), row.reason, moment(row.at), row.state, row.remark or "")
        for row in rows
    )


def chosen(
    connection: Connection,
    book_id: int,
    picked: Sequence[tuple[str, str]],
    own: Mapping[str, frozenset[str]],
    today: date,
) -> dict[tuple[str, str], tuple[Line, ...]]:
    """Read the services that were ticked as (role, code), by role and party; those that do not wait are left out."""
    found: dict[tuple[str, str], tuple[Line, ...]] = {}
    for role, parties in own.items():
        codes = [code for at, code in picked if at == role]
        which = and_(D.code.in_(codes), waiting_for(role, parties))
        asked = Asked(limit=len(codes), descending=False)
        for line in lines(connection, book_id, which, asked, today) if codes else ():
            key = role, getattr(line, role).code
            found[key] = (*found.get(key, ()), line)
    return found


def _line(row: Row[Any], names: Names, disputed: bool, today: date) -> Line:  # noqa: FBT001  # one place calls it
    at = day(row.dated)
    done = {"community": row.community_seq, "worker": row.worker_seq}
    waits = {"community": row.waits_community, "worker": row.waits_worker}
    return Line(
        row.seq,
        row.code,
        names.ref(f"service:{row.code}").name or row.title,
        row.kind,
        at,
        row.residents,
        names.ref(f"community:{row.community}"),
        names.ref(f"organization:{row.organization}"),
        names.ref(f"worker:{row.worker}"),
        tuple(role for role, seq in done.items() if seq is not None),
        tuple(role for role, party in waits.items() if party is not None),
        max((today - at).days, 0),
        disputed,
        row.reversed_seq,
    )
