"""Load the demo book: all of it in one transaction, once."""

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, select

from ledger.core.errors import ConflictError
from ledger.core.tracking import derive, digest
from ledger.demo import (
    cast,
    codes,
    costs,
    decisions,
    gifts,
    grants,
    income,
    needs,
    plans,
    public,
    purchase,
    services,
)
from ledger.demo.teller import BOOK, Teller
from ledger.journal import tables as t
from ledger.journal.append import writing
from ledger.journal.read import snapshot

CHAPTERS = (cast, needs, decisions, plans, gifts, income, grants, purchase, services, costs, public)

ANALYSED = 500  # events after which PostgreSQL looks at its tables again


class NotTheDemoError(ConflictError):
    """Find another book under the demo's code, or the demo made with another key."""


class Loaded(NamedTuple):
    """The demo book: whether it was added now, and the codes to try."""

    book: str
    added: bool
    codes: list[codes.Code]


def load(engine: Engine, code_key: bytes, evidence: Path) -> Loaded:
    """Load the demo book unless it is there.

    Evidence files are written before the commit, named by their contents: an interrupted load leaves no entry and
    at most some files that the next one finds and uses.
    """
    if is_there(engine, code_key):
        return Loaded(BOOK, added=False, codes=codes.codes(code_key))
    with writing(engine, BOOK) as writer:
        teller = Teller(writer, code_key, evidence)
        events = [event for chapter in CHAPTERS for event in chapter.chapter()]
        for number, event in enumerate(sorted(events, key=lambda event: (event.day, event.rank))):
            if not number % ANALYSED and writer.connection.dialect.name == "postgresql":
                writer.connection.exec_driver_sql("ANALYZE")  # else it plans for tables that were empty
            event.tell(teller)
        teller.settled()
    return Loaded(BOOK, added=True, codes=codes.codes(code_key))


def is_there(engine: Engine, code_key: bytes) -> bool:
    """Tell, by one query, whether the demo book is loaded and its codes are those of this key."""
    b, h = t.books.c, t.headers.c
    chief = f"donation:{digest(derive(code_key, BOOK, codes.CHIEF.ref))}"
    query = select(b.size, h.seq).outerjoin(t.headers, (h.book_id == b.id) & (h.subject == chief)).where(b.code == BOOK)
    with snapshot(engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is not None and row.seq is None:
        raise NotTheDemoError(
            "book '%(book)s' has %(size)s entries but not the demo's chief gift: it is another book, or it was "
            "made with another code key; restore that key, or load the demo into another database",
            book=BOOK,
            size=row.size,
        )
    return row is not None
