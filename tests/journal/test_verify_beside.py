"""What verification finds beside the log: personal data, evidence, guards, strays, values of other types."""

import pytest
import sqlalchemy as sa

from ledger.journal import check_log, guards
from ledger.journal import tables as t
from ledger.journal.read import find_book, snapshot
from ledger.journal.replay import CHECKED
from ledger.journal.verify import check_strays, verify_book
from tests.journal import support as s
from tests.journal.attacks import guard, outline, passes, rewrite, seq_of, tampering, verified

P = t.private.c


@pytest.fixture(scope="module")
def book(lasting_engine):
    """A book with one entry of each kind (number 1), and a second one."""
    s.full_book(lasting_engine)
    s.open_book(lasting_engine, "other")
    return lasting_engine


@pytest.fixture
def attack(book):
    with tampering(book) as connection:
        yield connection


def private(connection, field="donor"):
    """Choose a row of personal data that is still there."""
    query = sa.select(t.private).where(P.book_id == 1, P.field == field).order_by(P.seq)
    return connection.execute(query).first()


def here(row):
    return (P.book_id == row.book_id) & (P.seq == row.seq) & (P.field == row.field)


def change_value(connection, row):
    connection.execute(sa.update(t.private).where(here(row)).values(value=row.value + "x"))


def change_salt(connection, row):
    connection.execute(sa.update(t.private).where(here(row)).values(salt=b"x" * 32))


def shorten_salt(connection, row):
    connection.execute(sa.update(t.private).where(here(row)).values(salt=b"x"))


def delete(connection, row):
    connection.execute(sa.delete(t.private).where(here(row)))


def change_field(connection, row):
    connection.execute(sa.update(t.private).where(here(row)).values(field="other"))


def change_entry(connection, row):
    connection.execute(sa.update(t.private).where(here(row)).values(seq=0))


def add(connection, row):
    connection.execute(t.private.insert().values(row._asdict() | {"field": "other"}))


CHANGES = [change_value, change_salt, shorten_salt, delete, change_field, change_entry, add]


@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_personal_data_changed_is_found(attack, change):
    row = private(attack)
    change(attack, row)
    report = verified(attack)
    assert passes(report) == {"private"}, outline(report)
    assert {finding.seq for finding in report.findings} <= {row.seq, 0}


@pytest.mark.parametrize("seq", [-1, 1000])
def test_personal_data_of_no_entry_is_found(attack, seq):
    attack.execute(t.private.insert().values(private(attack)._asdict() | {"seq": seq}))
    report = verified(attack)
    assert [(f.name, f.seq) for f in report.findings] == [("private", seq)], outline(report)


def test_personal_data_that_was_said_to_be_erased_is_found(attack):
    kept = private(attack).seq

    def say(bodies):
        bodies[seq_of(attack, "person.erased")]["facts"]["entries"].append(kept)

    rewrite(attack, say)
    report = verified(attack)
    assert [(f.name, f.seq) for f in report.findings] == [("private", kept)], outline(report)
    assert "though a person.erased says" in report.findings[0].difference


def test_evidence_is_held_against_its_hash(book, tmp_path):
    with snapshot(book) as connection:
        seqs = [seq_of(connection, "service.delivered", nth) for nth in (0, 1)]
    path = tmp_path / s.DIGEST
    for content, said in ((None, "is not in the evidence folder"), (b"another", "has other contents")):
        if content is not None:
            path.write_bytes(content)
        report = s.verify(book, evidence=tmp_path)
        assert [(f.name, f.seq) for f in report.findings] == [("evidence", seq) for seq in seqs], outline(report)
        assert all(said in f.difference for f in report.findings)
    path.write_bytes(s.EVIDENCE)
    assert s.verify(book, evidence=tmp_path).clean
    assert s.verify(book, evidence=None).clean


def trigger(sql):
    return sql.split("TRIGGER", 1)[1].split()[0]


TRIGGERS = {
    dialect: [trigger(sql) for sql in guards.statements(dialect, install=True) if "CREATE TRIGGER" in sql]
    for dialect in ("sqlite", "postgresql")
}


def test_a_guard_that_is_gone_is_found(book):
    names = TRIGGERS[book.dialect.name]
    assert len(names) >= 2
    on = "" if book.dialect.name == "sqlite" else " ON entries"
    for name in names:
        with book.connect() as connection:
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
            report = verify_book(connection, find_book(connection, s.BOOK))
            assert [(f.name, name in f.difference) for f in report.findings] == [("guards", True)]
            connection.rollback()


