"""Signing in and out, one's own account, and the users of a book."""

from __future__ import annotations

from flask import Blueprint
from flask_login import UserMixin

from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.people.accounts import sessions
from ledger.web.actor import Actor

blueprint = Blueprint("accounts", __name__)


class SignedIn(UserMixin):  # type: ignore[misc]  # the package has no types
    """What Flask-Login keeps of a request: `actor`, and the session behind it."""

    def __init__(self, token: str, signed: sessions.Signed) -> None:
        self.id = token  # the cookie holds the token, never a user
        self.actor: Actor = signed.actor
        self.session, self.must_set_up = signed.id, signed.must_set_up


def load_user(token: str) -> SignedIn | None:
    """Return who holds the token of a cookie; write at most once a minute that the session is in use."""
    with db.engine.connect() as connection:
        signed = sessions.load(connection, token)
    if signed is not None and signed.stale:
        with write_transaction(db.engine) as connection:
            sessions.touch(connection, signed.id)
    return SignedIn(token, signed) if signed else None
