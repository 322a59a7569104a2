"""Decisions: the votes decide, and nothing granted under one exceeds what it allows."""

from collections import Counter
from datetime import date
from itertools import count

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from ledger.core.errors import LedgerError, MalformedError, RuleError, UnknownObjectError
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import open_party
from ledger.programs.actions import pay_grant
from ledger.programs.allocation.decisions.actions import Decision, Votes, doubts, record_decision
from ledger.programs.allocation.decisions.limits import granted_under
from ledger.programs.allocation.decisions.queries import Chosen, decision_page, read_decisions, usable
from ledger.programs.allocation.grants.actions import Award, award, close_grant
from tests.support.looking import bodies, body, check_refused, findings
from tests.support.small import Small

VOTES = Votes(7, 6, 4, 5, 1)


def decide(small, code="D1", votes=VOTES, **more):
    facts = {"title": "资助午餐", "held": date(2026, 2, 20), "body": "committee", "amount": 1_000} | more
    return small.do(record_decision, Decision(code, votes=votes, **facts))


def grant(small, code, amount, **more):
    return small.do(award, Award(code, "sunshine", "general", amount, decision="D1", **more))


def test_a_decision_is_recorded_with_its_votes(small):
    facts = body(small.engine, decide(small, summary=" 每周五天 ", supervisor="合规", fund="general"))["facts"]
    assert facts == {
        "code": "D1",
        "title": "资助午餐",
        "held": "2026-02-20",
        "body": "committee",
        "members": 7,
        "present": 6,
        "quorum": 4,
        "for": 5,
        "against": 1,
        "abstained": 0,
        "result": "adopted",
        "evidence": [],
        "summary": "每周五天",
        "supervisor": "合规",
        "fund": "general",
        "amount": 1_000,
        "unit": "CNY",
    }


@pytest.mark.parametrize(
    ("votes", "result"),
    [
        (Votes(7, 6, 4, 3, 3), "rejected"),
        (Votes(7, 3, 4, 3, 0), "rejected"),
        (Votes(7, 4, 4, 1, 0, 3), "adopted"),
        (Votes(7, 7, 4, 0, 0), "rejected"),
    ],
)
def test_the_result_follows_from_the_votes(small, votes, result):
    assert body(small.engine, decide(small, votes=votes))["facts"]["result"] == result


@pytest.mark.parametrize(
    ("facts", "error", "match"),
    [
        ({"votes": Votes(3, 4, 2, 3, 1)}, MalformedError, "more cannot be present"),
        ({"votes": Votes(7, 4, 2, 3, 2)}, MalformedError, "nor vote than are present"),
        ({"held": date(2026, 3, 2)}, MalformedError, "still to come"),
        ({"title": ""}, MalformedError, "the title of the decision is missing"),
        ({"amount": 0}, MalformedError, "not an amount"),
        ({"fund": "none"}, UnknownObjectError, "fund:none"),
        ({"need": ["N9"]}, UnknownObjectError, "need:N9"),
        ({"unit": "手套:副"}, UnknownObjectError, "unit:手套:副"),
    ],
)
def test_decisions_refused(small, facts, error, match):
    with check_refused(small.engine, error, match):
        decide(small, **facts)


def test_committees_of_community_funds_are_odd_five_and_supervised():
    assert doubts("committee", 5, "合规") == ()
    assert doubts("committee", 4, " ") == ("few", "even", "unsupervised")
    assert doubts("board", 4, "") == ()


def test_grants_never_exceed_what_was_decided(small):
    decide(small)
    first = grant(small, "G1", 700)
    with check_refused(
        small.engine, RuleError, rf"allows 1000 fen, 700 fen are given under it; 301 fen .*\(#{first}\)"
    ):
        grant(small, "G2", 301)
    grant(small, "G2", 300)
    small.reverse(first)
    grant(small, "G3", 700)
    with check_refused(small.engine, RuleError, "1000 fen are given"):
        grant(small, "G4", 1)


def test_a_closed_grant_counts_with_what_was_paid(small):
    small.give(1_000)
    decide(small)
    grant(small, "G1", 700)
    small.do(pay_grant, "G1", [("fund:general", 200)], "bank:main")
    small.serve("S1", [("grant:G1", 200, "CNY")])
    small.do(close_grant, "G1", "提前结束")
    grant(small, "G2", 800)
    with check_refused(small.engine, RuleError, "1000 fen are given"):
        grant(small, "G3", 1)


