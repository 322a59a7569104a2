"""The pages of this room: who sees what, how many statements they take, and the lists as workbooks."""

import io
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from ledger.core.units import Unit
from ledger.extensions import db
from ledger.funds.actions import open_unit
from ledger.people.actions import open_party
from ledger.programs.actions import pay_grant
from ledger.programs.allocation.contracts.actions import Contract, Filing, file_claim, open_contract, receive_money
from ledger.programs.allocation.decisions.actions import Decision, Votes, record_decision
from ledger.programs.allocation.grants.actions import Award, Instalment, award
from ledger.programs.allocation.needs.actions import Need, raise_need
from ledger.programs.allocation.projects.actions import Line, Project, open_project
from tests.support.looking import bodies
from tests.support.queries import counted

DESK = "/b/desk"
DAY = date(2026, 2, 1)
RICE = "大米:袋"


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


@pytest.fixture
def full(small):
    """A book with one of everything."""
    return fill(small, 1)


def fill(small, number, start=0):
    """Add as many of everything."""
    if not start:
        small.give(1_000_000)
        small.do(open_unit, Unit(RICE, 0, "goods"), "大米", "袋")
        small.do(open_contract, Contract("C1", "购买服务", "和平街道", 900_000, "sunshine"))
        small.do(receive_money, "C1", 500_000, "fund:elder", "bank:main")
    for n in range(start, start + number):
        wanted = [("CNY", 5_000), (RICE, 3), ("volunteer-hour", 90)]
        small.do(raise_need, Need(f"N{n}", "送餐", "meals", "heping", "resident", DAY, 3, wanted))
        votes = Votes(6, 6, 4, 5, 1)
        decided = Decision(f"D{n}", "资助", DAY, "committee", votes, need=[f"N{n}"], fund="general", amount=9_000)
        small.do(record_decision, decided)
        budget = [Line("food", "食材", "direct", 4_000)]
        small.do(
            open_project, Project(f"P{n}", "暖心", "sunshine", ["heping"], "general", budget=budget, need=[f"N{n}"])
        )
        plan = [Instalment(3_000, DAY), Instalment(1_000, date(2026, 12, 1), "报告")]
        agreed = Award(
            f"G{n}", "sunshine", "general", 4_000, project=f"P{n}", decision=f"D{n}", need=[f"N{n}"], instalments=plan
        )
        small.do(award, agreed)
        small.do(pay_grant, f"G{n}", [("fund:general", 3_000)], "bank:main", instalment=1)
        lines = [{"line": "food", "amount": 900}]
        small.serve(
            f"S{n}", [(f"grant:G{n}", 1_000, "CNY")], project=f"P{n}", need=[f"N{n}"], grant=f"G{n}", lines=lines
        )
        small.serve(f"E{n}", [("fund:elder", 2_000, "CNY")])
        small.do(file_claim, Filing(f"K{n}", "C1", [(f"E{n}", 500)]))
    return small


PAGES = (
    "needs",
    "needs/unmet",
    "needs/N0",
    "needs/new",
    "needs/change?code=N0",
    "needs/close?need=N0",
    "decisions",
    "decisions/D0",
    "decisions/new",
    "projects",
    "projects/P0",
    "projects/new",
    "projects/change?code=P0",
    "projects/close?project=P0",
    "grants",
    "grants/G0",
    "grants/new?project=P0",
    "grants/pay?grant=G0",
    "grants/return?grant=G0",
    "grants/close?grant=G0",
    "contracts",
    "contracts/C1?why=E0",
    "contracts/new",
    "contracts/change?code=C1",
    "contracts/receive?contract=C1",
    "contracts/claim?contract=C1",
    "contracts/close?contract=C1",
)


def statements(app, client, page):
    with app.app_context():
        engine = db.engine
    with counted(engine) as sent:
        assert client.get(f"{DESK}/{page}").status_code == 200, page
    return len(sent)


def test_pages_take_as_many_statements_for_one_as_for_many(app, full, desk_of):
    accountant = desk_of("accountant")
    before = {page: statements(app, accountant, page) for page in PAGES}
    fill(full, 4, start=1)
    after = {page: statements(app, accountant, page) for page in PAGES}
    assert after == before
    assert max(after.values()) <= 40, after


@pytest.mark.parametrize("what", ["needs", "decisions", "projects", "grants", "contracts"])
def test_lists_are_had_as_workbooks(full, desk_of, what):
    answer = desk_of("auditor").get(f"{DESK}/{what}?format=xlsx")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == (3 if what == "projects" else 2), rows
    assert any(code in str(rows[-1] + rows[1]) for code in ("N0", "D0", "P0", "G0", "C1"))


@pytest.mark.parametrize("what", ["needs", "decisions", "projects", "grants", "contracts"])
def test_empty_lists_say_what_to_do(small, desk_of, what):
    page = desk_of("accountant").get(f"{DESK}/{what}").text
    assert f'href="/b/desk/{what}/new"' in page
    if what != "projects":
        assert "<table" not in page


def test_an_organization_sees_its_own_grants(full, desk_of):
    full.do(open_party, "organization", "other", name="别家")
    full.do(award, Award("X1", "other", "general", 10))
    own = desk_of("org_staff", "sunshine")
    assert "G0" in own.get(f"{DESK}/grants").text
    assert "X1" not in own.get(f"{DESK}/grants").text
    assert own.get(f"{DESK}/grants/G0").status_code == 200
    assert own.get(f"{DESK}/grants/X1").status_code == 404
    assert own.get(f"{DESK}/contracts").status_code == 403
    assert own.get(f"{DESK}/grants/pay?grant=G0").status_code == 403


