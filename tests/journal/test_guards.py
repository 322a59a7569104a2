"""The log refuses everything but its next entry, whoever holds the connection."""

import secrets
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from ledger.journal import guards
from ledger.journal import tables as t
from ledger.journal.engine import configure
from tests.journal import support as s
from tests.journal.attacks import guard, tampering
from tests.journal.support import append, gift

REFUSED = (sa.exc.IntegrityError, sa.exc.InternalError, sa.exc.ProgrammingError, sa.exc.OperationalError)
LEAF = "x" * 32
ROLES = {"log", "side store", "projection"}


def insert(*seqs, verb="INSERT INTO", more=""):
    """Write an INSERT of rows; {next} stands for the number after the last."""
    rows = ", ".join(f"(1, {seq}, '{LEAF}', 'body')" for seq in seqs)
    return f"{verb} entries (book_id, seq, leaf, body) VALUES {rows} {more}"


BOTH = {
    "UPDATE of a body": "UPDATE entries SET body = 'x' WHERE seq = 3",
    "UPDATE of a leaf": "UPDATE entries SET leaf = leaf",
    "UPDATE of a number": "UPDATE entries SET seq = seq + 1000 WHERE seq = 3",
    "UPDATE of the book": "UPDATE entries SET book_id = 2 WHERE seq = 3",
    "DELETE of an entry": "DELETE FROM entries WHERE seq = 3",
    "DELETE of the last": "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
    "DELETE of all": "DELETE FROM entries",
    "DELETE of the book": "DELETE FROM books",
    "ON CONFLICT DO UPDATE": insert(3, more="ON CONFLICT (book_id, seq) DO UPDATE SET body = excluded.body"),
    "a duplicate": insert(3),
    "a gap": insert("{next} + 1"),
    "a negative number": insert(-1),
    "a number far beyond": insert(2**62),
    "two entries with a gap": insert("{next}", "{next} + 2"),
    "two entries the first of which is there": insert("{next} - 1", "{next}"),
    "two entries with the same number": insert("{next}", "{next}"),
    "an entry before the first": insert("-1", "{next}"),
    "a selection with a gap": "INSERT INTO entries SELECT book_id, seq + 1000, leaf, body FROM entries",
    "an entry of no book": "INSERT INTO entries VALUES (99, 0, 'x', 'body')",
    "the second entry of a new book": "INSERT INTO entries VALUES (2, 1, 'x', 'body')",
    "an entry without number": "INSERT INTO entries (book_id, leaf, body) VALUES (1, 'x', 'b')".replace("{leaf}", LEAF),
}
SQLITE = {
    "INSERT OR REPLACE": insert(3, verb="INSERT OR REPLACE INTO"),
    "INSERT OR REPLACE of the last": insert("{next} - 1", verb="INSERT OR REPLACE INTO"),
    "REPLACE": insert(3, verb="REPLACE INTO"),
    "UPDATE OR REPLACE": "UPDATE OR REPLACE entries SET seq = 4 WHERE seq = 3",
    "UPDATE OR IGNORE": "UPDATE OR IGNORE entries SET body = 'x' WHERE seq = 3",
    "INSERT OR IGNORE with a gap": insert("{next} + 1", verb="INSERT OR IGNORE INTO"),
    "a number that is none": insert("'abc'"),
}
POSTGRESQL = {
    "ON CONFLICT DO UPDATE without conflict": insert(
        "{next}", more="ON CONFLICT (book_id, seq) DO UPDATE SET body = excluded.body"
    ),
    "TRUNCATE": "TRUNCATE entries",
    "TRUNCATE of everything": "TRUNCATE books CASCADE",
    "MERGE": "MERGE INTO entries USING books ON entries.seq = 3 WHEN MATCHED THEN UPDATE SET body = 'x'",
    "MERGE that deletes": "MERGE INTO entries USING books ON entries.seq = 3 WHEN MATCHED THEN DELETE",
    "UPDATE in a CTE": "WITH changed AS (UPDATE entries SET body = 'x' RETURNING seq) SELECT * FROM changed",
}
ONLY_SQLITE = pytest.mark.parametrize("lasting_engine", ["sqlite"], indirect=True)
ONLY_POSTGRESQL = pytest.mark.parametrize("lasting_engine", ["postgresql"], indirect=True)
NEXT = s.FIRST + 2


@pytest.fixture(scope="module")
def two_books(lasting_book):
    """Book 1 with entries, and book 2 without any."""
    with lasting_book.begin() as connection:
        connection.execute(t.books.insert().values(code="empty", size=0, recorded="", frontier=b"", axes=0))
    return lasting_book