@pytest.mark.parametrize(
    ("decision", "wish", "match"),
    [
        ({"votes": Votes(7, 6, 4, 2, 4)}, {}, "was rejected"),
        ({"amount": None}, {}, "names no amount"),
        ({"fund": "elder"}, {}, "money of fund elder, not of general"),
        ({"project": ["meals"]}, {}, "is for project meals"),
        ({"project": ["meals"]}, {"project": "other"}, "is for project meals"),
        ({}, {"unit": "N95口罩:个"}, "allows CNY, not N95"),
    ],
)
def test_a_decision_is_cited_only_for_what_it_is(small, decision, wish, match):
    small.do(open_party, "project", "other", name="别的")
    decide(small, **decision)
    with check_refused(small.engine, RuleError, match):
        grant(small, "G1", 10, **wish)


def test_the_list_and_the_page_say_what_is_left(small):
    decide(small)
    decide(small, "D2", Votes(4, 4, 3, 1, 2), amount=None, held=date(2026, 2, 25), fund="elder")
    grant(small, "G1", 400)
    with snapshot(small.engine) as connection:
        book = find_book(connection, "b").id
        lines = read_decisions(connection, book, Chosen(), limit=9)
        assert [(line.code, line.result, line.left.amount) for line in lines] == [
            ("D2", "rejected", 0),
            ("D1", "adopted", 600),
        ]
        assert [line.code for line in read_decisions(connection, book, Chosen(fund="elder"), limit=9)] == ["D2"]
        assert [line.code for line in read_decisions(connection, book, Chosen(result="adopted"), limit=9)] == ["D1"]
        assert [line.code for line in read_decisions(connection, book, Chosen(sort="amount"), limit=1)]
        assert [line.code for line in usable(connection, book)] == ["D1"]
        found = decision_page(connection, book, "D1")
    assert [(each.subject, ref.name, q.amount) for each, ref, q in found.given] == [("grant:G1", "阳光社工站", 400)]
    assert lines[0].doubts == ("few", "even", "unsupervised")


BOOKS = count(1)
STEPS = st.lists(
    st.tuples(st.sampled_from(["award", "award", "pay", "reverse", "close"]), st.integers(1, 600), st.integers(0, 9)),
    max_size=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(steps=STEPS)
def test_whatever_happens_no_decision_is_exceeded(engine, steps):
    small = Small(engine, code=f"d{next(BOOKS)}")
    small.give(100_000)
    decide(small)
    awards = []
    for kind, amount, pick in steps:
        chosen = awards[pick % len(awards)] if awards else None
        try:
            if kind == "award":
                awards.append((f"G{len(awards)}", grant(small, f"G{len(awards)}", amount)))
            elif chosen and kind == "pay":
                small.do(pay_grant, chosen[0], [("fund:general", amount)], "bank:main")
                small.serve(f"S{pick}-{len(bodies(engine, book=small.code))}", [(f"grant:{chosen[0]}", amount, "CNY")])
            elif chosen and kind == "reverse":
                small.reverse(chosen[1])
            elif chosen and kind == "close":
                small.do(close_grant, chosen[0], "结束")
        except LedgerError:
            continue
    log = bodies(engine, book=small.code)
    undone = {b["facts"]["reverses"] for b in log if b["kind"] == "entry.reversed"}
    closed = {b["facts"]["code"] for b in log if b["kind"] == "grant.closed"}
    paid = Counter()
    for b in log:
        if b["kind"] == "grant.paid":
            paid[b["facts"]["grant"]] += sum(f["amount"] for f in b["flows"])
    total = sum(
        paid[b["facts"]["code"]] if b["facts"]["code"] in closed else b["facts"]["amount"]
        for b in log
        if b["kind"] == "grant.awarded" and b["seq"] not in undone
    )
    assert total <= 1_000
    assert sum(paid.values()) <= 1_000
    with snapshot(engine) as connection:
        book = find_book(connection, small.code).id
        assert sum(g.amount for g in granted_under(connection, book, ["D1"]).get("D1", [])) == total
    assert findings(engine, small.code) == []
