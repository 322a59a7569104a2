"""Replay: the log alone gives every projection, to the last byte."""

from functools import partial

import pytest
import sqlalchemy as sa

from ledger.core.errors import HeadMovedError, LedgerError
from ledger.journal import check_log, replay
from ledger.journal import tables as t
from ledger.journal.engine import configure, write_transaction
from ledger.journal.read import find_book, scan, snapshot
from ledger.journal.replay import compare, rebuild
from tests.conftest import sqlite_template
from tests.journal import support as s
from tests.journal.attacks import rewrite, tampering

DAMAGE = {
    "all rows deleted": [sa.delete(table) for table in replay.CHECKED if table is not t.books],
    "headers renumbered": [sa.update(t.headers).values(seq=t.headers.c.seq + 1000)],
    "objects closed": [sa.update(t.objects).values(closed=1)],
    "axes emptied": [sa.update(t.axes).values(received=0, given=0, tail=0, holes=0)],
    "holes filled": [sa.delete(t.spans)],
    "flows doubled": [sa.update(t.flows).values(amount=t.flows.c.amount * 2)],
    "times forgotten": [sa.update(t.books).values(recorded="")],
    "numbers forgotten": [sa.update(t.books).values(axes=0)],
    "head forgotten": [sa.update(t.books).values(size=0, head=None, frontier=b"", recorded="", axes=0)],
}


@pytest.fixture(scope="module")
def book(lasting_engine):
    """Two books with one entry of each kind."""
    s.full_book(lasting_engine)
    s.full_book(lasting_engine, "other")
    return lasting_engine


@pytest.fixture(params=[2000, 3, 1], ids="in batches of {}".format)
def batch(request, monkeypatch):
    for module in (replay, check_log):
        monkeypatch.setattr(module, "scan", partial(scan, batch=request.param))
    return request.param


def test_a_replay_beside_the_live_rows_finds_nothing(book, batch):
    done = []
    with snapshot(book) as connection:
        row = find_book(connection, s.BOOK)
        assert list(compare(connection, row, done.append)) == []
    assert (sum(done), max(done)) == (row.size, min(batch, row.size))
    assert s.verify(book).clean


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_rebuild_gives_the_same_rows(book, damage):
    before = s.dump(book)
    with book.begin() as connection:
        for statement in damage:
            connection.execute(statement)
    assert s.dump(book) != before
    assert not s.verify(book).clean
    rebuild_all(book)
    assert s.dump(book) == before
    assert s.verify(book).clean


def rebuild_all(engine):
    done = []
    for code in (s.BOOK, "other"):
        with write_transaction(engine) as connection:
            rebuild(connection, find_book(connection, code), done.append)
    return sum(done)


def test_a_rebuild_in_batches_gives_the_same_rows(book, batch):
    with s.unchanged(book):
        assert rebuild_all(book) == len(s.dump(book)["entries"])


def test_a_rebuild_leaves_the_other_books_alone(book):
    with book.begin() as connection:
        connection.execute(sa.delete(t.flows))
    with write_transaction(book) as connection:
        rebuild(connection, find_book(connection, s.BOOK), lambda _: None)
    assert s.verify(book).clean
    assert not s.verify(book, "other").clean
    rebuild_all(book)
    assert s.verify(book, "other").clean


def test_the_log_alone_gives_all_projections_on_another_database(book, tmp_path):
    path = tmp_path / "copy.sqlite3"
    path.write_bytes(sqlite_template().read_bytes())
    copy = sa.create_engine(f"sqlite:///{path}")
    configure(copy)
    original = s.dump(book)
    with copy.begin() as connection:
        for number, code in ((1, s.BOOK), (2, "other")):
            blank = {"size": 0, "head": None, "recorded": "", "frontier": b"", "axes": 0}
            connection.execute(t.books.insert().values(id=number, code=code, **blank))
        connection.execute(
            t.entries.insert(), [dict(zip(t.entries.c.keys(), row, strict=True)) for row in original["entries"]]
        )
    rebuild_all(copy)
    copied = s.dump(copy)
    assert copied | {"private": original["private"]} == original
    copy.dispose()


def test_what_follows_a_rebuild_follows_from_the_log(engine):
    s.open_book(engine)
    s.append(engine, s.gift(1000), s.gift(500), s.refund(s.FIRST, [(100, 200)]))
    with write_transaction(engine) as connection:
        for table in (*replay.BY_ENTRY, *replay.STATE):
            connection.execute(sa.delete(table))
        rebuild(connection, find_book(connection, s.BOOK), lambda _: None)
    (made,) = s.append(engine, s.spend(150))
    assert [(f["out"], f["amount"]) for f in made.body["flows"]] == [(0, 100), (200, 50)]
    assert s.verify(engine).clean


def test_a_log_that_append_could_not_have_written_is_not_replayed(book):
    with tampering(book) as connection:
        rewrite(connection, lambda bodies: bodies[40].update(recorded="2020-01-01T00:00:00.000Z"))
        before = {table.name: s.rows(connection, table) for table in t.metadata.sorted_tables}
        savepoint = connection.begin_nested()
        with pytest.raises(LedgerError, match="entry 40 cannot be replayed: recorded"):
            rebuild(connection, find_book(connection, s.BOOK), lambda _: None)
        savepoint.rollback()
        assert {table.name: s.rows(connection, table) for table in t.metadata.sorted_tables} == before


def test_a_rebuild_from_an_old_head_is_refused(book):
    def rebuild_late():
        with write_transaction(book) as connection:
            rebuild(connection, find_book(connection, s.BOOK)._replace(size=5), lambda _: None)

    with s.unchanged(book), pytest.raises(HeadMovedError):
        rebuild_late()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_scan_reads_every_entry_once_in_order(book, size):
    with snapshot(book) as connection:
        row = find_book(connection, s.BOOK)
        batches = list(scan(connection, row.id, batch=size))
        part = list(scan(connection, row.id, 10, 20, batch=size))
    assert [stored.seq for found in batches for stored in found] == list(range(row.size))
    assert all(len(found) == size for found in batches[:-1])
    assert [stored.seq for found in part for stored in found] == list(range(10, 20))
