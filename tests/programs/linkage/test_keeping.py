"""The sums that pages read are what a reading from the first entry gives, however the log came about."""

import random
from collections import Counter, defaultdict

import pytest
import sqlalchemy as sa

from ledger.core.errors import NotFoundError
from ledger.giving.actions import receive_income
from ledger.journal import tables as t
from ledger.journal.read import find_book, snapshot
from ledger.programs.actions import award_grant, confirm_service
from ledger.programs.linkage import keeping, reading
from ledger.programs.linkage import tables as own
from ledger.programs.linkage.cells import CUTS
from ledger.programs.linkage.chosen import Chosen
from ledger.programs.linkage.scoring import mask_of
from ledger.web.cards import service_cards
from tests.programs.linkage.stories import HOURS, tell
from tests.support.small import Small


@pytest.fixture
def small(engine):
    return Small(engine)


def rows(engine, table, **where):
    """Read a table but for rows of nothing, which changes leave behind and a fresh reading does not."""
    query = sa.select(table).order_by(*table.primary_key)
    for name, value in where.items():
        query = query.where(table.c[name] == value)
    with snapshot(engine) as connection:
        found = [row._asdict() for row in connection.execute(query)]
    numbers = {own.sums: "services", own.moves: "amount"}.get(table)
    return [row for row in found if not numbers or row[numbers]]


def everything(engine):
    return {table.name: rows(engine, table) for table in own.ALL}


def by_cards(engine):
    """Count services by mask from the cards that their own pages show."""
    with snapshot(engine) as connection:
        book = find_book(connection, "b")
        codes = [a.partition(":")[2] for a in connection.scalars(sa.select(t.objects.c.address)) if a[:8] == "service:"]
        cards = service_cards(connection, book.id, codes)
    return Counter(mask_of(e.key for e in card.elements if e.present) for card in cards.values() if not card.reversed)


def masks(engine, **where):
    found = Counter()
    for row in rows(engine, own.sums, **({"cut": "", "fund": "", "grain": "y"} | where)):
        found[row["mask"]] += row["services"]
    return dict(found)


@pytest.mark.parametrize("seed", [1, 2])
def test_sums_kept_step_by_step_are_those_of_a_fresh_reading(engine, small, seed, monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 7)
    monkeypatch.setattr(keeping, "SECONDS", 0)
    dice = random.Random(seed)
    for _ in tell(small, dice, 110):
        if dice.random() < 0.25:
            keeping.keep_up(engine, "b")
    keeping.refresh(engine, "b")
    kept = everything(engine)
    assert masks(engine) == by_cards(engine)
    assert len(masks(engine)) > 4
    keeping.refresh(engine, "b", anew=True)
    assert everything(engine) == kept


def test_every_way_of_parting_adds_up_to_the_whole(engine, small):
    for _ in tell(small, random.Random(3), 80):
        pass
    keeping.refresh(engine, "b")
    whole, parted = masks(engine), defaultdict(Counter)
    for row in rows(engine, own.sums, fund=""):
        parted[row["cut"], row["grain"]][row["mask"]] += row["services"]
    assert set(parted) == {(cut, grain) for cut, grains in CUTS.items() for grain in grains}
    assert all(dict(counts) == whole for counts in parted.values())
    for fund in ("", "elder"):
        amounts = defaultdict(Counter)
        for row in rows(engine, own.moves, fund=fund):
            amounts[row["grain"]][row["what"], row["unit"], row["place"]] += row["amount"]
        assert amounts["a"] == amounts["y"] == amounts["m"] != {}


@pytest.mark.parametrize("fund", ["", "elder"])
def test_services_read_one_by_one_add_up_to_their_sums(engine, small, fund):
    for _ in tell(small, random.Random(6), 80):
        pass
    keeping.refresh(engine, "b")
    with snapshot(engine) as connection:
        book = find_book(connection, "b").id
        for by in ("project", "community"):
            chosen = Chosen("2026-03", "2026-10", fund)
            kept = reading.tallies(connection, book, chosen, by)
            assert kept == reading.by_service(connection, book, chosen, by, {}) != {}
        chosen = Chosen("2026-03", "2026-10", fund, community="heping", organization="sunshine")
        assert reading.tallies(connection, book, chosen, "project") == kept_by(connection, book, chosen)


