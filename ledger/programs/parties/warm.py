"""Add up the history of a book's parties before anybody asks: the first page after a start is as fast as the next."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ledger.core.errors import LedgerError
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.read import list_books, snapshot
from ledger.programs.parties.carried import MOST, tallies

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from ledger.journal.read import BookRow

KINDS = ("project", "organization", "community", "campaign")
_log = logging.getLogger(__name__)


def warm(engine: Engine) -> None:
    """Add up every book, a kind of party at a time."""
    with snapshot(engine) as connection:
        rows = list_books(connection)
    for row in rows:
        for kind in KINDS:
            with snapshot(engine) as connection:
                tallies(connection, row, _addresses(connection, row, kind))


def _addresses(connection: Connection, row: BookRow, kind: str) -> list[str]:
    o = t.objects.c
    which = select(o.address).where(o.book_id == row.id, lookup.of_type(o.address, kind)).order_by(o.opened.desc())
    return list(connection.scalars(which.limit(MOST // len(KINDS))))


def begin(engine: Engine) -> None:
    """Do it beside the pages, in a thread of this process; what fails is done by the pages themselves."""

    def run() -> None:
        try:
            warm(engine)
        except (LedgerError, SQLAlchemyError):
            _log.exception("the history of the parties could not be added up; pages will do it")

    threading.Thread(target=run, name="warm", daemon=True).start()
