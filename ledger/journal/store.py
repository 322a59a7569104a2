"""Reading and writing the journal's rows with as few round trips as the database allows.

One `Store` lives inside one writing transaction. `begin` takes the book's lock and reads what the entries at hand
need; `write` puts down everything they make. On PostgreSQL each is one statement (round trips are what a single append
costs), and long lists go in by COPY; on SQLite each is a handful of prepared statements in process.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from psycopg import RawCursor
from sqlalchemy import Connection, Table

from ledger.core.errors import HeadMovedError, NotFoundError
from ledger.journal import tables as t
from ledger.journal.engine import driver

Row = tuple[Any, ...]


class Head(NamedTuple):
    """The row of a book: its number, and where its log ends."""

    id: int
    size: int
    head: bytes | None
    recorded: str
    frontier: bytes
    axes: int


class Wanted(NamedTuple):
    """Which rows the entries at hand need."""

    refs: list[str]
    addresses: list[str]
    accounts: list[str]
    units: list[str]
    whole: list[str]  # accounts of which every unit is needed (they are being closed)


class Loaded(NamedTuple):
    """Those rows: refs (ref, seq), objects (address, opened, latest, closed), axes, holes (axis, lo, hi)."""

    head: Head
    refs: list[Row]
    objects: list[Row]
    axes: list[Row]
    holes: list[Row]


@dataclass(slots=True)
class Rows:
    """Rows to add, a list a table; and the state rows to replace."""

    entries: list[Row] = field(default_factory=list)
    headers: list[Row] = field(default_factory=list)
    flows: list[Row] = field(default_factory=list)
    postings: list[Row] = field(default_factory=list)
    mentions: list[Row] = field(default_factory=list)
    services: list[Row] = field(default_factory=list)
    private: list[Row] = field(default_factory=list)
    objects: list[Row] = field(default_factory=list)  # replaced
    axes: list[Row] = field(default_factory=list)  # replaced
    spans: list[Row] = field(default_factory=list)  # new holes of the axes in `cleared`
    cleared: list[Row] = field(default_factory=list)  # (book, axis) whose holes are replaced


ADDED = (t.entries, t.headers, t.flows, t.postings, t.mentions, t.services, t.private)
_HEAD = "SELECT id, size, head, recorded, frontier, axes FROM books WHERE code = {p}"
_AXIS = "no, account, unit, received, given, tail, holes, gifts"


class Store(Protocol):
    """What append needs of a database."""

    def begin(self, code: str, wanted: Wanted) -> Loaded:
        """Take the book's lock and read."""
        ...

    def read(self, head: Head, wanted: Wanted) -> Loaded:
        """Read more under the lock already held."""
        ...

    def write(self, rows: Rows, old: Head, new: Head) -> None:
        """Write everything, and move the head by compare-and-swap."""
        ...


def store_for(connection: Connection) -> Store:
    """Give the store for a connection that is inside a writing transaction."""
    raw = driver(connection)
    return SqliteStore(raw) if connection.dialect.name == "sqlite" else PostgresqlStore(raw)


def insert_sql(table: Table, mark: str) -> str:
    """Write the INSERT of all columns of a table."""
    names = [c.name for c in table.columns]
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"  # noqa: S608


def replace_sql(table: Table, mark: str) -> str:
    """Write the INSERT that replaces the row of the same primary key."""
    key = [c.name for c in table.primary_key]
    rest = ", ".join(f"{c.name} = excluded.{c.name}" for c in table.columns if c.name not in key)
    return f"{insert_sql(table, mark)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {rest}"


def _move_head_sql(mark: str, same: str) -> str:
    return (
        f"UPDATE books SET size = {mark}, head = {mark}, recorded = {mark}, frontier = {mark}, axes = {mark} "  # noqa: S608
        f"WHERE id = {mark} AND size = {mark} AND head {same} {mark}"
    )


def _swap(old: Head, new: Head) -> Row:
    return (*new[1:], old.id, old.size, old.head)


def _found(row: Row | None, code: str) -> Head:
    if row is None:
        raise NotFoundError("there is no book '%(code)s'; `flask books open %(code)s --name …` opens one", code=code)
    return Head(*row)


def _check_swapped(count: int, old: Head) -> None:
    if count != 1:
        raise HeadMovedError(
            "the head of the book is no longer entry %(seq)s; nothing was written, try again",
            seq=old.size - 1,
        )


