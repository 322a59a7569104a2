"""What is carried from page to page is what adding up anew gives, and never that of another log."""

import pytest

from ledger.funds import crossing, given, recent
from ledger.funds.queries import fund_page, funds_page
from ledger.journal import carried
from ledger.journal.read import snapshot
from tests.support.small import Small

SHELVES = (crossing._shelf, given._shelf, recent._shelf, carried._counts)


def read(engine):
    with snapshot(engine) as connection:
        return fund_page(connection, "b", "general"), funds_page(connection, "b")


def steps(small):
    small.give(1000)
    yield
    small.grant("G1", 600)
    small.serve("S1", [("grant:G1", 10, "CNY"), ("fund:general", 5, "CNY")])
    yield
    small.serve("S2", [("grant:G1", 20, "CNY")])
    small.back("G1", 30)
    yield
    small.reverse(small.serve("S3", [("grant:G1", 40, "CNY")]))
    small.reverse(small.give(77))
    yield
    small.move("fund:general", "fund:elder", 50)
    small.spend("fund:general", 25)
    small.give_many(30)
    yield


@pytest.mark.parametrize("far", [0, carried.FAR])
def test_added_to_or_made_anew_it_is_the_same(engine, monkeypatch, far):
    monkeypatch.setattr(carried, "FAR", far)
    small = Small(engine)
    for _ in steps(small):
        kept = read(engine)
        for shelf in SHELVES:
            shelf._kept.clear()
        assert read(engine) == kept


def test_another_log_is_not_taken_for_it(engine):
    small = Small(engine)
    small.give(1000)
    read(engine)
    for shelf in SHELVES:
        for key, (end, value) in list(shelf._kept.items()):
            shelf._kept[key] = end._replace(leaf=b"another"), value
    before = read(engine)
    for shelf in SHELVES:
        shelf._kept.clear()
    assert read(engine) == before
