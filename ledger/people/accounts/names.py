"""Names of those who act, by their codes: for the desk, never for the public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.people.accounts.tables import users

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection


def names_of(connection: Connection, codes: Collection[str]) -> dict[str, str]:
    """Read the names of users; codes that are nobody's (the importer, the demo) are missing."""
    if not codes:
        return {}
    query = select(users.c.code, users.c.name).where(users.c.code.in_(sorted(codes)))
    return {row.code: row.name for row in connection.execute(query)}
