"""The audit trail: sign-ins and refusals, changes of posts, and who looked at personal data. Rows are only added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

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
