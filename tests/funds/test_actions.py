"""Funds are opened, earmarked, moved between and spent."""

import pytest

from ledger.core.entry import Posting
from ledger.core.errors import (
    AlreadyOpenError,
    ClosedObjectError,
    DirectionError,
    MalformedError,
    OverspentError,
    RepeatedRefError,
    RuleError,
    UnbalancedError,
    UnknownObjectError,
    WrongUnitError,
)
from ledger.core.units import Unit
from ledger.funds.actions import (
    earmark_code,
    move_money,
    open_earmark,
    open_fund,
    open_unit,
    settle_payable,
    spend,
    transfer,
)
from ledger.journal.append import writing
from ledger.people.actions import Act, one
from tests.support.looking import balance, balances, bodies, body, check_refused, findings, moved, posted, size
from tests.support.small import DAY, Small


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def rich(small):
    small.give(10_000)
    return small


def close(small, fund):
    with writing(small.engine, "b") as w:
        return one(w, small.act().draft("fund.closed", facts={"code": fund})).seq


def test_open_fund(small):
    entry = body(small.engine, small.do(open_fund, "winter", "暖冬基金", restricted=True, purpose="御寒"))
    assert entry["kind"] == "fund.opened"
    assert entry["facts"] == {"code": "winter", "name": "暖冬基金", "restricted": True, "purpose": "御寒"}
    with check_refused(small.engine, AlreadyOpenError, "fund:winter was opened by entry"):
        small.do(open_fund, "winter", "暖冬基金")


def test_open_unit(small):
    rice = Unit.of("大米:千克", 3)
    entry = body(small.engine, small.do(open_unit, rice, "大米", "千克"))
    assert entry["kind"] == "unit.opened"
    assert entry["facts"] == {"code": "大米:千克", "name": "大米", "measure": "千克", "scale": 3, "kind": "goods"}
    small.give(1500, unit=rice.code, value=900)
    assert (
        balance(small.engine, "fund:general", rice.code) == balance(small.engine, "inventory:main", rice.code) == 1500
    )
    with check_refused(small.engine, AlreadyOpenError, "unit:大米:千克 was opened by entry"):
        small.do(open_unit, rice, "大米", "千克")


def test_an_earmark_is_opened_once_for_a_purpose(small):
    first = small.do(open_earmark, "general", "给武汉买口罩")
    entries = size(small.engine)
    assert small.do(open_earmark, "general", "给武汉买口罩") == first
    assert size(small.engine) == entries
    assert first == f"earmark:{earmark_code('general', '给武汉买口罩')}"
    assert small.do(open_earmark, "general", "别的") != first
    facts = bodies(small.engine, "earmark.opened")[0]["facts"]
    assert facts == {"code": first.partition(":")[2], "fund": "general", "purpose": "给武汉买口罩"}


@pytest.mark.parametrize(
    ("fund", "purpose", "error", "match"),
    [("general", " ", MalformedError, "needs a purpose"), ("none", "x", UnknownObjectError, "fund:none is not in")],
)
def test_earmarks_refused(small, fund, purpose, error, match):
    with check_refused(small.engine, error, match):
        small.do(open_earmark, fund, purpose)


@pytest.mark.parametrize("category", ["direct", "administration", "fundraising"])
def test_spend(rich, category):
    entry = body(rich.engine, rich.spend("fund:general", 300, category))
    assert moved(entry) == [("fund:general", f"outcome:{category}", 300, "CNY")]
    assert posted(entry) == [("bank:main", -300, "CNY")]
    assert entry["facts"] == {"category": category}
    assert balance(rich.engine, "fund:general") == balance(rich.engine, "bank:main") == 9_700


@pytest.mark.parametrize(
    ("fund", "amount", "place", "category", "error", "match"),
    [
        ("fund:general", 10_001, "bank:main", "direct", OverspentError, "fund:general: "),
        ("fund:general", 1, "cash:main", "direct", OverspentError, "cash:main: 1 fen asked, 0 fen held"),
        ("fund:general", 1, "bank:main", "party", MalformedError, "'party' is not a category"),
        ("fund:nobody", 1, "bank:main", "direct", UnknownObjectError, "fund:nobody is not in book"),
        ("fund:general", 0, "bank:main", "direct", MalformedError, "0 is not an amount"),
        ("fund:general", -5, "bank:main", "direct", MalformedError, "-5 is not an amount"),
        ("source:individual", 1, "bank:main", "direct", DirectionError, "never moves units from source:individual"),
        ("fund:general", 1, "inventory:main", "direct", WrongUnitError, "CNY is not kept in inventory:main"),
        ("fund:general", 1, "fund:elder", "direct", WrongUnitError, "only balance-sheet accounts"),
    ],
)
def test_spending_refused(rich, fund, amount, place, category, error, match):
    with check_refused(rich.engine, error, match):
        rich.do(spend, fund, category, amount, place)


