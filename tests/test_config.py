import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from ledger.config import ROOT, VARIABLES, SettingError, Settings, settings_from

TABLE_ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.+?) \|$", re.MULTILINE)


def documented():
    """Return the README's table: variable -> default as written."""
    return {name: default.strip("`") for name, default, _ in TABLE_ROW.findall((ROOT / "README.md").read_text())}


def test_defaults_need_nothing():
    settings = settings_from({})
    assert settings.instance == ROOT / "instance"
    assert settings.database_url == f"sqlite:///{ROOT / 'instance' / 'ledger.sqlite3'}"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.code_key_file == ROOT / "instance" / "code.key"
    assert not settings.https


def test_later_defaults_follow_earlier_values(tmp_path):
    settings = settings_from({"LEDGER_INSTANCE": str(tmp_path), "PORT": "9001"})
    assert settings.database_url == f"sqlite:///{tmp_path}/ledger.sqlite3"
    assert settings.secret_key_file == tmp_path / "secret.key"
    assert settings.public_url == "http://127.0.0.1:9001"


def test_empty_means_unset():
    assert settings_from({"PORT": " "}).port == 8000


def test_relative_paths_are_made_absolute():
    assert settings_from({"LEDGER_INSTANCE": "here"}).instance == Path("here").resolve()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_with_psycopg_3(scheme):
    url = settings_from({"LEDGER_DATABASE_URL": f"{scheme}://u:p%40@h:5433/d?host=/run"}).database_url
    assert url == "postgresql+psycopg://u:p%40@h:5433/d?host=%2Frun"


def test_a_trailing_slash_of_the_public_address_is_dropped():
    settings = settings_from({"LEDGER_PUBLIC_URL": "https://give.example/"})
    assert (settings.public_url, settings.https) == ("https://give.example", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80a"),
        ("PORT", "-1"),
        ("PORT", "８０"),
        ("LEDGER_DATABASE_URL", "mysql://u@h/d"),
        ("LEDGER_DATABASE_URL", "sqlite://"),
        ("LEDGER_DATABASE_URL", "sqlite:///:memory:"),
        ("LEDGER_DATABASE_URL", "postgresql://host"),
        ("LEDGER_DATABASE_URL", "ledger.sqlite3"),
        ("LEDGER_PUBLIC_URL", "give.example"),
        ("LEDGER_PUBLIC_URL", "ftp://give.example"),
        ("LEDGER_PUBLIC_URL", "https://give.example/?a=1"),
        ("LEDGER_PUBLIC_URL", "https://[::1"),
        ("LEDGER_RATELIMIT_STORAGE", "disk"),
        ("LEDGER_RATELIMIT_STORAGE", "carrier-pigeon://"),
        ("LEDGER_TRUSTED_PROXIES", "yes"),
        ("LEDGER_LOG_LEVEL", "LOUD"),
        ("LEDGER_WORKERS", "0"),
        ("LEDGER_THREADS", "65"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name, value):
    with pytest.raises(SettingError) as caught:
        settings_from({name: value})
    assert caught.value.name == name
    assert f"{name}={value!r}" in str(caught.value)
    assert VARIABLES[name].expected in str(caught.value)


def test_a_refused_address_is_shown_without_its_password():
    with pytest.raises(SettingError) as caught:
        settings_from({"LEDGER_DATABASE_URL": "mysql://u:hunter2@h/d"})
    assert "hunter2" not in str(caught.value)


def test_settings_never_change():
    with pytest.raises(FrozenInstanceError):
        settings_from({}).port = 1


def test_every_field_has_one_variable():
    names = [variable.field for variable in VARIABLES.values()]
    assert sorted(names) == sorted(field.name for field in fields(Settings))


def test_the_readme_lists_exactly_these_variables_with_their_defaults():
    defaults = {name: variable.default.replace(str(ROOT) + "/", "") for name, variable in VARIABLES.items()}
    assert documented() == defaults


def test_the_environment_is_read_nowhere_else():
    allowed = {"ledger/app.py", "ledger/witness/app.py"}  # hands it to settings_from; a program of its own
    readers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "ledger").rglob("*.py")
        if re.search(r"os\.environ|getenv", path.read_text())
    }
    assert readers <= allowed
