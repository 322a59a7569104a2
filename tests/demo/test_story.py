"""The demo book: what it must have for every page to be worth looking at, and that it is the same everywhere."""

import json
from collections import Counter
from datetime import date
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from ledger.app import create_app
from ledger.core import canonical
from ledger.core.spans import Span
from ledger.core.tracking import digest, parse
from ledger.demo import cast, codes, story
from ledger.desk.tables import proposals, steps
from ledger.extensions import db
from ledger.giving.hours.tables import shifts
from ledger.journal import tables as t
from ledger.journal.lookup import axes, find_subject
from ledger.journal.paths import forward, gaps
from ledger.journal.read import find_book, scan, snapshot
from ledger.journal.verify import verify_book
from ledger.programs.linkage.keeping import covered
from ledger.web.cards import service_cards
from tests.conftest import dispose, migrate, settings_for

KEY = bytes(range(32))
OTHER_KEY = bytes(32)


@pytest.fixture
def book(engine, tmp_path):
    """Load the demo; return (engine, folder of evidence, bodies)."""
    folder = tmp_path / "evidence"
    assert story.load(engine, KEY, folder).added
    return engine, folder, bodies_of(engine)


def bodies_of(engine):
    with snapshot(engine) as connection:
        row = find_book(connection, story.BOOK)
        return [canonical.decode(s.body) for batch in scan(connection, row.id) for s in batch]


def resting(engine, ref):
    """Return where the units of a gift stand now: {account: amount}."""
    with snapshot(engine) as connection:
        row = find_book(connection, story.BOOK)
        seq = connection.scalar(sa.select(t.headers.c.seq).where(t.headers.c.ref == ref))
        flow = connection.execute(sa.select(t.flows).where(t.flows.c.seq == seq)).one()
        found = gaps(forward(connection, row.id, flow.taker, Span(flow.in_at, flow.in_at + flow.amount)))
        names = axes(connection, row.id, {gap.axis for gap in found})
    amounts = Counter()
    for gap in found:
        amounts[names[gap.axis].account] += gap.hi - gap.lo
    return amounts


def by_kind(amounts):
    kinds = Counter()
    for account, amount in amounts.items():
        kinds[account.partition(":")[0]] += amount
    return kinds


def test_it_is_a_whole_book_that_verifies_and_shows_everything(book):
    engine, folder, bodies = book
    with snapshot(engine) as connection:
        report = verify_book(connection, find_book(connection, story.BOOK), evidence=folder)
    assert report.clean, report.findings
    check_numbers(bodies)
    check_ratios(bodies)
    check_services(engine, bodies)
    check_codes(engine)
    check_stars(engine)
    check_nobody_is_named(engine)
    check_evidence(folder, bodies)
    check_needs(bodies)
    check_decisions(bodies)
    check_budgets(bodies)
    check_hours(bodies)
    check_purchase(bodies)
    check_public(bodies)
    check_english(bodies)


def check_numbers(bodies):
    kinds = Counter(body["kind"] for body in bodies)
    assert 2800 <= kinds["donation.received"] <= 3200
    assert kinds["fund.opened"] == 8
    assert kinds["community.opened"] == 3
    assert kinds["organization.opened"] == 5
    assert kinds["entry.reversed"] == 3
    assert {
        "donation.refunded",
        "grant.returned",
        "fund.transferred",
        "goods.issued",
        "loss.recorded",
        "income.received",
        "payable.settled",
        "person.erased",
    } <= kinds.keys()
    assert 110 <= kinds["service.delivered"] <= 140
    days = [date.fromisoformat(body["dated"]) for body in bodies]
    assert days == sorted(days)
    assert days[0] == date(2025, 9, 1)
    assert days[-1] == date(2026, 10, 31)
    market = [b["flows"][0] for b in bodies if b["kind"] == "donation.received" and b["facts"]["channel"] == "market"]
    assert sum(flow["amount"] for flow in market) == 100_000
    assert {flow["amount"] for flow in market} <= {100, 200, 300, 400, 500}
    purchases = [b for b in bodies if b["flows"] and b["flows"][0]["from"] == "source:government-purchase"]
    assert {b["kind"] for b in purchases} == {"income.received"}


