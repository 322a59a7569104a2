"""Signing in: a password, then a second factor where there is one; each is counted before it is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select, update

from ledger.core.errors import LedgerError
from ledger.journal.engine import write_transaction
from ledger.people.accounts import clock, passwords, second, sessions, throttle
from ledger.people.accounts.codes import hash_of
from ledger.people.accounts.tables import sessions as table
from ledger.people.accounts.tables import users
from ledger.people.accounts.trail import note

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class RefusedError(LedgerError):
    """Sign in with what does not fit; which part of it is not told."""

    status = 403


class Caller(NamedTuple):
    """Where a request comes from: its network address, and what the browser calls itself."""

    address: str
    agent: str


class Entered(NamedTuple):
    """A session that was begun: its token, and whether the second factor is still to be given."""

    token: str
    user: str
    half: bool


def enter(engine: Engine, login: str, password: str, caller: Caller) -> Entered:
    """Begin a session with login and password; the answer and its time are the same whatever does not fit."""
    key = throttle.of_login(login)
    with write_transaction(engine) as connection:
        throttle.take(connection, f"address:{caller.address}", throttle.ADDRESS)
        throttle.take(connection, key, throttle.LOGIN)
    with engine.connect() as connection:
        row = _find(connection, login)
    right = passwords.verify(row.password if row else None, password)  # slow: no transaction is open meanwhile
    with write_transaction(engine) as connection:
        if row is None or not right or row.suspended:
            note(connection, None, "refused", object=f"user:{row.code}" if row else None, address=caller.address)
        else:
            return _welcome(connection, row, key, password, caller)
    raise RefusedError("The login or the password is not right.")


def _find(connection: Connection, login: str) -> Any:
    c = users.c
    query = select(c.code, c.password, c.suspended, c.factor).where(c.login == login.strip().lower())
    return connection.execute(query).one_or_none()


def _welcome(connection: Connection, row: Any, key: str, password: str, caller: Caller) -> Entered:
    throttle.forget(connection, key)
    throttle.give_back(connection, f"address:{caller.address}")
    throttle.sweep(connection)
    sessions.sweep(connection, row.code)
    if passwords.outdated(row.password):
        fresh = passwords.hash_password(password)
        connection.execute(update(users).where(users.c.code == row.code).values(password=fresh))
    half = row.factor is not None
    token = sessions.begin(
        connection, row.code, address=caller.address, agent=caller.agent, stage=sessions.HALF if half else sessions.FULL
    )
    note(connection, row.code, "password given" if half else "signed in", address=caller.address)
    return Entered(token, row.code, half)


def waiting_for_factor(connection: Connection, token: str) -> str | None:
    """Return who gave the password a while ago and has still to give the second factor."""
    c = table.c
    query = (
        select(c.user)
        .join(users, users.c.code == c.user)
        .where(
            c.id == hash_of(token),
            c.stage == sessions.HALF,
            c.ended.is_(None),
            c.begun > clock.ago(clock.now(), minutes=sessions.HALF_MINUTES),
            users.c.suspended.is_(None),
        )
    )
    return connection.scalar(query)


def give_factor(engine: Engine, token: str, code: str, key: bytes, caller: Caller) -> Entered:
    """Finish signing in with a code of the app or a recovery code; the session goes on under a new token."""
    with write_transaction(engine) as connection:
        user = waiting_for_factor(connection, token)
        if user is None:
            raise RefusedError("This took too long. Begin again with your password.")
        throttle.take(connection, f"factor:{user}", throttle.FACTOR)
    with write_transaction(engine) as connection:
        by_app = second.use(connection, user, key, code)
        if by_app or second.use_recovery_code(connection, user, code):
            throttle.forget(connection, f"factor:{user}")
            sessions.end(connection, user, hash_of(token), "went on")
            fresh = sessions.begin(connection, user, address=caller.address, agent=caller.agent)
            what = "signed in" if by_app else "signed in with a recovery code"
            note(connection, user, what, address=caller.address)
            return Entered(fresh, user, half=False)
        note(connection, None, "refused at the second factor", object=f"user:{user}", address=caller.address)
    raise RefusedError("This code is not right, or it was used already. Wait for the next one.")
