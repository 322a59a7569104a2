"""The first admin of an installation, dead links, and opening a book in the browser."""

import re

import pytest

from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.people.accounts import links, users
from tests.support.commands import asked, run, well
from tests.support.desk import send
from tests.support.looking import body, findings
from tests.support.small import Small

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
WORDS = "three small words"
FORM = {"name": "陈管理", "login": "chen", "new": WORDS, "again": WORDS}


@pytest.fixture
def path(app):
    return re.sub(r"^https?://[^/]+", "", asked(app, "people", "setup")["link"])


def test_from_nothing_to_an_open_book_in_a_browser(app, client, path, engine):
    assert "flask --app wsgi people setup" in client.get("/setup").text
    assert send(client, path, **FORM).location == "/login"
    assert send(client, "/login", login="chen", password=WORDS).location == "/account"
    book = {
        "name": "和平社区基金",
        "code": "Heping",
        "foundation": "和平慈善基金会",
        "credit_code": "53110000MJ0000000x",
    }
    assert send(client, "/installation/books/new", **book).location == "/heping/desk/users"
    assert client.get("/heping/desk/users").status_code == 200
    opened = body(engine, 0, "heping")
    assert opened["facts"]["credit_code"] == "53110000MJ0000000X"
    assert opened["by"].startswith("u-")
    assert findings(engine, "heping") == []
    assert client.get("/heping/").status_code == 200


def test_the_first_admin_is_made_once(app, client, path):
    for wrong in ({"again": "other words here"}, {"new": "short", "again": "short"}, {"login": "陈"}, {"name": ""}):
        assert send(client, path, **FORM | wrong).status_code == 422
    assert send(client, path, **FORM).status_code == 303
    for address in (path, "/setup"):
        assert client.get(address).status_code == 404
    status, _, err = run(app, "people", "setup")
    assert status == 1
    assert "an admin already" in err
    assert well(app, "people", "setup", "--if-needed") == ""


def test_setup_needs_the_token(app, client, path):
    assert client.get("/setup/" + "x" * 43).status_code == 410
    well(app, "people", "setup")  # a newer link
    assert client.get(path).status_code == 410


def test_a_link_for_a_user_sets_up_nothing(app, client):
    with app.app_context(), write_transaction(db.engine) as connection:
        token = links.make(connection, users.add_user(connection, "li", "李"), by="cli")
    assert client.get(f"/setup/{token}").status_code == 410


def test_a_dead_link_says_so(client):
    answer = client.get("/account/link/" + "x" * 43)
    assert answer.status_code == 410
    assert "这个链接已失效" in answer.text


def test_what_cannot_be_a_book_is_refused(app, client, path):
    Small(db_engine(app))
    send(client, path, **FORM)
    send(client, "/login", login="chen", password=WORDS)
    good = {"name": "x", "code": "new", "foundation": "", "credit_code": ""}
    for wrong in (
        {"code": "b"},
        {"code": "login"},
        {"code": "和平"},
        {"name": ""},
        {"credit_code": "123"},
        {"code": "-a"},
    ):
        assert send(client, "/installation/books/new", **good | wrong).status_code == 422, wrong
    assert send(client, "/installation/books/new", **good).status_code == 303
    page = client.get("/installation").text
    assert 'href="/new/"' in page
    assert "2 个账本" in page


def db_engine(app):
    with app.app_context():
        return db.engine


# Commands


def test_users_are_added_by_command(app):
    Small(db_engine(app))
    made = asked(app, "people", "add", "Wang", "--name", "王会计", "--role", "accountant", "--book", "b")
    assert "/account/link/" in made["link"]
    again = asked(app, "people", "add", "wang", "--role", "org_staff", "--book", "b", "--party", "sunshine")
    assert (again["code"], again["link"]) == (made["code"], None)
    listed = asked(app, "people", "list")["users"]
    assert listed == [
        {
            "code": made["code"],
            "login": "wang",
            "state": "invited",
            "admin": False,
            "roles": ["b: accountant", "b: org_staff sunshine"],
        }
    ]
    assert made["code"] in well(app, "people", "list")
    assert "/account/link/" in well(app, "people", "link", "wang", "--without-factor")


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["add", "x", "--role", "accountant"], 2),
        (["add", "x", "--book", "b"], 2),
        (["add", "x", "--role", "org_staff", "--book", "b"], 2),
        (["add", "x", "--role", "accountant", "--book", "nowhere"], 1),
        (["add", "x", "--role", "org_staff", "--book", "b", "--party", "nowhere"], 1),
        (["add", "x", "--role", "accountant", "--book", "b", "--limit", "5"], 1),
        (["add", "名"], 1),
        (["link", "nobody"], 1),
    ],
)
def test_commands_refuse_nonsense_and_leave_nobody_behind(app, args, status):
    Small(db_engine(app))
    assert run(app, "people", *args)[0] == status
    assert asked(app, "people", "list")["users"] == []
