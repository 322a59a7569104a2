"""The rules of a book, and its access trail."""

import io

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import queries
from ledger.people.accounts.queries import Look
from ledger.people.accounts.settings import BookSettings, book_settings
from ledger.people.accounts.tables import trail
from ledger.people.accounts.trail import note, note_once
from tests.support.actors import make_user, sign_in
from tests.support.desk import send
from tests.support.small import Small

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def book(engine):
    return Small(engine)


def rules(app):
    with app.app_context(), db.engine.connect() as connection:
        return book_settings(connection, find_book(connection, "b").id)


@SQLITE
def test_rules_are_changed_by_an_admin_and_noted(app, client, book):
    code = sign_in(app, client, "admin")
    assert rules(app) == BookSettings(totp_required=False, idle_minutes=60, two_above=None)
    form = {"idle_minutes": "20", "two_above": "50,000"}
    assert send(client, "/b/desk/settings", **form).location == "/b/desk/settings"
    assert rules(app) == BookSettings(totp_required=False, idle_minutes=20, two_above=5_000_000)
    page = client.get("/b/desk/settings").text
    assert 'value="20"' in page
    assert 'value="50,000.00"' in page
    send(client, "/b/desk/settings", idle_minutes="20", two_above="")
    assert rules(app).two_above is None
    with app.app_context(), db.engine.connect() as connection:
        kept = connection.execute(sa.select(trail.c.actor, trail.c.detail).order_by(trail.c.id)).all()
    assert [tuple(row) for row in kept] == [(code, "idle_minutes=20 two_above=5000000"), (code, "two_above=None")]


@SQLITE
@pytest.mark.parametrize(
    "form",
    [{"idle_minutes": "4"}, {"idle_minutes": "721"}, {"idle_minutes": "x"}, {"two_above": "-1"}, {"two_above": "a"}],
)
def test_what_is_no_rule_is_refused(app, client, book, form):
    sign_in(app, client, "admin")
    assert send(client, "/b/desk/settings", **{"idle_minutes": "20", "two_above": ""} | form).status_code == 422
    assert rules(app) == BookSettings()


def test_details_are_said_in_words():
    from ledger.people.accounts.words import details  # noqa: PLC0415
    from tests.web.printing import voice  # noqa: PLC0415

    def said(text):
        return details(text, voice("zh"))

    assert said("role=approver limit=500000") == "角色：审批人，限额 5,000.00 元"
    assert said("role=org_staff party=organization:sunshine") == "角色：社会组织工作人员，代表：organization:sunshine"
    assert said("totp_required=True idle_minutes=20 two_above=None").startswith("二次验证：是，闲置 20 分钟退出")
    assert said("anything else=1") == "anything else=1"
    assert said("") == ""


@pytest.fixture
def told(app, book):
    """A trail: somebody of the book, somebody of none, and a refusal."""
    mine, other = make_user(app, "accountant", login="wang", name="王会计"), make_user(app, login="xu", name="外人")
    with app.app_context(), write_transaction(db.engine) as connection:
        note(connection, mine, "signed in", address="192.0.2.1")
        note(connection, other, "signed in", address="192.0.2.2")
        note(connection, None, "refused", object=f"user:{mine}", address="192.0.2.3")
        note(connection, None, "refused", object=f"user:{other}", address="192.0.2.4")
        note(connection, None, "refused", address="192.0.2.5")
        note(connection, other, "looked at a donor", book="b", object="donation:12")
        note(connection, mine, "looked at a donor", book="elsewhere", object="donation:13")
    return mine


def seen(app, book="b", **look):
    with app.app_context(), db.engine.connect() as connection:
        lines = queries.trail_page(connection, book, Look(**look), 50, 0)
        assert queries.count_trail(connection, book, Look(**look)) == len(lines)
    return [(line.what, line.address or line.about) for line in lines]


def test_a_book_sees_its_own_people_and_what_happened_in_it(app, told):
    assert seen(app) == [
        ("looked at a donor", "donation:12"),
        ("refused", "192.0.2.3"),
        ("signed in", "192.0.2.1"),
    ]
    assert len(seen(app, book=None)) == 7


def test_it_is_narrowed_by_kind_name_and_day(app, told):
    assert seen(app, what="refused") == [("refused", "192.0.2.3")]
    assert seen(app, words="王") == [("refused", "192.0.2.3"), ("signed in", "192.0.2.1")]
    assert seen(app, words="WANG") == seen(app, words="王")
    assert seen(app, words="donation:12") == [("looked at a donor", "donation:12")]
    assert seen(app, words="%") == []
    assert seen(app, since="2999-01-01") == []
    assert len(seen(app, until="2999-01-01")) == 3
    with app.app_context(), db.engine.connect() as connection:
        assert queries.kinds_of_trail(connection, "b") == ["looked at a donor", "refused", "signed in"]


def test_looking_is_noted_once_an_hour(app, told, monkeypatch):
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    from ledger.people.accounts import clock  # noqa: PLC0415

    def look():
        with app.app_context(), write_transaction(db.engine) as connection:
            note_once(connection, told, "looked", book="b", object="donation:1")

    look()
    look()
    assert len(seen(app, what="looked")) == 1
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=2))
    look()
    assert len(seen(app, what="looked")) == 2


@SQLITE
@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_the_page_lists_filters_and_exports(app, client, told, role):
    sign_in(app, client, role)
    page = client.get("/b/desk/trail").text
    assert "王会计 (wang)" in page
    assert "登录被拒" in page
    assert "192.0.2.2" not in page
    assert "192.0.2.1" not in client.get("/b/desk/trail?what=refused").text
    assert "没有符合条件的记录" in client.get("/b/desk/trail?since=2999-01-01").text
    assert client.get("/b/desk/trail?since=nonsense").status_code == 400
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/b/desk/trail?format=xlsx").data)).get_sheet_by_index(
        0
    )
    rows = sheet.to_python()
    assert rows[0][:3] == ["时间", "谁", "事项"]
    assert ["王会计 (wang)", "登录"] in [row[1:3] for row in rows]