def check_ratios(bodies):
    spent = Counter()
    for body in bodies:
        for flow in body["flows"]:
            if flow["unit"] == "CNY":
                spent[flow["to"]] += flow["amount"]
                spent[flow["from"]] -= flow["amount"]
    outcomes = {a: n for a, n in spent.items() if a.startswith(("service:", "outcome:")) and a != "outcome:refund"}
    assert 0 < outcomes["outcome:administration"] <= sum(outcomes.values()) / 10
    income = -sum(n for account, n in spent.items() if account.startswith("source:"))
    assert income > sum(outcomes.values()) > income / 2


def check_services(engine, bodies):
    names = [b["facts"]["code"] for b in bodies if b["kind"] == "service.delivered"]
    with snapshot(engine) as connection:
        cards = service_cards(connection, find_book(connection, story.BOOK).id, names).values()
    scores = Counter(card.linkage for card in cards)
    assert scores[5] >= 20
    assert sum(scores[n] for n in range(4)) >= 20
    assert len({card.kind for card in cards}) >= 10
    assert sum(card.residents < 5 for card in cards) >= 10
    assert sum(card.reversed for card in cards) == 1


def check_codes(engine):
    shown = codes.codes(KEY)
    assert 6 <= len(shown) <= 8
    with snapshot(engine) as connection:
        for code, star in zip(shown, codes.STARS, strict=True):
            found = find_subject(connection, f"donation:{digest(parse(code.code))}")
            assert found is not None, star
            assert found.book == story.BOOK
            assert connection.scalar(sa.select(t.headers.c.ref).where(t.headers.c.seq == found.seq)) == star.ref


def check_stars(engine):
    chief = resting(engine, codes.CHIEF.ref)
    assert chief.total() == 100_000
    assert 15 <= sum(account.startswith("service:") for account in chief) <= 30
    assert by_kind(chief).keys() == {"service", "grant", "fund"}
    assert by_kind(resting(engine, codes.ONE_YUAN.ref)) == {"service": 100}
    chairs = by_kind(resting(engine, codes.CHAIRS.ref))
    assert chairs.keys() == {"service", "outcome", "fund"}
    assert chairs.total() == 10
    assert len(resting(engine, codes.HOURS.ref)) >= 5
    assert by_kind(resting(engine, codes.EARMARK.ref)) == {"service": 321_800, "earmark": 38_200}
    assert by_kind(resting(engine, codes.RELIEF.ref)).keys() == {"service", "outcome", "fund"}
    assert resting(engine, codes.REFUND.ref) == {"outcome:refund": 500_000}
    assert resting(engine, codes.REVERSED.ref) == {"source:individual": 200_000}


def check_nobody_is_named(engine):
    with engine.connect() as connection:
        names = t.private.c.field != "residents"  # the numbers of small groups are figures, found in every body
        values = set(connection.scalars(sa.select(t.private.c.value).where(names)))
        text = "\n".join(bytes(body).decode() for body in connection.scalars(sa.select(t.entries.c.body)))
    assert len(values) > 500
    assert [value for value in values if value in text] == []


def check_evidence(folder, bodies):
    items = [item for body in bodies for item in body["facts"].get("evidence", ())]
    assert {item["media"] for item in items} == {"text/plain", "image/svg+xml", "image/png"}
    assert {path.name for path in folder.iterdir()} == {item["sha256"] for item in items}
    assert all((folder / item["sha256"]).stat().st_size == item["size"] for item in items)


def facts(bodies, *kinds):
    return [body["facts"] for body in bodies if body["kind"] in kinds]


