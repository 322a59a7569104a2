import pytest

from ledger.app import create_app
from ledger.extensions import limiter
from ledger.web.access import public
from tests.conftest import dispose


@pytest.fixture
def client(settings):
    app = create_app(settings)
    app.add_url_rule("/guess", "guess", public(limiter.limit("2 per minute")(lambda: "no")))
    yield app.test_client()
    dispose(app)


def test_too_many_attempts_are_told_to_wait(client):
    assert [client.get("/guess").status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get("/guess")
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert answer.mimetype == "text/html"


def test_each_visitor_is_counted_alone(client):
    for _ in range(3):
        client.get("/guess")
    other = client.get("/guess", environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert (other.status_code, other.headers["X-RateLimit-Remaining"]) == (200, "1")
