"""Goods in and out: lots, issues by lot or first in first out, write-offs, stock counts."""

from datetime import date

import pytest

from ledger.core.errors import MalformedError, NotFreeError, OverspentError, RuleError
from ledger.core.spans import Span
from ledger.core.units import Unit
from ledger.funds.actions import open_unit, transfer
from ledger.giving.stock import actions
from ledger.giving.stock.actions import Draw, Line, Sheet, Wanted
from ledger.giving.stock.lots import holdings, lots_in
from ledger.journal.append import writing
from ledger.people.actions import one
from tests.support.looking import balance, body, check_refused, findings, moved, posted
from tests.support.small import Small

MASKS, STORE, GENERAL = "N95口罩:个", "inventory:main", "fund:general"


@pytest.fixture
def small(engine):
    return Small(engine)


def masks(small, amount, taker=GENERAL, value=None, **facts):
    return small.give(amount, taker, "source:organization", unit=MASKS, value=value, facts=facts)


def draw(amount, *lots, giver=GENERAL):
    return Draw(MASKS, giver, STORE, amount, [Wanted(*lot) for lot in lots])


def do(small, action, *args, **more):
    """Run an action; give the numbers of its entries."""
    with writing(small.engine, "b") as writer:
        return [made.seq for made in action(writer, small.act(), *args, **more)]


def lots(small, account=None):
    """Give (lot, left, value) of all in hand, in their order."""
    with small.engine.connect() as connection:
        found = lots_in(connection, 1, holdings(connection, 1)).lots
    return [(lot.seq, lot.left, lot.value) for lot in found if account in {None, lot.account}]


def test_lots_are_what_is_left_of_receipts(small):
    first, second = masks(small, 100, value=1000, expires="2027-01-31", lot="A7"), masks(small, 50)
    assert lots(small) == [(first, 100, 1000), (second, 50, None)]
    small.issue("第一医院", GENERAL, 30)
    assert lots(small) == [(first, 70, 700), (second, 50, None)]
    with small.engine.connect() as connection:
        lot = lots_in(connection, 1, holdings(connection, 1)).lots[0]
    assert (lot.received, lot.pieces, lot.expires, lot.label) == (100, (Span(30, 100),), date(2027, 1, 31), "A7")
    assert (lot.store, lot.source, lot.found) == (STORE, "source:organization", False)


def test_units_stay_with_their_lot_when_they_move_and_come_back(small):
    first, second = masks(small, 100, value=999), masks(small, 50, "fund:elder")
    issued = small.issue("第一医院", GENERAL, 40)
    small.reverse(issued)
    assert lots(small) == [(second, 50, None), (first, 100, 999)]
    small.do(transfer, GENERAL, "fund:elder", 90, "调剂", unit=MASKS)  # the lot's 40 to 100, then its 0 to 30
    assert lots(small, GENERAL) == [(first, 10, 100)]
    assert lots(small, "fund:elder") == [(second, 50, None), (first, 90, 899)]


def test_issue_of_chosen_lots_leaves_the_others_alone(small):
    first, second = masks(small, 100), masks(small, 50)
    (_, seq) = do(small, actions.issue_to_recipient, draw(60, (second, 50), (first, 10)), "第一医院")
    assert lots(small) == [(first, 90, None)]
    entry = body(small.engine, seq)
    assert [flow["of"] for flow in entry["flows"]] == [second, first]
    assert posted(entry) == [(STORE, -60, MASKS)]
    assert entry["facts"] == {"recipient": "第一医院"}
    assert findings(small.engine) == []


def test_first_in_first_out_without_lots(small):
    _first, second = masks(small, 100), masks(small, 50)
    small.give(500)
    small.grant("G1", 500)
    (seq,) = do(small, actions.issue_to_grant, draw(120), "G1")
    assert all("of" not in flow for flow in body(small.engine, seq)["flows"])
    assert lots(small) == [(second, 30, None)]


def test_a_grant_gets_goods_and_its_service_uses_them(small):
    lot = masks(small, 100)
    small.give(10_000)
    small.grant("G1", 500)
    (seq,) = do(small, actions.issue_to_grant, draw(80, (lot, 80)), "G1")
    assert moved(body(small.engine, seq)) == [(GENERAL, "grant:G1", 80, MASKS)]
    small.serve("S1", [("grant:G1", 50, MASKS)])
    assert balance(small.engine, "service:S1", MASKS) == 50
    assert balance(small.engine, STORE, MASKS) == 20


def test_an_award_in_goods_is_not_overdrawn(small):
    masks(small, 100)
    award = {"code": "G2", "organization": "sunshine", "fund": "general", "amount": 60, "unit": MASKS}
    with writing(small.engine, "b") as writer:
        one(writer, small.act().draft("grant.awarded", facts=award))
    (seq,) = do(small, actions.issue_to_grant, draw(50), "G2")
    with check_refused(small.engine, RuleError, "awarded 60 .* and was handed 50"):
        do(small, actions.issue_to_grant, draw(11), "G2")
    small.reverse(seq)
    do(small, actions.issue_to_grant, draw(60), "G2")
    assert balance(small.engine, "grant:G2", MASKS) == 60


