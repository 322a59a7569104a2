"""Gifts are found by what is asked, in order, page by page; a walk through many has an end and goes on from there."""

from datetime import date
from itertools import product

import pytest

from ledger.core import tracking
from ledger.giving.intake import queries, search
from ledger.giving.intake.actions import Campaign, note_receipt, open_campaign
from ledger.giving.intake.earmarks import Order, count_earmarks, earmarks, which_earmarks
from ledger.giving.intake.search import Chosen, Cursor, find_gifts
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, snapshot
from tests.support.queries import counted
from tests.support.small import Small

MASKS = "N95口罩:个"


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def many(small):
    """A dozen gifts of every sort: (entry, facts) by a name."""
    small.do(open_campaign, Campaign("winter", "暖冬", "general", date(2026, 1, 1)))
    found = {}
    found["plain"] = small.give(100, donor="王芳")
    small.day = date(2026, 3, 5)
    found["later"] = small.give(200, donor="王小明", facts={"channel": "微信"})
    found["old"] = _on(small, date(2026, 2, 1), 300, facts={"campaign": "winter"})
    found["goods"] = small.give(20, unit=MASKS, value=9_000, donor="李四")
    found["hours"] = small.give(90, unit="volunteer-hour", source="source:volunteer")
    found["earmarked"] = small.give(
        400, taker=small.earmark("图书"), facts={"channel": "微信转账", "campaign": "winter"}
    )
    found["elder"] = small.give(500, taker="fund:elder", donor="王%_明")
    with write_transaction(small.engine) as connection:
        note_receipt(connection, find_book(connection, "b").id, found["elder"], "accountant", "36060123", "0004412907")
    return found


def _on(small, day, amount, **more):
    kept, small.day = small.day, day
    seq = small.give(amount, **more)
    small.day = kept
    return seq


def find(small, size=50, **asked):
    with snapshot(small.engine) as connection:
        return find_gifts(connection, find_book(connection, "b").id, Chosen(**asked), size)


def names(many, found):
    by_seq = {seq: name for name, seq in many.items()}
    return [by_seq[seq] for seq in found.seqs]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, ["elder", "earmarked", "hours", "goods", "later", "plain", "old"]),
        ({"descending": False}, ["old", "plain", "later", "goods", "hours", "earmarked", "elder"]),
        ({"sort": "seq"}, ["elder", "earmarked", "hours", "goods", "old", "later", "plain"]),
        ({"since": "2026-03-01", "until": "2026-03-01"}, ["plain"]),
        ({"kind": "goods"}, ["goods"]),
        ({"kind": "hours"}, ["hours"]),
        ({"kind": "money"}, ["elder", "earmarked", "later", "plain", "old"]),
        ({"account": "fund:elder"}, ["elder"]),
        ({"account": "fund:general", "kind": "money"}, ["earmarked", "later", "plain", "old"]),
        ({"campaign": "winter"}, ["earmarked", "old"]),
        ({"campaign": "winter", "until": "2026-02-28"}, ["old"]),
        ({"campaign": "summer"}, []),
        ({"channel": "微信"}, ["later"]),
        ({"receipt": "yes"}, ["elder"]),
        ({"receipt": "no", "account": "fund:elder"}, []),
        ({"words": "王"}, ["elder", "later", "plain"]),
        ({"words": "王小"}, ["later"]),
        ({"words": "王%"}, ["elder"]),
        ({"words": "小明"}, []),
        ({"words": "0004412907"}, ["elder"]),
    ],
)
def test_what_is_asked_is_found(small, many, asked, wanted):
    assert names(many, find(small, **asked)) == wanted


