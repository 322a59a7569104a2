import pytest

from tests.support.actors import sign_in
from tests.support.small import Small


@pytest.fixture
def book(app):
    """The small book in the database of the application, with its own code key."""
    from ledger.extensions import db  # noqa: PLC0415

    with app.app_context():
        return Small(db.engine)


@pytest.fixture
def people(app, book):
    """Clients by role: people["accountant"].get(…)."""
    found = {}
    for role in ("accountant", "approver", "auditor"):
        found[role] = app.test_client()
        sign_in(app, found[role], role)
    return found
