"""Users and their posts: made, changed, suspended. Each takes a connection in a writing transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from ledger.people.accounts import clock
from ledger.people.accounts.codes import new_code
from ledger.people.accounts.tables import posts, users

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.web.actor import Post


def add_user(connection: Connection, login: str, name: str, *, admin: bool = False) -> str:
    """Make a user without a password; return the code."""
    code = new_code()
    row = {"code": code, "login": login.lower(), "name": name, "admin": int(admin), "factor_step": 0}
    connection.execute(insert(users), {**row, "made": clock.stamp(clock.now())})
    return code


def grant(connection: Connection, user: str, book_id: int, post: Post, *, by: str) -> None:
    """Give a user a post in a book."""
    row = {"user": user, "book_id": book_id, "role": post.role.value, "party": post.party, "up_to": post.limit}
    connection.execute(insert(posts), {**row, "granted": clock.stamp(clock.now()), "granted_by": by})
