"""One-time links: whoever has one sets the password of its account, once, before it expires."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select, update

from ledger.core.errors import LedgerError
from ledger.people.accounts import clock
from ledger.people.accounts.codes import hash_of, new_token
from ledger.people.accounts.tables import links, users

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

HOURS = 72


class DeadLinkError(LedgerError):
    """Follow a link that was used, that expired, or that never was."""

    status = 410

    def __init__(self) -> None:
        super().__init__("This link does not hold any more. Ask the person who gave it to you for a new one.")


class Link(NamedTuple):
    """A link that holds: whose password it sets; `user` is None when it makes the first admin."""

    user: str | None
    login: str | None
    name: str | None


def make(connection: Connection, user: str | None, *, by: str, hours: int = HOURS) -> str:
    """Make a link and return its token; earlier unused links of the same user stop holding."""
    at, token = clock.now(), new_token()
    connection.execute(delete(links).where(_of(user), links.c.used.is_(None)))
    expires = clock.stamp(at + timedelta(hours=hours))
    row = {"hash": hash_of(token), "user": user, "made": clock.stamp(at), "made_by": by, "expires": expires}
    connection.execute(insert(links), row)
    return token


def find(connection: Connection, token: str) -> Link:
    """Return what a link is for."""
    row = connection.execute(
        select(links.c.user, users.c.login, users.c.name)
        .outerjoin(users, users.c.code == links.c.user)
        .where(*_holds(token), users.c.suspended.is_(None))
    ).one_or_none()
    if row is None:
        raise DeadLinkError
    return Link(*row)


def use_up(connection: Connection, token: str) -> None:
    """Use a link up; whoever comes second, even at the same moment, is refused."""
    query = update(links).where(*_holds(token)).values(used=clock.stamp(clock.now()))
    if connection.execute(query).rowcount != 1:
        raise DeadLinkError


def _holds(token: str) -> tuple[ColumnElement[bool], ...]:
    c = links.c
    return c.hash == hash_of(token), c.used.is_(None), c.expires > clock.stamp(clock.now())


def _of(user: str | None) -> ColumnElement[bool]:
    return links.c.user.is_(None) if user is None else links.c.user == user
