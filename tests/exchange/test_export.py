"""Writing a book into a folder: exact, and never half."""

import json

import pytest
from sqlalchemy import select

from ledger.exchange import export
from ledger.exchange.export import export_book
from ledger.journal import read
from ledger.journal import tables as t
from ledger.journal.read import find_book, snapshot
from tests.support.small import Small


@pytest.fixture
def small(engine):
    small = Small(engine)
    small.give(10_000, donor="钱多多")
    small.give_many(40)
    small.spend("fund:general", 300)
    return small


def write(small, folder, progress=lambda _: None):
    with snapshot(small.engine) as connection:
        return export_book(connection, find_book(connection, "b"), folder, progress)


def stored(small):
    with small.engine.connect() as connection:
        return [bytes(body) for body in connection.scalars(select(t.entries.c.body).order_by(t.entries.c.seq))]


def test_every_line_is_the_very_body(small, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "scan", lambda connection, book: read.scan(connection, book, batch=7))
    seen = []
    lines, journal = write(small, tmp_path, seen.append)
    assert lines.read_bytes() == b"".join(body + b"\n" for body in stored(small))
    assert sum(seen) == len(stored(small)) > max(seen) == 7
    text = journal.read_text("utf-8")
    heads = [line.split()[1:3] for line in text.splitlines() if line[:2] == "20"]
    assert heads == [[f"({n})", json.loads(body)["kind"]] for n, body in enumerate(stored(small))]
    assert '    assets:bank:main  100.00 "CNY"' in text
    assert "钱多多" not in text + lines.read_text("utf-8")


def test_written_again_it_is_the_same(small, tmp_path):
    first = [path.read_bytes() for path in write(small, tmp_path)]
    assert [path.read_bytes() for path in write(small, tmp_path)] == first
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("b.")) == ["b.journal", "b.jsonl"]


def test_an_interrupted_export_leaves_the_old_files(small, tmp_path):
    before = [path.read_bytes() for path in write(small, tmp_path)]
    small.spend("fund:general", 200)

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(small, tmp_path, stop)
    assert [(tmp_path / name).read_bytes() for name in ("b.jsonl", "b.journal")] == before
