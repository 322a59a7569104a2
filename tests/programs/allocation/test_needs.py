"""Needs: raised, changed, closed; listed, matched, and what is unmet."""

from datetime import date

import pytest

from ledger.core.errors import AlreadyOpenError, ClosedObjectError, MalformedError, UnknownObjectError
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import open_party
from ledger.programs.actions import award_grant, pay_grant
from ledger.programs.allocation.codes import next_code
from ledger.programs.allocation.grants.actions import Award, award
from ledger.programs.allocation.needs.actions import Need, change_need, close_need, raise_need
from ledger.programs.allocation.needs.matching import fit, matching
from ledger.programs.allocation.needs.queries import (
    Chosen,
    need_object,
    read_need,
    read_needs,
    selection,
    unmet_by_category,
)
from tests.support.looking import body, check_refused, findings, moved, posted, private

HOURS, MASKS = "volunteer-hour", "N95口罩:个"
DAY = date(2026, 2, 1)
TODAY = date(2026, 3, 3)


def need(code="N1", **more):
    facts = {
        "title": "独居老人的午餐",
        "category": "meals",
        "community": "heping",
        "raised_by": "resident",
        "raised": DAY,
        "residents": 12,
        "wanted": [("CNY", 1_000), (HOURS, 90)],
    }
    return Need(code, **(facts | more))


def read(small, function, *args, **more):
    with snapshot(small.engine) as connection:
        return function(connection, find_book(connection, "b").id, *args, **more)


def listed(small, **chosen):
    return [line.code for line in read(small, read_needs, Chosen(**chosen), TODAY, limit=50)]


def test_a_need_moves_nothing(small):
    entry = body(small.engine, small.do(raise_need, need(description="每周五天")))
    assert (moved(entry), posted(entry)) == ([], [])
    assert entry["facts"] == {
        "code": "N1",
        "title": "独居老人的午餐",
        "category": "meals",
        "community": "heping",
        "raised_by": "resident",
        "raised": "2026-02-01",
        "wanted": [{"unit": "CNY", "amount": 1_000}, {"unit": HOURS, "amount": 90}],
        "residents": 12,
        "description": "每周五天",
    }


def test_the_number_of_a_small_group_stays_off_the_log(small):
    seq = small.do(raise_need, need(residents=3))
    assert body(small.engine, seq)["facts"]["residents_below"] == 5
    assert "residents" not in body(small.engine, seq)["facts"]
    assert private(small.engine, "residents") == {(seq, "residents"): "3"}
    assert read(small, read_need, "N1", TODAY).residents == 1
    assert findings(small.engine) == []


@pytest.mark.parametrize(
    ("facts", "error", "match"),
    [
        ({"title": " "}, MalformedError, "the title of the need is missing"),
        ({"category": "cars"}, MalformedError, "'cars' is not a kind of service"),
        ({"raised_by": "mayor"}, MalformedError, "raised by one of"),
        ({"raised": date(2026, 3, 2)}, MalformedError, "still to come"),
        ({"residents": -1}, MalformedError, "-1 residents cannot be"),
        ({"wanted": [("CNY", 0)]}, MalformedError, "0 is not an amount"),
        ({"wanted": [("CNY", 1), ("CNY", 2)]}, MalformedError, "unit CNY stands there twice"),
        ({"wanted": [("手套:副", 1)]}, UnknownObjectError, "unit:手套:副"),
        ({"community": "mars"}, UnknownObjectError, "community:mars"),
    ],
)
def test_needs_refused(small, facts, error, match):
    with check_refused(small.engine, error, match):
        small.do(raise_need, need(**facts))


def test_a_need_is_changed_and_closed_once(small):
    small.do(raise_need, need())
    with check_refused(small.engine, AlreadyOpenError, "need:N1"):
        small.do(raise_need, need())
    small.do(change_need, need(title="改了", wanted=[]))
    assert read(small, read_need, "N1", TODAY).title == "改了"
    with check_refused(small.engine, MalformedError, "it is met or withdrawn"):
        small.do(close_need, "N1", "forgotten", "x")
    with check_refused(small.engine, MalformedError, "the reason is missing"):
        small.do(close_need, "N1", "met", " ")
    small.do(close_need, "N1", "met", "每天送到")
    line = read(small, read_need, "N1", TODAY)
    assert (line.state, line.reason, line.age) == ("met", "每天送到", 28)
    with check_refused(small.engine, ClosedObjectError, "need:N1"):
        small.do(change_need, need())


def wants(small):
    return [tuple(q.amount for q in want) for want in read(small, read_need, "N1", TODAY).wants]


