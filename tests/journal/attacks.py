"""Tampering with a database as someone would who may do anything to it; taken back in the end."""

from contextlib import contextmanager

import sqlalchemy as sa

from ledger.core import canonical
from ledger.core.chain import leaf_hash, link
from ledger.core.errors import LedgerError
from ledger.core.merkle import Frontier
from ledger.journal import guards
from ledger.journal import tables as t
from ledger.journal.read import find_book
from ledger.journal.replay import rebuild
from ledger.journal.verify import verify_book
from tests.journal import support as s

ENTRIES = t.entries.c


@contextmanager
def tampering(engine):
    """Give a connection on which the log has no guards and nothing no foreign keys."""
    with engine.connect() as connection:
        guard(connection, install=False)
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        else:
            connection.exec_driver_sql("ALTER TABLE entries DROP CONSTRAINT fk_entries_book_id")
        yield connection
        connection.rollback()


def guard(connection, *, install):
    for statement in guards.statements(connection.dialect.name, install=install):
        connection.exec_driver_sql(statement)


def verified(connection, code=s.BOOK, **more):
    """Put the guards back, as the attacker would, and verify."""
    guard(connection, install=True)
    return verify_book(connection, find_book(connection, code), **more)


def passes(report):
    return {finding.name for finding in report.findings}


def at(seq, book_id=1):
    return (ENTRIES.book_id == book_id) & (ENTRIES.seq == seq)


def bodies_of(connection, code=s.BOOK):
    book_id = find_book(connection, code).id
    query = sa.select(ENTRIES.body).where(ENTRIES.book_id == book_id).order_by(ENTRIES.seq)
    return [canonical.decode(bytes(body)) for body in connection.scalars(query)]


def seq_of(connection, kind, nth=0):
    """Find the entry of a kind."""
    return [body["seq"] for body in bodies_of(connection) if body["kind"] == kind][nth]


def rewrite(connection, change, *, write=canonical.encode):
    """Rewrite the log by `change(bodies)`, with all hashes, the head and the projections to match.

    Projections stay as they are when the new log cannot be replayed. `write` turns a body into bytes.
    """
    book = find_book(connection, s.BOOK)
    bodies = bodies_of(connection)
    change(bodies)
    connection.execute(sa.delete(t.entries).where(ENTRIES.book_id == book.id))
    head, leaves = None, []
    for seq, body in enumerate(bodies):
        if "_prev" in body:
            body["_prev"] = link(head)
        data = write(body)
        head = leaf_hash(data)
        leaves.append(head)
        connection.execute(t.entries.insert().values(book_id=book.id, seq=seq, leaf=head, body=data))
    frontier = Frontier().extend(leaves).encode()
    here = t.books.c.id == book.id
    connection.execute(t.books.update().where(here).values(size=len(bodies), head=head, frontier=frontier))
    savepoint = connection.begin_nested()
    try:
        rebuild(connection, find_book(connection, s.BOOK), lambda _: None)
    except LedgerError:
        savepoint.rollback()
    else:
        savepoint.commit()


def outline(report):
    """Write what was found, for the message of a failed assertion."""
    return "\n".join(map(str, report.findings)) or "nothing found"
