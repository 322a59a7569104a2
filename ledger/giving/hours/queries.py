"""Shifts as pages and other rooms read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, or_, select

from ledger.giving.hours.actions import CLOSED, Shift, unused
from ledger.giving.hours.tables import attendance, shifts
from ledger.journal import lookup
from ledger.web.actor import FOUNDATION, PARTIES

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Select
    from sqlalchemy.sql.elements import ColumnElement

    from ledger.web.actor import Actor

OFFERED = 100  # shifts offered to a service report, the newest


class Stayed(NamedTuple):
    """A volunteer (code) and the minutes they gave."""

    volunteer: str
    minutes: int


class ClosedShift(NamedTuple):
    """A shift whose hours are counted and not on the ledger."""

    code: str
    title: str
    kind: str  # as the kind of a service
    community: str
    organization: str  # '' when the community ran it
    worker: str  # '' when none was named
    place: str
    starts: str  # 2026-11-23T09:00, China's time
    ends: str
    hours: tuple[Stayed, ...]

    @property
    def minutes(self) -> int:
        """Return the minutes of all."""
        return sum(stayed.minutes for stayed in self.hours)


def closed_shifts(
    connection: Connection,
    book_id: int,
    *,
    organizations: Collection[str] = (),
    communities: Collection[str] = (),
    codes: Collection[str] = (),
) -> list[ClosedShift]:
    """List the closed shifts of these organizations or communities (codes; none given: of all), newest first.

    For service reports: `facts.hours = [stayed._asdict() for stayed in shift.hours]` is `[{volunteer, minutes}]`, and
    their sum is the move of `volunteer-hour` from `source:volunteer`. The command that delivers the service calls
    `ledger.giving.hours.actions.use_shifts(writer.connection, writer.book_id, [shift.code], service_code)` in the
    same transaction; from then on the shift is not offered any more, unless the service is taken back.
    `codes` asks for particular shifts. Two statements, at most `OFFERED` shifts.
    """
    s, a = shifts.c, attendance.c
    query = (
        select(s.id, s.code, s.title, s.kind, s.community, s.organization, s.worker, s.place, s.starts, s.ends)
        .where(s.book_id == book_id, s.state == CLOSED)
        .where(unused())
        .order_by(s.starts.desc(), s.id.desc())
        .limit(OFFERED)
    )
    owners = [
        column.in_(sorted(found))
        for column, found in ((s.organization, organizations), (s.community, communities))
        if found
    ]
    query = query.where(or_(*owners)) if owners else query
    query = query.where(s.code.in_(sorted(codes))) if codes else query
    rows = connection.execute(query).all()
    stayed: dict[int, list[Stayed]] = {}
    hours = select(a.shift_id, a.volunteer, a.minutes).where(a.shift_id.in_([row.id for row in rows]), a.minutes > 0)
    for shift, volunteer, minutes in connection.execute(hours.order_by(a.volunteer)):
        stayed.setdefault(shift, []).append(Stayed(volunteer, minutes))
    return [ClosedShift._make((*row[1:], tuple(stayed.get(row.id, ())))) for row in rows]


class Shown(NamedTuple):
    """Which shifts to list, and in which order."""

    words: str = ""
    state: str = ""
    community: str = ""
    since: str = ""
    until: str = ""
    sort: str = "starts"
    descending: bool = True


class Row(NamedTuple):
    """A shift in a list: how many signed up, how many came, and their minutes."""

    shift: Shift
    signed: int
    came: int
    minutes: int


def whose(actor: Actor, book: str) -> ColumnElement[bool] | None:
    """Say which shifts are somebody's own; None: they see all."""
    if actor.has(book, *FOUNDATION):
        return None
    columns = {"community": shifts.c.community, "organization": shifts.c.organization, "worker": shifts.c.worker}
    own = [columns[kind].in_(sorted(actor.parties(book, role))) for role, kind in PARTIES.items()]
    return or_(*own)


def count_shifts(connection: Connection, book_id: int, chosen: Shown, own: ColumnElement[bool] | None) -> int:
    """Count shifts."""
    return connection.scalar(_chosen(select(func.count()), book_id, chosen, own)) or 0


def list_shifts(
    connection: Connection,
    book_id: int,
    chosen: Shown,
    own: ColumnElement[bool] | None,
    *,
    limit: int,
    offset: int = 0,
) -> list[Row]:
    """List a page of shifts with their sums, in two statements."""
    s, a = shifts.c, attendance.c
    column = {"starts": s.starts, "title": s.title, "state": s.state}[chosen.sort]
    order = column.desc() if chosen.descending else column.asc()
    query = _chosen(select(shifts), book_id, chosen, own).order_by(order, s.id.desc()).limit(limit).offset(offset)
    found = [Shift._make(row) for row in connection.execute(query)]
    sums = (
        select(a.shift_id, func.count(), func.count(a.came), func.sum(a.minutes))
        .where(lookup.among(connection, a.shift_id, {shift.id for shift in found} or {0}))
        .group_by(a.shift_id)
    )
    by_shift = {row[0]: row[1:] for row in connection.execute(sums)}
    return [Row(shift, *(int(n or 0) for n in by_shift.get(shift.id, (0, 0, 0)))) for shift in found]


def _chosen(query: Select[Any], book_id: int, chosen: Shown, own: ColumnElement[bool] | None) -> Select[Any]:
    s = shifts.c
    query = query.where(s.book_id == book_id)
    if own is not None:
        query = query.where(own)
    if chosen.state:
        query = query.where(s.state == chosen.state)
    if chosen.community:
        query = query.where(s.community == chosen.community)
    if chosen.since:
        query = query.where(s.starts >= chosen.since)
    if chosen.until:
        query = query.where(s.starts <= f"{chosen.until}T23:59")
    if chosen.words:
        words = (column.icontains(chosen.words, autoescape=True) for column in (s.title, s.place, s.code))
        query = query.where(or_(*words))
    return query
