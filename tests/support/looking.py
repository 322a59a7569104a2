"""Look into a book of a test: bodies, balances, the side store, and whether it verifies."""

from contextlib import contextmanager

import pytest
from sqlalchemy import select

from ledger.journal import tables as t
from ledger.journal.balances import trial_balance
from ledger.journal.checks import read_body
from ledger.journal.read import find_book, snapshot
from ledger.journal.verify import verify_book


def body(engine, seq, book="b"):
    """Read one entry."""
    with snapshot(engine) as connection:
        return read_body(connection, find_book(connection, book).id, seq)


def bodies(engine, kind=None, book="b"):
    """Read all entries, or those of a kind, in order."""
    found = [body(engine, seq, book) for seq in range(size(engine, book))]
    return [each for each in found if kind in {None, each["kind"]}]


def size(engine, book="b"):
    with snapshot(engine) as connection:
        return find_book(connection, book).size


def balances(engine, book="b"):
    """Give what every account holds, by (account, unit), without empty ones."""
    with snapshot(engine) as connection:
        rows = trial_balance(connection, find_book(connection, book).id)
    return {(row.account, row.unit): row.balance for row in rows if row.balance}


def balance(engine, account, unit="CNY", book="b"):
    return balances(engine, book).get((account, unit), 0)


def private(engine, field=None):
    """Read the side store: (seq, field) → value."""
    with engine.connect() as connection:
        rows = connection.execute(select(t.private.c.seq, t.private.c.field, t.private.c.value)).all()
    return {(row.seq, row.field): row.value for row in rows if field in {None, row.field}}


def moved(entry):
    """Give the flows of an entry as (from, to, amount, unit)."""
    return [(f["from"], f["to"], f["amount"], f["unit"]) for f in entry["flows"]]


def posted(entry):
    return [(p["account"], p["amount"], p["unit"]) for p in entry["postings"]]


def findings(engine, book="b"):
    """Verify a book; give what was found."""
    with snapshot(engine) as connection:
        return list(map(str, verify_book(connection, find_book(connection, book)).findings))


@contextmanager
def check_refused(engine, error, match, book="b"):
    """Expect a named error, and nothing written."""
    before = size(engine, book)
    with pytest.raises(error, match=match):
        yield
    assert size(engine, book) == before
