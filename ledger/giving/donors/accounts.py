"""Donors make an account by themselves, with a tracking code to begin with, and delete it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from ledger.core.errors import RuleError
from ledger.giving.donors import actions
from ledger.giving.donors.tables import claims
from ledger.journal.engine import write_transaction
from ledger.people.accounts import passwords, sessions, throttle, users
from ledger.people.accounts import tables as t
from ledger.people.accounts.trail import note

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from ledger.people.accounts.login import Caller


def join(engine: Engine, login: str, password: str, code: str, caller: Caller) -> str:
    """Make an account that holds the gift of a tracking code; return the token of its first session.

    Nothing but a login and a password is kept of the person. Attempts are counted by address, as for signing in.
    """
    address = f"address:{caller.address}"
    with write_transaction(engine) as connection:
        throttle.take(connection, address, throttle.ADDRESS)
    with engine.connect() as connection:
        actions.gift_of(connection, code)
    passwords.check_new(password, login)
    kept = passwords.hash_password(password)  # slow: no transaction is open meanwhile
    with write_transaction(engine) as connection:
        user = users.add_user(connection, login, login)
        users.set_password(connection, user, kept)
        actions.claim(connection, user, code)
        throttle.give_back(connection, address)
        note(connection, user, "joined as a donor", object=f"user:{user}", address=caller.address)
        return sessions.begin(connection, user, address=caller.address, agent=caller.agent)


def check_may_leave(connection: Connection, user: str) -> None:
    """Refuse to delete an account that works, or worked, in a book: what it did must stay attributable."""
    known = users.find_user(connection, user)
    gave = t.trail.c.what.in_(("gave a post", "made an admin of the installation"))
    worked = connection.scalar(select(t.trail.c.id).where(t.trail.c.object == f"user:{user}", gave).limit(1))
    if known.admin or known.posts or worked is not None:
        raise RuleError(
            "This account holds or held a role in a book. An admin can suspend it; entries keep naming its code."
        )


def leave(connection: Connection, user: str, password: str) -> None:
    """Delete one's own account, with the gifts it holds and all its sessions; consents stay as they were set."""
    users.check_password(connection, user, password)
    check_may_leave(connection, user)
    login = users.find_user(connection, user).login
    connection.execute(delete(claims).where(claims.c.user == user))
    for table in (t.sessions, t.recovery_codes, t.links):
        connection.execute(delete(table).where(table.c.user == user))
    connection.execute(delete(t.users).where(t.users.c.code == user))
    for key in (throttle.of_login(login), f"factor:{user}"):
        throttle.forget(connection, key)
    note(connection, user, "deleted the account", object=f"user:{user}")
