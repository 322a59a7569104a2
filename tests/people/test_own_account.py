"""One's own account: password, second factor, recovery codes, sessions."""

import re

import pyotp
import pytest
import sqlalchemy as sa

from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.people.accounts import clock, passwords, second, users
from ledger.people.accounts.codes import hash_of
from ledger.people.accounts.tables import trail
from tests.support.actors import begin, sign_in
from tests.support.desk import send
from tests.support.small import Small

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
OLD, NEW = "three small words", "four rather long words"


@pytest.fixture
def book(engine):
    return Small(engine)


@pytest.fixture
def me(app, client, book):
    code = sign_in(app, client, "approver", limit=500_000)
    kept = passwords.hash_password(OLD)
    with app.app_context(), write_transaction(db.engine) as connection:
        connection.execute(sa.update(users.users).where(users.users.c.code == code).values(password=kept))
    return code


def another(app, code):
    """Sign the same user in elsewhere."""
    client = app.test_client()
    token = begin(app, code, agent="Mozilla/5.0 (Android 15) Firefox/140")
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    return client, hash_of(token)


def noted(app):
    with app.app_context(), db.engine.connect() as connection:
        return list(connection.scalars(sa.select(trail.c.what).order_by(trail.c.id)))


def set_up(client):
    secret = re.search(r'class="secret">([^<]+)<', client.get("/account/second-factor").text)[1].replace(" ", "")
    shown = send(client, "/account/second-factor", code=pyotp.TOTP(secret).at(clock.now()))
    return re.findall(r"<code>([\w-]{19})</code>", shown.text)


def test_the_page_says_what_one_holds(client, me, app):
    page = client.get("/account").text
    for words in ("和平社区基金", "审批人", "5,000.00", me, "未开启", "本机"):
        assert words in page
    another(app, me)
    assert "Firefox · Android" in client.get("/account").text


def test_changing_the_password_ends_all_other_sessions(app, client, me):
    other, _ = another(app, me)
    answer = send(client, "/account/password", old=OLD, new=NEW, again=NEW)
    assert answer.location == "/account"
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert noted(app)[-1] == "changed the password"
    with app.app_context(), db.engine.connect() as connection:
        kept = connection.scalar(sa.select(users.users.c.password).where(users.users.c.code == me))
    assert passwords.verify(kept, NEW)


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [("wrong old words", NEW, NEW), (OLD, NEW, NEW + "x"), (OLD, "short", "short"), (OLD, "", ""), ("", NEW, NEW)],
)
def test_a_password_is_changed_only_rightly(app, client, me, old, new, again):
    assert send(client, "/account/password", old=old, new=new, again=again).status_code == 422
    with app.app_context(), db.engine.connect() as connection:
        kept = connection.scalar(sa.select(users.users.c.password).where(users.users.c.code == me))
    assert passwords.verify(kept, OLD)


def test_guessing_the_present_password_is_throttled(app, client, me):
    for _ in range(5):
        send(client, "/account/password", old="wrong old words", new=NEW, again=NEW)
    assert "请在" in send(client, "/account/password", old=OLD, new=NEW, again=NEW).text


def test_a_session_is_ended_from_another(app, client, me):
    other, session = another(app, me)
    third, _ = another(app, me)
    answer = client.post("/account/sessions", data={"csrf_token": token(client), "session": session})
    assert answer.location == "/account"
    assert [other.get("/account").status_code, third.get("/account").status_code] == [302, 200]
    client.post("/account/sessions", data={"csrf_token": token(client), "session": "others"})
    assert third.get("/account").status_code == 302
    assert client.get("/account").status_code == 200
    assert noted(app)[-2:] == ["ended a session", "ended all other sessions"]


def token(client):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").text)[1]


def test_nobody_ends_sessions_of_others(app, client, me):
    stranger = app.test_client()
    code = sign_in(app, stranger, "accountant")
    _, session = another(app, code)
    client.post("/account/sessions", data={"csrf_token": token(client), "session": session})
    assert stranger.get("/account").status_code == 200


def test_setting_up_needs_a_right_code_and_ends_other_sessions(app, client, me):
    other, _ = another(app, me)
    assert send(client, "/account/second-factor", code="000000").status_code == 422
    assert other.get("/account").status_code == 200
    codes = set_up(client)
    assert len(codes) == second.CODES
    assert other.get("/account").status_code == 302
    assert "还剩 10 个恢复码" in client.get("/account").text
    assert client.get("/account/second-factor").location == "/account"


def test_the_secret_of_a_page_is_that_of_its_own_browser(app, client, me):
    other, _ = another(app, me)
    secrets = {
        re.search(r'class="secret">([^<]+)<', each.get("/account/second-factor").text)[1] for each in (client, other)
    }
    assert len(secrets) == 2


def test_new_recovery_codes_need_the_password(app, client, me):
    codes = set_up(client)
    assert send(client, "/account/recovery-codes", password="wrong old words").status_code == 422
    fresh = re.findall(r"<code>([\w-]{19})</code>", send(client, "/account/recovery-codes", password=OLD).text)
    assert len(fresh) == second.CODES
    assert not set(fresh) & set(codes)


def test_turning_it_off_needs_the_password_and_that_no_book_requires_it(app, client, me):
    set_up(client)
    assert send(client, "/account/second-factor/off", password="wrong old words").status_code == 422
    from ledger.journal.read import find_book  # noqa: PLC0415
    from ledger.people.accounts.settings import BookSettings, set_book_settings  # noqa: PLC0415

    def require(required):
        with app.app_context(), write_transaction(db.engine) as connection:
            set_book_settings(connection, find_book(connection, "b").id, BookSettings(totp_required=required))

    require(required=True)
    assert "您的角色必须使用二次验证" in send(client, "/account/second-factor/off", password=OLD).text
    require(required=False)
    assert send(client, "/account/second-factor/off", password=OLD).location == "/account"
    assert "未开启" in client.get("/account").text
