"""A rehearsal shows what would happen, exactly, and leaves nothing behind."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.books.money import commands as money
from ledger.desk.commands import DeskAct, Tools
from ledger.desk.effects import rehearse
from ledger.journal.append import writing
from tests.support.looking import balances, findings, size


def act(ref="desk/x"):
    return DeskAct("u-anna", date(2026, 3, 2), ref, "u-ben", tools=Tools(bytes(32), Path()), rehearsal=True)


def expense(amount):
    return {"fund": "fund:general", "category": "administration", "place": "bank:main", "amount": amount}


def test_it_tells_accounts_before_and_after_and_the_gifts_drawn_on(engine, small):
    first, second, _ = small.give(600), small.give(500), small.give(10_000)
    before = size(engine), balances(engine)
    effect = rehearse(engine, "b", money.SPEND, act(), expense(1_000))
    assert (size(engine), balances(engine)) == before
    changes = {change.account.address: (change.before.amount, change.after.amount) for change in effect.changes}
    assert changes == {
        "fund:general": (11_100, 10_100),
        "outcome:administration": (0, 1_000),
        "bank:main": (11_100, 10_100),
    }
    (draws,) = effect.draws
    assert (draws.account.address, draws.quantity.amount, draws.gifts) == ("fund:general", 1_000, 2)
    assert (draws.first_seq, draws.last_seq, draws.otherwise) == (first, second, 0)
    assert [line.kind for line in effect.lines] == ["expense.recorded"]
    assert findings(engine) == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(1, 400), min_size=1, max_size=4))
def test_what_is_shown_is_what_happens(engine, small, amounts):
    small.give(sum(amounts))
    for amount in amounts:
        shown = rehearse(engine, "b", money.SPEND, act(), expense(amount))
        with writing(engine, "b") as writer:
            money.SPEND.run(writer, act(f"desk/{size(engine)}"), expense(amount))
        held = balances(engine)
        for change in shown.changes:
            assert held.get((change.account.address, "CNY"), 0) == change.after.amount


def test_its_cost_does_not_grow_with_the_gifts_it_draws_on(engine, small, query_count):
    small.give(100)
    with query_count(engine) as few:
        rehearse(engine, "b", money.SPEND, act(), expense(50))
    small.give_many(300)
    with query_count(engine) as many:
        rehearse(engine, "b", money.SPEND, act(), expense(25_000))
    assert len(many) <= len(few) + 1
