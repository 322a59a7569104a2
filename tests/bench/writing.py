"""One entry a transaction, and bulk import, against the bare drivers."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import sqlalchemy as sa

from ledger.journal import tables as t
from ledger.journal.append import writing
from tests.bench.setting import Row, gifts, median, open_bench

SINGLES = 400
BULK = 100_000
BODY = b"x" * 300


def measure_single(make: Callable[[str], sa.Engine]) -> Iterator[Row]:
    """One gift a transaction, durable, with all projections; alternating with the yardstick to share the noise."""
    for kind, least in (("sqlite", 0.30), ("postgresql", 0.45)):
        engine = make(kind)
        open_bench(engine)
        bare = _bare_sqlite(engine) if kind == "sqlite" else _bare_postgresql(engine)
        next(bare)
        ours, theirs, number = [], [], 0
        for _ in range(5):
            started = time.perf_counter()
            for _ in range(SINGLES // 5):
                with writing(engine, "bench") as writer:
                    writer.append(gifts(number, 1))
                number += 1
            ours.append((time.perf_counter() - started) / (SINGLES // 5))
            started = time.perf_counter()
            for _ in range(SINGLES // 5):
                next(bare)
            theirs.append((time.perf_counter() - started) / (SINGLES // 5))
        mine, bare_time = sorted(ours)[2], sorted(theirs)[2]
        yield Row(
            "one entry a transaction",
            kind,
            f"{mine * 1e6:.0f} µs",
            f"{bare_time * 1e6:.0f} µs",
            bare_time / mine,
            least,
        )
        engine.dispose()


def _bare_sqlite(engine: sa.Engine) -> Iterator[None]:
    path = Path(str(engine.url.database)).with_suffix(".bare")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
    connection.execute("CREATE TABLE posting (id INTEGER PRIMARY KEY, row INTEGER, amount INTEGER)")
    while True:
        yield
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute("INSERT INTO row (body) VALUES (?)", (BODY,)).lastrowid
        connection.executemany("INSERT INTO posting (row, amount) VALUES (?, ?)", [(row, 100), (row, -100)])
        connection.execute("COMMIT")


def _bare_postgresql(engine: sa.Engine) -> Iterator[None]:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE bare_row (id bigserial PRIMARY KEY, body bytea)")
        connection.execute("CREATE TABLE bare_posting (id bigserial PRIMARY KEY, row bigint, amount bigint)")
        connection.commit()
        while True:
            yield
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO bare_row (body) VALUES (%s) RETURNING id", (BODY,))
                row = cursor.fetchone()[0]
                cursor.executemany("INSERT INTO bare_posting (row, amount) VALUES (%s, %s)", [(row, 100), (row, -100)])
            connection.commit()


def measure_bulk(make: Callable[[str], sa.Engine]) -> Iterator[Row]:
    """Import 100,000 gifts; then put the very same rows into bare tables with the same primary keys."""
    for kind, least in (("sqlite", 0.15), ("postgresql", 0.15)):
        engine = make(kind)
        open_bench(engine)
        started = time.perf_counter()
        with writing(engine, "bench") as writer:
            writer.append(gifts(0, BULK, donor="某女士"))
        mine = time.perf_counter() - started
        bare = median(lambda engine=engine: _copy_rows(engine), times=3)
        yield Row(f"bulk import of {BULK:,} gifts", kind, f"{mine:.2f} s", f"{bare:.2f} s", bare / mine, least)
        engine.dispose()


COPIED = (t.entries, t.headers, t.flows, t.postings, t.private)


def _copy_rows(engine: sa.Engine) -> None:
    """Insert the rows of the book again, by the driver's fastest way; only the inserting is timed by subtraction."""
    rows = _ROWS.get(engine)
    if rows is None:
        with engine.connect() as connection:
            rows = _ROWS[engine] = {
                table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in COPIED
            }
    raw = engine.raw_connection()
    driver = raw.driver_connection
    cursor = driver.cursor()
    if engine.dialect.name == "sqlite":
        cursor.execute("BEGIN IMMEDIATE")
    for table in COPIED:
        names = [c.name for c in table.columns]
        key = ", ".join(c.name for c in table.primary_key)
        types = ", ".join(f"{c.name} {c.type.compile(engine.dialect)}" for c in table.columns)
        rowid = "" if engine.dialect.name == "postgresql" or table.name == "private" else " WITHOUT ROWID"
        cursor.execute(f"DROP TABLE IF EXISTS bare_{table.name}")
        cursor.execute(f"CREATE TABLE bare_{table.name} ({types}, PRIMARY KEY ({key})){rowid}")
        if engine.dialect.name == "sqlite":
            marks = ", ".join("?" * len(names))
            cursor.executemany(f"INSERT INTO bare_{table.name} VALUES ({marks})", rows[table.name])
        else:
            with cursor.copy(f"COPY bare_{table.name} FROM STDIN") as copy:
                for row in rows[table.name]:
                    copy.write_row(row)
    driver.commit()
    raw.close()


_ROWS: dict[sa.Engine, dict[str, list[tuple[object, ...]]]] = {}
