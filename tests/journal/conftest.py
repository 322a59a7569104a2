"""Books that several tests look at; whoever changes one takes the change back."""

import shutil

import pytest
import sqlalchemy as sa

from ledger.journal.engine import configure
from tests.conftest import postgres_template, sqlite_template
from tests.journal import support


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting_engine(request, tmp_path_factory):
    """A migrated database that the tests of a module share."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("lasting") / "ledger.sqlite3"
        shutil.copyfile(sqlite_template(), path)
        url, drop = f"sqlite:///{path}", lambda: None
    else:
        server = request.getfixturevalue("pg_server")
        name = server.create(postgres_template(server))
        url, drop = server.url(name), lambda: server.drop(name)
    engine = sa.create_engine(url)
    configure(engine)
    yield engine
    engine.dispose()
    drop()


@pytest.fixture(scope="module")
def lasting_book(lasting_engine):
    """A book with everything opened and 1000 fen in fund:general (entry `support.FIRST`); fund:old is closed."""
    support.open_book(lasting_engine)
    support.append(lasting_engine, support.gift(1000, ref="first"), support.draft("fund.closed", code="old"))
    return lasting_engine