class SqliteStore:
    """SQLite: BEGIN IMMEDIATE (see engine) has locked the whole file already."""

    _insert = tuple(insert_sql(table, "?") for table in ADDED)
    _replace = (replace_sql(t.objects, "?"), replace_sql(t.axes, "?"))
    _in = "IN (SELECT value FROM json_each(?))"
    _refs = f"SELECT ref, seq FROM headers WHERE book_id = ? AND ref {_in}"  # noqa: S608
    _objects = f"SELECT address, opened, latest, closed FROM objects WHERE book_id = ? AND address {_in}"  # noqa: S608
    _axes = f"SELECT {_AXIS} FROM axes WHERE book_id = ? AND account {_in} AND unit {_in}"  # noqa: S608
    _whole = f"SELECT {_AXIS} FROM axes WHERE book_id = ? AND account {_in}"  # noqa: S608
    _holes = f"SELECT axis, lo, hi FROM spans WHERE book_id = ? AND axis {_in} ORDER BY axis, lo"  # noqa: S608

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def begin(self, code: str, wanted: Wanted) -> Loaded:
        """Read the head and the rows."""
        return self.read(_found(self._raw.execute(_HEAD.format(p="?"), (code,)).fetchone(), code), wanted)

    def read(self, head: Head, wanted: Wanted) -> Loaded:
        """Read the rows."""
        axes = self._select(self._axes, head.id, wanted.accounts, wanted.units) if wanted.accounts else []
        if wanted.whole:
            axes = list({row[0]: row for row in axes + self._select(self._whole, head.id, wanted.whole)}.values())
        open_ended = [row[0] for row in axes if row[6]]
        return Loaded(
            head,
            self._select(self._refs, head.id, wanted.refs) if wanted.refs else [],
            self._select(self._objects, head.id, wanted.addresses) if wanted.addresses else [],
            axes,
            self._select(self._holes, head.id, open_ended) if open_ended else [],
        )

    def _select(self, sql: str, book: int, *lists: Sequence[Any]) -> list[Row]:
        found: list[Row] = self._raw.execute(sql, (book, *map(json.dumps, lists))).fetchall()
        return found

    def write(self, rows: Rows, old: Head, new: Head) -> None:
        """Write in the order: log, projections, side store, head. All become visible with the commit or not at all."""
        for sql, added in zip(self._insert, _lists(rows), strict=True):
            self._put(sql, added)
        self._put("DELETE FROM spans WHERE book_id = ? AND axis = ?", rows.cleared)
        self._put(insert_sql(t.spans, "?"), rows.spans)
        self._put(self._replace[0], rows.objects)
        self._put(self._replace[1], rows.axes)
        _check_swapped(self._raw.execute(_move_head_sql("?", "IS"), _swap(old, new)).rowcount, old)

    def _put(self, sql: str, rows: list[Row]) -> None:
        if len(rows) == 1:
            self._raw.execute(sql, rows[0])
        elif rows:
            self._raw.executemany(sql, rows)


