"""The hash chain: each entry names the leaf hash of the one before it."""

from datetime import UTC, datetime
from hashlib import sha256

from ledger.core.entry import ZERO, Body
from ledger.core.errors import CorruptError

_PREV = b'{"_prev":"'


def leaf_hash(body: bytes) -> bytes:
    """Hash one entry body: SHA-256(0x00 ‖ body), at once chain link and RFC 6962 leaf."""
    return sha256(b"\x00" + body).digest()


def prev_of(body: bytes) -> str:
    """Read the hash of the previous entry from a canonical body without parsing it; 64 hexadecimal digits."""
    if body[:10] != _PREV or body[74:75] != b'"':
        raise CorruptError("the body does not begin with _prev; it is not an entry")
    return body[10:74].decode("ascii", "replace")


def link(head: bytes | None) -> str:
    """Give the `_prev` of the entry after the one whose leaf hash is `head` (None: the first entry)."""
    return head.hex() if head else ZERO


def stamp(now: datetime) -> str:
    """Write a moment as the format does: UTC, milliseconds, Z."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def follows(body: Body, *, seq: int, prev: str, recorded: str) -> str | None:
    """Say how an entry fails to follow the one before it (its hash and time); None when it does."""
    if body.get("seq") != seq:
        return f"seq is {body.get('seq')!r}, expected {seq}"
    if body.get("_prev") != prev:
        return f"_prev is {body.get('_prev')!r}, the previous entry hashes to {prev}"
    if str(body.get("recorded")) < recorded:
        return f"recorded {body.get('recorded')!r} is earlier than {recorded} before it"
    return None
