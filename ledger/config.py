"""Settings from the environment: read once, validated, never changed.

`VARIABLES` is the whole list; the table in README.md says what each is for, and a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ledger.core.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parent.parent
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
RATE_STORES = ("memory", "redis", "rediss", "redis+sentinel", "redis+unix", "memcached")


class SettingError(LedgerError):
    """Find an environment variable with a value that cannot be used."""

    status = 500

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(
            "%(name)s=%(value)s cannot be used: set it to %(expected)s, or unset it.",
            name=name,
            value=repr(value),
            expected=expected,
        )
        self.name = name
        self.value = value


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the installation decides. Keys are files, so that no secret is in the environment."""

    instance: Path
    database_url: str
    port: int
    public_url: str
    secret_key_file: Path
    code_key_file: Path
    witness_policy: Path
    timestamp_url: str
    timestamp_roots: Path
    ratelimit_storage: str
    trusted_proxies: int
    log_level: str
    workers: int
    threads: int

    @property
    def https(self) -> bool:
        """Say whether the public meets this installation over https."""
        return self.public_url.startswith("https://")


class Variable(NamedTuple):
    """A variable: its field, its default (fields above it filled in), its parser, what it expects."""

    field: str
    default: str
    parse: Callable[[str], Any]
    expected: str


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Build the settings from `environ`; raise SettingError for the first value that cannot be used."""
    values: dict[str, Any] = {}
    for name, variable in VARIABLES.items():
        text = environ.get(name, "").strip() or variable.default.format(**values)
        try:
            values[variable.field] = variable.parse(text)
        except ValueError as error:
            raise SettingError(name, _hide_password(text), variable.expected) from error
    return Settings(**values)


def _hide_password(text: str) -> str:
    """Return `text` without the password of the URL that it may be."""
    try:
        password = urlsplit(text).password
    except ValueError:
        return text
    return text.replace(f":{password}@", ":***@") if password else text


# Parsers: text in, value out, else ValueError.


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return parse


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.upper() not in words:
            raise ValueError(text)
        return text.upper()

    return parse


def _database_url(text: str) -> str:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ValueError(text) from error
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg"} and url.database:
        url = url.set(drivername="postgresql+psycopg")
    elif url.drivername != "sqlite" or url.database in {None, "", ":memory:"}:
        raise ValueError(text)
    return url.render_as_string(hide_password=False)


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(text)
    return text.rstrip("/")


def _timestamps(text: str) -> str:
    return "" if text == "none" else _base_url(text)


def _storage(text: str) -> str:
    if "://" not in text or text.partition("://")[0] not in RATE_STORES:
        raise ValueError(text)
    return text


# Order matters: a default may name a field above it.
VARIABLES: dict[str, Variable] = {
    "LEDGER_INSTANCE": Variable("instance", str(ROOT / "instance"), _path, "a folder"),
    "PORT": Variable("port", "8000", _whole(1, 65535), "a port from 1 to 65535"),
    "LEDGER_DATABASE_URL": Variable(
        "database_url",
        "sqlite:///{instance}/ledger.sqlite3",
        _database_url,
        "sqlite:////absolute/file or postgresql://user:password@host/database",
    ),
    "LEDGER_PUBLIC_URL": Variable(
        "public_url",
        "http://127.0.0.1:{port}",
        _base_url,
        "the http:// or https:// address that the public uses",
    ),
    "LEDGER_SECRET_KEY_FILE": Variable("secret_key_file", "{instance}/secret.key", _path, "a file of 32 random bytes"),
    "LEDGER_CODE_KEY_FILE": Variable("code_key_file", "{instance}/code.key", _path, "a file of 32 random bytes"),
    "LEDGER_WITNESS_POLICY": Variable("witness_policy", "{instance}/witnesses", _path, "a file of witnesses"),
    "LEDGER_TIMESTAMP_URL": Variable(
        "timestamp_url", "none", _timestamps, "the http:// or https:// address of an RFC 3161 service, or none"
    ),
    "LEDGER_TIMESTAMP_ROOTS": Variable(
        "timestamp_roots", "{instance}/timestamp-roots.pem", _path, "a file of certificates in PEM"
    ),
    "LEDGER_RATELIMIT_STORAGE": Variable(
        "ratelimit_storage",
        "memory://",
        _storage,
        "memory:// or redis://host:6379 or another store of the limits package",
    ),
    "LEDGER_TRUSTED_PROXIES": Variable("trusted_proxies", "0", _whole(0, 9), "the number of proxies in front, 0 to 9"),
    "LEDGER_LOG_LEVEL": Variable("log_level", "INFO", _one_of(*LOG_LEVELS), "one of " + ", ".join(LOG_LEVELS)),
    "LEDGER_WORKERS": Variable("workers", "2", _whole(1, 64), "a number of processes from 1 to 64"),
    "LEDGER_THREADS": Variable("threads", "4", _whole(1, 64), "a number of threads a process from 1 to 64"),
}
