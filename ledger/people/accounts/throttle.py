"""Attempts are counted in a table, by account and by address; after a few the waits grow.

An attempt is counted before it is made, in a transaction of its own: however many come at once, no more get through.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ledger.core.errors import LedgerError
from ledger.people.accounts import clock
from ledger.people.accounts.codes import hash_of
from ledger.people.accounts.tables import attempts

if TYPE_CHECKING:
    from sqlalchemy import Connection

FORGET_HOURS = 24
FIRST_WAIT = 15  # seconds; each further failure doubles it


class TooManyAttemptsError(LedgerError):
    """Try again too soon."""

    status = 429

    def __init__(self, wait: int) -> None:
        super().__init__("There were too many attempts. Try again in %(seconds)s seconds.", seconds=wait)
        self.wait = wait


class Limit(NamedTuple):
    """How many attempts are free, and the longest wait in seconds afterwards."""

    free: int
    longest: int


LOGIN = Limit(5, 15 * 60)
"""Attempts at one account; the wait stays short, since anyone can make an account wait."""
ADDRESS = Limit(30, 60 * 60)
"""Attempts from one address, behind which there may be a whole office."""
FACTOR = Limit(5, 15 * 60)
"""Attempts at the second factor of one account."""


def of_login(login: str) -> str:
    """Return the key of an account as it was typed, whether it exists or not."""
    return f"login:{hash_of(login.casefold())}"


def take(connection: Connection, key: str, limit: Limit) -> None:
    """Count an attempt; raise TooManyAttemptsError, and count nothing, while one has to wait."""
    c, at = attempts.c, clock.now()
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(attempts)
    fresh = {"key": key, "failures": 0, "latest": clock.stamp(at), "until": clock.stamp(at)}
    connection.execute(insert.values(fresh).on_conflict_do_nothing())
    row = connection.execute(select(c.failures, c.latest, c.until).where(c.key == key).with_for_update()).one()
    if row.until > clock.stamp(at):
        raise TooManyAttemptsError(math.ceil((clock.read(row.until) - at).total_seconds()))
    failures = 1 + (row.failures if row.latest > clock.ago(at, hours=FORGET_HOURS) else 0)
    wait = min(limit.longest, FIRST_WAIT * 2 ** min(failures - limit.free, 20)) if failures >= limit.free else 0
    values = {"failures": failures, "latest": clock.stamp(at), "until": clock.stamp(at + timedelta(seconds=wait))}
    connection.execute(update(attempts).where(c.key == key).values(values))


def forget(connection: Connection, key: str) -> None:
    """Count nothing any more: the attempt was right."""
    connection.execute(delete(attempts).where(attempts.c.key == key))


def give_back(connection: Connection, key: str) -> None:
    """Take one attempt back: it was right, which says nothing of the others from this address."""
    c, at = attempts.c, clock.stamp(clock.now())
    connection.execute(update(attempts).where(c.key == key, c.failures > 0).values(failures=c.failures - 1, until=at))


def sweep(connection: Connection) -> None:
    """Drop what is old enough to be forgotten."""
    connection.execute(delete(attempts).where(attempts.c.latest < clock.ago(clock.now(), hours=FORGET_HOURS)))
