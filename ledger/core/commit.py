"""Salted commitments: personal data stays out of the ledger, and its change shows.

digest = SHA-256("shanliu/commit/v1" ‖ 0x00 ‖ field ‖ 0x00 ‖ salt ‖ value in UTF-8)

The salt has 32 random bytes, one for each field of each record: without it a name or a telephone number
would be found by trying. Once salt and value are deleted the digest says nothing about anyone.
The field cannot hold a 0x00 and the salt has a fixed length, so no two inputs make the same bytes.
"""

import re
import secrets
from hashlib import sha256
from hmac import compare_digest

from ledger.core.errors import MalformedError

SALT_SIZE = 32

_DOMAIN = b"shanliu/commit/v1\x00"
_FIELD = re.compile(r"[a-z0-9_]+")


class CommitError(MalformedError):
    """Commit to something that cannot be committed to; the message never holds the value."""


def new_salt() -> bytes:
    """Draw 32 bytes from the system's source of secrets."""
    return secrets.token_bytes(SALT_SIZE)


def commit(field: str, salt: bytes, value: str) -> str:
    """Give the commitment to a value: 64 lower-case hexadecimal digits."""
    if type(field) is not str or not _FIELD.fullmatch(field):
        raise CommitError("the field name %(field)s is not made of a-z, 0-9 and _; rename the field", field=repr(field))
    if type(salt) is not bytes or len(salt) != SALT_SIZE:
        raise CommitError(
            "the salt of %(field)s is not %(salt_size)s bytes; draw one with new_salt()",
            field=field,
            salt_size=SALT_SIZE,
        )
    if type(value) is not str:
        raise CommitError("the value of %(field)s is not text; write it as text first", field=field)
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise CommitError(
            "the value of %(field)s holds a lone surrogate; read it again as UTF-8",
            field=field,
        ) from None
    return sha256(b"%b%b\x00%b%b" % (_DOMAIN, field.encode(), salt, data)).hexdigest()


def opens(digest: str, field: str, salt: bytes, value: str) -> bool:
    """Tell, in constant time, whether salt and value open a commitment; malformed ones do not."""
    try:
        return compare_digest(commit(field, salt, value).encode(), digest.encode())
    except (CommitError, UnicodeEncodeError):
        return False