@contextmanager
def attempt(engine):
    """Give a connection whose changes are taken back in the end."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("sql", BOTH.values(), ids=BOTH)
def test_the_log_refuses(two_books, sql):
    with s.unchanged(two_books), attempt(two_books) as connection, pytest.raises(REFUSED):
        connection.exec_driver_sql(sql.format(next=NEXT))


@ONLY_SQLITE
@pytest.mark.parametrize("sql", SQLITE.values(), ids=SQLITE)
def test_the_log_refuses_on_sqlite(two_books, sql):
    with s.unchanged(two_books), attempt(two_books) as connection, pytest.raises(REFUSED):
        connection.exec_driver_sql(sql.format(next=NEXT))


@ONLY_POSTGRESQL
@pytest.mark.parametrize("sql", POSTGRESQL.values(), ids=POSTGRESQL)
def test_the_log_refuses_on_postgresql(two_books, sql):
    with s.unchanged(two_books), attempt(two_books) as connection, pytest.raises(REFUSED):
        connection.exec_driver_sql(sql.format(next=NEXT))


@pytest.mark.parametrize("seqs", [[NEXT], [NEXT, NEXT + 1], [NEXT + 1, NEXT]])
def test_the_next_numbers_are_let_in(two_books, seqs):
    """SQLite checks row by row, so there they come in order; PostgreSQL checks the statement."""
    with s.unchanged(two_books), attempt(two_books) as connection:
        if two_books.dialect.name == "sqlite" and seqs != sorted(seqs):
            with pytest.raises(REFUSED):
                connection.exec_driver_sql(insert(*seqs))
        else:
            assert connection.exec_driver_sql(insert(*seqs)).rowcount == len(seqs)


def test_a_hole_made_by_force_is_not_filled(two_books):
    with tampering(two_books) as connection:
        connection.exec_driver_sql("DELETE FROM entries WHERE book_id = 1 AND seq = 3")
        guard(connection, install=True)
        with pytest.raises(REFUSED):
            connection.exec_driver_sql(insert(3))


@ONLY_POSTGRESQL
@pytest.mark.parametrize(
    ("seqs", "let_in"),
    [
        ([NEXT, NEXT + 1, NEXT + 2], True),
        ([NEXT + 1], False),
        ([NEXT, NEXT + 2], False),
        ([NEXT - 1, NEXT], False),
        ([-1], False),
        ([], True),
    ],
)
def test_copy_is_guarded_too(two_books, seqs, let_in):
    def copy(connection):
        raw = connection.connection.driver_connection
        with raw.cursor() as cursor, cursor.copy("COPY entries (book_id, seq, leaf, body) FROM STDIN") as stream:
            for seq in seqs:
                stream.write_row((1, seq, LEAF.encode(), b"body"))

    with s.unchanged(two_books), attempt(two_books) as connection:
        if let_in:
            copy(connection)
            assert connection.scalar(sa.text("SELECT max(seq) FROM entries")) == NEXT - 1 + len(seqs)
        else:
            with pytest.raises(psycopg.Error):
                copy(connection)


@pytest.fixture
def application(lasting_book):
    """An engine whose role has the privileges of the README and owns nothing."""
    role = f"app_{secrets.token_hex(4)}"
    with lasting_book.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role}")
        for statement in guards.grants(role):
            connection.exec_driver_sql(statement)
    engine = sa.create_engine(lasting_book.url)
    configure(engine)
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute(f"SET ROLE {role}") and raw.commit())
    yield engine
    engine.dispose()
    with lasting_book.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {role}")
        connection.exec_driver_sql(f"DROP ROLE {role}")


@ONLY_POSTGRESQL
def test_the_application_appends_reads_and_verifies_without_owning_the_log(application):
    s.full_book(application, "apps")
    append(application, *(gift(1) for _ in range(60)), book="apps")  # by COPY
    report = s.verify(application, "apps")
    assert (report.clean, report.entries > 100) == (True, True)


def granted_tables():
    return {line.split(" ON ")[1].split(" TO ")[0] for line in guards.grants("x")}


@ONLY_POSTGRESQL
def test_the_application_may_do_nothing_else_to_the_log(application):
    assert {table.name for table in t.metadata.sorted_tables if table.info["role"] in ROLES} <= granted_tables()
    tried = {"UPDATE": "UPDATE {0} SET {1} = {1}", "DELETE": "DELETE FROM {}", "TRUNCATE": "TRUNCATE {}"}
    tried |= {"DROP": "DROP TABLE {}", "TRIGGER": "ALTER TABLE {} DISABLE TRIGGER ALL"}
    for table, granted in guards.PRIVILEGES.items():
        for privilege, sql in tried.items():
            if privilege not in granted:
                with attempt(application) as connection, pytest.raises(sa.exc.ProgrammingError) as caught:
                    connection.exec_driver_sql(sql.format(table, t.metadata.tables[table].columns[0].name))
                assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege), (table, privilege)


@ONLY_POSTGRESQL
def test_the_application_needs_every_privilege_it_has(application, lasting_book):
    with application.connect() as connection:
        role = connection.scalar(sa.text("SELECT current_user"))
    for table, granted in guards.PRIVILEGES.items():
        for privilege in granted.split(", "):
            with lasting_book.begin() as connection:
                connection.exec_driver_sql(f"REVOKE {privilege} ON {table} FROM {role}")
            with pytest.raises((sa.exc.ProgrammingError, psycopg.errors.InsufficientPrivilege)):
                s.verify(application, s.full_book(application, f"without-{privilege}-{table}")[0]["book"])
            with lasting_book.begin() as connection:
                connection.exec_driver_sql(f"GRANT {privilege} ON {table} TO {role}")
