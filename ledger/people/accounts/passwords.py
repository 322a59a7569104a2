"""Passwords: argon2id, and what a new one must be."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ledger.core.errors import MalformedError
from ledger.people.accounts.codes import new_token

LEAST, MOST = 10, 200  # letters
FEW = 5  # different letters are too few
COMMON = ("password", "qwerty", "123456", "abc123", "111111", "iloveyou", "woaini", "admin", "shanliu", "letmein")
"""Words that, filled up with figures, are tried first."""

_hasher = PasswordHasher()  # RFC 9106, low memory: 64 MiB, 3 passes, 4 lanes


class WeakPasswordError(MalformedError):
    """Choose a password that would soon be guessed."""


@cache
def _nobodys() -> str:
    return _hasher.hash(new_token())


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(password)


def verify(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one kept; takes as long when there is none, so that nobody learns who exists."""
    nobodys = _nobodys()
    try:
        _hasher.verify(kept or nobodys, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def check_new(password: str, login: str) -> None:
    """Refuse a new password that is short, of few letters, a common word, or the login itself."""
    plain = password.casefold()
    if not LEAST <= len(password) <= MOST:
        raise WeakPasswordError("A password has %(least)s to %(most)s letters.", least=LEAST, most=MOST)
    if len(set(plain)) < FEW:
        raise WeakPasswordError("This password repeats the same few letters. Choose another one.")
    if login.casefold() in plain or any(plain.strip("0123456789!@#$.-_ ").startswith(word) for word in COMMON if word):
        raise WeakPasswordError("This password is among the first that are tried. Choose another one.")
    if plain.isdigit() and (plain in "01234567890123456789" or plain in "98765432109876543210"):
        raise WeakPasswordError("This password is among the first that are tried. Choose another one.")
