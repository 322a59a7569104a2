"""Whatever fails at whatever write of append: the whole of it is there or nothing, and the book verifies."""

import json
import shutil
import sqlite3
import subprocess
import sys
from itertools import count

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ledger.config import ROOT
from ledger.journal.engine import configure
from ledger.journal.store import PostgresqlStore
from tests.journal import support as s
from tests.journal.crashing import before_each_write, countdown, drafts
from tests.journal.workers import fresh_engine

ON = pytest.mark.parametrize
SQLITE = ON("database_kind", ["sqlite"], indirect=True)
POSTGRESQL = ON("database_kind", ["postgresql"], indirect=True)
WAYS = ON("few", [10**6, 0], ids=["one statement", "copy"])


class FaultError(Exception):
    """Something that no code of ours expects."""


@pytest.fixture
def book(engine):
    s.open_book(engine)
    s.append(engine, s.gift(1000), s.gift(500))
    return engine


@ON(
    ("database_kind", "way", "least"),
    [("sqlite", "statements", 30), ("postgresql", "statements", 6), ("postgresql", "copy", 25)],
    indirect=["database_kind"],
)
def test_a_kill_at_every_write_leaves_all_or_nothing(book, database_url, way, least):
    book.dispose()
    command = [sys.executable, "-W", "error", "-m", "tests.journal.crashing", database_url, way]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert [run["n"] for run in runs] == list(range(len(runs)))
    assert len(runs) >= least
    assert all(run["killed"] for run in runs)
    assert {run["came"] for run in runs[:-1]} == {0}
    assert runs[-1]["came"] == len(drafts()), "killed after the commit, all of it is there"
    assert not any(run["found"] for run in runs)
    assert [made.repeated for made in s.append(book, *drafts())] == [True, True, True]


def runs_until_it_succeeds(book, inject, step=1):
    """Append with the n-th fault injected, for every n, until none strikes; each time nothing may remain."""
    struck, before = 0, s.dump(book)
    while inject(struck * step):
        assert s.dump(book) == before
        struck += 1
    assert [made.repeated for made in s.append(book, *drafts())] == [True, True, True]
    assert s.verify(book).clean
    return struck


@POSTGRESQL
@WAYS
def test_an_exception_at_every_write_of_postgresql_takes_all_back(book, monkeypatch, few):
    monkeypatch.setattr(PostgresqlStore, "few", few)

    def fail():
        raise FaultError

    def inject(n):
        try:
            with before_each_write(countdown(n, fail)):
                s.append(book, *drafts())
        except FaultError:
            return True
        return False

    assert runs_until_it_succeeds(book, inject) >= 6


@POSTGRESQL
@WAYS
def test_a_server_process_ended_at_every_write_takes_all_back(book, monkeypatch, few):
    monkeypatch.setattr(PostgresqlStore, "few", few)
    libpq = book.url.set(drivername="postgresql").render_as_string(hide_password=False)
    engine = fresh_engine(book.url)
    s.dump(engine)  # so that the first connection's questions are behind us
    others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() "

    def inject(n):
        ended = []

        def end():
            ended.append(True)
            with psycopg.connect(libpq, autocommit=True) as administrator:
                administrator.execute(others + "AND pid <> pg_backend_pid() AND backend_type = 'client backend'")

        try:
            with before_each_write(countdown(n, end)):
                s.append(engine, *drafts())
        except (psycopg.OperationalError, sa.exc.OperationalError):
            book.dispose()  # its idle connections were ended too
            return True
        return False

    assert runs_until_it_succeeds(book, inject, step=1 if few else 5) >= 5


class Failing(sqlite3.Connection):
    """A connection whose n-th write fails."""

    strike = None

    def execute(self, *args):
        Failing.strike()
        return super().execute(*args)

    def executemany(self, *args):
        Failing.strike()
        return super().executemany(*args)

    def commit(self):
        Failing.strike()
        return super().commit()


@SQLITE
def test_an_exception_at_every_write_of_sqlite_takes_all_back(book):
    failing = sa.create_engine(book.url, poolclass=NullPool, connect_args={"factory": Failing})
    configure(failing)

    def fail():
        raise FaultError

    def inject(n):
        Failing.strike = staticmethod(countdown(n, fail))
        try:
            s.append(failing, *drafts())
        except FaultError:
            return True
        return False

    assert runs_until_it_succeeds(book, inject) >= 20


@SQLITE
def test_an_interruption_anywhere_in_sqlite_takes_all_back(book):
    """Between any hundred instructions of the database's machine, so also in the middle of statements."""

    def inject(n):
        calls = count()
        engine = fresh_engine(book.url)
        sa.event.listen(engine, "connect", lambda raw, _: raw.set_progress_handler(lambda: next(calls) == n, 100))
        try:
            s.append(engine, *drafts())
        except (sqlite3.OperationalError, sa.exc.OperationalError) as error:
            assert "interrupted" in str(error)  # noqa: PT017
            return True
        return False

    assert runs_until_it_succeeds(book, inject) >= 10


@SQLITE
def test_a_full_disk_takes_all_back(book):
    full = fresh_engine(book.url)
    sa.event.listen(full, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 1").close())
    many = [s.gift(1, memo="x" * 60_000) for _ in range(20)]
    with s.unchanged(book), pytest.raises((sqlite3.OperationalError, sa.exc.OperationalError), match="full"):
        s.append(full, *many)
    assert len(s.append(book, *many)) == 20
    assert s.verify(book).clean


@SQLITE
def test_a_power_cut_at_every_page_of_a_commit_leaves_all_or_nothing(book, tmp_path):
    """The write-ahead log ends after any of its frames, or in the middle of one."""
    path = book.url.database
    with book.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.exec_driver_sql("PRAGMA page_size").scalar()
    before = s.verify(book).entries
    s.append(book, *drafts())
    with open(f"{path}-wal", "rb") as file:  # noqa: PTH123
        log = file.read()
    ends = range(32, len(log) + 1, 24 + page)  # a header of 32 bytes, then frames
    assert ends[-1] == len(log)
    assert len(ends) > 10
    for end in sorted({*ends, *(end - page // 2 for end in ends[1:]), 0, 20}):
        copy = tmp_path / f"cut-{end}.sqlite3"
        shutil.copyfile(path, copy)
        copy.with_name(f"{copy.name}-wal").write_bytes(log[:end])
        report = s.verify(fresh_engine(f"sqlite:///{copy}"))
        assert report.clean, (end, report.findings)
        assert report.entries == before + (len(drafts()) if end == len(log) else 0)
