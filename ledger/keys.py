"""Key files: 32 random bytes, readable by their owner only, created whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING

from ledger.core.errors import LedgerError

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32


class KeyFileError(LedgerError):
    """Find a key file that is missing, of the wrong length, or open to others."""

    status = 500


def load_or_create(path: Path) -> bytes:
    """Return the key in `path`, made first when there is no such file."""
    if not path.exists():
        _create(path)
    return load(path)


def load(path: Path) -> bytes:
    """Return the key in `path`; raise KeyFileError unless it is 32 bytes and private to its owner."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes()
    except OSError as error:
        raise KeyFileError(
            "The key file %(path)s cannot be read (%(strerror)s): restore it.",
            path=path,
            strerror=error.strerror,
        ) from error
    if mode & 0o077:
        raise KeyFileError(
            "The key file %(path)s is open to others (mode %(mode)s): run chmod 600 on it.",
            path=path,
            mode=f"{mode:04o}",
        )
    if len(key) != KEY_BYTES:
        raise KeyFileError(
            "The key file %(path)s has %(count)s bytes, not %(key_bytes)s: restore it from a backup.",
            path=path,
            count=len(key),
            key_bytes=KEY_BYTES,
        )
    return key


def _create(path: Path) -> None:
    """Write a fresh key beside `path` and link it there.

    The link fails when another process was first, so all of them read one key; a crash before it leaves only
    a `.new` file that nobody reads, a crash after it a whole key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
