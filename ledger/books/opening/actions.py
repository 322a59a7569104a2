"""A book is opened from the workspace: its first entries, its first admin, its rules, together or not at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.books.actions import open_book
from ledger.core.errors import AlreadyOpenError, MalformedError
from ledger.journal.append import writing
from ledger.journal.tables import books
from ledger.people.accounts.settings import BookSettings, set_book_settings
from ledger.people.accounts.trail import note
from ledger.people.accounts.users import grant, told
from ledger.people.actions import Act
from ledger.web.actor import Post, Role

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Engine

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
RESERVED = (
    "account",
    "api",
    "books",
    "donor",
    "healthz",
    "installation",
    "login",
    "logout",
    "me",
    "metrics",
    "readyz",
    "setup",
    "static",
    "trace",
    "verify",
)
"""Codes under which a book's pages would meet others of ours."""


def check_code(code: str) -> str:
    """Refuse a code that cannot stand in an address."""
    if not CODE.fullmatch(code) or code in RESERVED:
        raise MalformedError(
            "'%(code)s' cannot be the code of a book: lower-case letters, digits and dashes, at most 60, and none of "
            "%(reserved)s",
            code=code,
            reserved=", ".join(RESERVED),
        )
    return code


def open_new_book(
    engine: Engine,
    by: str,
    code: str,
    name: str,
    *,
    dated: date,
    foundation: str,
    credit_code: str,
    rules: BookSettings,
) -> None:
    """Open a book; whoever opens it becomes its first admin, and the trail says so."""
    check_code(code)
    with writing(engine, code) as writer:
        if writer.connection.scalar(select(books.c.id).where(books.c.code == code)) is not None:
            raise AlreadyOpenError("There is a book with the code %(code)s already.", code=code)
        open_book(writer, Act(by, dated, f"open/{code}"), name, foundation=foundation, credit_code=credit_code)
        grant(writer.connection, by, writer.book_id, Post(Role.ADMIN), by=by)
        set_book_settings(writer.connection, writer.book_id, rules)
        note(writer.connection, by, "opened a book", book=code)
        note(writer.connection, by, "gave a post", book=code, object=f"user:{by}", detail=told(Post(Role.ADMIN)))