class PostgresqlStore:
    """PostgreSQL: the book's row is locked FOR UPDATE; one statement reads everything, one writes everything."""

    few = 200  # rows up to which one statement of many INSERTs is cheaper than COPY
    _rows = """
          (SELECT json_agg(json_build_array(ref, seq)) FROM headers WHERE book_id = {book} AND ref = ANY($2)),
          (SELECT json_agg(json_build_array(address, opened, latest, closed)) FROM objects
           WHERE book_id = {book} AND address = ANY($3)),
          (SELECT json_agg(json_build_array(no, account, unit, received, given, tail, holes, gifts)) FROM axes
           WHERE book_id = {book} AND account = ANY($4) AND (unit = ANY($5) OR account = ANY($6))),
          (SELECT json_agg(json_build_array(s.axis, s.lo, s.hi) ORDER BY s.axis, s.lo) FROM axes AS a
           JOIN spans AS s ON s.book_id = a.book_id AND s.axis = a.no
           WHERE a.book_id = {book} AND a.holes > 0 AND a.account = ANY($4)
             AND (a.unit = ANY($5) OR a.account = ANY($6)))
    """
    _read = f"SELECT {_rows.format(book='$1')}"
    _lock = f"""
        WITH locked AS MATERIALIZED (
          SELECT ctid, id, size, head, recorded, frontier, axes FROM books WHERE code = $1 FOR UPDATE
        )
        SELECT locked.ctid IS NOT DISTINCT FROM (SELECT b.ctid FROM books AS b WHERE b.code = $1),
          id, size, head, recorded, frontier, locked.axes, {_rows.format(book="locked.id")}
        FROM locked
    """  # noqa: S608
    _copy = tuple(
        f"COPY {table.name} ({', '.join(c.name for c in table.columns)}) FROM STDIN (FORMAT BINARY)" for table in ADDED
    )
    _types = tuple(
        tuple(
            {"INTEGER": "int4", "SMALLINT": "int2", "BIGINT": "int8", "BLOB": "bytea"}.get(str(c.type), "text")
            for c in table.columns
        )
        for table in ADDED
    )

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._cursor = RawCursor(raw)  # $1, $2 …: these long statements need no parsing here

    def begin(self, code: str, wanted: Wanted) -> Loaded:
        """Lock and read in one statement.

        Its snapshot is older than the lock when somebody else held it: then the row that was locked is a newer version
        than the one the snapshot sees, and the rest is read again, under the lock.
        """
        found: Any = self._cursor.execute(self._lock, (code, *self._keys(wanted)), prepare=True).fetchone()
        head = _found(found[1:7] if found else None, code)
        if not found[0]:
            return self.read(head, wanted)
        return Loaded(head, *(rows or [] for rows in found[7:]))

    def read(self, head: Head, wanted: Wanted) -> Loaded:
        """Read the rows, in one statement."""
        found: Any = self._cursor.execute(self._read, (head.id, *self._keys(wanted)), prepare=True).fetchone()
        return Loaded(head, *(rows or [] for rows in found))

    @staticmethod
    def _keys(wanted: Wanted) -> tuple[list[str], ...]:
        return wanted.refs, wanted.addresses, [*wanted.accounts, *wanted.whole], wanted.units, wanted.whole

    def write(self, rows: Rows, old: Head, new: Head) -> None:
        """Write log, projections, side store and head. All become visible with the commit or not at all."""
        lists = list(zip(ADDED, _lists(rows), strict=True))
        if rows.cleared:
            with self._raw.cursor() as cursor:
                cursor.executemany("DELETE FROM spans WHERE book_id = %s AND axis = %s", rows.cleared)
        replaced = [(t.spans, rows.spans), (t.objects, rows.objects), (t.axes, rows.axes)]
        if sum(len(found) for _, found in lists + replaced) > self.few:
            for copy, types, (_, found) in zip(self._copy, self._types, lists, strict=True):
                self._load(copy, types, found)
            self._upsert(replaced)
            lists = replaced = []
        present = [(table, found) for table, found in lists + replaced if found]
        sql = _together(tuple((table.name, len(found)) for table, found in present))
        values = [value for _, found in present for row in found for value in row]
        _check_swapped(self._cursor.execute(sql, (*values, *_swap(old, new)), prepare=True).rowcount, old)

    def _upsert(self, replaced: list[tuple[Table, list[Row]]]) -> None:
        with self._raw.cursor() as cursor:
            for table, found in replaced:
                if found:
                    cursor.executemany(replace_sql(table, "%s"), found)

    def _load(self, sql: str, types: tuple[str, ...], rows: list[Row]) -> None:
        if not rows:
            return
        with self._raw.cursor() as cursor, cursor.copy(sql) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)


@lru_cache(maxsize=256)
def _together(shape: tuple[tuple[str, int], ...]) -> str:
    """Write one statement that inserts so many rows into each table, replaces those of the state, moves the head."""
    parts = []
    for name, count in shape:
        table = t.metadata.tables[name]
        sql = insert_sql(table, "%s") if table in ADDED else replace_sql(table, "%s")
        row = f"({', '.join(['%s'] * len(table.columns))})"
        parts.append(f"{name}_ AS ({sql.replace(row, ', '.join([row] * count))})")
    head = _move_head_sql("%s", "IS NOT DISTINCT FROM")
    pieces = (f"WITH {', '.join(parts)} {head}" if parts else head).split("%s")
    return "".join(f"{piece}${n}" for n, piece in enumerate(pieces[:-1], 1)) + pieces[-1]


def _lists(rows: Rows) -> tuple[list[Row], ...]:
    return tuple(getattr(rows, table.name) for table in ADDED)
