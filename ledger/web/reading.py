"""The database as pages read it: one connection a request, one state of the database however many statements."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ledger.extensions import db
from ledger.journal.read import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@contextmanager
def reading() -> Iterator[Connection]:
    """Open the read transaction of a page."""
    with snapshot(db.engine) as connection:
        yield connection
