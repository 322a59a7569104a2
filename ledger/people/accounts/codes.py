"""Random codes and tokens, and the hashes that tables keep of them."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: nothing that is read as something else


def random_text(length: int) -> str:
    """Return random letters and digits, five bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_code() -> str:
    """Return the code of a new user; it never tells who that is."""
    return f"u-{random_text(12)}"


def new_token() -> str:
    """Return a token of 256 bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
