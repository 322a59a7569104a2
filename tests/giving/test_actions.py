"""Donations are received and refunded; other income is received."""

import pytest

from ledger.core import tracking
from ledger.core.errors import (
    DirectionError,
    MalformedError,
    NotFreeError,
    OverspentError,
    RepeatedRefError,
    RuleError,
    UnbalancedError,
    UnknownObjectError,
    WrongUnitError,
)
from ledger.giving.actions import Donation, receive, receive_income, refund
from ledger.journal.append import writing
from ledger.people.actions import Act, one
from tests.support.looking import balance, balances, body, check_refused, findings, moved, posted, private, size
from tests.support.small import DAY, KEY, Small

MASKS = "N95口罩:个"
HOURS = "volunteer-hour"


@pytest.fixture
def small(engine):
    return Small(engine)


def test_money_is_received(small):
    seq = small.give(1_000, donor="钱多多", remark="给孩子们", facts={"channel": "wechat"})
    entry = body(small.engine, seq)
    assert moved(entry) == [("source:individual", "fund:general", 1_000, "CNY")]
    assert posted(entry) == [("bank:main", 1_000, "CNY")]
    code = small.codes[seq]
    assert tracking.parse(tracking.display(code)) == code == tracking.derive(KEY, "b", entry["ref"])
    assert entry["facts"]["code"] == tracking.digest(code)
    assert entry["facts"]["channel"] == "wechat"
    assert set(entry["facts"]["private"]) == {"donor", "remark"}
    assert private(small.engine, "donor")[(seq, "donor")] == "钱多多"
    assert code not in str(entry)
    assert "钱多多" not in str(entry)


def test_an_anonymous_gift_leaves_nothing_beside_the_ledger(small):
    seq = small.give(1_000, source="source:public")
    assert "private" not in body(small.engine, seq)["facts"]
    assert [at for at, _ in private(small.engine) if at == seq] == []


def test_goods_are_received_with_their_value(small):
    entry = body(small.engine, small.give(500, unit=MASKS, value=250_000))
    assert moved(entry) == [("source:individual", "fund:general", 500, MASKS)]
    assert entry["flows"][0]["value"] == 250_000
    assert posted(entry) == [("inventory:main", 500, MASKS)]


def test_hours_are_received_and_never_posted(small):
    entry = body(small.engine, small.give(90, source="source:volunteer", unit=HOURS))
    assert (moved(entry), posted(entry)) == ([("source:volunteer", "fund:general", 90, HOURS)], [])


def test_an_earmarked_gift_lies_in_its_earmark(small):
    address = small.earmark("给武汉买口罩")
    small.give(700, taker=address)
    assert (balance(small.engine, address), balance(small.engine, "fund:general")) == (700, 0)


@pytest.mark.parametrize(
    ("donation", "error", "match"),
    [
        (Donation("source:individual", "fund:nobody", 5), UnknownObjectError, "fund:nobody is not in book"),
        (Donation("source:martian", "fund:general", 5), UnknownObjectError, "source:martian"),
        (Donation("source:individual", "fund:general", 5, place="bank:x"), UnknownObjectError, "bank:x"),
        (Donation("source:individual", "fund:general", 0), MalformedError, "0 is not an amount"),
        (Donation("source:individual", "fund:general", -1), MalformedError, "-1 is not an amount"),
        (Donation("source:individual", "fund:general", 2**53), MalformedError, "is not an amount"),
        (Donation("source:individual", "fund:general", 1.0), MalformedError, "1.0 is not an amount"),
        (Donation("source:individual", "outcome:direct", 5), DirectionError, "donation.received never moves"),
        (Donation("fund:elder", "fund:general", 5), DirectionError, "donation.received never moves"),
        (Donation("source:individual", "fund:general", 5, "大米:吨"), UnknownObjectError, "大米:吨"),
        (Donation("source:individual", "fund:general", 5, MASKS), WrongUnitError, "not kept in bank:main"),
        (Donation("source:individual", "fund:general", 5, place=None), UnbalancedError, "the two faces differ by"),
        (Donation("source:individual", "fund:general", 5, donor="a\0"), MalformedError, "private field 'donor'"),
    ],
)
def test_donations_refused(small, donation, error, match):
    with check_refused(small.engine, error, match), writing(small.engine, "b") as w:
        receive(w, small.act(), donation, code_key=KEY)
    assert private(small.engine, "donor") == {}


def test_the_same_ref_is_the_same_gift_and_code(small):
    act, donation = Act("lin", DAY, "box-7"), Donation("source:individual", "fund:general", 100, donor="钱多多")
    made = []
    for _ in range(2):
        with writing(small.engine, "b") as w:
            made.append(receive(w, act, donation, code_key=KEY))
    assert made[1] == made[0]._replace(repeated=True)
    assert balance(small.engine, "bank:main") == 100
    others = [
        Donation("source:individual", "fund:general", 101, donor="钱多多"),
        Donation("source:individual", "fund:general", 100, donor="别人"),
        Donation("source:individual", "fund:elder", 100, donor="钱多多"),
    ]
    for other in others:
        with check_refused(small.engine, RepeatedRefError, "box-7"), writing(small.engine, "b") as w:
            receive(w, act, other, code_key=KEY)


