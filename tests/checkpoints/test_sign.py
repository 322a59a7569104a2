"""The log signs what continues what it signed, and nothing else."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import select, update

from ledger.checkpoints import sign
from ledger.checkpoints.heads import Heads
from ledger.checkpoints.keys import key_file, origin_of, signer
from ledger.checkpoints.sign import SplitViewError, check_note, make_checkpoint, newest_head
from ledger.checkpoints.tables import checkpoints, nodes
from ledger.checkpoints.tree import tree
from ledger.core import merkle
from ledger.core.chain import leaf_hash
from ledger.core.merkle import Frontier
from ledger.journal import guards
from ledger.journal import tables as t
from ledger.journal.read import find_book, scan, snapshot
from ledger.keys import KeyFileError
from tests.support.small import Small

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
E = t.entries.c


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def log(tmp_path):
    return signer(tmp_path, "shanliu.example/b", "b"), Heads(tmp_path)


def make(engine, log):
    return make_checkpoint(engine, "b", *log, clock=lambda: NOW)


def leaves(engine):
    with snapshot(engine) as connection:
        book = find_book(connection, "b")
        return [stored.leaf for batch in scan(connection, book.id) for stored in batch]


def tamper(engine, *statements):
    """Do what only somebody with the database in their hands can do."""
    with engine.begin() as connection:
        for statement in guards.statements(engine.dialect.name, install=False):
            connection.exec_driver_sql(statement)
        for statement in statements:
            connection.execute(statement)
        for statement in guards.statements(engine.dialect.name, install=True):
            connection.exec_driver_sql(statement)


def rows(engine):
    with engine.connect() as connection:
        return connection.scalars(select(checkpoints.c.size).order_by(checkpoints.c.size)).all()


def test_a_checkpoint_says_size_and_root_and_its_key_holds(engine, small, log):
    head = make(engine, log)
    found = check_note(head.note, log[0].key)
    assert found == head.checkpoint
    every = leaves(engine)
    assert found == ("shanliu.example/b", len(every), merkle.root(every))
    assert log[1].read("b") == head.note


def test_nothing_new_is_signed_twice_and_what_is_new_is(engine, small, log):
    first = make(engine, log)
    assert make(engine, log) == first
    small.give(100)
    second = make(engine, log)
    assert second.checkpoint.size == first.checkpoint.size + 1
    assert rows(engine) == [first.checkpoint.size, second.checkpoint.size]


def test_proofs_come_from_stored_nodes(engine, small, log, query_count):
    small.give_many(700)
    head = make(engine, log)
    every = leaves(engine)
    with engine.connect() as connection:
        count = connection.scalar(select(sa.func.count()).select_from(nodes))
        assert count == head.checkpoint.size // 256
        with query_count(engine) as sent:
            proof = tree(connection, 1, head.checkpoint.size).inclusion_proof(300)
    assert len(sent) <= 5
    merkle.verify_inclusion(300, head.checkpoint.size, every[300], proof, head.checkpoint.root)
    small.give_many(600)
    make(engine, log)
    with engine.connect() as connection:
        assert connection.scalar(select(sa.func.count()).select_from(nodes)) == len(leaves(engine)) // 256


def test_a_crash_between_head_and_row_is_made_good(engine, small, log, monkeypatch):
    monkeypatch.setattr(sign, "insert", lambda _table: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make(engine, log)
    assert rows(engine) == []
    written = log[1].read("b")
    monkeypatch.undo()
    assert make(engine, log).note == written


@pytest.mark.parametrize("keep_row", [True, False])
def test_a_cut_tail_is_not_signed(engine, small, log, keep_row):
    small.give(100)
    head = make(engine, log)
    size = head.checkpoint.size - 1
    kept = leaves(engine)[:size]
    cut = [
        sa.delete(t.entries).where(E.seq == size),
        update(t.books).values(size=size, head=kept[-1], frontier=Frontier().extend(kept).encode()),
    ]
    tamper(engine, *cut, *([] if keep_row else [sa.delete(checkpoints)]))
    with pytest.raises(SplitViewError, match="entries are missing"):
        make(engine, log)
    assert log[1].read("b") == head.note


def test_a_rewritten_entry_is_not_signed_whatever_is_made_to_match(engine, small, log):
    small.give(100)
    make(engine, log)
    every = leaves(engine)
    body = b'{"forged":1}'
    every[-1] = leaf_hash(body)
    forge = update(t.entries).where(E.seq == len(every) - 1).values(body=body, leaf=every[-1])
    tamper(engine, forge)
    with pytest.raises(SplitViewError, match="kept beside"):
        make(engine, log)
    tamper(engine, update(t.books).values(head=every[-1], frontier=Frontier().extend(every).encode()))
    with pytest.raises(SplitViewError, match="rewritten"):
        make(engine, log)
    with engine.begin() as connection:
        connection.execute(sa.delete(checkpoints))
    with pytest.raises(SplitViewError, match="rewritten"):
        make(engine, log)


def test_the_head_in_the_database_is_held_too(engine, small, log, tmp_path):
    small.give(100)
    make(engine, log)
    (tmp_path / "heads" / "b.note").unlink()
    with engine.begin() as connection:
        connection.execute(update(checkpoints).values(root=bytes(32)))
    with pytest.raises(SplitViewError, match="rewritten"):
        make(engine, log)


def test_a_covering_head_is_the_newest(engine, small, log):
    size = make(engine, log).checkpoint.size
    seq = small.give(100)
    with engine.connect() as connection:
        assert sign.covering_head(connection, 1, seq) is None
        assert sign.covering_head(connection, 1, size - 1).checkpoint.size == size
        assert newest_head(connection, 1, size - 1) is None


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_key_is_kept_and_must_be_private(database_kind, tmp_path):
    first = signer(tmp_path, "x/b", "b")
    assert signer(tmp_path, "x/b", "b").key == first.key
    assert signer(tmp_path, "x/c", "c").key.public != first.key.public
    key_file(tmp_path, "b").chmod(0o644)
    with pytest.raises(KeyFileError, match="open to others"):
        signer(tmp_path, "x/b", "b")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://a.example", "a.example/b"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000/b"),
        ("https://a.example/x/", "a.example/x/b"),
    ],
)
def test_an_origin_is_the_address_without_its_scheme(url, origin):
    assert origin_of(url, "b") == origin
    assert origin_of(url, "和平").endswith("/%E5%92%8C%E5%B9%B3")
