"""Appending in processes that are killed: `python -m tests.journal.crashing URL statements|copy`.

The n-th run is killed by SIGKILL before its n-th statement, or row of a COPY; the last but one after its commit, the
last not at all. Prints a JSON line a run: n, how many entries came in, what verification found.
"""

import json
import os
import signal
import sys
from contextlib import contextmanager
from itertools import count

import psycopg
import sqlalchemy as sa

from ledger.journal.store import PostgresqlStore
from tests.journal import support as s
from tests.journal.workers import fresh_engine


def drafts():
    """Ask for three entries that together write every table: personal data, a hole, a service."""
    return [
        s.gift(1000, ref="gift", private={"donor": "Zhao Qian", "remark": "thanks"}),
        s.refund(s.FIRST, [(300, 400)], ref="refund"),
        s.serve("S9", ("fund:general", 50, "CNY"), ref="serve"),
    ]


WRITES = ((psycopg.Cursor, "execute"), (psycopg.Cursor, "executemany"), (psycopg.Cursor, "copy"))
WRITES += ((psycopg.RawCursor, "execute"), (psycopg.Copy, "write_row"), (psycopg.Connection, "commit"))


@contextmanager
def before_each_write(strike):
    """Call `strike` before every statement, row of a COPY and commit of PostgreSQL."""
    kept = []
    for owner, name in WRITES:
        if name in vars(owner):
            original = vars(owner)[name]
            kept.append((owner, name, original))
            setattr(owner, name, _struck(original, strike))
    try:
        yield
    finally:
        for owner, name, original in kept:
            setattr(owner, name, original)


def _struck(original, strike):
    def call(self, *args, **more):
        strike(self)
        return original(self, *args, **more)

    return call


def countdown(n, action):
    """Give a function that does the action when it is called for the n-th time (from 0)."""
    left = [n]

    def strike(*_):
        left[0] -= 1
        if left[0] == -1:
            action()

    return strike


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def append_and_die(engine, n):
    """Append, and die before the n-th write or, when there are fewer, after the commit."""
    strike = countdown(n, die)
    if engine.dialect.name == "sqlite":  # which tells of each statement, row and trigger
        sa.event.listen(engine, "connect", lambda raw, _: raw.set_trace_callback(strike))
    with before_each_write(strike):
        s.append(engine, *drafts())
    strike()


def main(url, way):
    if way == "copy":
        PostgresqlStore.few = 0
    engine = fresh_engine(url)  # keeps no connection that a child could inherit
    before = s.verify(engine).entries
    for n in count():
        pid = os.fork()
        if not pid:
            append_and_die(engine, n)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        report = s.verify(engine)
        came, found = report.entries - before, list(map(str, report.findings))
        sys.stdout.write(json.dumps({"n": n, "killed": os.WIFSIGNALED(status), "came": came, "found": found}) + "\n")
        if came or not os.WIFSIGNALED(status):
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
