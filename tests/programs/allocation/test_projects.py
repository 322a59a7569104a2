"""Projects: opened, changed, closed; the budget against what services and expenses used."""

from datetime import date

import pytest

from ledger.core.errors import AlreadyOpenError, MalformedError, RuleError, UnknownObjectError
from ledger.funds.actions import spend
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import open_party
from ledger.programs.actions import award_grant, pay_grant
from ledger.programs.allocation.grants.actions import close_grant
from ledger.programs.allocation.projects.actions import (
    Line,
    Project,
    change_project,
    close_project,
    open_project,
)
from ledger.programs.allocation.projects.queries import Chosen, project_page, read_projects
from tests.support.looking import body, check_refused, moved

BUDGET = (Line("food", "食材", "direct", 1_000), Line("admin", "管理", "administration", 200))
TODAY = date(2026, 6, 1)


def project(code="P1", **more):
    facts = {"name": "暖心午餐", "organization": "sunshine", "communities": ["heping"], "budget": BUDGET} | more
    return Project(code, **facts)


def page(small, code="P1"):
    with snapshot(small.engine) as connection:
        return project_page(connection, find_book(connection, "b").id, code, TODAY)


def test_a_project_moves_nothing(small):
    entry = body(small.engine, small.do(open_project, project(fund="elder", starts=date(2026, 1, 1))))
    assert moved(entry) == []
    assert entry["facts"] == {
        "code": "P1",
        "name": "暖心午餐",
        "organization": "sunshine",
        "community": "heping",
        "fund": "elder",
        "lead_element": "organization",
        "starts": "2026-01-01",
        "budget": [
            {"line": "food", "name": "食材", "category": "direct", "amount": 1_000},
            {"line": "admin", "name": "管理", "category": "administration", "amount": 200},
        ],
    }


def test_several_communities_are_a_list(small):
    small.do(open_party, "community", "xinhua", name="新华社区")
    entry = body(small.engine, small.do(open_project, project(communities=["heping", "xinhua"])))
    assert entry["facts"]["community"] == ["heping", "xinhua"]
    assert [ref.name for ref in page(small).line.communities] == ["和平社区", "新华社区"]


@pytest.mark.parametrize(
    ("facts", "error", "match"),
    [
        ({"name": ""}, MalformedError, "the name of the project is missing"),
        ({"lead_element": "donor"}, MalformedError, "led by one of"),
        ({"starts": date(2026, 2, 1), "ends": date(2026, 1, 1)}, MalformedError, "before it begins"),
        ({"budget": [Line("a", "甲", "direct", 0)]}, MalformedError, "not an amount"),
        ({"budget": [Line("a", "甲", "fun", 1)]}, MalformedError, "'fun' is not a category"),
        ({"budget": [BUDGET[0], BUDGET[0]]}, MalformedError, "line food stands there twice"),
        ({"organization": "nobody"}, UnknownObjectError, "organization:nobody"),
        ({"need": ["N1"]}, UnknownObjectError, "need:N1"),
    ],
)
def test_projects_refused(small, facts, error, match):
    with check_refused(small.engine, error, match):
        small.do(open_project, project(**facts))


def test_a_project_is_closed_after_its_grants(small):
    small.do(open_project, project())
    with check_refused(small.engine, AlreadyOpenError, "project:P1"):
        small.do(open_project, project())
    small.do(change_project, project(name="新名"))
    small.do(award_grant, "G1", organization="sunshine", fund="general", amount=10, project="P1")
    with check_refused(small.engine, RuleError, "grants G1 of project P1 are still open"):
        small.do(close_project, "P1", "完成")
    small.do(close_grant, "G1", "作废")
    small.do(close_project, "P1", "完成")
    assert (page(small).line.name, page(small).line.is_open) == ("新名", False)


def test_the_budget_stands_against_what_was_used_and_adds_up(small):
    small.give(10_000)
    small.do(open_project, project())
    small.do(award_grant, "G1", organization="sunshine", fund="general", amount=3_000, project="P1")
    small.do(pay_grant, "G1", [("fund:general", 3_000)], "bank:main")
    lines = [{"line": "food", "amount": 1_100}, {"line": "van", "amount": 50}]
    small.serve(
        "S1", [("grant:G1", 1_200, "CNY"), ("source:volunteer", 90, "volunteer-hour")], project="P1", lines=lines
    )
    small.serve("S2", [("grant:G1", 30, "CNY")], project="P1")
    undone = small.serve("S3", [("grant:G1", 500, "CNY")], project="P1", lines=[{"line": "food", "amount": 500}])
    small.reverse(undone)
    small.do(spend, "fund:general", "administration", 70, "bank:main", project="P1", line="admin")
    small.reverse(small.do(spend, "fund:general", "administration", 5, "bank:main", project="P1", line="admin"))
    small.do(spend, "fund:general", "direct", 9, "bank:main", project="P1")
    small.serve("S4", [("grant:G1", 11, "CNY")])
    found = page(small)
    assert [(x.code, x.budget and x.budget.amount, x.used.amount, x.left.amount, x.percent) for x in found.lines] == [
        ("food", 1_000, 1_100, -100, 110),
        ("admin", 200, 70, 130, 35),
        ("van", None, 50, -50, None),
        ("", None, 89, -89, None),
    ]
    assert (found.total.budget.amount, found.total.used.amount, found.total.left.amount) == (1_200, 1_309, -109)
    assert sum(x.used.amount for x in found.lines) == found.total.used.amount
    assert [(q.amount, q.unit.code) for q in found.others] == [(90, "volunteer-hour")]
    assert ([card.code for card in found.services], found.services_count) == (["S2", "S1"], 2)
    assert ([g.code for g in found.grants], found.line.awarded.amount) == (["G1"], 3_000)
    assert [(ref.address, n) for ref, n in found.parties] == [("community:heping", 2), ("organization:sunshine", 2)]


def test_lists_are_chosen(small):
    small.do(open_party, "community", "xinhua", name="新华社区")
    small.do(open_project, project())
    small.do(open_project, project("P2", name="晨练", communities=["xinhua"], lead_element="volunteer", budget=()))
    small.do(close_project, "P2", "完成")
    small.do(award_grant, "G1", organization="sunshine", fund="general", amount=10, project="P1")
    with snapshot(small.engine) as connection:
        book = find_book(connection, "b").id

        def codes(**chosen):
            return [line.code for line in read_projects(connection, book, Chosen(**chosen), limit=9)]

        assert codes() == ["P2", "P1", "meals"]
        assert codes(community="heping") == ["P1"]
        assert codes(lead="volunteer") == ["P2"]
        assert codes(state="closed") == ["P2"]
        assert codes(words="晨") == ["P2"]
        assert codes(organization="sunshine") == ["P2", "P1", "meals"]
        (line,) = [x for x in read_projects(connection, book, Chosen(), limit=9) if x.code == "P1"]
    assert (line.budget.amount, line.awarded.amount) == (1_200, 10)