@pytest.mark.parametrize("lasting_engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize("change", ["DISABLE TRIGGER", "ENABLE REPLICA TRIGGER"])
def test_a_guard_that_sleeps_is_found(book, change):
    for name in TRIGGERS["postgresql"]:
        with book.connect() as connection:
            connection.exec_driver_sql(f"ALTER TABLE entries {change} {name}")
            report = verify_book(connection, find_book(connection, s.BOOK))
            assert [(f.name, name in f.difference) for f in report.findings] == [("guards", True)]
            connection.rollback()


BESIDE = [*(table for table in CHECKED if table is not t.books), t.entries, t.private]  # rooms' tables have keys


@pytest.mark.parametrize("table", BESIDE, ids=[table.name for table in BESIDE])
@pytest.mark.parametrize("book_id", [0, 99])
def test_rows_of_no_book_are_found(attack, table, book_id):
    row = attack.execute(sa.select(table).where(table.c.book_id == 1)).first()
    attack.execute(table.insert().values(row._asdict() | {"book_id": book_id}))
    name = {"entries": "log", "private": "private"}.get(table.name, "projections")
    report = verified(attack)
    assert [f.name for f in report.findings] == [name], outline(report)
    assert f"{table.name}: it has rows of book number {book_id}" in report.findings[0].difference


def test_a_book_that_is_gone_is_found_by_what_it_left(attack):
    attack.execute(sa.delete(t.books).where(t.books.c.id == 1))
    report = verified(attack, "other")
    assert passes(report) == {"log", "projections", "private"}, outline(report)
    attack.execute(sa.delete(t.books))
    assert len(list(check_strays(attack))) == len([x for x in BESIDE if s.rows(attack, x)])


def test_a_book_without_any_entry_is_found(attack):
    attack.execute(t.books.insert().values(id=99, code="ghost", size=0, head=None, recorded="", frontier=b"", axes=0))
    assert passes(verified(attack, "ghost")) == {"head"}


OF_OTHER_TYPES = {
    "a body edited as text": "UPDATE entries SET body = replace(body, '1000', '9000') WHERE book_id = 1 AND seq = 31",
    "all bodies as text": "UPDATE entries SET body = CAST(body AS TEXT) WHERE book_id = 1",
    "a leaf as text": "UPDATE entries SET leaf = 'x' WHERE book_id = 1 AND seq = 31",
    "a body that is a number": "UPDATE entries SET body = 5 WHERE book_id = 1 AND seq = 31",
    "an entry numbered by a word": "UPDATE entries SET seq = 'x' WHERE book_id = 1 AND seq = 31",
    "an entry numbered by a fraction": "UPDATE entries SET seq = 31.5 WHERE book_id = 1 AND seq = 31",
    "a salt as text": "UPDATE private SET salt = 'x' WHERE book_id = 1",
    "personal data as bytes": "UPDATE private SET value = x'00' WHERE book_id = 1",
    "personal data numbered by a word": "UPDATE private SET seq = 'x' WHERE book_id = 1 AND field = 'donor'",
    "a head as text": "UPDATE books SET head = 'x' WHERE id = 1",
    "a frontier as text": "UPDATE books SET frontier = 'x' WHERE id = 1",
    "a size as text": "UPDATE books SET size = 'x' WHERE id = 1",
    "a time as a number": "UPDATE books SET recorded = 5 WHERE id = 1",
    "a header numbered by a word": "UPDATE headers SET seq = 'x' WHERE book_id = 1 AND seq = 31",
    "a span that begins at a word": "UPDATE spans SET lo = 'x' WHERE book_id = 1",
    "an amount as text": "UPDATE flows SET amount = 'x' WHERE book_id = 1",
    "an account as bytes": "UPDATE axes SET account = x'00' WHERE book_id = 1 AND no = 3",
    "an object as a number": "UPDATE objects SET address = 5 WHERE book_id = 1 AND address = 'fund:general'",
}


@pytest.mark.parametrize("lasting_engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sql", OF_OTHER_TYPES.values(), ids=OF_OTHER_TYPES)
def test_values_of_other_types_than_the_columns_are_found(attack, sql):
    """SQLite stores what it is given."""
    assert attack.exec_driver_sql(sql).rowcount > 0
    assert not verified(attack).clean


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE books SET axes = axes WHERE id = 1", set()),
        ("UPDATE entries SET body = body || 'x' WHERE book_id = 1 AND seq = 31", {"log", "rules"}),
    ],
)
def test_a_second_process_reads_the_log_of_a_large_book(engine, monkeypatch, sql, found):
    s.full_book(engine)
    with engine.begin() as connection:
        guard(connection, install=False)
        connection.exec_driver_sql(sql)
        guard(connection, install=True)
    in_one = s.verify(engine, known=(40, "0" * 64))
    monkeypatch.setattr(check_log, "APART", 1)
    in_two = s.verify(engine, known=(40, "0" * 64))
    assert passes(in_two) == found | {"head"}, outline(in_two)
    assert in_two == in_one
