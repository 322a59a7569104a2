from datetime import date

import pytest
from sqlalchemy import select

from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, snapshot
from ledger.programs import budgets
from ledger.programs.delivery import queries, states
from ledger.programs.delivery.tables import budget_used, deliveries, delivery_marks
from tests.support.small import Small

PROJECT = {"budget": [{"line": "food", "name": "食材", "category": "direct", "amount": 5000}]}


@pytest.fixture
def small(engine):
    book = Small(engine)
    book.give(1_000_000)
    book.grant("G1", 50_000)
    return book


def kept(engine):
    """All that is kept of the services of the book, and up to where."""
    states.refresh(engine, "b")
    with snapshot(engine) as connection:
        tables = (deliveries, budget_used, delivery_marks)
        return [[tuple(row) for row in connection.execute(select(t).order_by(*t.primary_key))] for t in tables]


def waiting(engine):
    states.refresh(engine, "b")
    with snapshot(engine) as connection:
        query = select(deliveries.c.code, deliveries.c.waits_community, deliveries.c.waits_worker, deliveries.c.waits)
        rows = connection.execute(query).all()
    assert all(row.waits == any(row[1:3]) for row in rows)
    return {row.code: tuple(row[1:3]) for row in rows}


def story(small):
    """Services in every state, some undone."""
    small.serve("S1", [("grant:G1", 3000, "CNY")], grant="G1", lines=[{"line": "food", "amount": 2500}])
    small.serve("S2", [("grant:G1", 700, "CNY")], grant="G1", confirm=["worker"])
    small.serve("S3", [("grant:G1", 500, "CNY")], grant="G1", confirm=["worker", "community"], residents=2)
    undone = small.serve("S4", [("grant:G1", 900, "CNY")], grant="G1", lines=[{"line": "food", "amount": 900}])
    small.serve("S5", [("source:volunteer", 90, "volunteer-hour")], confirm=["community"])
    small.reverse(undone)


def test_what_waits_is_known_by_whom(small, engine):
    story(small)
    assert waiting(engine) == {
        "S1": ("heping", "w01"),
        "S2": ("heping", None),
        "S3": (None, None),
        "S4": (None, None),
        "S5": (None, "w01"),
    }


@pytest.mark.parametrize("batch", [1, 2, 3, 1000])
def test_working_in_bit_by_bit_is_making_it_all_anew(small, engine, batch, monkeypatch):
    monkeypatch.setattr(states, "BATCH", batch)
    small.serve("S0", [("grant:G1", 100, "CNY")])
    states.refresh(engine, "b")
    story(small)
    found = kept(engine)
    monkeypatch.setattr(states, "BATCH", 1000)
    with write_transaction(engine) as connection:
        states.rebuild(connection, find_book(connection, "b").id)
    assert kept(engine) == found
    assert len(found[0]) == 6


def test_rebuilding_repairs_what_was_falsified(small, engine):
    story(small)
    found = kept(engine)
    with write_transaction(engine) as connection:
        connection.execute(deliveries.update().values(waits_community=None, title="x"))
        connection.execute(budget_used.delete())
        states.rebuild(connection, find_book(connection, "b").id)
    assert kept(engine) == found


def test_nothing_new_is_known_by_one_statement(small, engine, query_count):
    story(small)
    states.refresh(engine, "b")
    small.give(100)  # no service
    with query_count(engine) as sent:
        states.refresh(engine, "b")
    assert len([s for s in sent if "BEGIN" not in s and "SHOW" not in s]) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["community", "worker"])
def test_what_waits_is_found_by_index(small, engine, role):
    story(small)
    states.refresh(engine, "b")
    with snapshot(engine) as connection:
        query = select(deliveries.c.seq).where(deliveries.c.book_id == 1, queries.waiting_for(role, ["heping"]))
        sql = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(plan) == 1
    assert f"INDEX ix_deliveries_waits_{role} (book_id=? AND waits_{role}=?)" in plan[0]


def test_an_unknown_book_is_left_to_the_page(engine):
    states.refresh(engine, "nowhere")


def test_budgets_count_what_stands_by_line(small, engine):
    story(small)
    states.refresh(engine, "b")
    with snapshot(engine) as connection:
        book_id = find_book(connection, "b").id
        whole = budgets.of_project(connection, book_id, "meals", PROJECT)
        grant = budgets.of_grant(connection, book_id, "G1", "meals", PROJECT)
        other = budgets.of_grant(connection, book_id, "G2", "meals", PROJECT)
    assert whole == grant
    assert [(line.code, line.planned, line.used, line.services) for line in whole.lines] == [
        ("food", 5000, 2500, 1),
        ("", 0, 1700, 3),
    ]
    assert (whole.planned, whole.used, whole.lines[0].left, whole.lines[1].over) == (5000, 4200, 2500, True)
    assert [line.used for line in other.lines] == [0]


def test_lines_of_any_shape_do_no_harm(small, engine):
    small.serve("S1", [("grant:G1", 300, "CNY")], lines=["x", {"amount": "1"}, {"line": "a" * 200, "amount": 100}])
    used = kept(engine)[1]
    assert [(row[3], row[4]) for row in used] == [("", 200), ("a" * 100, 100)]


def test_days_are_those_of_the_services(small, engine):
    small.day = date(2026, 3, 9)
    small.serve("S1", [("grant:G1", 300, "CNY")])
    states.refresh(engine, "b")
    with snapshot(engine) as connection:
        assert connection.scalar(select(deliveries.c.dated)) == "2026-03-09"
