"""Signing in and out as a browser does it: cookies, redirects, and what attackers try."""

import re

import pyotp
import pytest
import sqlalchemy as sa

from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import clock, passwords, second, sessions, throttle, users
from ledger.people.accounts.forms import safe_next
from ledger.people.accounts.settings import BookSettings, set_book_settings
from tests.support.actors import make_user, sign_in
from tests.support.small import Small

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
WORDS = "three small words"


@pytest.fixture
def book(engine):
    return Small(engine)


@pytest.fixture
def chen(app, book):
    code = make_user(app, "accountant", login="chen")
    with app.app_context(), write_transaction(db.engine) as connection:
        users.set_password(connection, code, passwords.hash_password(WORDS))
    return code


def token_of(client, address):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)[1]


def log_in(client, login="chen", password=WORDS, target=""):
    address = "/login" + (f"?next={target}" if target else "")
    form = {"csrf_token": token_of(client, address), "login": login, "password": password, "next": target}
    return client.post("/login", data=form)


def with_factor(app, code):
    """Set up a second factor; give a function that makes its codes, each later than the last."""
    salt, key = second.new_salt(), app.config["SECRET_KEY"]
    with app.app_context(), write_transaction(db.engine) as connection:
        connection.execute(sa.update(users.users).where(users.users.c.code == code).values(factor=salt))
    return lambda: pyotp.TOTP(second.secret_of(key, salt)).at(clock.now())


def cookie(client):
    return client.get_cookie("session").value


def test_signing_in_leads_to_the_desk_and_out_to_nowhere(client, chen):
    answer = log_in(client)
    assert (answer.status_code, answer.location) == (303, "/b/desk/")
    page = client.get("/b/desk/")
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    client.post("/logout", data={"csrf_token": token_of(client, "/account")})
    assert client.get("/b/desk/").status_code == 302


def test_what_was_asked_for_comes_after_signing_in(client, chen):
    asked = client.get("/b/desk/decided?page=2").location
    assert asked == "/login?next=/b/desk/decided?page%3D2"
    assert log_in(client, target="/b/desk/decided?page=2").location == "/b/desk/decided?page=2"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example\t",
        "/\t/evil.example",
        "javascript:alert(1)",
        " /b/",
        "b/desk/",
        "/b/\r\nSet-Cookie: x=1",
        "",
    ],
)
def test_nobody_is_led_elsewhere(app, target):
    with app.test_request_context("/"):
        assert safe_next(target) is None


def test_an_evil_next_leads_home_instead(client, chen):
    assert log_in(client, target="//evil.example/x").location == "/b/desk/"


def test_unknown_login_and_wrong_password_get_the_same_page(client, chen):
    pages = [log_in(client, login, "wrong words").text for login in ("chen", "nobody")]
    shown = [re.sub(r'value="[^"]*"', "", page) for page in pages]
    assert shown[0] == shown[1]
    assert "登录名或密码不对" in shown[0]


def test_a_refusal_answers_401_and_keeps_nobody(client, chen):
    assert log_in(client, password="wrong words").status_code == 401
    assert client.get("/account").status_code == 302


def test_after_failures_one_is_told_how_long_to_wait(client, chen):
    for _ in range(throttle.LOGIN.free):
        log_in(client, password="wrong words")
    answer = log_in(client)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= throttle.FIRST_WAIT
    assert re.search(r"请在 \d+ 秒后再试", answer.text)


def test_a_session_planted_before_is_not_the_session_after(app, client, chen):
    """Session fixation: whatever an attacker put into the cookie is gone, and its value opens nothing."""
    with client.session_transaction() as session:
        session["planted"] = "yes"
    planted = cookie(client)
    log_in(client)
    assert cookie(client) != planted
    with client.session_transaction() as session:
        assert "planted" not in session
    thief = app.test_client()
    thief.set_cookie("session", planted)
    assert thief.get("/account").status_code == 302


def test_the_cookie_names_no_user(app, client, chen):
    log_in(client)
    with client.session_transaction() as session:
        assert chen not in repr(dict(session))
        token = session["_user_id"]
    with app.app_context(), db.engine.connect() as connection:
        assert sessions.load(connection, token).actor.code == chen


def test_a_stolen_cookie_dies_with_the_session(app, client, chen):
    log_in(client)
    thief = app.test_client()
    thief.set_cookie("session", cookie(client))
    assert thief.get("/account").status_code == 200
    client.post("/logout", data={"csrf_token": token_of(client, "/account")})
    assert thief.get("/account").status_code == 302


