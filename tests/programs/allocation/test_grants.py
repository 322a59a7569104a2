"""Grants: agreed in instalments, paid by them, out of what was given for such a purpose first."""

from datetime import date

import pytest

from ledger.core.errors import ClosedObjectError, MalformedError, RuleError, UnknownObjectError
from ledger.journal.read import find_book, snapshot
from ledger.programs.actions import pay_grant, return_grant
from ledger.programs.allocation.grants.actions import Award, Instalment, award, close_grant
from ledger.programs.allocation.grants.queries import Chosen, read_grant, read_grants, selection
from ledger.programs.allocation.grants.services import entries_of, services_of
from ledger.programs.allocation.grants.split import propose_split
from ledger.programs.allocation.needs.actions import Need, raise_need
from tests.support.looking import balance, body, check_refused, findings

MASKS = "N95口罩:个"
TODAY = date(2026, 6, 1)
PLAN = (
    Instalment(600, date(2026, 5, 1)),
    Instalment(300, date(2026, 6, 20), "中期报告"),
    Instalment(100, date(2026, 12, 1)),
)


@pytest.fixture
def small(small):
    small.give(100_000)
    return small


def agree(small, code="G1", **more):
    facts = {"organization": "sunshine", "fund": "general", "amount": 1_000, "instalments": PLAN} | more
    return small.do(award, Award(code, **facts))


def pay(small, number, amount, grant="G1", **more):
    return small.do(pay_grant, grant, [("fund:general", amount)], "bank:main", instalment=number, **more)


def line_of(small, code="G1", today=TODAY):
    with snapshot(small.engine) as connection:
        return read_grant(connection, find_book(connection, "b").id, code, today)


def test_an_agreement_stands_on_the_ledger(small):
    facts = body(small.engine, agree(small, starts=date(2026, 3, 1), conditions="专款专用"))["facts"]
    assert facts == {
        "code": "G1",
        "organization": "sunshine",
        "fund": "general",
        "amount": 1_000,
        "unit": "CNY",
        "starts": "2026-03-01",
        "instalments": [
            {"n": 1, "amount": 600, "due": "2026-05-01"},
            {"n": 2, "amount": 300, "due": "2026-06-20", "condition": "中期报告"},
            {"n": 3, "amount": 100, "due": "2026-12-01"},
        ],
        "conditions": "专款专用",
    }


@pytest.mark.parametrize(
    ("facts", "error", "match"),
    [
        ({"amount": 999}, RuleError, "add up to 1000 fen, the grant is 999 fen"),
        ({"instalments": PLAN[::-1]}, MalformedError, "in the order of their dates"),
        ({"amount": 0, "instalments": ()}, MalformedError, "not an amount"),
        ({"starts": date(2026, 3, 2), "ends": date(2026, 3, 1)}, MalformedError, "before it begins"),
        ({"unit": "手套:副"}, UnknownObjectError, "unit:手套:副"),
        ({"need": ["N1"]}, UnknownObjectError, "need:N1"),
        ({"decision": "D1"}, UnknownObjectError, "decision:D1"),
    ],
)
def test_awards_refused(small, facts, error, match):
    with check_refused(small.engine, error, match):
        agree(small, **facts)


def test_an_instalment_is_paid_when_its_condition_is_met(small):
    agree(small)
    with check_refused(small.engine, RuleError, "has instalments 1, 2, 3; say which"):
        small.do(pay_grant, "G1", [("fund:general", 1)], "bank:main")
    with check_refused(small.engine, RuleError, "say which of them"):
        pay(small, 4, 1)
    pay(small, 1, 500)
    with check_refused(small.engine, RuleError, "instalment 1 of grant G1 is 600 fen, 500 fen are paid; 101 fen more"):
        pay(small, 1, 101)
    gone = pay(small, 1, 100)
    small.reverse(gone)
    pay(small, 1, 100)
    with check_refused(small.engine, RuleError, "say how it was met: 中期报告"):
        pay(small, 2, 300, met=" ")
    entry = body(small.engine, pay(small, 2, 300, met="看过报告"))
    assert entry["facts"] == {"grant": "G1", "instalment": 2, "met": "看过报告"}
    assert findings(small.engine) == []


def test_states_of_instalments(small):
    agree(small)
    states = [each.state for each in line_of(small).instalments]
    assert states == ["late", "soon", "later"]
    pay(small, 1, 600)
    line = line_of(small)
    assert [each.state for each in line.instalments] == ["paid", "soon", "later"]
    assert (line.next.number, line.next.left.amount) == (2, 300)
    assert [each.state for each in line_of(small, today=date(2026, 5, 1)).instalments][1] == "later"


