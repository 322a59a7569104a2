"""Pipelines conserve, ages follow from provenance, years add up."""

import random
from datetime import date
from itertools import groupby

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.spans import Span
from ledger.journal import paths
from ledger.journal import tables as t
from ledger.journal.lookup import axes
from ledger.journal.read import find_book, read_bodies, snapshot
from ledger.programs.linkage import ages as module
from ledger.programs.linkage import keeping, reading
from ledger.programs.linkage.ages import ages
from ledger.programs.linkage.chosen import Chosen, months, year_of
from ledger.programs.linkage.donors import Year
from ledger.programs.linkage.pipeline import USES, pipeline_of
from ledger.programs.linkage.reading import Moved
from ledger.programs.linkage.sustain import living_of, means_of
from tests.programs.linkage.stories import HOURS, tell
from tests.support.small import Small

WHATS = ["received", "direct", "spot", "in", "out", "paid", "returned"]
WHATS += [f"{stage}-{use}" for stage in "fg" for use in USES]
moves = st.lists(
    st.builds(Moved, st.sampled_from(WHATS), st.just("CNY"), st.just("x"), st.integers(0, 999), st.integers(-99, 999)),
    max_size=30,
)


@pytest.fixture
def small(engine):
    return Small(engine)


@given(moves)
def test_what_enters_a_stage_leaves_it_or_waits(found):
    line = pipeline_of("CNY", found)
    for stage in (line.funds, line.organizations):
        assert stage.opening + stage.entered == stage.left + stage.waits
    assert line.organizations.entered == line.allocated


@given(moves, moves)
def test_periods_follow_on_each_other(first, second):
    earlier = pipeline_of("CNY", [move._replace(before=0) for move in first])
    later = [move._replace(before=0) for move in second]
    later += [move._replace(before=move.amount, amount=0) for move in first]
    line = pipeline_of("CNY", later)
    assert line.funds.opening == earlier.funds.waits
    assert line.organizations.opening == earlier.organizations.waits


def held(engine, fund=None):
    """Add up what the accounts hold: at each stage, by unit."""
    a = t.axes.c
    with snapshot(engine) as connection:
        rows = connection.execute(sa.select(a.account, a.unit, a.received - a.given)).all()
    found = {}
    for account, unit, balance in rows:
        kind = account.partition(":")[0]
        if kind in {"fund", "earmark", "grant"} and (fund is None or account == fund):
            key = int(kind == "grant"), unit
            found[key] = found.get(key, 0) + balance
    return found


@pytest.mark.parametrize("seed", [4, 5])
def test_what_waits_is_what_the_accounts_hold(engine, small, seed):
    for _ in tell(small, random.Random(seed), 90):
        pass
    keeping.refresh(engine, "b")
    with snapshot(engine) as connection:
        book = find_book(connection, "b").id
        for chosen in (Chosen(), Chosen(*year_of("2026")), Chosen("2026-03", "2026-12")):
            for unit in ("CNY", HOURS):
                line = pipeline_of(unit, reading.moved(connection, book, chosen, (unit,)))
                balances = held(engine)
                assert (line.funds.waits, line.organizations.waits) == (
                    balances.get((0, unit), 0),
                    balances.get((1, unit), 0),
                )
        elder = pipeline_of("CNY", reading.moved(connection, book, Chosen(fund="elder"), ("CNY",)))
        assert elder.funds.waits == held(engine, "fund:elder")[0, "CNY"]


