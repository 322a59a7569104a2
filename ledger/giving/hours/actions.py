"""Shifts are planned, volunteers sign up, come and go, and the shift is closed with the minutes of each.

Working data: no entry is made here. Every function takes a connection inside a writing transaction and raises a
`LedgerError` when it refuses.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, String, case, cast, delete, insert, or_, select, update

from ledger.core.errors import ConflictError, MalformedError, NotFoundError, RuleError
from ledger.giving.hours.tables import attendance, shifts
from ledger.journal import lookup
from ledger.journal import tables as t

PLANNED, RUNNING, CLOSED, CANCELLED = "planned", "running", "closed", "cancelled"
STATES = (PLANNED, RUNNING, CLOSED, CANCELLED)
LONG = 12 * 60  # minutes; more in one shift must be said to be right
MOST = 500  # volunteers of a shift
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a shift is to be. Codes of parties; times of China to the minute, `2026-11-23T09:00`."""

    community: str
    title: str
    kind: str
    place: str
    starts: str
    ends: str
    slots: int
    organization: str = ""
    worker: str = ""


class Shift(NamedTuple):
    """A shift as it stands."""

    id: int
    book_id: int
    code: str
    community: str
    organization: str
    worker: str
    title: str
    kind: str
    place: str
    starts: str
    ends: str
    slots: int
    state: str
    used: str
    by: str
    closed_by: str | None

    @property
    def parties(self) -> tuple[str, ...]:
        """Return the addresses of those whose shift it is."""
        named = (("community", self.community), ("organization", self.organization), ("worker", self.worker))
        return tuple(f"{kind}:{code}" for kind, code in named if code)


class Times(NamedTuple):
    """When a volunteer came and went, or only for how many minutes they were there."""

    volunteer: str
    came: str | None = None
    went: str | None = None
    minutes: int | None = None


def span_of(times: Times) -> int | None:
    """Return the minutes: as entered, else between coming and going; None while that is open."""
    if times.minutes is not None:
        return times.minutes
    if not times.came or not times.went:
        return None
    return round((datetime.fromisoformat(times.went) - datetime.fromisoformat(times.came)).total_seconds()) // 60


def find_shift(connection: Connection, book_id: int, code: str) -> Shift:
    """Return a shift by its code; raise NotFoundError."""
    row = connection.execute(select(shifts).where(shifts.c.book_id == book_id, shifts.c.code == code)).one_or_none()
    if row is None:
        raise NotFoundError("there is no shift %(code)s", code=code)
    return Shift(*row)


def plan_shift(connection: Connection, book_id: int, plan: Plan, by: str) -> str:
    """Plan a shift; return its code."""
    _check_plan(connection, book_id, plan)
    code = f"{plan.starts[:10].replace('-', '')}-{''.join(secrets.choice(_LETTERS) for _ in range(5))}"
    row = {**asdict(plan), "book_id": book_id, "code": code, "state": PLANNED, "used": "", "by": by}
    connection.execute(insert(shifts).values(row))
    return code


def change_shift(connection: Connection, shift: Shift, plan: Plan) -> None:
    """Change a shift that is not over."""
    _need(shift, PLANNED, RUNNING)
    _check_plan(connection, shift.book_id, plan)
    _set(connection, shift, **asdict(plan))


def cancel_shift(connection: Connection, shift: Shift) -> None:
    """Cancel a shift to which nobody has come."""
    _need(shift, PLANNED)
    _set(connection, shift, state=CANCELLED)


def sign_up(connection: Connection, shift: Shift, volunteers: Iterable[str]) -> list[str]:
    """Sign volunteers up by their codes, each once; return those that were not signed up before."""
    _need(shift, PLANNED, RUNNING)
    there = {times.volunteer for times in times_of(connection, shift.id)}
    fresh = [code for code in dict.fromkeys(volunteers) if code not in there]
    if len(there) + len(fresh) > MOST:
        raise RuleError("a shift has at most %(most)s volunteers; plan another", most=MOST)
    check_volunteers(connection, shift.book_id, fresh)
    if fresh:
        connection.execute(insert(attendance), [{"shift_id": shift.id, "volunteer": code} for code in fresh])
    return fresh


def sign_off(connection: Connection, shift: Shift, volunteer: str) -> None:
    """Take a volunteer off a shift again."""
    _need(shift, PLANNED, RUNNING)
    a = attendance.c
    connection.execute(delete(attendance).where(a.shift_id == shift.id, a.volunteer == volunteer))


