"""The audit trail: sign-ins and refusals, changes of posts, and who looked at personal data. Rows are only added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from ledger.people.accounts import clock
from ledger.people.accounts.tables import trail

if TYPE_CHECKING:
    from sqlalchemy import Connection


def note(
    connection: Connection,
    actor_code: str | None,
    what: str,
    *,
    book: str | None = None,
    object: str | None = None,  # noqa: A002  # the word for it
    detail: str | None = None,
    address: str | None = None,
) -> None:
    """Write down that somebody did `what` to an object (`user:u-…`, `donation:12`); never a name or a secret."""
    row = {"at": clock.stamp(clock.now()), "actor": actor_code, "what": what, "book": book, "object": object}
    connection.execute(insert(trail), {**row, "detail": detail, "address": address})


ONCE_HOURS = 1


def note_once(
    connection: Connection,
    actor_code: str,
    what: str,
    *,
    book: str | None = None,
    object: str | None = None,  # noqa: A002  # the word for it
    address: str | None = None,
) -> None:
    """Write down that somebody looked at something, unless the last hour says so already."""
    c = trail.c
    newest = (
        select(c.id)
        .where(c.actor == actor_code, c.what == what, c.book == book, c.object == object)
        .where(c.at > clock.ago(clock.now(), hours=ONCE_HOURS))
        .limit(1)
    )
    if connection.scalar(newest) is None:
        note(connection, actor_code, what, book=book, object=object, address=address)
