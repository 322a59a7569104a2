"""Every table says what it is, and every cell of a projection is held to the log."""

import pytest
import sqlalchemy as sa
from sqlalchemy.types import Integer, LargeBinary

import ledger.app as _everything  # noqa: F401  # so that all tables of the application are known
from ledger.journal import tables as t
from ledger.journal.read import find_book, snapshot
from ledger.journal.replay import CHECKED, compare
from tests.journal import support as s
from tests.journal.attacks import outline, passes, tampering, verified

PROJECTIONS = [table for table in t.metadata.sorted_tables if table.info.get("role") == "projection"]
BY_BOOK = [table for table in PROJECTIONS if table is not t.books]
CELLS = [pytest.param(table, c, id=f"{table.name}.{c.name}") for table in BY_BOOK for c in table.columns]
EACH = pytest.mark.parametrize("table", BY_BOOK, ids=[table.name for table in BY_BOOK])


@pytest.fixture(scope="module")
def book(lasting_engine):
    """A book with one entry of each kind (number 1), and a second one (number 2)."""
    s.full_book(lasting_engine)
    s.full_book(lasting_engine, "other")
    return lasting_engine


@pytest.fixture
def attack(book):
    with tampering(book) as connection:
        yield connection


def test_every_table_says_what_it_is():
    roles = {table.name: table.info.get("role") for table in t.metadata.sorted_tables}
    assert set(roles.values()) <= {"log", "side store", "projection", "proof", "working data"}, roles
    assert {name for name, role in roles.items() if role == "log"} == {"entries"}
    assert "private" in {name for name, role in roles.items() if role == "side store"}
    proofs = {"checkpoints", "cosignatures", "timestamps", "nodes"}  # the passes of ledger.checkpoints.verify
    assert {name for name, role in roles.items() if role == "proof"} == proofs


def test_every_projection_is_held_to_the_log():
    assert {table.name for table in PROJECTIONS} == {table.name for table in CHECKED}


def test_no_table_of_the_database_is_unknown(lasting_engine):
    assert set(sa.inspect(lasting_engine).get_table_names()) - {"alembic_version"} == set(t.metadata.tables)


def test_every_projection_has_rows_to_tamper_with(book):
    with snapshot(book) as connection:
        assert all(s.rows(connection, table) for table in PROJECTIONS)


def some_row(connection, table, column=None):
    """Choose a row of book 1, one that has something in the column if there is one."""
    query = sa.select(table).where(table.c.book_id == 1).order_by(*table.primary_key)
    found = connection.execute(query).all()
    filled = [row for row in found if column is None or row._mapping[column.name] is not None]
    return (filled or found)[len(filled or found) // 2]


def here(table, row):
    return sa.and_(*(column == row._mapping[column.name] for column in table.primary_key))


def other(column, value):
    """Give another value of a column's type, no longer than it."""
    if isinstance(column.type, Integer):
        return (value or 0) + 10_000 if column.name != "gift" else 1 - value
    if isinstance(column.type, LargeBinary):
        return value[:-1] + bytes([value[-1] ^ 1]) if value else b"x"
    return value[:-1] + ("y" if value.endswith("x") else "x") if value else "x"


def named(report, table, row):
    """Tell whether a finding names the table and, where it has one, the entry."""
    seq = row._mapping.get("seq")
    return any(table.name in f.difference and f.seq == seq for f in report.findings)


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_a_cell_changed_is_found(attack, table, column):
    row = some_row(attack, table, column)
    value = other(column, row._mapping[column.name])
    attack.execute(sa.update(table).where(here(table, row)).values({column: value}))
    report = verified(attack)
    assert passes(report) == {"projections"}, outline(report)
    assert named(report, table, row), outline(report)


NULLABLE = [cell for cell in CELLS if cell.values[1].nullable]


@pytest.mark.parametrize(("table", "column"), NULLABLE)
def test_a_cell_emptied_is_found(attack, table, column):
    row = some_row(attack, table, column)
    assert row._mapping[column.name] is not None
    attack.execute(sa.update(table).where(here(table, row)).values({column: None}))
    report = verified(attack)
    assert passes(report) == {"projections"}, outline(report)
    assert named(report, table, row), outline(report)


@EACH
def test_a_row_that_is_gone_is_found(attack, table):
    row = some_row(attack, table)
    attack.execute(sa.delete(table).where(here(table, row)))
    report = verified(attack)
    assert passes(report) == {"projections"}, outline(report)
    assert named(report, table, row), outline(report)
    assert any("a row is missing" in finding.difference for finding in report.findings)


@EACH
def test_all_rows_that_are_gone_are_found(attack, table):
    attack.execute(sa.delete(table).where(table.c.book_id == 1))
    report = verified(attack)
    assert passes(report) - {"private"} == {"projections"}  # without headers nothing says what was erased
    assert sum(report.more.values()) + len(report.findings) >= 2


@EACH
@pytest.mark.parametrize("where", ["last", "beyond", "before"])
def test_a_row_too_many_is_found(attack, table, where):
    """Beside the rows of an entry, of an entry yet to come, and of one before the first."""
    cells = dict(some_row(attack, table)._mapping)
    last = list(table.primary_key)[-1]
    if where == "before" and "seq" in table.c:
        cells["seq"] = -1
    elif where == "beyond" and "seq" in table.c:
        cells["seq"] = 1000
    else:
        cells[last.name] = other(last, cells[last.name])
    for unique in (list(index.columns)[-1] for index in table.indexes if index.unique):
        cells[unique.name] = other(unique, cells[unique.name])
    attack.execute(table.insert().values(cells))
    report = verified(attack)
    assert passes(report) == {"projections"}, outline(report)
    assert any(f"{table.name}: a row that the log does not give" in f.difference for f in report.findings)


@EACH
def test_a_row_moved_to_another_book_is_found_in_both(attack, table):
    row = some_row(attack, table)
    attack.execute(sa.delete(table).where(table.c.book_id == 2))
    attack.execute(sa.update(table).where(here(table, row)).values(book_id=2))
    report = verified(attack)
    assert named(report, table, row), outline(report)
    there = list(compare(attack, find_book(attack, "other"), lambda _: None))
    assert {finding.name for finding in there} == {"projections"}


@pytest.mark.parametrize("column", t.books.columns, ids=lambda column: column.name)
def test_a_changed_head_is_found(attack, column):
    row = attack.execute(sa.select(t.books).where(t.books.c.id == 1)).one()
    value = other(column, row._mapping[column.name])
    attack.execute(sa.update(t.books).where(t.books.c.id == 1).values({column: value}))
    report = verified(attack, value if column is t.books.c.code else s.BOOK)
    assert passes(report) & {"head", "log", "rules", "projections"}, outline(report)
    if column.name in {"recorded", "axes"}:
        assert passes(report) == {"projections"}
        assert f"{column.name} is" in report.findings[0].difference
    if column.name in {"size", "head"}:
        assert "head" in passes(report)


def test_findings_are_kept_and_counted(attack):
    attack.execute(sa.update(t.flows).where(t.flows.c.book_id == 1).values(value=12345))
    attack.execute(sa.update(t.headers).where(t.headers.c.book_id == 1).values(dated="1999-01-01"))
    report = verified(attack)
    assert len(report.findings) == 50
    assert report.more["projections"] > 10
    assert not report.clean