def test_what_grants_and_services_give_is_counted_once(small):
    small.give(10_000)
    small.do(raise_need, need())
    assert wants(small) == [(1_000, 0, 0, 1_000), (90, 0, 0, 90)]
    small.do(award, Award("G1", "sunshine", "general", 600, need=["N1"]))
    small.do(award_grant, "G2", organization="sunshine", fund="general", amount=500)
    small.do(pay_grant, "G1", [("fund:general", 600)], "bank:main")
    small.do(pay_grant, "G2", [("fund:general", 500)], "bank:main")
    served = small.serve("S1", [("grant:G1", 400, "CNY"), ("source:volunteer", 60, HOURS)], need=["N1"])
    small.serve("S2", [("grant:G2", 300, "CNY")], need="N1")
    assert wants(small) == [(1_000, 600, 700, 100), (90, 0, 60, 30)]
    small.reverse(served)
    assert wants(small) == [(1_000, 600, 300, 100), (90, 0, 0, 90)]


def test_lists_are_chosen_and_put_in_order(small):
    small.give(1_000)
    small.do(open_party, "community", "xinhua", name="新华社区")
    small.do(raise_need, need("N1", raised=date(2026, 1, 5)))
    small.do(raise_need, need("N2", community="xinhua", category="health", title="康复训练", raised=DAY))
    small.do(raise_need, need("N3", title="一顿热饭", wanted=[]))
    small.do(award, Award("G1", "sunshine", "general", 600, need=["N3"]))
    small.do(close_need, "N2", "withdrawn", "搬走了")
    assert listed(small) == ["N3", "N2", "N1"]
    assert listed(small, sort="raised", descending=False) == ["N1", "N3", "N2"]
    assert listed(small, community="xinhua") == ["N2"]
    assert listed(small, category="meals") == ["N3", "N1"]
    assert listed(small, words="热饭") == ["N3"]
    assert listed(small, words="n2") == ["N2"]
    assert listed(small, state="open") == ["N1"]
    assert listed(small, state="partly") == ["N3"]
    assert listed(small, state="withdrawn") == ["N2"]
    assert listed(small, state="met") == []
    assert read(small, selection, Chosen(state="partly")).kind == "need"
    with snapshot(small.engine) as connection:
        assert selection(connection, find_book(connection, "b").id, Chosen(state="partly")).count() == 1


def test_a_grant_taken_back_meets_nothing(small):
    small.do(raise_need, need())
    given = small.do(award, Award("G1", "sunshine", "general", 600, need=["N1"]))
    assert listed(small, state="partly") == ["N1"]
    small.reverse(given)
    assert (listed(small, state="partly"), wants(small)[0]) == ([], (1_000, 0, 0, 1_000))


def test_what_is_unmet_is_added_up_by_category(small):
    small.do(raise_need, need("N1"))
    small.do(raise_need, need("N2", wanted=[("CNY", 500)], raised=date(2026, 1, 2)))
    small.do(raise_need, need("N3", category="health", wanted=[]))
    small.do(raise_need, need("N4"))
    small.do(close_need, "N4", "met", "好")
    small.do(award, Award("G1", "sunshine", "general", 2_000, need=["N1"]))
    meals, health = read(small, unmet_by_category, TODAY)
    assert (meals.category, meals.needs, meals.oldest) == ("meals", 2, 60)
    assert [(q.amount, q.unit.code) for q in meals.unmet] == [(500, "CNY"), (90, HOURS)]
    assert (health.category, health.unmet) == ("health", ())
    assert read(small, unmet_by_category, TODAY, "nowhere") == []


def test_what_could_meet_a_need(small):
    small.give(7_000)
    small.give(800, "fund:elder")
    small.give(300, small.earmark("长者午餐补贴"))
    small.give(200, small.earmark("图书角"))
    small.give(40, unit=MASKS)
    small.give(120, source="source:volunteer", unit=HOURS)
    small.do(raise_need, need(wanted=[("CNY", 1_000), (MASKS, 10)]))
    with snapshot(small.engine) as connection:
        book = find_book(connection, "b").id
        could = matching(connection, book, need_object(connection, book, "N1"))
    assert [(s.ref.name, s.held.amount) for s in could.sources] == [
        ("长者午餐补贴", 300),
        ("互助基金", 7_000),
    ]
    assert [(ref.address, held.amount) for ref, held in could.goods] == [("fund:general", 40)]
    assert [held.amount for _, held in could.hours] == [120]
    assert could.volunteers == 1
    assert [(p.ref.code, p.here) for p in could.projects] == [("meals", False)]


def test_words_fit_by_parts():
    assert fit("meals", "独居老人的午餐", "长者午餐补贴") > fit("meals", "独居老人的午餐", "老人探访") > 0
    assert fit("meals", "独居老人的午餐", "图书角") == 0


def test_codes_go_on_from_the_last(small):
    def code(letter="N"):
        return read(small, next_code, "need", letter, date(2026, 5, 1))

    assert code() == "N2026-001"
    for used in ("N2026-009", "N2026-1000", "N2025-050"):
        small.do(raise_need, need(used))
    assert code() == "N2026-1001"
    assert code("M") == "M2026-001"
