"""Verification against a hash loop; traces in growing pools; the trial balance against hledger."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from ledger.core.spans import Span
from ledger.funds.actions import spend
from ledger.journal import tables as t
from ledger.journal.append import writing
from ledger.journal.balances import trial_balance
from ledger.journal.check_log import Chain
from ledger.journal.paths import forward, gaps
from ledger.journal.read import find_book, scan, snapshot
from ledger.journal.verify import verify_book
from ledger.people.actions import Act
from tests.bench.setting import DAY, Row, gifts, median, open_bench, percentile

SIZE = 100_000
POOLS = (10_000, 1_000_000)


def measure_verify(make: Callable[[str], sa.Engine]) -> Iterator[Row]:
    """Chain and tree, then everything, against hashing the same bodies held in memory."""
    for kind in ("sqlite", "postgresql"):
        engine = make(kind)
        open_bench(engine)
        with writing(engine, "bench") as writer:
            writer.append(gifts(0, SIZE, donor="某女士"))
        with snapshot(engine) as connection:
            bodies = [bytes(b) for b in connection.scalars(sa.select(t.entries.c.body).order_by(t.entries.c.seq))]
        bare = median(lambda bodies=bodies: [sha256(body).digest() for body in bodies])
        chain = median(lambda engine=engine: _chain(engine), times=3)
        whole = median(lambda engine=engine: _whole(engine), times=3)
        for work, seconds, least in (("chain + tree", chain, 0.15), ("full verification", whole, 0.03)):
            yield Row(f"{work} of {SIZE:,} entries", kind, f"{seconds:.2f} s", f"{bare:.3f} s", bare / seconds, least)
        yield from _balances(engine, kind)
        engine.dispose()


def _chain(engine: sa.Engine) -> None:
    chain = Chain()
    with snapshot(engine) as connection:
        for batch in scan(connection, find_book(connection, "bench").id):
            assert not chain.extend(batch)


def _whole(engine: sa.Engine) -> None:
    with snapshot(engine) as connection:
        assert verify_book(connection, find_book(connection, "bench")).clean


def _balances(engine: sa.Engine, kind: str) -> Iterator[Row]:
    if not shutil.which("hledger"):
        return
    from ledger.exchange.export import export_book  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, snapshot(engine) as connection:
        row = find_book(connection, "bench")
        files = export_book(connection, row, Path(folder), lambda _: None)
        journal = next(str(f) for f in files if f.suffix in {".journal", ".hledger"})
        theirs = median(lambda: subprocess.run(["hledger", "-f", journal, "bal"], check=True, capture_output=True), 3)
        ours = median(lambda: trial_balance(connection, row.id))
    yield Row("trial balance", kind, f"{ours * 1e3:.2f} ms", f"{theirs:.2f} s", theirs / ours, 20)


def measure_trace(make: Callable[[str], sa.Engine]) -> Iterator[Row]:
    """The forward trace of one gift in a pool of 10,000 and of 1,000,000 gifts, one in ten of the money spent."""
    for kind in ("sqlite", "postgresql"):
        seconds = []
        for pool in POOLS:
            engine = make(kind)
            _fill(engine, pool)
            seconds.append(_trace_p99(engine, pool))
            engine.dispose()
        small, large = seconds
        yield Row(
            "forward trace p99, 10,000 → 1,000,000 gifts",
            kind,
            f"{large * 1e3:.2f} ms",
            f"{small * 1e3:.2f} ms",
            large / small,
            1.5,
            most=True,
        )


def _fill(engine: sa.Engine, pool: int) -> None:
    open_bench(engine)
    for start in range(0, pool, 50_000):
        with writing(engine, "bench") as writer:
            writer.append(gifts(start, min(50_000, pool)))
    with writing(engine, "bench") as writer:
        for n in range(1000):
            spend(writer, Act("bench", DAY, f"s{n}"), "fund:pool", "direct", pool * 50 // 1000, "bank:main")
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))


def _trace_p99(engine: sa.Engine, pool: int) -> float:
    f = t.flows.c
    with snapshot(engine) as connection:
        book = find_book(connection, "bench")
        seqs = [40 + (n * 7919) % (pool // 10) for n in range(500)]
        query = sa.select(f.taker, f.in_at, f.amount).where(f.book_id == book.id, f.gift == 1, f.seq.in_(seqs))
        asked = [(row.taker, Span(row.in_at, row.in_at + row.amount)) for row in connection.execute(query)]

        def trace(n: int) -> None:
            axis, piece = asked[n % len(asked)]
            assert sum(g.hi - g.lo for g in gaps(forward(connection, book.id, axis, piece))) == piece.hi - piece.lo

        percentile(trace, 200, 0.99)
        return percentile(trace, 2000, 0.99)
