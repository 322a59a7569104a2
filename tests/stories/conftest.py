import shutil

import pytest

from ledger.app import create_app
from tests import conftest
from tests.stories.full import Full
from tests.stories.places import ADMIN, NOBODY
from tests.stories.town import Town
from tests.support import serving
from tests.support.actors import sign_in


@pytest.fixture
def database_kind():
    return "sqlite"


@pytest.fixture(scope="module")
def town(browser, tmp_path_factory):
    """An empty installation, shared by the tests of a module: each plays the chapters that it needs."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copyfile(conftest.sqlite_template(), folder / "ledger.sqlite3")
    settings = conftest.settings_for(f"sqlite:///{folder / 'ledger.sqlite3'}", folder)
    app = create_app(settings)
    app.testing = True
    app.config["RATELIMIT_ENABLED"] = False
    town = Town(app, browser, settings)
    yield town
    town.close()


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    shutil.copyfile(conftest.sqlite_template(), folder / "ledger.sqlite3")
    app = create_app(conftest.settings_for(f"sqlite:///{folder / 'ledger.sqlite3'}", folder))
    app.testing = True
    app.config["RATELIMIT_ENABLED"] = False
    full = Full(app, folder)
    full.clients[NOBODY], full.clients[ADMIN] = app.test_client(), app.test_client()
    sign_in(app, full.clients[ADMIN], None, admin=True, name="张总管")
    yield full
    conftest.dispose(app)


@pytest.fixture(scope="module")
def site(full):
    with serving.started(full.app) as address:
        yield address


@pytest.fixture
def shared():
    return _shared


def _shared(client, page, site, **more):
    """Let a browser be signed in as a test client is."""
    cookies = [client.get_cookie(name) for name in ("session", "lang")]
    found = [{"name": each.key, "value": each.value, "url": site} for each in cookies if each]
    page.context.add_cookies(found + [{"name": name, "value": value, "url": site} for name, value in more.items()])


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords():
    """Hash passwords with little work: eight people sign in, and what they wait for is tested elsewhere."""
    from argon2 import PasswordHasher  # noqa: PLC0415

    from ledger.people.accounts import passwords  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield
