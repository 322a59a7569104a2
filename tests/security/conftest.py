"""A world with two of every party, an application on it, and somebody signed in for each role."""

import shutil

import pytest

from ledger.app import create_app
from ledger.extensions import db
from ledger.web.actor import Role
from tests import conftest
from tests.support.actors import sign_in
from tests.support.objects import OWN_PARTY, World


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The application, its world, and a client for each role; the tests of a module share it."""
    folder = tmp_path_factory.mktemp("security")
    shutil.copyfile(conftest.sqlite_template(), folder / "ledger.sqlite3")
    app = create_app(conftest.settings_for(f"sqlite:///{folder / 'ledger.sqlite3'}", folder))
    app.testing = True
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        world = World(db.engine, folder)
    clients = {}
    for role in Role:
        clients[role] = app.test_client()
        clients[role].code = sign_in(app, clients[role], role, party=OWN_PARTY.get(role))
    yield app, world, clients
    conftest.dispose(app)