def test_income_that_is_no_donation(small):
    small.do(lambda w, act: one(w, act.draft("contract.opened", facts={"code": "C1", "name": "居家养老"})))
    seq = small.do(receive_income, "source:government-purchase", "fund:elder", 900, "bank:main", contract="C1")
    entry = body(small.engine, seq)
    assert (entry["kind"], entry["facts"]) == ("income.received", {"contract": "C1"})
    assert moved(entry) == [("source:government-purchase", "fund:elder", 900, "CNY")]
    assert posted(entry) == [("bank:main", 900, "CNY")]


def test_a_refund_gives_back_the_gifts_own_units(small):
    small.give(300)
    gift = small.give(1_000)
    small.give(50)
    entry = body(small.engine, small.refund(gift, 400))
    assert entry["facts"] == {"donation": gift, "reason": "捐赠人要求"}
    assert [(f["out"], f["amount"], f["of"]) for f in entry["flows"]] == [(300, 400, gift)]
    assert posted(entry) == [("bank:main", -400, "CNY")]
    assert balance(small.engine, "outcome:refund") == 400
    rest = body(small.engine, small.refund(gift))
    assert [(f["out"], f["amount"]) for f in rest["flows"]] == [(700, 600)]
    assert balance(small.engine, "fund:general") == 350
    assert findings(small.engine) == []


def test_a_refund_follows_the_gift_into_other_funds(small):
    gift = small.give(1_000)
    small.move("fund:general", "fund:elder", 600)
    small.spend("fund:elder", 100)
    entry = body(small.engine, small.refund(gift))
    assert sorted(moved(entry)) == [
        ("fund:elder", "outcome:refund", 500, "CNY"),
        ("fund:general", "outcome:refund", 400, "CNY"),
    ]
    assert posted(entry) == [("bank:main", -900, "CNY")]


def test_more_than_is_left_is_not_refunded(small):
    gift = small.give(1_000)
    small.give(5_000)
    small.spend("fund:general", 300)
    with check_refused(small.engine, NotFreeError, f"of donation {gift} 700 fen still lie in funds; 701 fen were"):
        small.refund(gift, 701)
    small.refund(gift, 700)
    with check_refused(small.engine, NotFreeError, f"nothing of donation {gift} lies in funds any more"):
        small.refund(gift)


@pytest.mark.parametrize("amount", [0, -5])
def test_a_refund_is_of_something(small, amount):
    gift = small.give(1_000)
    with check_refused(small.engine, MalformedError, f"{amount} is not an amount"):
        small.refund(gift, amount)


def test_only_donations_are_refunded(small):
    small.give(1_000)
    for seq in (small.spend("fund:general", 5), small.move("fund:general", "fund:elder", 5), 0, 999):
        with check_refused(small.engine, RuleError, f"entry {seq} is not a donation"):
            small.refund(seq)


def test_a_reversed_donation_is_not_refunded(small):
    gift = small.give(1_000)
    small.reverse(gift)
    with check_refused(small.engine, NotFreeError, "nothing of donation"):
        small.refund(gift)


def test_a_refund_needs_the_money_where_it_is_paid_from(small):
    gift = small.give(1_000)
    with check_refused(small.engine, OverspentError, "cash:main"):
        small.do(refund, gift, "asked", "cash:main")


def test_goods_and_hours_are_given_back_too(small):
    goods, hours = small.give(10, unit=MASKS), small.give(90, source="source:volunteer", unit=HOURS)
    entry = body(small.engine, small.do(refund, goods, "wrong size", "inventory:main", 4))
    assert posted(entry) == [("inventory:main", -4, MASKS)]
    entry = body(small.engine, small.do(refund, hours, "never came", "bank:main"))
    assert (moved(entry), posted(entry)) == ([("fund:general", "outcome:refund", 90, HOURS)], [])
    assert balances(small.engine)[("fund:general", MASKS)] == 6


@pytest.mark.parametrize("amount", [None, 600])
def test_a_refund_asked_twice_is_paid_once(small, amount):
    gift, act = small.give(1_000), Act("lin", DAY, "refund-1")
    small.move("fund:general", "fund:elder", 400)
    made = []
    for _ in range(2):
        with writing(small.engine, "b") as w:
            made.append(refund(w, act, gift, "asked", "bank:main", amount))
    assert (made[1].seq, made[1].leaf, made[1].repeated) == (made[0].seq, made[0].leaf, True)
    assert balance(small.engine, "bank:main") == 1_000 - (amount or 1_000)
    entries = size(small.engine)
    for other in ((gift, "asked", "bank:main", 599), (gift, "why not", "bank:main", amount)):
        with check_refused(small.engine, RepeatedRefError, "was used by entry"), writing(small.engine, "b") as w:
            refund(w, act, *other)
    assert size(small.engine) == entries
