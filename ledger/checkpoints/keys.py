"""Signing keys of logs: one a book, in files that only the process can read, and never in the database.

`<instance>/log-keys/<book>.key` holds 32 random bytes, the seed of an Ed25519 key. Its name is the log's origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from ledger import keys
from ledger.core.note import Signer

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "log-keys"


def origin_of(public_url: str, book: str) -> str:
    """Name the log of a book: the public address without its scheme, a slash, the book's code (percent-encoded)."""
    parts = urlsplit(public_url)
    return f"{parts.netloc}{parts.path.rstrip('/')}/{quote(book, safe='~')}"


def key_file(instance: Path, book: str) -> Path:
    """Say where the key of a book lies."""
    return instance / FOLDER / f"{book}.key"


def signer(instance: Path, origin: str, book: str) -> Signer:
    """Load the key of a book, made on first use; raise KeyFileError when it is damaged or open to others."""
    return Signer(origin, keys.load_or_create(key_file(instance, book)))