def check_in(connection: Connection, shift: Shift, volunteer: str, now: str) -> None:
    """Note that a volunteer came; the shift is running from then on. Doing it twice keeps the first time."""
    _need(shift, PLANNED, RUNNING)
    times = _times(connection, shift, volunteer)
    if times.went:
        raise ConflictError(
            "volunteer %(code)s left at %(time)s; correct the times instead", code=volunteer, time=times.went[11:]
        )
    if not times.came:
        _put(connection, shift, times._replace(came=now, minutes=None))
    if shift.state == PLANNED:
        _set(connection, shift, state=RUNNING)


def check_out(connection: Connection, shift: Shift, volunteer: str, now: str) -> None:
    """Note that a volunteer went. Doing it twice keeps the first time."""
    _need(shift, RUNNING)
    times = _times(connection, shift, volunteer)
    if not times.came:
        raise ConflictError("volunteer %(code)s was not checked in; do that first or enter minutes", code=volunteer)
    if not times.went:
        _put(connection, shift, times._replace(went=max(now, times.came), minutes=None))


def enter_times(connection: Connection, shift: Shift, rows: Sequence[Times]) -> None:
    """Write down times or minutes, signing up whoever was not; what was there of these volunteers is replaced."""
    _need(shift, PLANNED, RUNNING)
    for times in rows:
        _check_times(times)
    sign_up(connection, shift, [times.volunteer for times in rows])
    for times in rows:
        _put(connection, shift, times)
    if rows and shift.state == PLANNED:
        _set(connection, shift, state=RUNNING)


def close_shift(connection: Connection, shift: Shift, by: str, *, long_ok: bool = False) -> int:
    """Close a shift: its minutes are fixed; whoever did not come is taken off. Return the minutes in all.

    Refused while somebody is still there, when a volunteer was in two places at once, and, unless `long_ok`, when
    somebody stayed for more than twelve hours.
    """
    _need(shift, PLANNED, RUNNING)
    rows = times_of(connection, shift.id)
    present = _present(rows, long_ok=long_ok)
    refuse_overlaps(connection, shift, present)
    for times in present:
        _put(connection, shift, times._replace(minutes=span_of(times)))
    gone = {times.volunteer for times in rows} - {times.volunteer for times in present}
    for volunteer in sorted(gone):
        sign_off(connection, shift, volunteer)
    _set(connection, shift, state=CLOSED, closed_by=by)
    return sum(span_of(times) or 0 for times in present)


def reopen_shift(connection: Connection, shift: Shift) -> None:
    """Open a closed shift again, as long as its hours are not on the ledger."""
    _need(shift, CLOSED)
    if not is_free(connection, shift):
        raise RuleError("the hours of shift %(code)s are on the ledger already", code=shift.code)
    _set(connection, shift, state=RUNNING, closed_by=None, used="")


def use_shifts(connection: Connection, book_id: int, codes: Sequence[str], service: str) -> None:
    """Note that a service took up the hours of closed shifts; call it in the transaction that delivers the service.

    `service` is its code. Refused when a shift is not closed, or its hours are on the ledger already.
    """
    for code in codes:
        shift = find_shift(connection, book_id, code)
        _need(shift, CLOSED)
        if not is_free(connection, shift):
            raise RuleError("the hours of shift %(code)s are on the ledger already", code=code)
        _set(connection, shift, used=f"service:{service}")


def is_free(connection: Connection, shift: Shift) -> bool:
    """Tell whether the hours of a closed shift are not on the ledger, or no longer: taking back what used them."""
    return connection.scalar(select(shifts.c.id).where(shifts.c.id == shift.id, unused())) is not None


def unused() -> ColumnElement[bool]:
    """Say that nothing on the ledger stands that used the hours of a shift: no service, no donation of them."""
    s, o, a, r = shifts.c, t.objects.c, attendance.c, t.objects.alias("reversals").c
    service = select(o.address).where(o.book_id == s.book_id, o.address == s.used, o.closed.is_(None)).exists()
    undone = select(r.address).where(r.book_id == s.book_id, r.address == "reversal:" + cast(a.seq, String)).exists()
    donated = select(a.seq).where(a.shift_id == s.id, a.seq.is_not(None), ~undone).exists()
    return or_(s.used == "", case((s.used.startswith("service:"), ~service), else_=~donated))


def times_of(connection: Connection, shift_id: int) -> list[Times]:
    """Read who signed up for a shift, by code."""
    a = attendance.c
    query = select(a.volunteer, a.came, a.went, a.minutes).where(a.shift_id == shift_id).order_by(a.volunteer)
    return [Times(*row) for row in connection.execute(query)]