def brute(engine, unit, stage):
    """Tell of every unit that waits when its waiting began: (day, how many), by following all of them."""
    found = []
    with snapshot(engine) as connection:
        book = find_book(connection, "b").id
        for account in module._accounts(connection, book, [unit]):
            if account.stage != stage:
                continue
            for span in account.free:
                for piece in range(span.lo, span.hi):
                    steps = paths.backward(connection, book, account.no, Span(piece, piece + 1))
                    known = axes(connection, book, {step.axis for step in steps})
                    kinds = ("source:",) if not stage else ("source:", "fund:", "earmark:")
                    step = next(s for s in steps[1:] if known[s.axis].account.startswith(kinds))
                    found.append(read_bodies(connection, book, [step.seq])[step.seq]["dated"])
    return sorted(found)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_ages_are_those_of_the_units_that_wait(engine, small):
    for month, amount in ((1, 5), (2, 7), (3, 4), (4, 6)):
        small.day = date(2026, month, 10)
        seq = small.give(amount)
        if month == 2:
            second = seq
    small.day = date(2026, 5, 10)
    small.grant("G1", 8)  # all of January, three of February
    small.refund(second, 2)  # leaves a hole behind it
    small.day = date(2026, 6, 10)
    small.back("G1", 2)
    with snapshot(engine) as connection:
        found = ages(connection, find_book(connection, "b").id, ["CNY"], None)
    for stage in (0, 1):
        days = brute(engine, "CNY", stage)
        age = found[stage, "CNY"]
        assert age.amount == len(days)
        assert age.oldest.isoformat() == days[0]
        assert age.median.isoformat() == days[(len(days) - 1) // 2]
    assert found[1, "CNY"].oldest == date(2026, 5, 10)
    assert found[0, "CNY"].oldest == date(2026, 1, 10)


def test_a_transfer_does_not_make_money_young_again(engine, small):
    small.day = date(2026, 1, 10)
    small.give(100)
    small.day = date(2026, 8, 10)
    small.move("fund:general", "fund:elder", 100)
    with snapshot(engine) as connection:
        book = find_book(connection, "b").id
        assert ages(connection, book, ["CNY"], None)[0, "CNY"].oldest == date(2026, 1, 10)
        assert ages(connection, book, ["CNY"], [], "elder")[0, "CNY"].oldest_account == "fund:elder"
        assert ages(connection, book, ["CNY"], [], "general") == {}
        assert ages(connection, book, [HOURS], None) == {}


def test_what_comes_back_from_a_service_taken_back_is_as_old_as_it_is(engine, small):
    small.day = date(2026, 1, 10)
    small.give(100)
    small.day = date(2026, 2, 10)
    small.grant("G1", 60)
    small.day = date(2026, 3, 10)
    used = [("grant:G1", 60, "CNY"), ("fund:general", 40, "CNY")]
    seq = small.serve("S1", used)
    small.day = date(2026, 9, 10)
    small.reverse(seq)
    with snapshot(engine) as connection:
        found = ages(connection, find_book(connection, "b").id, ["CNY"], None)
    assert (found[0, "CNY"].oldest, found[1, "CNY"].oldest) == (date(2026, 1, 10), date(2026, 2, 10))


@pytest.mark.parametrize("gifts", [5, 3000])
def test_ages_cost_the_same_number_of_statements_for_any_number_of_gifts(engine, small, query_count, gifts):
    small.give_many(gifts)
    small.grant("G1", gifts * 40)
    small.refund(small.give(50))
    small.give(70)
    with snapshot(engine) as connection, query_count(engine) as sent:
        ages(connection, find_book(connection, "b").id, ["CNY"], None)
    assert len([s for s in sent if not s.startswith("BEGIN")]) == 4


@given(st.integers(0, 40), st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=6))
def test_samples_stand_for_all_that_is_held(no, steps):
    free, at = [], 0
    for gap, size in steps:
        free.append(Span(at + gap, at + gap + size))
        at += gap + size
    account = module.Account(no, "fund:x", "CNY", 0, tuple(free))
    samples = list(module._samples([account]))
    assert sum(sample.weight for sample in samples) == account.held
    assert all(any(lo <= sample.at < hi for lo, hi in free) for sample in samples)
    assert samples[0].at == free[0].lo


# --------------------------------------------------------------------------------- years


def test_years_add_up_by_means():
    income = {
        ("2025", "individual"): 700,
        ("2025", "sales"): 200,
        ("2025", "contract/c1"): 100,
        ("2025", "opening"): 5000,
        ("2026", "government-purchase"): 30,
    }
    kinds = {"individual": "donation", "sales": "income", "government-purchase": "public", "opening": "opening"}
    new, old = living_of(income, kinds, [Year("2025", 9, 8, 8, 0)])
    assert (old.year, old.income, dict(old.amounts)) == (
        "2025",
        1000,
        {"donation": 700, "own": 200, "public": 100, "other": 5000},
    )
    assert [old.share(means) for means in ("donation", "own", "public")] == [700, 200, 100]
    assert (new.share("public"), new.share("own"), new.again) == (1000, 0, None)


def test_a_year_without_income_has_no_shares():
    (year,) = living_of({}, {}, [Year("2026", 3, 0, 0, 0)])
    assert (year.income, year.share("own"), year.again) == (0, None, None)


@pytest.mark.parametrize(
    ("donors", "again", "told"),
    [(4, 0, None), (5, 0, 0), (9, 4, None), (9, 6, None), (10, 5, 50), (40, 38, None), (40, 35, 88), (5, 5, 100)],
)
def test_how_many_came_back_is_told_only_of_groups_of_five_or_more(donors, again, told):
    (year,) = living_of({}, {}, [Year("2026", 99, 50, donors, again)])
    assert year.again == told


def test_unknown_sources_are_donations():
    assert means_of("jar", "") == "donation"
    assert means_of("surplus", "income") == "other"


# --------------------------------------------------------------------------------- periods


def test_periods():
    assert (Chosen().grain, Chosen(*year_of("2026")).grain, Chosen("2026-02").grain) == ("a", "y", "m")
    assert Chosen(*year_of("2026")).spans == ("2026", "2026")
    assert Chosen(until="2026-02").spans == ("", "2026-02")
    assert months("2025-11", "2026-02") == ("2025-11", "2025-12", "2026-01", "2026-02")
    assert [len(list(group)) for _, group in groupby(months("2024-01", "2025-12"), lambda m: m[:4])] == [12, 12]
