"""Shifts as pages and other rooms read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, or_, select

from ledger.giving.hours.actions import CLOSED
from ledger.giving.hours.tables import attendance, shifts
from ledger.journal import tables as t

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

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
    s, o, a = shifts.c, t.objects.c, attendance.c
    taken = select(o.address).where(o.book_id == s.book_id, o.address == s.used, o.closed.is_(None)).exists()
    query = (
        select(s.id, s.code, s.title, s.kind, s.community, s.organization, s.worker, s.place, s.starts, s.ends)
        .where(s.book_id == book_id, s.state == CLOSED)
        .where(or_(s.used == "", and_(s.used.startswith("service:"), ~taken)))
        .order_by(s.starts.desc(), s.id.desc())
        .limit(OFFERED)
    )
    whose = [
        column.in_(sorted(found))
        for column, found in ((s.organization, organizations), (s.community, communities))
        if found
    ]
    query = query.where(or_(*whose)) if whose else query
    query = query.where(s.code.in_(sorted(codes))) if codes else query
    rows = connection.execute(query).all()
    stayed: dict[int, list[Stayed]] = {}
    hours = select(a.shift_id, a.volunteer, a.minutes).where(a.shift_id.in_([row.id for row in rows]), a.minutes > 0)
    for shift, volunteer, minutes in connection.execute(hours.order_by(a.volunteer)):
        stayed.setdefault(shift, []).append(Stayed(volunteer, minutes))
    return [ClosedShift._make((*row[1:], tuple(stayed.get(row.id, ())))) for row in rows]