def kept_by(connection, book, chosen):
    """Read the same without the parties, of which there is one each."""
    return reading.tallies(connection, book, Chosen(chosen.since, chosen.until, chosen.fund), "project")


def test_a_confirmation_that_comes_later_proves_a_party(engine, small):
    small.give(500)
    small.serve("S1", [("fund:general", 100, "CNY")])
    keeping.keep_up(engine, "b")
    assert masks(engine) == {16: 1}
    small.day = small.day.replace(month=9)
    small.do(confirm_service, "S1", "community", "heping")
    keeping.keep_up(engine, "b")
    assert masks(engine) == {17: 1}
    assert masks(engine, grain="m", span="2026-03") == {17: 1}
    assert masks(engine, grain="m", span="2026-09") == {}


def test_what_is_taken_back_is_as_if_it_had_never_been(engine, small):
    small.give(500)
    keeping.keep_up(engine, "b")
    before = everything(engine)
    seq = small.serve("S1", [("fund:general", 100, "CNY")], confirm=("community",))
    keeping.keep_up(engine, "b")
    assert masks(engine) == {17: 1}
    small.day = small.day.replace(year=2027)
    small.reverse(seq)
    keeping.keep_up(engine, "b")
    after = everything(engine)
    assert masks(engine) == {}
    for name in ("linkage_sums", "linkage_moves"):
        assert after[name] == before[name]


def test_a_fund_has_the_services_that_drew_on_it_and_what_they_drew(engine, small):
    small.give(500)
    small.give(500, taker="fund:elder")
    small.grant("G1", 300)
    small.serve("S1", [("grant:G1", 100, "CNY"), ("fund:elder", 40, "CNY"), ("source:volunteer", 30, HOURS)])
    small.serve("S2", [("fund:elder", 10, "CNY")])
    keeping.keep_up(engine, "b")
    found = {
        fund: [(row["mask"], row["services"], row["money"], row["minutes"]) for row in sums]
        for fund in ("", "general", "elder")
        for sums in [rows(engine, own.sums, cut="", grain="y", fund=fund)]
    }
    assert found == {
        "": [(16, 1, 10, 0), (26, 1, 140, 30)],
        "general": [(26, 1, 100, 0)],
        "elder": [(16, 1, 10, 0), (26, 1, 40, 0)],
    }


def test_grants_know_what_was_awarded_paid_and_returned(engine, small):
    small.give(900)
    small.grant("G1", 300)
    small.do(award_grant, "G2", organization="sunshine", fund="elder", amount=70)
    small.back("G1", 120)
    keeping.keep_up(engine, "b")
    found = {row["code"]: row for row in rows(engine, own.grants)}
    assert [found["G1"][name] for name in ("fund", "project", "amount", "paid", "returned", "closed")] == [
        *("general", "meals", 300, 300, 120, 0),
    ]
    assert [found["G2"][name] for name in ("fund", "project", "amount", "paid", "closed")] == ["elder", "", 70, 0, 0]


def test_moves_tell_sources_and_uses(engine, small):
    small.give(900)
    small.do(receive_income, "source:sales", "fund:elder", 100, "bank:main")
    small.move("fund:general", "fund:elder", 50)
    small.grant("G1", 300)
    small.serve("S1", [("grant:G1", 200, "CNY"), ("fund:elder", 60, "CNY"), ("source:volunteer", 45, HOURS)])
    small.spend("fund:general", 30)
    keeping.keep_up(engine, "b")
    found = {(r["what"], r["place"]): r["amount"] for r in rows(engine, own.moves, fund="", grain="a", unit="CNY")}
    assert found == {
        ("received", "individual"): 900,
        ("received", "sales"): 100,
        ("paid", ""): 300,
        ("g-service", "heping"): 200,
        ("f-service", "heping"): 60,
        ("f-expense", "administration"): 30,
    }
    elder = {(r["what"], r["place"]): r["amount"] for r in rows(engine, own.moves, fund="elder", grain="a")}
    assert elder == {("received", "sales"): 100, ("in", "general"): 50, ("f-service", "heping"): 60}
    hours = {(r["what"], r["place"]): r["amount"] for r in rows(engine, own.moves, fund="", grain="a", unit=HOURS)}
    assert hours == {("spot", "volunteer"): 45, ("s-service", "heping"): 45}


