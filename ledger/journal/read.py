"""Reading the log itself: books, entries one by one, and the whole log in batches."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from ledger.core import canonical
from ledger.core.entry import Body
from ledger.core.errors import NotFoundError
from ledger.journal import tables as t

BATCH = 2000


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
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Open a read transaction that sees one state of the database however long it lasts."""
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def list_books(connection: Connection) -> list[BookRow]:
    """List the books by code."""
    return [BookRow(*row) for row in connection.execute(select(t.books).order_by(t.books.c.code))]


def find_book(connection: Connection, code: str) -> BookRow:
    """Return the book of a code."""
    row = connection.execute(select(t.books).where(t.books.c.code == code)).one_or_none()
    if row is None:
        msg = f"there is no book '{code}'; `flask books open {code} --name …` opens one"
        raise NotFoundError(msg)
    return BookRow(*row)


def read_entry(connection: Connection, book_id: int, seq: int) -> Stored:
    """Return one entry as stored."""
    e = t.entries.c
    row = connection.execute(select(e.seq, e.leaf, e.body).where(e.book_id == book_id, e.seq == seq)).one_or_none()
    if row is None:
        msg = f"the book has no entry {seq}"
        raise NotFoundError(msg)
    return Stored(row.seq, bytes(row.leaf), bytes(row.body))


def read_bodies(connection: Connection, book_id: int, seqs: list[int]) -> dict[int, Body]:
    """Return the bodies of several entries by number, in one query; 500 at a time."""
    e, found = t.entries.c, {}
    for start in range(0, len(seqs), 500):
        query = select(e.seq, e.body).where(e.book_id == book_id, e.seq.in_(seqs[start : start + 500]))
        found.update({row.seq: canonical.decode(bytes(row.body)) for row in connection.execute(query)})
    return found


def scan(connection: Connection, book_id: int, start: int = 0, batch: int = BATCH) -> Iterator[list[Stored]]:
    """Read the log from entry `start` in batches, in order of seq, whatever seqs are there."""
    e = t.entries.c
    query = select(e.seq, e.leaf, e.body).where(e.book_id == book_id).order_by(e.seq).limit(batch)
    while rows := [Stored(*row) for row in connection.execute(query.where(e.seq >= start)).tuples()]:
        yield rows
        start = rows[-1].seq + 1


def count_entries(connection: Connection, book_id: int) -> int:
    """Count the rows of the log; for progress."""
    return connection.scalar(select(func.count()).where(t.entries.c.book_id == book_id)) or 0