@pytest.mark.parametrize("walk", [1, 2, 3, 20_000])
def test_wide_sets_give_the_same_however_far_one_walk_goes(small, many, monkeypatch, walk):
    asked = [
        {"kind": "money"},
        {"campaign": "winter"},
        {"receipt": "yes"},
        {"channel": "微信"},
        {"account": "fund:general"},
    ]
    wanted = [names(many, find(small, **each)) for each in asked]
    monkeypatch.setattr(search, "SMALL", 0)  # nothing is a small set now
    monkeypatch.setattr(search, "WALK", walk)
    for each, all_of_it in zip(asked, wanted, strict=True):
        for size, sort in product((1, 2, 50), ("dated", "seq")):
            seen, cursor = [], None
            for _ in range(20):
                found = find(small, size=size, sort=sort, cursor=cursor, **each)
                assert len(found.seqs) <= size
                seen += names(many, found)
                cursor = found.next or found.reached
                if cursor is None:
                    break
            assert sorted(seen) == sorted(all_of_it)
            if sort == "dated":
                assert seen == all_of_it


def test_by_entry_and_by_tracking_code(small, many):
    assert names(many, find(small, words=f"#{many['goods']}")) == ["goods"]
    assert names(many, find(small, words=str(many["goods"]))) == ["goods"]
    assert names(many, find(small, words=tracking.display(small.codes[many["old"]]))) == ["old"]
    assert find(small, words="#0").seqs == []  # an entry, but no gift


def test_very_many_of_one_name_are_cut_and_said(small, many, monkeypatch):
    monkeypatch.setattr(search, "SMALL", 2)
    found = find(small, words="王")
    assert (names(many, found), found.truncated) == (["elder", "later"], True)


@pytest.mark.parametrize(
    "text", ["", "x", "2026-01-01", "2026-01-01.", "2026-01-01.x", "２０２６-01-01.1", "2026-01-01.12345678901234567"]
)
def test_a_cursor_is_read_or_ignored(text):
    assert Cursor.read(text) is None
    assert Cursor.read(str(Cursor("2026-01-01", 12))) == ("2026-01-01", 12)


def test_rows_say_what_became_of_gifts(small, many):
    small.refund(many["later"], 50)
    small.refund(many["plain"])
    undone = small.refund(many["elder"])
    small.reverse(undone)
    small.reverse(many["goods"])
    with snapshot(small.engine) as connection:
        rows = {
            row.seq: row for row in queries.gift_rows(connection, find_book(connection, "b").id, list(many.values()))
        }
    states = {name: rows[seq].state for name, seq in many.items()}
    assert states == {
        "plain": "refunded",
        "later": "partly refunded",
        "old": "standing",
        "goods": "reversed",
        "hours": "standing",
        "earmarked": "standing",
        "elder": "standing",
    }
    assert rows[many["later"]].refunded.amount == 50
    assert rows[many["earmarked"]].fund.address == "fund:general"
    assert rows[many["elder"]].receipt == ("36060123", "0004412907", "")
    assert [rows[many[name]].donor for name in ("plain", "hours")] == ["王芳", None]


def test_the_cost_does_not_depend_on_the_number_of_gifts(small, many):
    def cost():
        with snapshot(small.engine) as connection, counted(small.engine) as sent:
            book_id = find_book(connection, "b").id
            found = find_gifts(connection, book_id, Chosen(kind="money", channel="微信"), 50)
            queries.gift_rows(connection, book_id, find_gifts(connection, book_id, Chosen(), 50).seqs)
        assert found is not None
        return len(sent)

    before = cost()
    small.give_many(60)
    assert cost() == before


def test_earmarks_with_what_is_left(small, many):
    small.give(30, taker=small.earmark("桌椅", fund="elder"))
    used = small.earmark("旧物")
    small.give(70, taker=used)
    small.spend(used, 70)

    def read(fund="", *, left=True, **order):
        with snapshot(small.engine) as connection:
            book_id = find_book(connection, "b").id
            which = which_earmarks(connection, book_id, fund, left=left)
            rows = earmarks(connection, book_id, which, Order(**order))
            assert count_earmarks(connection, which) == len(rows)
            return [(row.ref.name, row.fund.name, row.left.amount, row.received.amount, row.gifts) for row in rows]

    assert read() == [("图书", "互助基金", 400, 400, 1), ("桌椅", "敬老基金", 30, 30, 1)]
    assert [row[0] for row in read(descending=False)] == ["桌椅", "图书"]
    assert read(fund="elder") == [("桌椅", "敬老基金", 30, 30, 1)]
    assert [row[0] for row in read(left=False, by="received")] == ["图书", "旧物", "桌椅"]