def test_accrued_then_paid(rich):
    rich.do(spend, "fund:general", "administration", 500, "payable:main")
    assert balance(rich.engine, "payable:main") == -500
    entry = body(rich.engine, rich.do(settle_payable, "payable:main", "bank:main", 500))
    assert (moved(entry), posted(entry)) == ([], [("payable:main", 500, "CNY"), ("bank:main", -500, "CNY")])
    assert balance(rich.engine, "payable:main") == 0
    assert balance(rich.engine, "fund:general") == balance(rich.engine, "bank:main") == 9_500
    assert findings(rich.engine) == []


def test_transfer_between_funds_moves_no_money(rich):
    entry = body(rich.engine, rich.move("fund:general", "fund:elder", 4_000))
    assert (moved(entry), posted(entry)) == ([("fund:general", "fund:elder", 4_000, "CNY")], [])
    assert entry["facts"] == {"reason": "调剂"}
    assert balance(rich.engine, "fund:elder") == 4_000


@pytest.mark.parametrize(
    ("giver", "taker", "amount", "error", "match"),
    [
        ("fund:general", "fund:general", 1, DirectionError, "cannot give to itself"),
        ("fund:general", "fund:elder", 10_001, OverspentError, "fund:general"),
        ("fund:general", "outcome:direct", 1, DirectionError, "fund.transferred never moves"),
        ("fund:general", "fund:gone", 1, UnknownObjectError, "fund:gone"),
    ],
)
def test_transfers_refused(rich, giver, taker, amount, error, match):
    with check_refused(rich.engine, error, match):
        rich.do(transfer, giver, taker, amount, "x")


def test_a_closed_fund_takes_and_gives_nothing(rich):
    closing = close(rich, "elder")
    for attempt in (
        lambda: rich.move("fund:general", "fund:elder", 1),
        lambda: rich.give(1, "fund:elder"),
        lambda: rich.earmark("x", "elder"),
    ):
        with check_refused(rich.engine, ClosedObjectError, f"fund:elder was closed by entry {closing}"):
            attempt()


def test_a_fund_that_holds_something_is_not_closed(rich):
    with check_refused(rich.engine, RuleError, "fund:general still holds 10000 fen"):
        close(rich, "general")


def test_money_moves_between_places_and_funds_stay(rich):
    funds = {key: held for key, held in balances(rich.engine).items() if key[0].startswith("fund:")}
    entry = body(rich.engine, rich.do(move_money, "bank:main", "cash:main", 700))
    assert (moved(entry), posted(entry)) == ([], [("bank:main", -700, "CNY"), ("cash:main", 700, "CNY")])
    assert balance(rich.engine, "cash:main") == 700
    assert {key: held for key, held in balances(rich.engine).items() if key[0].startswith("fund:")} == funds


@pytest.mark.parametrize(
    ("giver", "taker", "amount", "error", "match"),
    [
        ("bank:main", "cash:main", 10_001, OverspentError, "bank:main: 10001 fen asked, 10000 fen held"),
        ("bank:main", "bank:other", 1, UnknownObjectError, "bank:other is not in book"),
        ("bank:main", "pocket", 1, MalformedError, "'pocket' is not an account"),
        ("bank:main", "fund:elder", 1, WrongUnitError, "fund:elder holds flows"),
    ],
)
def test_moving_money_refused(rich, giver, taker, amount, error, match):
    with check_refused(rich.engine, error, match):
        rich.do(move_money, giver, taker, amount)


def test_faces_that_disagree_are_refused(rich):
    with check_refused(rich.engine, UnbalancedError, "the two faces differ by"), writing(rich.engine, "b") as w:
        draft = rich.act().draft("payable.settled", postings=[Posting("bank:main", -5, "CNY")])
        one(w, draft)


def test_the_same_ref_is_the_same_request(rich):
    act = Act("lin", DAY, "rent-march")
    made = []
    for _ in range(2):
        with writing(rich.engine, "b") as w:
            made.append(spend(w, act, "fund:general", "administration", 6_000, "bank:main", supplier="s1"))
    assert (made[0].seq, made[0].leaf) == (made[1].seq, made[1].leaf)
    assert made[1].repeated
    assert balance(rich.engine, "fund:general") == 4_000
    with check_refused(rich.engine, RepeatedRefError, "rent-march"), writing(rich.engine, "b") as w:
        spend(w, act, "fund:general", "administration", 6_001, "bank:main", supplier="s1")
