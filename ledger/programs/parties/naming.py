"""Entries of the few kinds that name something: awards, needs, projects; found by their kind, not by what they name.

An organization may be named by 100,000 services; grants, needs and projects are few in the whole book.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.journal import lookup
from ledger.journal import tables as t

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection


class Named(NamedTuple):
    """An entry that names an address, and what the entry is about."""

    address: str
    seq: int
    subject: str


def naming(connection: Connection, book_id: int, addresses: Collection[str], kinds: Collection[str]) -> list[Named]:
    """Find the entries of some kinds that name one of the addresses, oldest first, in one statement."""
    if not addresses:
        return []
    m, h = t.mentions.c, t.headers.c
    few = select(h.seq, h.subject).where(h.book_id == book_id, h.kind.in_(kinds)).cte("few")
    few = few.prefix_with("MATERIALIZED", dialect="postgresql")
    query = (
        select(m.address, m.seq, few.c.subject)
        .select_from(few)
        .join(t.mentions, (m.book_id == book_id) & (m.seq == few.c.seq))
        .where(lookup.among(connection, m.address + "", addresses))  # by the entry, never by the address
        .order_by(m.seq + 0)
    )
    return [Named(*row) for row in connection.execute(query)]
