"""The tests' own tools."""

import socket

import pytest
import sqlalchemy as sa

from tests.support.guard import NetworkBlockedError


def test_no_test_reaches_the_network():
    with socket.socket() as mine, pytest.raises(NetworkBlockedError, match=r"192\.0\.2\.1"):
        mine.connect(("192.0.2.1", 80))


def test_each_test_has_a_database_of_its_own_that_the_migrations_made(engine, database_kind):
    assert engine.dialect.name == database_kind
    with engine.begin() as connection:
        assert sa.inspect(connection).has_table("alembic_version")
        connection.execute(sa.text("CREATE TABLE mine (a int)"))


def test_an_empty_database_has_no_tables(empty_database_url):
    engine = sa.create_engine(empty_database_url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_statements_are_counted(engine, query_count):
    with query_count(engine) as sent, engine.connect() as connection:
        for figure in (1, 2):
            connection.execute(sa.text(f"SELECT {figure}"))
    assert [text for text in sent if text.startswith("SELECT")] == ["SELECT 1", "SELECT 2"]
