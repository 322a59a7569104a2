"""Facts that every page needs, each kind of them in one statement however many are asked for.

Plain values: objects with the entry that describes them, headers, reversals, axes. `ledger.web.convert` makes the
pages' own types of them.
"""

import json
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Text, any_, bindparam, false, func, select, text

from ledger.core import canonical
from ledger.core.entry import Body
from ledger.journal import tables as t


class Object(NamedTuple):
    """An object of a book, and the entry whose facts describe it now."""

    address: str
    opened: int
    latest: int
    closed: int | None
    body: Body  # of the entry `latest`

    @property
    def facts(self) -> dict[str, Any]:
        """Return the facts that describe it."""
        facts: dict[str, Any] = self.body["facts"]
        return facts


class Header(NamedTuple):
    """What a list says of an entry."""

    seq: int
    kind: str
    dated: str
    subject: str | None


class AxisKey(NamedTuple):
    """The account and the unit of an axis."""

    account: str
    unit: str


class Found(NamedTuple):
    """Where an entry about a subject stands."""

    book: str  # code
    book_id: int
    seq: int


def among(
    connection: Connection, column: ColumnElement[Any], values: Collection[int] | Collection[str]
) -> ColumnElement[bool]:
    """Say that a column is one of many values, by one parameter: no limit on their number, one plan for all."""
    listed = sorted(values)
    if connection.dialect.name == "sqlite":
        rows = func.json_each(json.dumps(listed)).table_valued("value")
        return column.in_(select(rows.c.value))
    if not listed:
        return false()
    kind = Text if isinstance(listed[0], str) else BigInteger
    return column == any_(bindparam(None, listed, type_=ARRAY(kind)))


def objects(connection: Connection, book_id: int, addresses: Collection[str]) -> dict[str, Object]:
    """Read objects by address; those that the book does not have are missing."""
    if not addresses:
        return {}
    return _objects(connection, book_id, among(connection, t.objects.c.address, set(addresses)))


def objects_of(connection: Connection, book_id: int, kind: str) -> dict[str, Object]:
    """Read all objects of a type; for the few (funds, communities), not for services."""
    return _objects(connection, book_id, of_type(t.objects.c.address, kind))


def of_type(column: ColumnElement[str], kind: str) -> ColumnElement[bool]:
    """Say that an address is of a type: a range, which an index serves on both databases."""
    return (column >= f"{kind}:") & (column < f"{kind};")


def count_objects(connection: Connection, book_id: int, kind: str) -> int:
    """Count the open objects of a type."""
    o = t.objects.c
    query = select(func.count()).where(o.book_id == book_id, of_type(o.address, kind), o.closed.is_(None))
    return connection.scalar(query) or 0


def _objects(connection: Connection, book_id: int, which: ColumnElement[bool]) -> dict[str, Object]:
    o, e = t.objects.c, t.entries.c
    query = (
        select(o.address, o.opened, o.latest, o.closed, e.body)
        .join(t.entries, (e.book_id == o.book_id) & (e.seq == o.latest))
        .where(o.book_id == book_id, which)
        .order_by(o.opened)
    )
    rows = connection.execute(query)
    return {row.address: Object(*row[:4], canonical.decode(bytes(row.body))) for row in rows}


def headers(connection: Connection, book_id: int, seqs: Collection[int]) -> dict[int, Header]:
    """Read kind, date and subject of entries by number."""
    if not seqs:
        return {}
    h = t.headers.c
    query = select(h.seq, h.kind, h.dated, h.subject).where(h.book_id == book_id, among(connection, h.seq, set(seqs)))
    return {row.seq: Header(*row) for row in connection.execute(query)}


def reversals(connection: Connection, book_id: int, seqs: Collection[int]) -> dict[int, Header]:
    """Tell which of the entries were reversed: by number, the header of the entry that did."""
    if not seqs:
        return {}
    h = t.headers.c
    query = select(h.seq, h.kind, h.dated, h.subject).where(
        among(connection, h.subject, {f"reversal:{seq}" for seq in seqs}),
        h.book_id + 0 == book_id,  # plain, SQLite would read all headers of the book
    )
    return {reversed_by(row.subject): Header(*row) for row in connection.execute(query)}


def reversed_by(subject: str | None) -> int:
    """Return the number of the entry that the reversal with this subject takes back; −1 when it is no reversal."""
    kind, _, code = (subject or "").partition(":")
    return int(code) if kind == "reversal" and code.isdigit() else -1


def axes(connection: Connection, book_id: int, numbers: Collection[int]) -> dict[int, AxisKey]:
    """Read account and unit of axes by number."""
    if not numbers:
        return {}
    a = t.axes.c
    query = select(a.no, a.account, a.unit).where(a.book_id == book_id, among(connection, a.no, set(numbers)))
    return {row.no: AxisKey(row.account, row.unit) for row in connection.execute(query)}


def mentioning(
    connection: Connection, book_id: int, addresses: Collection[str], kind: str
) -> dict[str, list[tuple[Header, Body]]]:
    """Read the entries of a kind whose facts name one of the objects, oldest first, by the object's address."""
    if not addresses:
        return {}
    m, h, e = t.mentions.c, t.headers.c, t.entries.c
    query = (
        select(m.address, h.seq, h.kind, h.dated, h.subject, e.body)
        .join(t.headers, (h.book_id == m.book_id) & (h.seq == m.seq))
        .join(t.entries, (e.book_id == m.book_id) & (e.seq == m.seq))
        .where(m.book_id == book_id, among(connection, m.address, set(addresses)), h.kind == kind)
        .order_by(m.seq + 0)  # plain, SQLite would read all mentions of the book in this order
    )
    found: dict[str, list[tuple[Header, Body]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.address, []).append((Header(*row[1:5]), canonical.decode(bytes(row.body))))
    return found


def find_subject(connection: Connection, subject: str) -> Found | None:
    """Find the first entry about a subject over all books (`donation:<digest>`); None when there is none."""
    h, b = t.headers.c, t.books.c
    query = (
        select(b.code, h.book_id, h.seq)
        .join(t.books, b.id == h.book_id)
        .where(h.subject == subject)
        .order_by(h.book_id, h.seq)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return Found(*row) if row else None


# Each kind is found from the one before it: as many steps as there are kinds, however many entries.
_KINDS = text("""
WITH RECURSIVE k (kind) AS (
  SELECT min(kind) FROM headers WHERE book_id = :book
  UNION ALL
  SELECT (SELECT min(h.kind) FROM headers AS h WHERE h.book_id = :book AND h.kind > k.kind) FROM k
  WHERE k.kind IS NOT NULL
)
SELECT kind FROM k WHERE kind IS NOT NULL
""")


def kinds_of(connection: Connection, book_id: int) -> tuple[str, ...]:
    """List the kinds of entries that a book has, sorted."""
    return tuple(sorted(connection.scalars(_KINDS, {"book": book_id})))
