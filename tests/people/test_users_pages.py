"""What admins do with users, and what nobody can do: rise, take over an account, lock the last admin out."""

import re

import pytest
import sqlalchemy as sa

from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.people.accounts import passwords, users
from ledger.people.accounts.tables import trail
from ledger.web.actor import Post, Role
from tests.support.actors import make_user, sign_in
from tests.support.desk import send
from tests.support.small import Small

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def book(engine):
    return Small(engine)


@pytest.fixture
def other(engine):
    return Small(engine, code="other", name="另一本账")


@pytest.fixture
def admin(app, client, book):
    return sign_in(app, client, "admin", name="陈管理")


@pytest.fixture
def chief(app, book):
    """A client of an admin of the installation."""
    client = app.test_client()
    client.code = sign_in(app, client, None, admin=True, name="总管理")
    return client


def posts(app, code):
    with app.app_context(), db.engine.connect() as connection:
        return set(users.find_user(connection, code).posts)


def found(app, code):
    with app.app_context(), db.engine.connect() as connection:
        return users.find_user(connection, code)


def noted(app):
    with app.app_context(), db.engine.connect() as connection:
        c = trail.c
        return [tuple(row) for row in connection.execute(sa.select(c.what, c.actor, c.object, c.detail).order_by(c.id))]


def code_of(app, login):
    with app.app_context(), db.engine.connect() as connection:
        return users.by_login(connection, login)


def do(client, code, deed, book="b", **form):
    """Do something to a user, saying yes to the question."""
    address = f"/{book}/desk/users/{code}" if book else f"/installation/users/{code}"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/account").text)[1]
    return client.post(f"{address}/{deed}", data={"csrf_token": token, "sure": "yes", **form})


def give_password(app, *codes):
    with app.app_context(), write_transaction(db.engine) as connection:
        for code in codes:
            kept = passwords.hash_password("three small words")
            connection.execute(sa.update(users.users).where(users.users.c.code == code).values(password=kept))


def test_somebody_new_gets_a_role_and_a_link_that_works_once(app, client, admin):
    form = {"name": "王会计", "login": "Wang", "role": "accountant", "party": "", "limit": ""}
    shown = send(client, "/b/desk/users/new", **form)
    link = re.search(r'value="(http[^"]+/account/link/[^"]+)"', shown.text)[1]
    code = code_of(app, "wang")
    assert posts(app, code) == {("b", Post(Role.ACCOUNTANT))}
    assert ("gave a post", admin, f"user:{code}", "role=accountant") in noted(app)
    path = re.sub(r"^https?://[^/]+", "", link)
    fresh = app.test_client()
    assert "王会计" in fresh.get(path).text
    assert send(fresh, path, new="short", again="short").status_code == 422
    assert send(fresh, path, new="three small words", again="three small words").location == "/login"
    assert fresh.get(path).status_code == 410
    assert send(fresh, "/login", login="wang", password="three small words").location == "/b/desk/"


def test_a_role_for_a_party_names_it_and_a_limit_is_kept(app, client, admin):
    base = {"name": "x", "party": "", "limit": ""}
    refused = [
        {"login": "a1", "role": "org_staff"},
        {"login": "a2", "role": "org_staff", "party": "community:heping"},
        {"login": "a3", "role": "accountant", "party": "community:heping"},
        {"login": "a4", "role": "accountant", "limit": "5"},
        {"login": "a5", "role": "org_staff", "party": "organization:nowhere"},
        {"login": "a6", "role": "donor"},
        {"login": "a7", "role": "wizard"},
        {"login": "a b", "role": "accountant"},
        {"login": "", "role": "accountant"},
    ]
    for form in refused:
        assert send(client, "/b/desk/users/new", **base | form).status_code == 422, form
        assert code_of(app, form["login"]) is None
    send(client, "/b/desk/users/new", **base | {"login": "o1", "role": "org_staff", "party": "organization:sunshine"})
    send(client, "/b/desk/users/new", **base | {"login": "o2", "role": "approver", "limit": "5,000"})
    assert posts(app, code_of(app, "o1")) == {("b", Post(Role.ORG_STAFF, "sunshine"))}
    assert posts(app, code_of(app, "o2")) == {("b", Post(Role.APPROVER, "", 500_000))}


def test_who_has_an_account_gets_the_role_without_a_link(app, client, admin, other):
    code = make_user(app, "accountant", book="other", login="wang", name="王会计")
    form = {"name": "somebody else", "login": "WANG", "role": "accountant", "party": "", "limit": ""}
    assert send(client, "/b/desk/users/new", **form).location == f"/b/desk/users/{code}"
    assert posts(app, code) == {("b", Post(Role.ACCOUNTANT)), ("other", Post(Role.ACCOUNTANT))}
    assert found(app, code).name == "王会计"


