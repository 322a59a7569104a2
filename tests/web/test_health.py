import pytest

from ledger.app import create_app
from tests.conftest import dispose, settings_for

both = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


def test_up_needs_no_database(tmp_path):
    app = create_app(settings_for("postgresql://nobody@localhost:1/none", tmp_path))
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "up"})
    dispose(app)


@both
def test_ready_on_a_migrated_database(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})


@both
def test_not_ready_before_the_migrations(empty_database_url, tmp_path):
    app = create_app(settings_for(empty_database_url, tmp_path))
    answer = app.test_client().get("/readyz")
    dispose(app)
    assert answer.status_code == 503
    assert "db upgrade" in answer.get_json()["reason"]


def test_not_ready_without_a_database(tmp_path):
    app = create_app(settings_for("postgresql://nobody@localhost:1/none", tmp_path))
    answer = app.test_client().get("/readyz")
    dispose(app)
    assert (answer.status_code, answer.get_json()["reason"]) == (503, "the database does not answer")
