"""Replay: run the log again, and hold every projection against what it gives, both ways; or rebuild them.

Rows that belong to one entry are compared batch by batch in the order of the log, so memory does not grow with it;
state (axes, free spans, objects, head) is compared at the end.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, or_, select

from ledger.core import canonical
from ledger.core.book import Book, check_shape
from ledger.core.chain import follows, leaf_hash, link
from ledger.core.entry import Body
from ledger.core.errors import LedgerError
from ledger.core.merkle import Frontier
from ledger.journal import project
from ledger.journal import tables as t
from ledger.journal.findings import Finding, Progress
from ledger.journal.read import BookRow, Stored, between, scan
from ledger.journal.store import Head, Row, Rows, store_for

BY_ENTRY = (t.headers, t.flows, t.postings, t.mentions, t.services)
STATE = (t.axes, t.spans, t.objects)
CHECKED = (*BY_ENTRY, *STATE, t.books)
"""Every projection: what `compare` holds against the log, and `rebuild` makes again."""


def compare(connection: Connection, row: BookRow, progress: Progress, *, strict: bool = True) -> Iterator[Finding]:
    """Replay the log of a book beside the live projections; yield every rule broken and every row that differs.

    Not strict: somebody else checks the form of the bodies and their leaf hashes; here they are only parsed.
    """
    book, decode = Book(row.code), canonical.decode if strict else canonical.parse
    frontier, reached = Frontier(), 0
    for batch in scan(connection, row.id, end=row.size):
        rows, leaves = Rows(), []
        first = reached
        for stored in batch:
            fault = _replay_one(rows, row.id, book, stored, decode)
            if fault:
                yield Finding("rules", stored.seq, fault)
                return  # what follows would be judged from a state that never was
            leaves.append(book.head or b"")
        frontier = frontier.extend(leaves)
        reached = batch[-1].seq + 1
        for table in BY_ENTRY:
            live = between(connection, table, row.id, first, reached)
            yield from _differences(table, getattr(rows, table.name), live)
        progress(len(batch))
    yield from _beyond(connection, row.id, reached)
    yield from _compare_state(connection, row.id, book)
    head = (row.id, row.code, book.size, book.head, book.recorded, frontier.encode(), book.count)
    yield from _differences(t.books, [head], [row])


def _replay_one(rows: Rows, book_id: int, book: Book, stored: Stored, decode: Callable[[bytes], Body]) -> str | None:
    """Replay one entry; return what is wrong with it."""
    try:
        body = decode(stored.body)
        if decode is canonical.decode:
            check_shape(body)
        fault = follows(body, seq=book.size, prev=link(book.head), recorded=book.recorded)
        if fault or body["book"] != book.code:
            return fault or f"it belongs to book {body['book']!r}"
        book.replay(body)
        project.add_entry(rows, book_id, book, body)
    except LedgerError as error:
        return str(error)
    except (
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
    ) as error:  # somebody else checks the shape
        return f"it lacks the members of the format: {error!r}"
    book.advance(stored.leaf if decode is canonical.parse else leaf_hash(stored.body), body["recorded"])
    return None


def _differences(table: Table, expected: list[Row], live: list[Row]) -> Iterator[Finding]:
    if expected == live:
        return
    keys = [list(table.c).index(column) for column in table.primary_key]
    at = list(table.c).index(table.c.seq) if "seq" in table.c else None
    wanted = {tuple(r[k] for k in keys): tuple(r) for r in expected}
    found = {tuple(r[k] for k in keys): tuple(r) for r in live}
    for key in sorted(wanted.keys() | found.keys(), key=_by_type):
        right, wrong = wanted.get(key), found.get(key)
        if right != wrong:
            seq = (right or wrong or ())[at] if at is not None else None
            yield Finding("projections", seq, f"{table.name}: {_describe(table, right, wrong)}")


def _by_type(key: Row) -> list[tuple[str, Any]]:
    return [(type(part).__name__, part) for part in key]  # SQLite lets any type into a column


def _describe(table: Table, right: Row | None, wrong: Row | None) -> str:
    names = [c.name for c in table.columns]
    if right is None:
        return f"a row that the log does not give: {dict(zip(names, wrong or (), strict=True))}"
    if wrong is None:
        return f"a row is missing: {dict(zip(names, right, strict=True))}"
    parts = [f"{n} is {w!r}, the log gives {r!r}" for n, r, w in zip(names, right, wrong, strict=True) if r != w]
    key = ", ".join(str(right[i]) for i, c in enumerate(table.columns) if c.primary_key and c.name != "book_id")
    return f"row ({key}): {'; '.join(parts)}"


def _beyond(connection: Connection, book_id: int, end: int) -> Iterator[Finding]:
    """Find rows of entries that do not exist."""
    for table in BY_ENTRY:
        query = select(table).where(table.c.book_id == book_id, or_(table.c.seq >= end, table.c.seq < 0)).limit(20)
        yield from _differences(table, [], list(map(tuple, connection.execute(query))))


def _state_rows(book_id: int, book: Book) -> dict[str, list[Row]]:
    rows = Rows()
    for key, no in book.numbers.items():
        axis = book.axes[key]
        rows.axes.append(project.axis_row(book_id, no, key, axis))
        rows.spans.extend((book_id, no, lo, hi) for lo, hi in axis.holes)
    rows.objects = [(book_id, address, *known) for address, known in sorted(book.objects.items())]
    return {"axes": sorted(rows.axes), "spans": sorted(rows.spans), "objects": rows.objects}


def _compare_state(connection: Connection, book_id: int, book: Book) -> Iterator[Finding]:
    expected = _state_rows(book_id, book)
    for table in STATE:
        query = select(table).where(table.c.book_id == book_id).order_by(*table.primary_key)
        yield from _differences(table, expected[table.name], list(map(tuple, connection.execute(query))))


def rebuild(connection: Connection, row: BookRow, progress: Progress) -> None:
    """Drop every projection of a book and make it again from the log; inside a writing transaction."""
    connection.execute(select(t.books.c.id).where(t.books.c.id == row.id).with_for_update())
    for table in (*BY_ENTRY, *STATE):
        connection.execute(delete(table).where(table.c.book_id == row.id))
    store, book, frontier = store_for(connection), Book(row.code), Frontier()
    head = Head(row.id, row.size, row.head, row.recorded, row.frontier, row.axes)
    for batch in scan(connection, row.id):
        rows = Rows()
        for stored in batch:
            fault = _replay_one(rows, row.id, book, stored, canonical.decode)
            if fault:
                raise LedgerError(
                    "entry %(seq)s cannot be replayed: %(fault)s; nothing was changed",
                    seq=stored.seq,
                    fault=fault,
                )
        project.add_state(rows, row.id, book)
        frontier = frontier.extend([stored.leaf for stored in batch])
        new = Head(row.id, book.size, book.head, book.recorded, frontier.encode(), book.count)
        store.write(rows, head, new)
        head = new
        progress(len(batch))
