"""Users and their posts: made, changed, suspended. Each takes a connection in a writing transaction.

Nobody changes their own posts or state; nobody touches whoever stands above them; a book and the installation always
keep an admin who can sign in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from ledger.core.errors import ConflictError, MalformedError, NotFoundError, RuleError
from ledger.journal import lookup
from ledger.journal.tables import books
from ledger.people.accounts import clock, links, passwords, second, sessions
from ledger.people.accounts import tables as t
from ledger.people.accounts.codes import new_code
from ledger.people.accounts.settings import books_that_require
from ledger.people.accounts.tables import posts, users
from ledger.people.accounts.trail import note
from ledger.web.actor import PARTIES, Actor, Post, Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,59}")
APART = frozenset({Role.ACCOUNTANT, Role.APPROVER})
"""What an auditor of the same book cannot be."""


class User(NamedTuple):
    """Somebody who may sign in."""

    code: str
    login: str
    name: str
    admin: bool
    suspended: bool
    has_password: bool
    has_factor: bool
    posts: tuple[tuple[str, Post], ...]  # code of the book, post
    joined: bool  # made by its owner, a donor, who may hold gifts of any book


def find_user(connection: Connection, code: str) -> User:
    """Read a user."""
    alone = (t.trail.c.object == "user:" + users.c.code) & (t.trail.c.what == "joined as a donor")
    joined = select(t.trail.c.id).where(alone).exists().label("joined")
    row = connection.execute(select(users, joined).where(users.c.code == code)).one_or_none()
    if row is None:
        raise NotFoundError("there is no user %(code)s", code=code)
    p = posts.c
    query = (
        select(books.c.code, p.role, p.party, p.up_to)
        .join(books, books.c.id == p.book_id)
        .where(p.user == code)
        .order_by(books.c.code, p.role, p.party)
    )
    held = tuple((book, Post(Role(role), party, up_to)) for book, role, party, up_to in connection.execute(query))
    return User(
        code,
        row.login,
        row.name,
        bool(row.admin),
        row.suspended is not None,
        row.password is not None,
        row.factor is not None,
        held,
        bool(row.joined),
    )


def by_login(connection: Connection, login: str) -> str | None:
    """Return the code of the user with a login."""
    return connection.scalar(select(users.c.code).where(users.c.login == login.lower()))


def add_user(connection: Connection, login: str, name: str, *, admin: bool = False) -> str:
    """Make a user without a password; return the code."""
    if not LOGIN.fullmatch(login.lower()):
        raise MalformedError("A login has 2 to 60 letters of a to z, figures, and any of . _ @ + -")
    if by_login(connection, login) is not None:
        raise ConflictError("The login %(login)s is taken. Choose another one.", login=login)
    code = new_code()
    row = {"code": code, "login": login.lower(), "name": name, "admin": int(admin), "factor_step": 0}
    connection.execute(insert(users), {**row, "made": clock.stamp(clock.now())})
    return code


def set_password(connection: Connection, user: str, kept: str, *, but: str = "") -> None:
    """Set a password (its hash) and end the sessions of the user, all but one."""
    connection.execute(update(users).where(users.c.code == user).values(password=kept))
    sessions.end_all(connection, user, "password changed", but=but)


def set_password_by_link(connection: Connection, token: str, kept: str) -> str:
    """Set the password of the user of a link, which is used up; return the user."""
    link = links.find(connection, token)
    links.use_up(connection, token)
    if link.user is None:
        raise links.DeadLinkError
    set_password(connection, link.user, kept)
    note(connection, link.user, "set a password by link", object=f"user:{link.user}")
    return link.user


def check_password(connection: Connection, user: str, typed: str) -> None:
    """Refuse what is not the user's present password."""
    if not passwords.verify(connection.scalar(select(users.c.password).where(users.c.code == user)), typed):
        raise RuleError("The present password is not right.")


def turn_own_factor_off(connection: Connection, who: Actor) -> None:
    """Turn one's own second factor off, unless a book requires it."""
    if who.admin or any(who.has(book, *sessions.GUARDED) for book in books_that_require(connection)):
        raise RuleError("Your role needs a second factor. It can be set up anew on another phone by an admin.")
    second.turn_off(connection, who.code)
    note(connection, who.code, "turned the second factor off", object=f"user:{who.code}")


