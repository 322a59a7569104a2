"""What a book asks of those who work in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select

from ledger.journal.tables import books
from ledger.people.accounts.tables import book_settings as table

if TYPE_CHECKING:
    from sqlalchemy import Connection

IDLE_MINUTES = 60
"""After how long without a request a session ends, where no book says otherwise."""


class BookSettings(NamedTuple):
    """Second factor for approvers and admins; idle time-out; the worth in fen above which two approve (None: never)."""

    totp_required: bool = False
    idle_minutes: int = IDLE_MINUTES
    two_above: int | None = None


def book_settings(connection: Connection, book_id: int) -> BookSettings:
    """Read the settings of a book."""
    c = table.c
    row = connection.execute(
        select(c.totp_required, c.idle_minutes, c.two_above).where(c.book_id == book_id)
    ).one_or_none()
    return BookSettings(bool(row[0]), row[1], row[2]) if row else BookSettings()


def books_that_require(connection: Connection) -> list[str]:
    """List the books (codes) that require a second factor of approvers and admins."""
    query = select(books.c.code).join(table, table.c.book_id == books.c.id).where(table.c.totp_required == 1)
    return list(connection.scalars(query))


def set_book_settings(connection: Connection, book_id: int, new: BookSettings) -> None:
    """Write the settings of a book."""
    connection.execute(delete(table).where(table.c.book_id == book_id))
    connection.execute(
        insert(table),
        {**new._asdict(), "totp_required": int(new.totp_required), "book_id": book_id},
    )