def check_needs(bodies):
    needs = facts(bodies, "need.opened")
    ended = Counter(need["outcome"] for need in facts(bodies, "need.closed"))
    helped = {f["need"] for f in facts(bodies, "service.delivered") if "need" in f}
    granted = {code for f in facts(bodies, "grant.awarded") for code in f.get("need", ())}
    assert {need["community"] for need in needs} == {"huaiyin", "chengxi", "nanbu"}
    assert ended["met"] >= 3
    assert ended["withdrawn"] == 1
    assert {need["code"] for need in needs} - helped - granted - {"N2026-06"}  # some have nothing yet
    assert len(helped | granted) >= 10
    small = [need for need in needs if "residents_below" in need]
    assert len(small) >= 3
    assert all("residents" not in need for need in small)


def check_decisions(bodies):
    decisions = facts(bodies, "decision.recorded")
    assert Counter(decision["result"] for decision in decisions)["rejected"] == 1
    assert {decision["body"] for decision in decisions} == {"board", "committee", "residents"}
    assert all(decision["evidence"] for decision in decisions)
    awards = facts(bodies, "grant.awarded")
    assert {award["decision"] for award in awards} <= {decision["code"] for decision in decisions}
    assert sum(bool(award.get("instalments")) for award in awards) >= 10


def check_budgets(bodies):
    """Some lines are over, most are under."""
    planned, used = {}, Counter()
    for project in facts(bodies, "project.opened", "project.changed"):
        planned |= {(project["code"], line["line"]): line["amount"] for line in project.get("budget", ())}
    for body in bodies:
        f, money = body["facts"], sum(flow["amount"] for flow in body["flows"] if flow["unit"] == "CNY")
        if body["kind"] == "expense.recorded" and "line" in f:
            used[f["project"], f["line"]] += money
        if body["kind"] == "service.delivered" and "project" in f and money:
            assert sum(line["amount"] for line in f["lines"]) == money
            used.update({(f["project"], line["line"]): line["amount"] for line in f["lines"]})
    assert used.keys() <= planned.keys()
    over = [line for line, amount in used.items() if amount > planned[line]]
    assert 3 <= len(over) < len(planned) / 2
    assert {project for project, _ in planned} >= {row[0] for row in cast.PROJECTS}


def check_hours(bodies):
    """What volunteers gave one by one is what their service used; some gave hours for later."""
    told = 0
    for body in bodies:
        if body["kind"] == "service.delivered":
            minutes = sum(flow["amount"] for flow in body["flows"] if flow["unit"] == "volunteer-hour")
            assert sum(part["minutes"] for part in body["facts"].get("hours", ())) == minutes
            told += minutes > 0
    assert told >= 60
    assert sum("volunteer" in f for f in facts(bodies, "donation.received")) >= 5


def check_purchase(bodies):
    used = {
        body["facts"]["code"]: sum(flow["amount"] for flow in body["flows"])
        for body in bodies
        if body["kind"] == "service.delivered" and body["facts"].get("project") == "care"
    }
    claims = facts(bodies, "claim.filed")
    claimed = {part["service"]: part["amount"] for claim in claims for part in claim["claims"]}
    assert len(claims) == 2
    assert {code: used[code] for code in claimed} == claimed
    assert len(claimed) == len(used) - 1


def check_public(bodies):
    published = [body for body in bodies if body["kind"] == "disclosure.published"]
    rain = [body for body in published if body["facts"]["subject"] == "campaign:rain2026"]
    days = [date.fromisoformat(body["dated"]) for body in rain if body["facts"]["clock"] == "emergency"]
    (campaign,) = [f for f in facts(bodies, "campaign.opened") if f["emergency"]]
    starts = date.fromisoformat(campaign["starts"])
    assert [(b - a).days <= 5 for a, b in zip([starts, *days], days, strict=False)] == [True] * 6
    (corrected,) = facts(bodies, "disclosure.corrected")
    (wrong,) = [body["facts"] for body in rain if body["facts"]["code"] == corrected["code"]]
    amounts = [{(x["key"], x["unit"]): x["amount"] for x in f["figures"]} for f in (wrong, corrected)]
    assert amounts[0]["received", "CNY"] < amounts[1]["received", "CNY"]
    assert corrected["note"]
    assert {body["facts"]["clock"] for body in published} == {"emergency", "quarterly", "annual", "final"}


