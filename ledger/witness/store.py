"""What a witness remembers: of each log, the last checkpoint it cosigned. Compared and replaced in one transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

_SCHEMA = """
CREATE TABLE IF NOT EXISTS logs (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL) WITHOUT ROWID
"""


class Seen(NamedTuple):
    """The last checkpoint of a log that was cosigned; size 0 before the first."""

    size: int
    root: bytes


class Store:
    """The memory of a witness, in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)

    def seen(self, origin: str) -> Seen:
        """Return what was last cosigned for a log."""
        with self._open() as connection:
            return self._seen(connection, origin)

    def replace(self, origin: str, before: Seen, after: Seen) -> Seen | None:
        """Put `after` in the place of `before`; when something else stands there, change nothing and return it.

        Durable when this returns: a cosignature is only given out for what will be remembered.
        """
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            found = self._seen(connection, origin)
            if found != before:
                connection.execute("ROLLBACK")
                return found
            connection.execute("INSERT OR REPLACE INTO logs VALUES (?, ?, ?)", (origin, after.size, after.root))
            connection.execute("COMMIT")
            return None

    @staticmethod
    def _seen(connection: sqlite3.Connection, origin: str) -> Seen:
        row = connection.execute("SELECT size, root FROM logs WHERE origin = ?", (origin,)).fetchone()
        return Seen(*row) if row else Seen(0, b"")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            yield connection