def make_first(connection: Connection, token: str, login: str, name: str, kept: str) -> str:
    """Make the first admin of the installation with a link of `flask people setup`, which is used up."""
    _one_at_a_time(connection)
    links.use_up(connection, token)
    if any_admin(connection):
        raise ConflictError("This installation is set up already.")
    code = add_user(connection, login, name, admin=True)
    set_password(connection, code, kept)
    note(connection, code, "made an admin of the installation", object=f"user:{code}")
    return code


def change_password(connection: Connection, user: str, kept: str, *, session: str) -> None:
    """Change one's own password (its hash); all other sessions end."""
    set_password(connection, user, kept, but=session)
    note(connection, user, "changed the password", object=f"user:{user}")


# What admins do to others.


def may_manage(who: Actor, user: User) -> bool:
    """Tell whether somebody may act on a whole account: links, sessions, suspension.

    An admin of the installation may, on anyone else's. An admin of books may on accounts that hold posts in those books
    only: else whoever runs one book could take over an account of another. Never on one that a donor made: giving it
    a post would open the gifts it holds everywhere.
    """
    if who.code == user.code:
        return False
    if who.admin:
        return True
    if user.admin or user.joined:
        return False
    return bool(user.posts) and all(who.has(book, Role.ADMIN) for book, _ in user.posts)


def check_manages(who: Actor, user: User) -> None:
    """Refuse to act on an account above or beside one's own."""
    if not may_manage(who, user):
        raise RuleError("This account is not yours to change. Ask an admin of the installation.")


def check_other(who: Actor, user: str) -> None:
    """Refuse to change what one may do oneself."""
    if who.code == user:
        raise RuleError("Nobody changes their own posts. Ask another admin.")


def grant(connection: Connection, user: str, book_id: int, post: Post, *, by: str) -> None:
    """Give a user a post in a book; the same post again changes its limit."""
    _check_post(connection, user, book_id, post)
    withdraw_row(connection, user, book_id, post)
    row = {"user": user, "book_id": book_id, "role": post.role.value, "party": post.party, "up_to": post.limit}
    connection.execute(insert(posts), {**row, "granted": clock.stamp(clock.now()), "granted_by": by})


def _check_post(connection: Connection, user: str, book_id: int, post: Post) -> None:
    kind = PARTIES.get(post.role)
    if bool(kind) != bool(post.party):
        raise MalformedError("This role is held for one party, or for none: choose it accordingly.")
    if post.limit is not None and (post.role is not Role.APPROVER or post.limit <= 0):
        raise MalformedError("Only an approver has a limit, and it is above zero.")
    if kind:
        address = f"{kind}:{post.party}"
        found = lookup.objects(connection, book_id, {address}).get(address)
        if found is None or found.closed is not None:
            raise NotFoundError("the book has no open %(address)s", address=address)
    held = set(connection.scalars(select(posts.c.role).where(posts.c.user == user, posts.c.book_id == book_id)))
    audits = {Role.AUDITOR} & {post.role, *map(Role, held)}
    if audits and APART & {post.role, *map(Role, held)}:
        raise RuleError("Who audits a book neither prepares nor approves in it.")


def withdraw_row(connection: Connection, user: str, book_id: int, post: Post) -> bool:
    """Remove a post; tell whether it was there."""
    c = posts.c
    same = (c.user == user) & (c.book_id == book_id) & (c.role == post.role.value) & (c.party == post.party)
    return connection.execute(delete(posts).where(same)).rowcount == 1


def give_post(connection: Connection, who: Actor, user: str, book: tuple[int, str], post: Post) -> None:
    """Give somebody else a post; the trail says who gave it."""
    check_other(who, user)
    grant(connection, user, book[0], post, by=who.code)
    note(connection, who.code, "gave a post", book=book[1], object=f"user:{user}", detail=told(post))


def take_post(connection: Connection, who: Actor, user: str, book: tuple[int, str], post: Post) -> None:
    """Take a post from somebody else."""
    _one_at_a_time(connection)
    check_other(who, user)
    if not withdraw_row(connection, user, book[0], post):
        raise NotFoundError("the user does not hold this post (any more)")
    if post.role is Role.ADMIN and not _admins(connection, book[0]):
        raise RuleError("This is the last admin of the book. Make another one first.")
    note(connection, who.code, "took a post", book=book[1], object=f"user:{user}", detail=told(post))


