"""A book is opened; an entry is reversed."""

import pytest

from ledger.books.actions import OUTCOMES, PLACES, SOURCES, open_book, reverse
from ledger.core.errors import (
    AlreadyOpenError,
    ClosedObjectError,
    MalformedError,
    NotFoundError,
    NotFreeError,
    OverspentError,
    RepeatedRefError,
    RuleError,
)
from ledger.funds.actions import move_money
from ledger.journal.append import writing
from ledger.journal.read import list_books, snapshot
from ledger.people.actions import Act
from ledger.programs.actions import award_grant, confirm_service, pay_grant
from tests.support.looking import balance, balances, bodies, body, check_refused, findings, moved, posted
from tests.support.small import DAY, Small


@pytest.fixture
def small(engine):
    return Small(engine)


def opened(engine, code):
    with writing(engine, code) as w:
        return open_book(w, Act("lin", DAY, "open"), "账本")


def test_a_book_opens_with_what_every_foundation_has(engine):
    opened(engine, "new")
    entries = bodies(engine, book="new")
    assert entries[0]["kind"] == "book.opened"
    assert entries[0]["facts"] == {
        "name": "账本",
        "foundation": "账本",
        "credit_code": "",
        "currency": "CNY",
        "chart": "npo-2004",
    }
    addresses = {f"{e['kind'].partition('.')[0]}:{e['facts']['code']}" for e in entries[1:]}
    assert {"unit:CNY", "unit:volunteer-hour"} <= addresses
    assert {f"source:{code}" for code, *_ in SOURCES} <= addresses
    assert {f"outcome:{code}" for code, *_ in OUTCOMES} <= addresses
    assert {f"{kind}:{code}" for kind, code, *_ in PLACES} <= addresses
    assert findings(engine, "new") == []


@pytest.mark.parametrize("code", ["", "a b", "a/b", "../x", "-x", "x" * 61, "a\n"])
def test_codes_that_no_book_can_have(engine, code):
    with pytest.raises(MalformedError, match="the code of a book"):
        opened(engine, code)
    with snapshot(engine) as connection:
        assert list_books(connection) == []


def test_a_code_is_taken_once_and_books_are_apart(engine):
    opened(engine, "one")
    with check_refused(engine, AlreadyOpenError, "there is a book 'one' already", "one"):
        opened(engine, "one")
    opened(engine, "two")
    assert bodies(engine, book="one")[0]["book"] == "one"
    assert bodies(engine, book="two")[0]["_prev"] == "0" * 64


def test_a_reversal_mirrors_exactly_and_names_its_entry(small):
    gift = small.give(1_000)
    before = balances(small.engine)
    spent = small.spend("fund:general", 300)
    entry = body(small.engine, small.reverse(spent))
    assert moved(entry) == [("outcome:administration", "fund:general", 300, "CNY")]
    assert posted(entry) == [("bank:main", 300, "CNY")]
    assert entry["facts"] == {"code": str(spent), "reverses": spent, "reason": "录入错误"}
    assert [f["of"] for f in entry["flows"]] == [spent]
    assert balances(small.engine) == before
    assert gift in small.codes
    assert findings(small.engine) == []


def test_a_reversed_service_is_closed_and_its_grant_has_the_money_again(small):
    small.give(5_000)
    small.grant("G1", 3_000)
    service = small.serve("S1", [("grant:G1", 1_200, "CNY")], grant="G1")
    entry = body(small.engine, small.reverse(service))
    assert entry["facts"]["object"] == "service:S1"
    assert balance(small.engine, "grant:G1") == 3_000
    with check_refused(small.engine, ClosedObjectError, "service:S1 was closed by entry"):
        small.do(confirm_service, "S1", "community", "heping")


def test_reversals_refused_with_the_entries_in_the_way(small):
    gift = small.give(1_000)
    first, second = small.spend("fund:general", 300), small.move("fund:general", "fund:elder", 200)
    small.give(5_000)
    with check_refused(
        small.engine, NotFreeError, f"entry {gift} cannot be reversed: entries {first}, {second} passed"
    ):
        small.reverse(gift)
    small.reverse(second)
    assert balance(small.engine, "fund:elder") == 0


def test_an_award_whose_money_is_used_up_is_not_reversed(small):
    small.give(5_000)
    award = small.do(award_grant, "G1", organization="sunshine", fund="general", amount=2_000)
    paid = small.do(pay_grant, "G1", [("fund:general", 2_000)], "bank:main")
    small.serve("S1", [("grant:G1", 2_000, "CNY")])
    assert balance(small.engine, "grant:G1") == 0
    with check_refused(small.engine, RuleError, f"paid by entries {paid}"):
        small.reverse(award)


def test_a_reversal_needs_the_money_where_it_was_put(small):
    gift = small.give(1_000)
    small.do(move_money, "bank:main", "cash:main", 600)
    with check_refused(small.engine, OverspentError, "bank:main: 1000 fen asked, 400 fen held"):
        small.reverse(gift)


def test_a_reversal_is_not_reversed(small):
    reversal = small.reverse(small.give(1_000))
    with check_refused(small.engine, RuleError, f"entry {reversal} is entry.reversed: it is corrected by"):
        small.reverse(reversal)


def test_nothing_is_reversed_twice(small):
    gift = small.give(1_000)
    first = small.reverse(gift)
    with check_refused(small.engine, AlreadyOpenError, f"entry {gift} was reversed already, by entry {first}"):
        small.reverse(gift)


@pytest.mark.parametrize("seq", [0, 3])
def test_what_opens_or_describes_is_not_reversed(small, seq):
    with check_refused(small.engine, RuleError, f"entry {seq} is .*opened: it is corrected by a change or a closing"):
        small.reverse(seq)


@pytest.mark.parametrize("seq", [9_999, -1])
def test_an_entry_that_is_not_there(small, seq):
    with check_refused(small.engine, NotFoundError, f"the book has no entry {seq}"):
        small.reverse(seq)


def test_an_award_is_reversed_only_when_no_payment_stands(small):
    small.give(5_000)
    award = small.do(award_grant, "G1", organization="sunshine", fund="general", amount=2_000)
    paid = small.do(pay_grant, "G1", [("fund:general", 2_000)], "bank:main")
    with check_refused(small.engine, RuleError, f"grant G1 was paid by entries {paid}; reverse those first"):
        small.reverse(award)
    small.reverse(paid)
    small.reverse(award)
    assert balance(small.engine, "fund:general") == 5_000
    with check_refused(small.engine, ClosedObjectError, "grant:G1 was closed"):
        small.do(pay_grant, "G1", [("fund:general", 1)], "bank:main")
    assert findings(small.engine) == []


def test_the_same_ref_is_the_same_reversal(small):
    gift, act = small.give(1_000), Act("lin", DAY, "undo")
    made = []
    for _ in range(2):
        with writing(small.engine, "b") as w:
            made.append(reverse(w, act, gift, "typed twice"))
    assert (made[1].seq, made[1].leaf, made[1].repeated) == (made[0].seq, made[0].leaf, True)
    with check_refused(small.engine, RepeatedRefError, "undo"), writing(small.engine, "b") as w:
        reverse(w, act, gift, "another reason")
