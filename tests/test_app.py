import stat
import subprocess
import sys

import pytest
from flask import request

from ledger.app import create_app
from ledger.config import ROOT
from ledger.extensions import db
from ledger.web.access import public
from tests.conftest import dispose, settings_for


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


def test_keys_are_made_in_the_instance_folder(app, tmp_path):
    assert (tmp_path / "secret.key").read_bytes() == app.config["SECRET_KEY"]
    assert (tmp_path / "code.key").read_bytes() == app.config["CODE_KEY"]
    assert app.config["SECRET_KEY"] != app.config["CODE_KEY"]


def test_the_instance_folder_is_private(database_url, tmp_path):
    app = create_app(settings_for(database_url, tmp_path / "new"))
    dispose(app)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_sqlite_is_opened_the_journals_way(app):
    with app.app_context(), db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


@pytest.mark.parametrize(("proxies", "seen"), [("0", "127.0.0.1"), ("1", "203.0.113.9"), ("2", "198.51.100.1")])
def test_only_as_many_proxies_are_believed_as_there_are(database_url, tmp_path, proxies, seen):
    app = create_app(settings_for(database_url, tmp_path, LEDGER_TRUSTED_PROXIES=proxies))
    app.add_url_rule("/who", "who", public(lambda: request.remote_addr))
    answer = app.test_client().get("/who", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    dispose(app)
    assert answer.text == seen


def test_a_bad_setting_ends_a_command_with_status_2_and_one_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "routes"],
        cwd=ROOT,
        env={"PORT": "many", "LEDGER_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        2,
        "PORT='many' cannot be used: set it to a port from 1 to 65535, or unset it.\n",
    )
