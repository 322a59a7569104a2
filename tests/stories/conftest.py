import shutil

import pytest

from ledger.app import create_app
from tests import conftest
from tests.stories.town import Town


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