def test_figures_add_up(small):
    agree(small, instalments=())
    pay(small, None, 800)
    small.serve("S1", [("grant:G1", 500, "CNY")])
    gone = small.serve("S2", [("grant:G1", 50, "CNY")])
    small.reverse(gone)
    small.back("G1", 100)
    sums = line_of(small).sums
    assert [q.amount for q in sums] == [1_000, 800, 500, 100, 200, 200]
    small.back("G1", 200)
    small.do(close_grant, "G1", "完成")
    line = line_of(small)
    assert (line.state, line.sums.open.amount) == ("closed", 0)
    with check_refused(small.engine, ClosedObjectError, "grant:G1"):
        pay(small, None, 1)


def test_goods_are_granted_and_come_back(small):
    small.give(50, unit=MASKS)
    agree(small, amount=40, unit=MASKS, instalments=())
    with check_refused(small.engine, RuleError, "was awarded in N95口罩:个, not in money"):
        pay(small, None, 10)
    small.do(pay_grant, "G1", [("fund:general", 30)], "inventory:main", unit=MASKS)
    with check_refused(small.engine, RuleError, "11 N95口罩:个 more is too much"):
        small.do(pay_grant, "G1", [("fund:general", 11)], "inventory:main", unit=MASKS)
    small.do(return_grant, "G1", "fund:general", 10, "inventory:main", unit=MASKS)
    assert [q.amount for q in line_of(small).sums] == [40, 30, 0, 10, 20, 10]
    assert balance(small.engine, "inventory:main", MASKS) == 30


def test_a_grant_that_holds_something_is_not_closed(small):
    agree(small, instalments=())
    pay(small, None, 800)
    with check_refused(small.engine, RuleError, "still holds"):
        small.do(close_grant, "G1", "完成")


def split(small, amount, **facts):
    award_facts = {"fund": "general", "project": "meals", **facts}
    with snapshot(small.engine) as connection:
        givers = propose_split(connection, find_book(connection, "b").id, award_facts, amount, "CNY")
    return [(giver.ref.name, giver.proposed) for giver in givers]


def test_money_given_for_the_purpose_goes_first(small):
    small.give(300, small.earmark("图书角"))
    small.give(200, small.earmark("长者午餐补贴"))
    assert split(small, 500) == [("长者午餐补贴", 200), ("互助基金", 300), ("图书角", 0)]
    assert split(small, 100) == [("长者午餐补贴", 100), ("互助基金", 0), ("图书角", 0)]
    assert sum(part for _, part in split(small, 200_000)) == 100_200
    need = Need("N1", "孩子的图书", "education", "heping", "resident", date(2026, 2, 1))
    small.do(raise_need, need)
    assert split(small, 400, project=None, need=["N1"])[:2] == [("图书角", 300), ("互助基金", 100)]


def test_lists_are_chosen(small):
    agree(small)
    agree(small, "G2", fund="elder", project="meals", amount=5_000, instalments=())
    gone = agree(small, "G3", instalments=())
    small.reverse(gone)
    agree(small, "G4", amount=10, instalments=())
    small.do(close_grant, "G4", "作废")
    with snapshot(small.engine) as connection:
        book = find_book(connection, "b").id

        def codes(**chosen):
            return [line.code for line in read_grants(connection, book, Chosen(**chosen), TODAY, limit=9)]

        assert codes() == ["G4", "G3", "G2", "G1"]
        assert codes(state="open") == ["G2", "G1"]
        assert codes(state="closed") == ["G4"]
        assert codes(state="reversed") == ["G3"]
        assert codes(fund="elder") == ["G2"]
        assert codes(project="meals") == ["G2"]
        assert codes(words="g4") == ["G4"]
        assert codes(sort="awarded") == ["G2", "G3", "G1", "G4"]
        assert codes(own=frozenset({"sunshine"})) == ["G4", "G3", "G2", "G1"]
        assert codes(own=frozenset({"other"})) == []
        assert selection(connection, book, Chosen(own=frozenset())).count() == 0


def test_services_and_entries_of_a_grant(small):
    agree(small, instalments=())
    paid = pay(small, None, 800)
    small.serve("S1", [("grant:G1", 500, "CNY")])
    small.reverse(small.serve("S2", [("grant:G1", 50, "CNY")]))
    with snapshot(small.engine) as connection:
        book = find_book(connection, "b").id
        services, pager = services_of(connection, book, "grant:G1", "CNY", 1)
        entries, _ = entries_of(connection, book, "grant:G1", 1)
    assert ([(each.card.code, each.amount) for each in services], pager.total) == ([("S1", 500)], 1)
    assert [entry.kind for entry in entries] == ["grant.paid", "grant.awarded"]
    assert entries[0].seq == paid