def test_a_community_raises_and_changes_its_own_needs_only(full, desk_of, send):
    full.do(open_party, "community", "xinhua", name="新华社区")
    full.do(raise_need, Need("X1", "别家的", "meals", "xinhua", "resident", DAY))
    own = desk_of("community", "heping")
    form = own.get(f"{DESK}/needs/new").text
    assert 'value="heping"' in form
    assert 'value="xinhua"' not in form
    forged = send(own, f"{DESK}/needs/new", title="代提", category="meals", community="xinhua")
    assert forged.status_code == 422
    assert own.get(f"{DESK}/needs/change?code=X1").status_code == 404
    assert own.get(f"{DESK}/needs/close?need=X1").status_code == 404
    changed = send(own, f"{DESK}/needs/change?code=N0", title="改了", residents="9", wanted__0__amount="60")
    assert changed.status_code == 303
    (entry,) = bodies(full.engine, "need.changed")
    assert entry["facts"]["wanted"][0] == {"unit": "CNY", "amount": 6_000}
    assert entry["facts"]["code"] == "N0"
    worker = desk_of("social_worker", "w01")
    assert 'value="xinhua"' in worker.get(f"{DESK}/needs/new").text


def test_a_committee_that_departs_from_the_rules_is_confirmed_first(full, desk_of, send):
    accountant = desk_of("accountant")
    asked = {"title": "决议", "body": "committee", "members": "4", "present": "4", "quorum": "3", "agreed": "3"}
    asked |= {"against": "1", "abstained": "0"}
    first = send(accountant, f"{DESK}/decisions/new", **asked)
    assert first.status_code == 422
    assert 'name="anyway"' in first.text
    assert send(accountant, f"{DESK}/decisions/new", anyway="y", **asked).status_code == 303


@pytest.mark.parametrize(
    ("address", "data", "problem"),
    [
        ("needs/new", {"title": ""}, "title"),
        ("needs/new", {"title": "x", "wanted__0__unit": "CNY", "wanted__0__amount": "1.234"}, "wanted-0-amount"),
        ("needs/new", {"title": "x", "wanted__0__amount": "5"}, "wanted-0-amount"),
        ("grants/new", {"amount": "10", "instalments__0__amount": "9", "instalments__0__due": "2026-12-01"}, "amount"),
        ("grants/new", {"amount": "10", "instalments__0__amount": "10"}, "instalments-0-due"),
        ("grants/pay?grant=G0", {"amount": "5"}, "amount"),
        ("contracts/new", {"name": "x", "buyer": "y", "amount": "0"}, "amount"),
        ("contracts/receive?contract=C1", {"amount": "5", "into": "fund", "fund": ""}, "fund"),
        ("projects/new", {"name": "x", "budget__0__name": "餐"}, "budget-0-amount"),
        ("decisions/new", {"title": "x", "members": "3", "present": "5", "quorum": "2"}, "agreed"),
    ],
)
def test_problems_stand_beside_their_fields(full, desk_of, send, address, data, problem):
    answer = send(desk_of("accountant"), f"{DESK}/{address}", **data)
    assert answer.status_code == 422
    assert f'id="{problem}-problem"' in answer.text or f'for="{problem}"' in answer.text


def test_more_lines_are_asked_for(full, desk_of, send):
    answer = send(desk_of("accountant"), f"{DESK}/grants/new", more="instalments", amount="12")
    assert answer.status_code == 200
    assert 'name="instalments-5-amount"' in answer.text
    assert 'value="12"' in answer.text


def test_parts_of_a_payment_are_proposed_anew(full, desk_of, send):
    answer = send(desk_of("accountant"), f"{DESK}/grants/pay?grant=G0", amount="7", again="split")
    assert answer.status_code == 200
    assert 'value="7.00"' in answer.text


def test_a_returned_award_is_corrected(app, full, desk_of, send):
    accountant, approver = desk_of("accountant"), desk_of("approver")
    where = send(
        accountant, f"{DESK}/grants/new", amount="12", instalments__0__amount="12", instalments__0__due="2026-12-01"
    )
    where = where.headers["Location"]
    shown = approver.get(where).text
    token = shown.split('name="csrf_token" value="')[1].split('"')[0]
    approver.post(where, data={"what": "return", "reason": "改为 13 元", "csrf_token": token})
    draft = where.rsplit("/", 1)[1]
    page = accountant.get(f"{DESK}/grants/new?draft={draft}").text
    assert 'value="2026-12-01"' in page
    again = send(accountant, f"{DESK}/grants/new?draft={draft}", amount="13", instalments__0__amount="13")
    assert again.status_code == 303
    assert "¥13.00" in approver.get(where).text


def test_what_is_not_there_answers_404(full, desk_of):
    accountant = desk_of("accountant")
    for page in (
        "needs/X",
        "decisions/X",
        "projects/X",
        "grants/X",
        "contracts/X",
        "grants/pay",
        "needs/change?code=X",
    ):
        assert accountant.get(f"{DESK}/{page}").status_code == 404, page
