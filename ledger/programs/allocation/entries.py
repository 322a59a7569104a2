"""Entries that name objects of this room, found by the index of mentions; those taken back are left out."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import String, cast, select

from ledger.core import canonical
from ledger.journal import lookup
from ledger.journal import tables as t

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection

    from ledger.core.entry import Body


class Naming(NamedTuple):
    """An entry that names an object; `subject` is what the entry is about, if anything."""

    seq: int
    kind: str
    dated: str
    subject: str | None
    body: Body


def after(column: ColumnElement[int], book_id: int) -> ColumnElement[int]:
    """Give the number of a book as if it depended on a row of another table.

    Joined like this, a table is read after that other, by its key: SQLite would otherwise begin with all of its rows.
    """
    return column * 0 + book_id


def standing(header_seq: ColumnElement[int], book_id: int) -> ColumnElement[bool]:
    """Say that an entry was not reversed."""
    taken_back = t.objects.alias("taken_back")
    o = taken_back.c
    return ~select(o.address).where(o.book_id == book_id, o.address == "reversal:" + cast(header_seq, String)).exists()


def naming(
    connection: Connection, book_id: int, addresses: Collection[str], kinds: Collection[str]
) -> dict[str, list[Naming]]:
    """Read the standing entries of some kinds that name objects, oldest first, by the object; in one statement."""
    found: dict[str, list[Naming]] = defaultdict(list)
    if not addresses:
        return found
    m, h, e = t.mentions.c, t.headers.c, t.entries.c
    query = (
        select(m.address, h.seq, h.kind, h.dated, h.subject, e.body)
        .join(t.headers, (h.book_id == after(m.seq, book_id)) & (h.seq == m.seq))
        .join(t.entries, (e.book_id == after(m.seq, book_id)) & (e.seq == m.seq))
        .where(m.book_id == book_id, lookup.among(connection, m.address, set(addresses)))
        .where(h.kind.in_(sorted(kinds)), standing(h.seq, book_id))
        .order_by(m.seq + 0)  # plain, SQLite would read all mentions of the book in this order
    )
    for row in connection.execute(query):
        found[row.address].append(Naming(*row[1:5], canonical.decode(bytes(row.body))))
    return found
