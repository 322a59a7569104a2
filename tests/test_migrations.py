"""Every migration goes up and down on both databases, and the models are what the migrations make."""

import flask_migrate
import pytest
import sqlalchemy as sa

from ledger.app import create_app
from tests.conftest import dispose, settings_for


@pytest.fixture
def empty_app(empty_database_url, tmp_path):
    app = create_app(settings_for(empty_database_url, tmp_path))
    with app.app_context():
        yield app
    dispose(app)


def tables_of(app):
    from ledger.extensions import db  # noqa: PLC0415

    names = set(sa.inspect(db.engine).get_table_names())
    db.engine.dispose()
    return names


def test_up_down_and_up_again(empty_app):
    flask_migrate.upgrade()
    there = tables_of(empty_app)
    assert {"entries", "headers", "flows", "private"} <= there
    flask_migrate.downgrade(revision="base")
    assert tables_of(empty_app) <= {"alembic_version"}
    flask_migrate.upgrade()
    assert tables_of(empty_app) == there


def test_models_are_what_migrations_make(empty_app):
    flask_migrate.upgrade()
    flask_migrate.check()  # exits when a table, column or index differs
    assert "entries" in tables_of(empty_app)


def test_downgrade_refuses_to_drop_a_log_that_has_entries(empty_app, caplog):
    flask_migrate.upgrade()
    from ledger.extensions import db  # noqa: PLC0415

    with db.engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO books VALUES (1, 'b', 0, NULL, '', '', 0)"))
        connection.execute(sa.text("INSERT INTO entries VALUES (1, 0, '00', '00')"))
    with pytest.raises(SystemExit):
        flask_migrate.downgrade(revision="base")
    assert "the log has 1 entries" in caplog.text
    with db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM entries")) == 1