def test_goods_for_a_service_on_the_ledger(small):
    masks(small, 100)
    small.serve("S1", [])
    do(small, actions.issue_to_service, draw(7), "S1")
    assert balance(small.engine, "service:S1", MASKS) == 7


def test_lots_that_are_gone_are_refused(small):
    first, second = masks(small, 10), masks(small, 10, "fund:elder")
    with check_refused(small.engine, NotFreeError, f"of lot {first} 10 .* are left in fund:general, and 11"):
        do(small, actions.write_off, draw(11, (first, 11)), "lost")
    with check_refused(small.engine, NotFreeError, f"of lot {second} 0 "):
        do(small, actions.write_off, draw(1, (second, 1)), "lost")
    with check_refused(small.engine, NotFreeError, f"of lot {first} 0 "):
        do(small, actions.write_off, draw(10, (first, 5), (first, 5)), "lost")
    with check_refused(small.engine, MalformedError, "add up to 5 .*, not to 6"):
        do(small, actions.write_off, draw(6, (first, 5)), "lost")
    with check_refused(small.engine, OverspentError, "11 N95口罩:个 asked, 10 .* held"):
        do(small, actions.write_off, draw(11), "lost")


def test_write_off_says_why(small):
    lot = masks(small, 10, value=300)
    evidence = [{"sha256": "a" * 64, "name": "1.jpg", "size": 3, "media": "image/jpeg"}]
    (seq,) = do(small, actions.write_off, draw(4, (lot, 4)), "expired", note="雨季受潮", evidence=evidence)
    entry = body(small.engine, seq)
    assert entry["facts"] == {"reason": "expired", "note": "雨季受潮", "evidence": evidence}
    assert moved(entry) == [(GENERAL, "outcome:loss", 4, MASKS)]
    assert lots(small) == [(lot, 6, 180)]
    with check_refused(small.engine, MalformedError, "not as 'bored'"):
        do(small, actions.write_off, draw(1), "bored")


def test_asking_twice_is_asking_once(small):
    lot = masks(small, 10)
    act = small.act()
    for _ in range(2):
        with writing(small.engine, "b") as writer:
            actions.write_off(writer, act, draw(10, (lot, 10)), "lost")
    assert lots(small) == []


def test_a_count_records_all_differences_at_once(small):
    small.do(open_rice)
    _first, second = masks(small, 40), masks(small, 30, "fund:elder")
    rice = small.give(20, unit="大米:袋", value=1000)
    sheet = Sheet(STORE, [Line(MASKS, 25, 70), Line("大米:袋", 22, 20)], facts={"place": "一号库"})
    opened, short, surplus = do(small, actions.record_count, sheet)
    assert body(small.engine, opened)["kind"] == "source.opened"
    entry = body(small.engine, short)
    assert moved(entry) == [(GENERAL, "outcome:loss", 40, MASKS), ("fund:elder", "outcome:loss", 5, MASKS)]
    assert entry["facts"] == {"place": "一号库", "reason": "count", "counted": 25, "expected": 70}
    found = body(small.engine, surplus)
    assert (found["kind"], moved(found)) == ("income.received", [("source:surplus", GENERAL, 2, "大米:袋")])
    assert lots(small) == [(second, 25, None), (rice, 20, 1000), (surplus, 2, None)]
    assert len(do(small, actions.record_count, Sheet(STORE, [Line("大米:袋", 23, 22)]))) == 1
    assert balance(small.engine, STORE, "大米:袋") == 23
    assert findings(small.engine) == []


def open_rice(writer, act):
    return open_unit(writer, act, Unit.of("大米:袋", 0), "大米", "袋")


def test_counts_that_are_refused(small):
    masks(small, 10)
    with check_refused(small.engine, RuleError, "nothing to record"):
        do(small, actions.record_count, Sheet(STORE, [Line(MASKS, 10, 10)]))
    with check_refused(small.engine, OverspentError, "11 .* are missing, and funds hold 10"):
        do(small, actions.record_count, Sheet(STORE, [Line(MASKS, 0, 11)]))
    small.issue("第一医院", GENERAL, 10)
    with check_refused(small.engine, RuleError, "say which fund"):
        do(small, actions.record_count, Sheet(STORE, [Line(MASKS, 1, 0)]))
    do(small, actions.record_count, Sheet(STORE, [Line(MASKS, 1, 0)], taker="fund:elder"))
    assert balance(small.engine, "fund:elder", MASKS) == 1


def test_more_lots_than_a_page_reads_are_told(small):
    for _ in range(4):
        masks(small, 5)
    with small.engine.connect() as connection:
        held = holdings(connection, 1)
        assert [lots_in(connection, 1, held, most).more for most in (3, 4)] == [True, False]
