"""Many writers at once: nothing lost, nothing twice, nobody waits for ever."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.config import ROOT
from ledger.core.errors import AlreadyOpenError
from ledger.journal import tables as t
from ledger.journal.append import writing
from ledger.journal.read import find_book, read_bodies, snapshot
from tests.journal import support as s
from tests.journal.workers import ROUNDS, fresh_engine, work

TIMEOUT = 60  # seconds, after which we call it a deadlock
ON = pytest.mark.parametrize
FUNDED = 1000


@pytest.fixture
def book(engine):
    s.open_book(engine)
    s.append(engine, s.gift(FUNDED))
    return engine


def check_whole(engine, told):
    """Check what the book has against what its writers were told."""
    with snapshot(engine) as connection:
        row = find_book(connection, s.BOOK)
        bodies = dict(sorted(read_bodies(connection, row.id, list(range(row.size))).items()))
        leaves = {e.seq: e.leaf.hex() for e in connection.execute(t.entries.select())}
    refs = [body["ref"] for body in bodies.values()]
    expected = {ref for of_one in told for ref, *_ in of_one}
    assert len(refs) == len(set(refs)), "nothing twice"
    assert set(refs[s.FIRST + 1 :]) == expected, "nothing lost"
    for ref, seq, leaf, _ in (entry for of_one in told for entry in of_one):
        assert (bodies[seq]["ref"], leaves[seq]) == (ref, leaf)
    first = [ref for of_one in told for ref, _, _, repeated in of_one if not repeated]
    assert sorted(first) == sorted(expected), "everything was new to exactly one"
    spent = [flow["out"] for body in bodies.values() for flow in body["flows"] if body["kind"] == "expense.recorded"]
    assert spent == list(range(ROUNDS * len(told))), "each took the next units"
    report = s.verify(engine)
    assert report.clean, report.findings


@ON("database_kind", ["postgresql"], indirect=True)
def test_eight_threads_write_to_one_book_of_postgresql(book):
    stop = threading.Event()

    def watch():
        seen = []
        while not stop.is_set():
            report = s.verify(book)
            assert report.clean, report.findings
            seen.append(report.entries)
        return seen

    with ThreadPoolExecutor(9) as pool:
        watching = pool.submit(watch)
        writers = [pool.submit(work, book, worker) for worker in range(8)]
        try:
            told = [writer.result(TIMEOUT) for writer in writers]
        finally:
            stop.set()
        seen = watching.result(TIMEOUT)
    check_whole(book, told)
    assert seen == sorted(seen), "a reader sees whole states of the book, in order"


@ON(("database_kind", "workers"), [("sqlite", 4), ("postgresql", 2)], indirect=["database_kind"])
def test_processes_write_to_one_book(book, database_url, tmp_path, workers):
    book.dispose()
    command = [sys.executable, "-W", "error", "-m", "tests.journal.workers", database_url, str(tmp_path), str(workers)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:
        assert s.verify(book).clean
    assert process.returncode == 0, process.stderr.read()
    process.stderr.close()
    check_whole(book, [json.loads((tmp_path / f"{worker}.json").read_text()) for worker in range(workers)])


def test_writers_of_two_books_do_not_meet(engine):
    for code in ("one", "two"):
        s.open_book(engine, code)
    barrier = threading.Barrier(4, timeout=TIMEOUT)

    def write(worker):
        mine = ("one", "two")[worker % 2]
        barrier.wait()
        return [s.append(engine, s.gift(1, ref=f"{worker}/{n}"), book=mine)[0].seq for n in range(5)]

    with ThreadPoolExecutor(4) as pool:
        seqs = [f.result(TIMEOUT) for f in [pool.submit(write, worker) for worker in range(4)]]
    for book in (0, 1):
        assert sorted(seqs[book] + seqs[book + 2]) == list(range(s.FIRST, s.FIRST + 10))
    assert s.verify(engine, "one").clean
    assert s.verify(engine, "two").clean


def test_what_is_read_under_the_lock_stays_true(book):
    """A second writer that locks waits for the first, and then sees what it did."""
    held, order = threading.Event(), []

    def second():
        held.wait(TIMEOUT)
        with writing(book, s.BOOK) as writer:
            writer.lock()
            order.append("second locked")
            return writer.axis("fund:general", "CNY").balance

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second)
        with writing(book, s.BOOK) as writer:
            writer.lock()
            held.set()
            assert not waiting.done()
            writer.append([s.spend(400)])
            order.append("first done")
        assert waiting.result(TIMEOUT) == FUNDED - 400
    assert order == ["first done", "second locked"]


def test_a_book_is_opened_once_by_many(engine):
    barrier = threading.Barrier(4, timeout=TIMEOUT)

    def open_book(_):
        barrier.wait()
        try:
            return len(s.open_book(engine))
        except AlreadyOpenError:
            return 0

    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(open_book, range(4), timeout=TIMEOUT))
    assert sorted(opened) == [0, 0, 0, s.FIRST]
    assert s.verify(engine).clean


@ON("database_kind", ["sqlite"], indirect=True)
def test_a_fresh_file_is_opened_by_many_at_once(database_url):
    """The first connection turns the file to write-ahead logging; the others wait for it."""
    barrier = threading.Barrier(8, timeout=TIMEOUT)

    def connect(_):
        engine = fresh_engine(database_url)
        barrier.wait()
        with snapshot(engine) as connection:
            return connection.exec_driver_sql("PRAGMA journal_mode").scalar()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(connect, range(8), timeout=TIMEOUT)) == {"wal"}
