"""Fixtures for all tests. Those that touch a database run on SQLite and on PostgreSQL.

database_kind    "sqlite", "postgresql"; narrow it with
                 @pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
database_url     a fresh migrated database for this test; `empty_database_url` has no tables
engine           a SQLAlchemy engine on it, configured as the application's
settings         Settings with their own instance folder on that database
app, client      the application on it; `app` is not inside an application context
query_count      `with query_count(engine) as sent: …; assert len(sent) == 3`
pg_server        the run's PostgreSQL server
"""

import os
import shutil

import hypothesis
import pytest
import sqlalchemy as sa

from ledger.app import create_app
from ledger.config import settings_from
from ledger.journal.engine import configure
from tests.support import guard, queries, run, serving

hypothesis.settings.register_profile("dev", max_examples=25, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True)
hypothesis.settings.register_profile("deep", max_examples=2000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_configure(config):
    """Open the run's folder in the process that starts the workers."""
    if not hasattr(config, "workerinput"):
        run.begin()


def pytest_unconfigure(config):
    """Close it there, after the last worker."""
    if not hasattr(config, "workerinput"):
        run.end()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    guard.install(monkeypatch)


@pytest.fixture(scope="session")
def pg_server():
    from tests.support import postgres  # noqa: PLC0415  # unit tests need no server

    return postgres.start()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request):
    return request.param


@pytest.fixture
def empty_database_url(request, database_kind, tmp_path):
    """A database without tables."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
        return
    server = request.getfixturevalue("pg_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_url(request, database_kind, tmp_path):
    """A database on which the real migrations have run, copied from the run's template."""
    if database_kind == "sqlite":
        shutil.copyfile(sqlite_template(), tmp_path / "ledger.sqlite3")
        yield f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
        return
    server = request.getfixturevalue("pg_server")
    name = server.create(postgres_template(server))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def engine(database_url):
    engine = sa.create_engine(database_url)
    configure(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def settings(database_url, tmp_path):
    return settings_for(database_url, tmp_path)


@pytest.fixture
def app(settings):
    app = create_app(settings)
    app.testing = True
    app.config["RATELIMIT_ENABLED"] = False
    yield app
    dispose(app)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def query_count():
    return queries.counted


@pytest.fixture
def site(app):
    with serving.started(app) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    from tests.support import chromium  # noqa: PLC0415  # few tests need it

    with chromium.launched() as browser:
        yield browser


@pytest.fixture
def page(browser):
    from tests.support import chromium  # noqa: PLC0415

    with chromium.new_page(browser) as page:
        yield page


def settings_for(url, folder, **environ):
    """Return settings on the database `url` with keys in `folder`."""
    return settings_from({"LEDGER_INSTANCE": str(folder), "LEDGER_DATABASE_URL": url, **environ})


def migrate(url, folder):
    """Run the real migrations on the database `url`."""
    import flask_migrate  # noqa: PLC0415

    app = create_app(settings_for(url, folder))
    with app.app_context():
        flask_migrate.upgrade()
    dispose(app)


def dispose(app):
    """Close the connections that `app` keeps."""
    from ledger.extensions import db  # noqa: PLC0415

    with app.app_context():
        db.engine.dispose()


def sqlite_template():
    """Return the run's migrated SQLite file, made by the first worker that asks."""
    folder = run.folder() / "sqlite"
    template = folder / "migrated.sqlite3"
    with run.lock("sqlite"):
        if not template.exists():
            folder.mkdir()
            migrate(f"sqlite:///{folder / 'new.sqlite3'}", folder)
            with sa.create_engine(f"sqlite:///{folder / 'new.sqlite3'}").connect() as connection:
                connection.exec_driver_sql(f"VACUUM INTO '{template}'")
    return template


def postgres_template(server):
    """Return the name of the run's migrated database, made by the first worker that asks."""
    from tests.support import postgres  # noqa: PLC0415

    done = run.folder() / "migrated"
    with run.lock("template"):
        if not done.exists():
            server.execute(f"CREATE DATABASE {postgres.TEMPLATE} TEMPLATE template0")
            migrate(server.url(postgres.TEMPLATE), run.folder() / "pg-instance")
            done.touch()
    return postgres.TEMPLATE
