"""What a service or a recipient was made of, gift by gift."""

import pytest

from ledger.core.errors import NotFoundError
from ledger.journal.read import find_book, snapshot
from ledger.people.actions import erase
from ledger.programs.sources import resolve, sources_of
from tests.support.small import Small

MASKS = "N95口罩:个"
HOURS = "volunteer-hour"


@pytest.fixture
def small(engine):
    return Small(engine)


def asked(small, name):
    """Give unit → [(entry, amount, donor, source)]; each unit's parts sum to its amount."""
    with snapshot(small.engine) as connection:
        book = find_book(connection, "b").id
        found = sources_of(connection, book, resolve(connection, book, name))
    for each in found:
        assert each.amount == sum(g.amount for g in each.given)
    return {each.unit: [(g.seq, g.amount, g.donor, g.source) for g in each.given] for each in found}


def test_a_service_names_its_gifts_by_unit(small):
    first, second = small.give(600, donor="钱多多"), small.give(1_000, source="source:organization", donor="甲公司")
    masks = small.give(50, unit=MASKS, donor="孙丽")
    small.grant("G1", 1_200)
    used = [("grant:G1", 900, "CNY"), ("fund:general", 20, MASKS), ("source:volunteer", 90, HOURS)]
    service = small.serve("S1", used)
    assert asked(small, "S1") == {
        "CNY": [(first, 600, "钱多多", "source:individual"), (second, 300, "甲公司", "source:organization")],
        MASKS: [(masks, 20, "孙丽", "source:individual")],
        HOURS: [(service, 90, None, "source:volunteer")],
    }


def test_parts_of_one_gift_are_put_together(small):
    gift = small.give(1_000, donor="钱多多")
    small.move("fund:general", "fund:elder", 300)
    used = [("fund:elder", 200, "CNY"), ("fund:general", 150, "CNY"), ("fund:elder", 50, "CNY")]
    small.serve("S1", used)
    assert asked(small, "service:S1") == {"CNY": [(gift, 400, "钱多多", "source:individual")]}


def test_what_was_reversed_is_not_counted(small):
    first, second = small.give(100, unit=MASKS), small.give(100, unit=MASKS)
    wrong = small.issue("协和 医院", "fund:general", 60)
    small.issue("协和 医院", "fund:general", 70)
    small.reverse(wrong)
    assert [(seq, amount) for seq, amount, *_ in asked(small, "协和 医院")[MASKS]] == [(first, 40), (second, 30)]
    small.give(1_000)
    undone = small.serve("S1", [("fund:general", 10, "CNY")])
    small.reverse(undone)
    assert asked(small, "S1") == {}


def test_a_grant_is_made_of_what_it_kept(small):
    first, second = small.give(600), small.give(1_000)
    small.grant("G1", 1_000)
    small.serve("S1", [("grant:G1", 100, "CNY")])
    small.back("G1", 700)
    assert [(seq, amount) for seq, amount, *_ in asked(small, "G1")["CNY"]] == [(first, 100), (second, 200)]


def test_erased_donors_have_no_name(small):

    gift = small.give(100, donor="钱多多")
    small.serve("S1", [("fund:general", 100, "CNY")])
    small.do(erase, [gift])
    assert asked(small, "S1")["CNY"] == [(gift, 100, None, "source:individual")]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("S1", "service:S1"),
        ("service:S1", "service:S1"),
        ("协和 医院", "outcome:recipient/协和_医院"),
        ("recipient/协和_医院", "outcome:recipient/协和_医院"),
        ("administration", "outcome:administration"),
        ("G1", "grant:G1"),
        ("fund:elder", "fund:elder"),
    ],
)
def test_names_that_are_understood(small, name, address):
    small.give(100, unit=MASKS)
    small.give(1_000)
    small.grant("G1", 100)
    small.serve("S1", [])
    small.issue("协和 医院", "fund:general", 60)
    with snapshot(small.engine) as connection:
        assert resolve(connection, find_book(connection, "b").id, name) == address


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("协和", "did you mean outcome:recipient/协和医院"),
        ("100%", "give a service's code"),
        ("S_", "give a service's"),
    ],
)
def test_unknown_names_are_answered_with_near_ones(small, name, match):
    small.give(100, unit=MASKS)
    small.serve("S1", [])
    small.issue("协和医院", "fund:general", 60)
    with snapshot(small.engine) as connection, pytest.raises(NotFoundError, match=match):
        resolve(connection, find_book(connection, "b").id, name)