def test_nobody_gives_themselves_a_role(app, client, admin):
    login = found(app, admin).login
    form = {"name": "x", "login": login, "role": "approver", "party": "", "limit": ""}
    assert send(client, "/b/desk/users/new", **form).status_code == 422
    token = re.search(r'csrf_token" value="([^"]+)"', client.get("/account").text)[1]
    give = {"csrf_token": token, "role": "approver", "party": "", "limit": ""}
    assert client.post(f"/b/desk/users/{admin}", data=give).status_code == 422
    assert posts(app, admin) == {("b", Post(Role.ADMIN))}
    for deed in ("suspend", "sessions", "factor", "link", "admin", "take"):
        do(client, admin, deed, post="admin")
    assert posts(app, admin) == {("b", Post(Role.ADMIN))}
    assert not found(app, admin).suspended


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_admins_reach_these_pages(app, client, book, role):
    party = {"org_staff": "sunshine", "social_worker": "w01", "community": "heping"}.get(role)
    code = sign_in(app, client, role, party=party)
    for address in ("/b/desk/users", "/b/desk/users/new", f"/b/desk/users/{code}", "/b/desk/settings", "/installation"):
        assert client.get(address).status_code == 403, address


def test_the_admin_of_a_book_reaches_nobody_beyond_it(app, client, admin, other):
    stranger = make_user(app, "accountant", book="other")
    both = make_user(app, "accountant", book="b")
    with app.app_context(), write_transaction(db.engine) as connection:
        from ledger.journal.read import find_book  # noqa: PLC0415

        users.grant(connection, both, find_book(connection, "other").id, Post(Role.APPROVER), by="cli")
    assert client.get(f"/b/desk/users/{stranger}").status_code == 404
    assert client.get(f"/other/desk/users/{stranger}").status_code == 403
    assert do(client, stranger, "link").status_code == 404
    assert "另一本账" not in client.get(f"/b/desk/users/{both}").text
    before = found(app, both)
    for deed in ("link", "suspend", "sessions", "factor"):
        answer = do(client, both, deed)
        assert answer.status_code == 303, deed  # refused, and said so on the page
    assert found(app, both) == before
    assert not [each for each in noted(app) if each[0] in {"made a password link", "suspended"}]


def test_the_admin_of_a_book_takes_over_no_admin_of_the_installation(app, client, admin, chief):
    with app.app_context(), write_transaction(db.engine) as connection:
        from ledger.journal.read import find_book  # noqa: PLC0415

        users.grant(connection, chief.code, find_book(connection, "b").id, Post(Role.AUDITOR), by="cli")
    for deed in ("link", "suspend", "sessions", "factor"):
        assert "/account/link/" not in do(client, chief.code, deed).text
    assert not found(app, chief.code).suspended
    assert do(client, chief.code, "not-admin").status_code == 404
    assert do(client, admin, "admin").status_code == 404
    assert not found(app, admin).admin
    assert found(app, chief.code).admin


def test_forged_fields_do_nothing_more_than_the_form(app, client, admin):
    form = {"name": "x", "login": "wang", "role": "accountant", "party": "", "limit": "", "admin": "1", "book": "other"}
    send(client, "/b/desk/users/new", **form, book_id="2", code="u-x", granted_by="u-y")
    code = code_of(app, "wang")
    assert not found(app, code).admin
    assert posts(app, code) == {("b", Post(Role.ACCOUNTANT))}
    assert code != "u-x"


def test_what_ends_something_is_asked_first(app, client, admin):
    code = make_user(app, "accountant", name="王会计")
    token = re.search(r'csrf_token" value="([^"]+)"', client.get("/account").text)[1]
    for deed, question in (("suspend", "要停用这个账号吗"), ("sessions", "各处退出登录吗"), ("factor", "不可撤销")):
        asked = client.post(f"/b/desk/users/{code}/{deed}", data={"csrf_token": token})
        assert asked.status_code == 200
        assert question in asked.text
    asked = client.post(f"/b/desk/users/{code}/take", data={"csrf_token": token, "post": "accountant"})
    assert "要收回这个角色吗" in asked.text
    assert not found(app, code).suspended
    assert posts(app, code)


def test_suspended_at_once_everywhere_and_back_again(app, client, admin):
    wang = app.test_client()
    code = sign_in(app, wang, "accountant")
    assert wang.get("/b/desk/").status_code == 200
    do(client, code, "suspend")
    assert wang.get("/b/desk/").status_code == 302
    assert do(client, code, "link").status_code == 303
    do(client, code, "reactivate")
    assert not found(app, code).suspended
    assert [each[0] for each in noted(app) if each[2] == f"user:{code}"] == ["suspended", "reactivated"]


def test_sessions_are_ended_by_an_admin(app, client, admin):
    wang = app.test_client()
    code = sign_in(app, wang, "accountant")
    do(client, code, "sessions")
    assert wang.get("/b/desk/").status_code == 302


