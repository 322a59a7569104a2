import pytest

from ledger.journal.engine import write_transaction
from ledger.people.accounts import users
from tests.support.small import Small


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def person(engine):
    """Make accounts: person("login") → code."""

    def make(login="well.wisher"):
        with write_transaction(engine) as connection:
            return users.add_user(connection, login, login)

    return make