def told(post: Post) -> str:
    """Write a post for the trail, as words.details reads it."""
    party = f" party={PARTIES[post.role]}:{post.party}" if post.party else ""
    return f"role={post.role}{party}" + ("" if post.limit is None else f" limit={post.limit}")


def suspend(connection: Connection, who: Actor, user: User) -> None:
    """Keep somebody from signing in and end their sessions; posts stay."""
    _one_at_a_time(connection)
    check_manages(who, user)
    connection.execute(update(users).where(users.c.code == user.code).values(suspended=clock.stamp(clock.now())))
    for book in {book for book, post in user.posts if post.role is Role.ADMIN}:
        if not _admins(connection, connection.scalars(select(books.c.id).where(books.c.code == book)).one()):
            raise RuleError("This is the last admin of the book %(book)s. Make another one first.", book=book)
    if user.admin and not _admins(connection, None):
        raise RuleError("This is the last admin of the installation. Make another one first.")
    sessions.end_all(connection, user.code, "suspended")
    note(connection, who.code, "suspended", object=f"user:{user.code}")


def reactivate(connection: Connection, who: Actor, user: User) -> None:
    """Let a suspended user sign in again."""
    check_manages(who, user)
    connection.execute(update(users).where(users.c.code == user.code).values(suspended=None))
    note(connection, who.code, "reactivated", object=f"user:{user.code}")


def make_link(connection: Connection, who: Actor, user: User) -> str:
    """Make a one-time link for somebody's password; return its token. Until it is used the old password holds."""
    check_manages(who, user)
    if user.suspended:
        raise RuleError("This account is suspended. Reactivate it first.")
    note(connection, who.code, "made a password link", object=f"user:{user.code}")
    return links.make(connection, user.code, by=who.code)


def first_link(connection: Connection, who: Actor, user: str) -> str:
    """Make the link with which a user who was just added sets the first password."""
    note(connection, who.code, "made a password link", object=f"user:{user}")
    return links.make(connection, user, by=who.code)


def remove_factor(connection: Connection, who: Actor, user: User) -> None:
    """Remove the second factor of somebody whose phone and recovery codes are gone, and end their sessions."""
    check_manages(who, user)
    second.turn_off(connection, user.code)
    sessions.end_all(connection, user.code, "second factor removed")
    note(connection, who.code, "removed the second factor", object=f"user:{user.code}")


def set_admin(connection: Connection, who: Actor, user: User, *, admin: bool) -> None:
    """Make somebody else an admin of the installation, or no longer one."""
    _one_at_a_time(connection)
    check_manages(who, user)
    if not who.admin:
        raise RuleError("This account is not yours to change. Ask an admin of the installation.")
    connection.execute(update(users).where(users.c.code == user.code).values(admin=int(admin)))
    if not _admins(connection, None):
        raise RuleError("This is the last admin of the installation. Make another one first.")
    what = "made an admin of the installation" if admin else "ended an admin of the installation"
    note(connection, who.code, what, object=f"user:{user.code}")


def _one_at_a_time(connection: Connection) -> None:
    """Let two admins who remove each other at the same moment see one another; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE posts IN SHARE ROW EXCLUSIVE MODE")


def _admins(connection: Connection, book_id: int | None) -> int:
    """Count the admins, of a book or of the installation, who can sign in; call it with the change made, to undo it."""
    query = select(func.count()).select_from(users).where(users.c.suspended.is_(None), users.c.password.is_not(None))
    if book_id is None:
        query = query.where(users.c.admin == 1)
    else:
        mine = select(posts.c.user).where(posts.c.book_id == book_id, posts.c.role == Role.ADMIN.value)
        query = query.where(users.c.code.in_(mine))
    return connection.scalar(query) or 0


def anybody(connection: Connection) -> bool:
    """Tell whether anybody can sign in."""
    return connection.scalar(select(users.c.code).where(users.c.password.is_not(None)).limit(1)) is not None


def any_admin(connection: Connection) -> bool:
    """Tell whether the installation has an admin who can sign in."""
    return bool(_admins(connection, None))
