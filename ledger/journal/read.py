"""Reading the log itself: books, entries one by one, and the whole log in batches."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Table, select

from ledger.core import canonical
from ledger.core.entry import Body
from ledger.core.errors import NotFoundError
from ledger.journal import tables as t
from ledger.journal.engine import driver

BATCH = 2000
MAX_SEQ = 2**53

Row = tuple[Any, ...]


class BookRow(NamedTuple):
    """A book and where its log ends."""

    id: int
    code: str
    size: int
    head: bytes | None
    recorded: str
    frontier: bytes
    axes: int


class Stored(NamedTuple):
    """One row of the log, as it lies there."""

    seq: int
    leaf: bytes
    body: bytes


@contextmanager
def snapshot(engine: Engine, shared: str | None = None) -> Iterator[Connection]:
    """Open a read transaction that sees one state of the database however long it lasts.

    `shared` is the name of a snapshot that another PostgreSQL connection exported and holds.
    """
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        if shared is not None:
            connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{shared}'")
        yield connection


def octets(value: object) -> bytes:
    """Return stored bytes; SQLite lets other types into the column: their repr, which hashes to something else."""
    return value if type(value) is bytes else repr(value).encode()


def _book_row(row: Row) -> BookRow:
    id_, code, size, head, recorded, frontier, axes = row
    entries = size if type(size) is int else -1  # SQLite lets text into the column
    return BookRow(id_, code, entries, None if head is None else octets(head), recorded, octets(frontier), axes)


def list_books(connection: Connection) -> list[BookRow]:
    """List the books by code."""
    return [_book_row(tuple(row)) for row in connection.execute(select(t.books).order_by(t.books.c.code))]


def find_book(connection: Connection, code: str) -> BookRow:
    """Return the book of a code."""
    row = connection.execute(select(t.books).where(t.books.c.code == code)).one_or_none()
    if row is None:
        raise NotFoundError("there is no book '%(code)s'; `flask books open %(code)s --name …` opens one", code=code)
    return _book_row(tuple(row))


def read_entry(connection: Connection, book_id: int, seq: int) -> Stored:
    """Return one entry as stored."""
    e = t.entries.c
    row = connection.execute(select(e.seq, e.leaf, e.body).where(e.book_id == book_id, e.seq == seq)).one_or_none()
    if row is None:
        raise NotFoundError("the book has no entry %(seq)s", seq=seq)
    return Stored(row.seq, octets(row.leaf), octets(row.body))


def read_bodies(connection: Connection, book_id: int, seqs: list[int]) -> dict[int, Body]:
    """Return the bodies of several entries by number, in one query; 500 at a time."""
    e, found = t.entries.c, {}
    for start in range(0, len(seqs), 500):
        query = select(e.seq, e.body).where(e.book_id == book_id, e.seq.in_(seqs[start : start + 500]))
        found.update({row.seq: canonical.decode(octets(row.body)) for row in connection.execute(query)})
    return found


def scan(
    connection: Connection, book_id: int, start: int = 0, end: int | None = None, batch: int = BATCH
) -> Iterator[list[Stored]]:
    """Read the log from entry `start` up to, not with, `end`, in batches, in order of seq, whatever seqs are there."""
    sql = "SELECT seq, leaf, body FROM entries WHERE book_id = %s AND seq >= %s AND seq < %s ORDER BY seq LIMIT %s"
    last = MAX_SEQ if end is None else end
    while rows := fetch(connection, sql, (book_id, start, last, batch)):
        found = [Stored._make(row) for row in rows]
        if any(type(leaf) is not bytes or type(body) is not bytes for _, leaf, body in rows):
            found = [Stored(seq, octets(leaf), octets(body)) for seq, leaf, body in rows]
        yield found
        start = found[-1].seq + 1


def between(connection: Connection, table: Table, book_id: int, first: int, end: int) -> list[Row]:
    """Return a table's rows of the entries from `first` up to, not with, `end`, in the order of their key."""
    key = ", ".join(column.name for column in table.primary_key)
    names = ", ".join(column.name for column in table.columns)
    sql = f"SELECT {names} FROM {table.name} WHERE book_id = %s AND seq >= %s AND seq < %s ORDER BY {key}"  # noqa: S608
    return fetch(connection, sql, (book_id, first, end))


def fetch(connection: Connection, sql: str, values: tuple[int, ...]) -> list[Row]:
    """Run a query on the driver itself and return plain tuples: verification reads every row there is."""
    raw = driver(connection)
    if connection.dialect.name == "sqlite":
        found: list[Row] = raw.execute(sql.replace("%s", "?"), values).fetchall()
        return found
    with raw.cursor(binary=True) as cursor:
        rows: list[Row] = cursor.execute(sql, values, prepare=True).fetchall()
        return rows