def refuse_overlaps(connection: Connection, shift: Shift, rows: Sequence[Times]) -> None:
    """Refuse a volunteer who was at another shift at the same time.

    Of who has only minutes, they count from the beginning of the shift.
    """
    mine = {times.volunteer: interval(shift.starts, times) for times in rows}
    s, a = shifts.c, attendance.c
    day = datetime.fromisoformat(shift.starts)
    first, last = ((day + timedelta(days=days)).isoformat(timespec="minutes") for days in (-2, 2))
    query = (
        select(s.code, s.starts, a.volunteer, a.came, a.went, a.minutes)
        .join(attendance, a.shift_id == s.id)
        .where(s.book_id == shift.book_id, s.id != shift.id, s.state.in_((RUNNING, CLOSED)))
        .where(s.starts.between(first, last), lookup.among(connection, a.volunteer, set(mine) or {""}))
    )
    for code, starts, *row in connection.execute(query):
        other = interval(starts, Times(*row))
        begins, ends = mine[row[0]]
        if other[0] < ends and begins < other[1]:
            raise RuleError(
                "volunteer %(volunteer)s was at shift %(other)s at the same time (%(begins)s to %(ends)s); "
                "correct the times of one of them",
                volunteer=row[0],
                other=code,
                begins=other[0].replace("T", " "),
                ends=other[1][11:],
            )


def interval(starts: str, times: Times) -> tuple[str, str]:
    """Give from when to when somebody was there; empty when nothing is known."""
    begins = times.came or starts
    if times.went:
        return begins, times.went
    end = datetime.fromisoformat(begins) + timedelta(minutes=times.minutes or 0)
    return begins, end.isoformat(timespec="minutes")


def check_volunteers(connection: Connection, book_id: int, codes: Sequence[str]) -> None:
    """Refuse codes that name no volunteer of the book."""
    o = t.objects.c
    wanted = {f"volunteer:{code}" for code in codes}
    if not wanted:
        return
    query = select(o.address).where(
        o.book_id == book_id, lookup.among(connection, o.address, wanted), o.closed.is_(None)
    )
    missing = sorted(wanted - set(connection.scalars(query)))
    if missing:
        raise NotFoundError("there is no volunteer %(code)s; register them first", code=missing[0].partition(":")[2])


def _present(rows: Sequence[Times], *, long_ok: bool) -> list[Times]:
    """Return who was there for some time; refuse who is still there, and who stayed too long."""
    still = [times.volunteer for times in rows if times.came and not times.went and times.minutes is None]
    if still:
        raise RuleError(
            "not yet checked out: %(volunteers)s; check them out or enter minutes", volunteers=", ".join(still)
        )
    present = [times for times in rows if span_of(times)]
    if not present:
        raise RuleError("nobody came to this shift; cancel it, or enter the times first")
    long = [times.volunteer for times in present if (span_of(times) or 0) > LONG]
    if long and not long_ok:
        raise RuleError(
            "more than 12 hours: %(volunteers)s; correct the times, or say that they are right",
            volunteers=", ".join(long),
        )
    return present


def _check_plan(connection: Connection, book_id: int, plan: Plan) -> None:
    if not plan.title.strip() or plan.starts >= plan.ends:
        raise MalformedError("a shift needs a title, and ends after it starts")
    if not 1 <= plan.slots <= MOST:
        raise MalformedError("a shift wants 1 to %(most)s volunteers", most=MOST)
    named = {f"community:{plan.community}"}
    named |= {f"{kind}:{code}" for kind, code in (("organization", plan.organization), ("worker", plan.worker)) if code}
    known = lookup.objects(connection, book_id, named)
    for address in sorted(named):
        if address not in known or known[address].closed is not None:
            raise NotFoundError("%(address)s is not open in this book", address=address)


def _check_times(times: Times) -> None:
    minutes = span_of(times)
    if minutes is None and not times.came:
        raise MalformedError("volunteer %(code)s needs minutes, or when they came and went", code=times.volunteer)
    if minutes is not None and not 0 <= minutes <= 24 * 60:
        raise MalformedError(
            "volunteer %(code)s: %(minutes)s minutes; a shift is at most a day", code=times.volunteer, minutes=minutes
        )


def _need(shift: Shift, *states: str) -> None:
    if shift.state not in states:
        raise ConflictError(
            "shift %(code)s is %(state)s; this cannot be done any more", code=shift.code, state=shift.state
        )


def _times(connection: Connection, shift: Shift, volunteer: str) -> Times:
    a = attendance.c
    query = select(a.volunteer, a.came, a.went, a.minutes).where(a.shift_id == shift.id, a.volunteer == volunteer)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("volunteer %(code)s is not signed up for this shift", code=volunteer)
    return Times(*row)


def _put(connection: Connection, shift: Shift, times: Times) -> None:
    a = attendance.c
    connection.execute(
        update(attendance)
        .where(a.shift_id == shift.id, a.volunteer == times.volunteer)
        .values(came=times.came, went=times.went, minutes=times.minutes)
    )


def _set(connection: Connection, shift: Shift, **changes: Any) -> None:
    connection.execute(update(shifts).where(shifts.c.id == shift.id).values(**changes))