def test_a_link_of_an_admin_sets_a_new_password_and_the_old_session_ends(app, client, admin):
    wang = app.test_client()
    code = sign_in(app, wang, "accountant")
    give_password(app, code)
    path = re.search(r"/account/link/[\w-]+", do(client, code, "link").text)[0]
    assert wang.get("/b/desk/").status_code == 200  # until it is used
    send(app.test_client(), path, new="four rather long words", again="four rather long words")
    assert wang.get("/b/desk/").status_code == 302
    assert ("set a password by link", code, f"user:{code}", None) in noted(app)


def test_a_role_is_taken_and_noted(app, client, admin):
    wang = app.test_client()
    code = sign_in(app, wang, "accountant")
    assert do(client, code, "take", post="accountant").location == "/b/desk/users"
    assert wang.get("/b/desk/").status_code == 403
    assert ("took a post", admin, f"user:{code}", "role=accountant") in noted(app)
    for post in ("accountant", "wizard", ""):
        assert do(client, code, "take", post=post).status_code == 404


def test_the_last_admin_of_a_book_stays(app, client, admin, chief):
    give_password(app, admin)
    second = make_user(app, "admin")  # cannot sign in yet, so does not count
    do(chief, admin, "take", post="admin")
    do(chief, admin, "suspend", book=None)
    assert ("b", Post(Role.ADMIN)) in posts(app, admin)
    assert not found(app, admin).suspended
    give_password(app, second)
    do(chief, admin, "take", post="admin")
    assert posts(app, admin) == set()


def test_the_last_admin_of_the_installation_stays(app, chief, book):
    give_password(app, chief.code)
    client = app.test_client()
    second = sign_in(app, client, None, admin=True)
    do(client, chief.code, "not-admin", book=None)
    assert found(app, chief.code).admin  # `second` has no password yet
    give_password(app, second)
    do(client, chief.code, "not-admin", book=None)
    assert not found(app, chief.code).admin
    assert chief.get("/installation").status_code == 403


def test_an_auditor_neither_prepares_nor_approves_in_the_same_book(app, client, admin):
    code = make_user(app, "auditor")
    for role in ("accountant", "approver"):
        assert send(client, f"/b/desk/users/{code}", role=role, party="", limit="").status_code == 422
    assert posts(app, code) == {("b", Post(Role.AUDITOR))}
    code = make_user(app, "approver")
    assert send(client, f"/b/desk/users/{code}", role="auditor", party="", limit="").status_code == 422
    assert send(client, f"/b/desk/users/{code}", role="accountant", party="", limit="").status_code == 303


def test_giving_a_role_again_changes_its_limit(app, client, admin):
    code = make_user(app, "approver", limit=100)
    send(client, f"/b/desk/users/{code}", role="approver", party="", limit="20")
    assert posts(app, code) == {("b", Post(Role.APPROVER, "", 2000))}


def test_an_admin_of_the_installation_looks_after_every_book(app, chief, other):
    code = make_user(app, "accountant", book="other", name="王会计")
    assert "王会计" in chief.get("/installation/users").text
    assert "另一本账" in chief.get(f"/installation/users/{code}").text
    assert chief.get("/other/desk/users").status_code == 200
    assert chief.get("/other/desk/").status_code == 403  # manages users, keeps no books
    assert send(chief, f"/b/desk/users/{code}", role="auditor", party="", limit="").status_code == 303
    shown = send(chief, "/installation/users/new", name="新人", login="xin").text
    assert "/account/link/" in shown
    assert not found(app, code_of(app, "xin")).admin


def test_names_and_lists_cost_the_same_however_many_there_are(app, client, admin, query_count):
    with app.app_context():
        engine = db.engine

    def cost(address):
        client.get(address)
        with query_count(engine) as sent:
            assert client.get(address).status_code == 200
        return len([each for each in sent if each.startswith("SELECT")])

    make_user(app, "org_staff", party="sunshine", name="甲")
    before = [cost(address) for address in ("/b/desk/users", "/b/desk/trail")]
    for number in range(30):
        make_user(app, "org_staff", party="sunshine", name=f"人{number}")
    assert [cost(address) for address in ("/b/desk/users", "/b/desk/trail")] == before
    assert max(before) <= 14


def test_lists_are_searched_sorted_and_exported(app, client, admin):
    make_user(app, "accountant", login="wang", name="王会计")
    make_user(app, "approver", login="li", name="李审批")
    page = client.get("/b/desk/users?search=王").text
    assert "王会计" in page
    assert "李审批" not in page
    page = client.get("/b/desk/users?sort=-login").text
    assert page.index("王会计") < page.index("李审批")
    assert client.get("/b/desk/users?format=xlsx").data[:2] == b"PK"
    assert "没有符合条件的人" in client.get("/b/desk/users?search=nobody").text