def test_donors_who_came_back_are_counted_by_name(engine, small):
    days = {"甲": (1, 5), "乙": (2, 2), "丙": (3,), "爱心人士": (1, 2, 3)}
    for donor, months in days.items():
        for month in months:
            small.day = small.day.replace(month=month)
            small.give(100, donor=donor)
    small.reverse(small.give(100, donor="丙"))
    small.day = small.day.replace(year=2027)
    small.give(100, donor="丙 ")
    keeping.refresh(engine, "b")
    found = [tuple(row.values())[1:] for row in rows(engine, own.donors)]
    assert found == [("2026", 8, 5, 3, 1), ("2027", 1, 1, 1, 1)]


def test_another_log_under_the_same_number_is_read_anew(engine, small):
    small.give(500)
    small.serve("S1", [("fund:general", 100, "CNY")])
    keeping.refresh(engine, "b")
    good = everything(engine)
    with engine.begin() as connection:
        connection.execute(sa.update(own.state).values(head=b"x" * 32))
        connection.execute(sa.update(own.sums).values(services=99))
    keeping.keep_up(engine, "b")
    assert everything(engine) == good


def test_another_way_of_counting_counts_anew(engine, small, monkeypatch):
    small.give(500)
    keeping.refresh(engine, "b")
    good = everything(engine)
    monkeypatch.setattr(keeping, "VERSION", keeping.VERSION + 1)
    with snapshot(engine) as connection:
        assert not keeping.covered(connection, find_book(connection, "b")).current
    keeping.keep_up(engine, "b")
    assert rows(engine, own.moves) == good["linkage_moves"]


def test_a_page_view_reads_no_more_than_it_may(engine, small, monkeypatch, query_count):
    small.give_many(30)
    monkeypatch.setattr(keeping, "MOST", 20)
    monkeypatch.setattr(keeping, "SECONDS", 0)
    with query_count(engine) as few:
        keeping.keep_up(engine, "b")
    with snapshot(engine) as connection:
        assert keeping.covered(connection, find_book(connection, "b")) == (20, False)
    small.give_many(300)
    monkeypatch.setattr(keeping, "MOST", 350)
    keeping.keep_up(engine, "b")
    small.give(5)
    keeping.refresh(engine, "b")
    with query_count(engine) as none:
        keeping.keep_up(engine, "b")
    assert len(few) < 25
    assert len([s for s in none if s.startswith("SELECT")]) == 2


def test_a_page_view_reads_on_for_a_moment(engine, small, monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 10)
    monkeypatch.setattr(keeping, "SECONDS", 60)
    small.give_many(55)
    keeping.keep_up(engine, "b")
    with snapshot(engine) as connection:
        assert keeping.covered(connection, find_book(connection, "b")).current


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_page_does_not_wait_for_a_writer(engine, small):
    with engine.connect().execution_options(ledger_writing=True) as other, other.begin():
        keeping.keep_up(engine, "b")
    assert rows(engine, own.state) == []
    keeping.keep_up(engine, "b")
    assert len(rows(engine, own.state)) == 1


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_two_pages_do_not_read_the_same_entries(engine, small):
    keeping.keep_up(engine, "b")
    small.give(5)
    with engine.begin() as other:
        other.execute(sa.select(own.state).with_for_update())
        keeping.keep_up(engine, "b")
    with snapshot(engine) as connection:
        assert not keeping.covered(connection, find_book(connection, "b")).current


def test_an_unknown_book_is_not_found(engine):
    with pytest.raises(NotFoundError):
        keeping.keep_up(engine, "nowhere")
