"""Sessions: rows of a table, found by the hash of the token in the cookie; listed and ended at will."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, exists, insert, select, update

from ledger.journal.tables import books
from ledger.people.accounts import clock
from ledger.people.accounts.codes import hash_of, new_token
from ledger.people.accounts.settings import IDLE_MINUTES
from ledger.people.accounts.tables import book_settings, posts, sessions, users
from ledger.web.actor import Actor, Post, Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

HALF, FULL = "half", "full"
HALF_MINUTES = 10  # between password and second factor
LONGEST_HOURS = 14  # of a session, however busy
KEPT_DAYS = 90  # rows of sessions that ended
SEEN_SECONDS = 60  # how exact `seen` is: a request a minute writes
GUARDED = frozenset({Role.APPROVER, Role.ADMIN})
"""Roles for which a book may require a second factor."""


class Signed(NamedTuple):
    """A session that holds: who it is, under which id, whether a second factor must be set up first."""

    actor: Actor
    id: str
    must_set_up: bool
    stale: bool  # `seen` should be written


def begin(connection: Connection, user: str, *, address: str, agent: str, stage: str = FULL) -> str:
    """Begin a session; return its token, always a new one."""
    token, at = new_token(), clock.stamp(clock.now())
    row = {"id": hash_of(token), "user": user, "stage": stage, "begun": at, "seen": at}
    connection.execute(insert(sessions), {**row, "address": address[:45], "agent": agent[:200]})
    return token


def load(connection: Connection, token: str) -> Signed | None:
    """Return who holds a token, with all posts, in one statement; None when the session does not hold any more."""
    rows = connection.execute(_LOAD, {"session": hash_of(token)}).all()
    at = clock.now()
    if not rows or not _holds(rows, at):
        return None
    first = rows[0]
    required = any(row.totp_required and row.role in GUARDED for row in rows) or (first.admin and first.required)
    stale = first.seen <= clock.ago(at, seconds=SEEN_SECONDS)
    return Signed(_actor(rows), first.id, bool(required) and first.factor is None, stale)


_LOAD = (
    select(
        sessions.c.id,
        sessions.c.begun,
        sessions.c.seen,
        users.c.code,
        users.c.name,
        users.c.admin,
        users.c.factor,
        posts.c.role,
        posts.c.party,
        posts.c.up_to,
        books.c.code.label("book"),
        book_settings.c.totp_required,
        book_settings.c.idle_minutes,
        exists(select(book_settings.c.book_id).where(book_settings.c.totp_required == 1)).label("required"),
    )
    .join(users, users.c.code == sessions.c.user)
    .outerjoin(posts, posts.c.user == users.c.code)
    .outerjoin(books, books.c.id == posts.c.book_id)
    .outerjoin(book_settings, book_settings.c.book_id == posts.c.book_id)
    .where(
        sessions.c.id == bindparam("session"),
        sessions.c.stage == FULL,
        sessions.c.ended.is_(None),
        users.c.suspended.is_(None),
    )
)


def _holds(rows: Sequence[Any], at: datetime) -> bool:
    """Tell whether a session is neither idle nor too old; the strictest book of its user counts."""
    idle = min((row.idle_minutes for row in rows if row.idle_minutes), default=IDLE_MINUTES)
    first = rows[0]
    return bool(first.seen > clock.ago(at, minutes=idle) and first.begun > clock.ago(at, hours=LONGEST_HOURS))


def _actor(rows: Sequence[Any]) -> Actor:
    first = rows[0]
    held: dict[str, list[Post]] = {}
    for row in rows:
        if row.book is not None:
            held.setdefault(row.book, []).append(Post(Role(row.role), row.party, row.up_to))
    posts_of = {book: tuple(sorted(found, key=lambda post: (post.role, post.party))) for book, found in held.items()}
    return Actor(first.code, first.name, posts_of, bool(first.admin))


def touch(connection: Connection, session: str) -> None:
    """Write down that a session was used."""
    alive = (sessions.c.id == session) & sessions.c.ended.is_(None)
    connection.execute(update(sessions).where(alive).values(seen=clock.stamp(clock.now())))


def end(connection: Connection, user: str, session: str, why: str) -> bool:
    """End one session of a user; tell whether it was still going."""
    mine = (sessions.c.id == session) & (sessions.c.user == user)
    return _end(connection, mine, why) == 1


def end_all(connection: Connection, user: str, why: str, *, but: str = "") -> int:
    """End the sessions of a user, all but one; return how many."""
    return _end(connection, (sessions.c.user == user) & (sessions.c.id != but), why)


def _end(connection: Connection, which: ColumnElement[bool], why: str) -> int:
    going = which & sessions.c.ended.is_(None)
    done = connection.execute(update(sessions).where(going).values(ended=clock.stamp(clock.now()), why=why))
    return int(done.rowcount)


def sweep(connection: Connection, user: str) -> None:
    """Drop the sessions of a user that ended long ago; the trail still knows of them."""
    long_ago = clock.ago(clock.now(), hours=KEPT_DAYS * 24)
    connection.execute(delete(sessions).where(sessions.c.user == user, sessions.c.begun < long_ago))


class Open(NamedTuple):
    """A session as its user sees it in a list."""

    id: str
    begun: datetime
    seen: datetime
    address: str
    agent: str


def open_sessions(connection: Connection, user: str, *, most: int = 50) -> tuple[Open, ...]:
    """List the sessions of a user that may still be used, the newest first."""
    c, at = sessions.c, clock.now()
    query = (
        select(c.id, c.begun, c.seen, c.address, c.agent)
        .where(c.user == user, c.stage == FULL, c.ended.is_(None), c.begun > clock.ago(at, hours=LONGEST_HOURS))
        .order_by(c.seen.desc())
        .limit(most)
    )
    rows = connection.execute(query)
    return tuple(Open(row.id, clock.read(row.begun), clock.read(row.seen), row.address, row.agent) for row in rows)
