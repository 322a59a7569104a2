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


@pytest.mark.browser
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_browser_shows_our_pages(site, page):
    answer = page.goto(site + "/healthz")
    assert answer.status == 200
    assert "up" in page.content()


@pytest.mark.browser
def test_a_browser_has_the_font_for_chinese(page):
    page.set_content("<p id=a>善流 审计</p>")
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "#a"})["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    used = {font["familyName"] for font in fonts if font["glyphCount"] >= 4}
    assert any(name.startswith("Noto") for name in used), fonts