def test_signing_in_twice_makes_two_sessions_with_different_tokens(app, client, chen):
    log_in(client)
    other = app.test_client()
    log_in(other)
    assert cookie(client) != cookie(other)


def test_a_form_without_its_token_signs_nobody_in(client, chen):
    answer = client.post("/login", data={"login": "chen", "password": WORDS})
    assert answer.status_code == 400
    assert client.get("/account").status_code == 302


def test_a_form_field_makes_nobody_an_admin(app, client, chen):
    token = token_of(client, "/login")
    form = {"csrf_token": token, "login": "chen", "password": WORDS, "admin": "1", "role": "admin", "_user_id": "x"}
    client.post("/login", data=form)
    assert client.get("/installation").status_code == 403
    assert client.get("/b/desk/users").status_code == 403


# Second factor


def test_the_password_alone_opens_nothing_where_there_is_a_second_factor(app, client, chen):
    code = with_factor(app, chen)
    assert log_in(client, target="/b/desk/decided").location == "/login/code"
    assert client.get("/b/desk/").status_code == 302
    half = cookie(client)
    answer = client.post("/login/code", data={"csrf_token": token_of(client, "/login/code"), "code": code()})
    assert answer.location == "/b/desk/decided"
    assert client.get("/b/desk/").status_code == 200
    assert cookie(client) != half


def test_half_a_session_cannot_be_used_as_a_whole_one(app, client, chen):
    with_factor(app, chen)
    log_in(client)
    with client.session_transaction() as session:
        session["_user_id"] = session["half"]
    assert client.get("/account").status_code == 302


def test_a_used_code_opens_no_second_browser(app, client, chen):
    given = with_factor(app, chen)()
    other = app.test_client()
    for browser, status in ((client, 303), (other, 401)):
        log_in(browser)
        form = {"csrf_token": token_of(browser, "/login/code"), "code": given}
        assert browser.post("/login/code", data=form).status_code == status


def test_the_second_step_needs_the_first(client, chen):
    assert client.get("/login/code").location == "/login"


def require(app):
    with app.app_context(), write_transaction(db.engine) as connection:
        set_book_settings(connection, find_book(connection, "b").id, BookSettings(totp_required=True))


def test_who_must_have_a_second_factor_sets_it_up_before_anything_else(app, client, book):
    sign_in(app, client, "approver")
    require(app)
    for address in ("/b/desk/", "/account", "/b/desk/decided"):
        assert client.get(address).location == f"/account/second-factor?next={address}"
    assert client.post("/account/sessions", data={"csrf_token": "x"}).status_code in {303, 400}
    assert client.get("/b/").status_code == 200  # what everybody may see
    page = client.get("/account/second-factor").text
    secret = re.search(r'class="secret">([^<]+)<', page)[1].replace(" ", "")
    form = {"csrf_token": token_of(client, "/account/second-factor"), "code": pyotp.TOTP(secret).at(clock.now())}
    shown = client.post("/account/second-factor", data=form)
    assert len(re.findall(r"<code>[\w-]{19}</code>", shown.text)) == second.CODES
    assert "no-store" in shown.headers["Cache-Control"]
    assert client.get("/b/desk/").status_code == 200


def test_others_are_not_led_there(app, client, book):
    sign_in(app, client, "accountant")
    require(app)
    assert client.get("/b/desk/").status_code == 200


def test_a_post_with_a_half_set_up_account_does_nothing(app, client, book):
    code = sign_in(app, client, "admin")
    token = token_of(client, "/b/desk/settings")
    require(app)
    answer = client.post("/b/desk/settings", data={"csrf_token": token, "idle_minutes": "7"})
    assert answer.location == "/account/second-factor"
    with app.app_context(), db.engine.connect() as connection:
        from ledger.people.accounts.settings import book_settings  # noqa: PLC0415

        assert book_settings(connection, find_book(connection, "b").id).idle_minutes == 60
    assert code


def test_a_signed_in_page_costs_one_statement_more(app, client, book, query_count):
    with app.app_context():
        engine = db.engine
    with query_count(engine) as anonymous:
        client.get("/b/funds")
    sign_in(app, client, "accountant")
    client.get("/b/funds")
    with query_count(engine) as signed:
        client.get("/b/funds")
    assert len(selects(signed)) == len(selects(anonymous)) + 1


def selects(sent):
    return [each for each in sent if each.startswith("SELECT")]


def test_public_pages_show_who_reads_them(app, client, book):
    sign_in(app, client, "accountant", name="王会计")
    assert "王会计" in client.get("/b/").text
    assert "王会计" not in app.test_client().get("/b/").text
