import pytest
from flask import session

from ledger.app import create_app
from ledger.web.access import public
from tests.conftest import dispose, settings_for

ADDRESSES = ["/healthz", "/nothing", "/static/nothing.css", "/healthz?lang=en"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_response_is_guarded(client, address):
    headers = client.get(address).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_a_failing_page_is_guarded_too(app, client):
    app.testing = False
    app.add_url_rule("/broken", "broken", public(lambda: 1 / 0))
    assert "Content-Security-Policy" in client.get("/broken").headers


@pytest.fixture
def secure_client(database_url, tmp_path):
    app = create_app(settings_for(database_url, tmp_path, LEDGER_PUBLIC_URL="https://give.example"))

    def remember():
        session["a"] = 1
        return "kept"

    app.add_url_rule("/remember", "remember", public(remember))
    yield app.test_client()
    dispose(app)


def test_over_https_the_browser_is_told_to_stay_there(secure_client):
    secure = secure_client.get("/healthz", base_url="https://give.example")
    assert "max-age=63072000" in secure.headers["Strict-Transport-Security"]
    plain = secure_client.get("/healthz", base_url="http://give.example")
    assert "Strict-Transport-Security" not in plain.headers


@pytest.mark.parametrize("address", ["/remember", "/healthz?lang=en"])
def test_over_https_cookies_are_strict(secure_client, address):
    cookie = secure_client.get(address, base_url="https://give.example").headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_form_without_its_token_is_refused(app, client):
    app.add_url_rule("/form", "form", public(lambda: "done"), methods=["POST"])
    answer = client.post("/form", data={"a": "1"})
    assert answer.status_code == 400
    assert answer.text != "done"


def test_a_body_that_is_too_large_is_refused(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/form", "form", public(lambda: "done"), methods=["POST"])
    assert client.post("/form", data={"a": "1" * (2 * 1024 * 1024)}).status_code == 200