def check_english(bodies):
    kinds = ("need.opened", "need.changed", "campaign.opened", "decision.recorded", "contract.opened")
    for f in facts(bodies, *kinds, "project.opened", "project.changed", "disclosure.published"):
        assert f.get("name_en") or f.get("title_en"), f["code"]


def test_a_second_load_adds_nothing_and_asks_once(book, query_count):
    engine, folder, bodies = book
    with query_count(engine) as sent:
        again = story.load(engine, KEY, folder)
    assert not again.added
    assert again.codes == codes.codes(KEY)
    assert len([statement for statement in sent if "SELECT" in statement]) == 1
    assert len(bodies_of(engine)) == len(bodies)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_another_key_or_another_book_is_not_taken_for_the_demo(book):
    engine, folder, _ = book
    with pytest.raises(story.NotTheDemoError, match="another code key"):
        story.load(engine, OTHER_KEY, folder)


def test_an_interrupted_load_leaves_nothing_and_the_next_one_completes(engine, tmp_path, monkeypatch):
    def fail(_teller):
        raise InterruptedError

    monkeypatch.setattr("ledger.demo.costs._lose", fail)
    with pytest.raises(InterruptedError):
        story.load(engine, KEY, tmp_path)
    assert not story.is_there(engine, KEY)
    monkeypatch.undo()
    assert story.load(engine, KEY, tmp_path).added


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_the_same_story_everywhere(book, tmp_path):
    _, _, bodies = book
    folder = tmp_path / "elsewhere"
    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    migrate(url, folder)
    app = create_app(settings_for(url, folder))
    with app.app_context():
        story.load(db.engine, OTHER_KEY, folder / "evidence")
        others = bodies_of(db.engine)
    dispose(app)
    assert [plain(body) for body in others] == [plain(body) for body in bodies]


def plain(body):
    """Leave out what another key, other salts and another hour make different."""
    facts = {key: value for key, value in body["facts"].items() if key != "private"}
    if body["kind"] == "donation.received":
        del facts["code"]
    return {key: value for key, value in body.items() if key not in {"_prev", "recorded", "facts"}} | {"facts": facts}


def test_credit_code_is_checked_and_of_no_division():
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = cast.CREDIT_CODE
    assert len(code) == 18
    assert code[2:8] == "999900"
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    assert (total + alphabet.index(code[17])) % 31 == 0
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    remainder = 11 - sum(w * int(c, 36) for w, c in zip(weights, code[8:16], strict=True)) % 11
    assert code[16] == {10: "X", 11: "0"}.get(remainder, str(remainder))


def test_command_prints_address_and_codes(app):
    runner = app.test_cli_runner()
    first = runner.invoke(args=["demo", "load", "--json"])
    assert first.exit_code == 0, first.output
    data = json.loads(first.output)
    assert data["book"] == "heping"
    assert data["address"].endswith("/heping/")
    assert data["codes"] == [code._asdict() for code in codes.codes(app.config["CODE_KEY"])]
    told = runner.invoke(args=["demo", "load"])
    assert told.exit_code == 0
    assert data["address"] in told.output
    assert f"/trace/{data['codes'][0]['code']}" in unquote(told.output)
    check_queues(app)


def check_queues(app):
    """Everybody finds something to do, once, however often the demo is loaded."""
    with app.app_context(), db.engine.connect() as connection:
        held = connection.execute(sa.select(proposals.c.command, proposals.c.state)).all()
        planned = connection.execute(sa.select(shifts.c.state)).scalars().all()
        reasons = connection.scalars(sa.select(steps.c.reason).where(steps.c.what == "returned")).all()
        linked = covered(connection, find_book(connection, story.BOOK))
    assert Counter(row.state for row in held) == {"waiting": 5, "returned": 1}
    assert ("programs.report", "waiting") in held
    assert sorted(planned) == ["closed", "planned"]
    assert all(reasons)
    assert linked.current
