"""How the journal opens, reads and writes a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, event

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a commit that returned survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
    "PRAGMA cache_size=-65536",
    "PRAGMA secure_delete=ON",  # what is erased is overwritten, not merely given up
)


def configure(engine: Engine) -> None:
    """Install what correctness needs on a fresh engine.

    SQLite: durable commits, and transactions that begin when we say so. A writer begins IMMEDIATE, so that it waits
    for its turn instead of failing half-way; Python's driver would begin by itself and too late.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)


def _prepare(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("ledger_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """Run one writing transaction: committed at the end, rolled back on an exception."""
    options = {"ledger_writing": True} if engine.dialect.name == "sqlite" else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def driver(connection: Connection) -> Any:
    """Return the driver's own connection, inside the transaction of `connection`; for the hot paths."""
    return connection.connection.driver_connection
