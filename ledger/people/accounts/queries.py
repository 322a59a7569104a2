"""What pages of accounts show: users with their posts, and the trail. A fixed number of statements each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, literal, or_, select

from ledger.core import canonical
from ledger.journal import lookup
from ledger.journal.tables import books, entries
from ledger.people.accounts import clock
from ledger.people.accounts.tables import posts, sessions, trail, users
from ledger.web.actor import PARTIES, Post, Role
from ledger.web.convert import name_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Connection, Select

COUNTED = 10_000
"""Rows of the trail that are counted; a page says when there are more."""


class Held(NamedTuple):
    """A post as a page shows it."""

    book: str
    post: Post
    party_name: str
    book_name: str = ""


class UserLine(NamedTuple):
    """A user in a list. `state`: active, invited, suspended."""

    code: str
    login: str
    name: str
    admin: bool
    state: str
    factor: bool
    seen: datetime | None
    posts: tuple[Held, ...]


class Slice(NamedTuple):
    """Which rows of a list: how many, from which, in which order."""

    limit: int
    offset: int = 0
    sort: str = "name"
    descending: bool = False


def users_page(connection: Connection, book_id: int | None, words: str, part: Slice) -> tuple[UserLine, ...]:
    """List users with a post in a book, or all users of the installation."""
    seen = select(func.max(sessions.c.seen)).where(sessions.c.user == users.c.code).scalar_subquery().label("seen")
    orders = {"name": users.c.name, "login": users.c.login, "seen": seen}
    order = orders[part.sort].desc() if part.descending else orders[part.sort].asc()
    query = _users(select(users, seen), book_id, words).order_by(order, users.c.code)
    rows = connection.execute(query.limit(part.limit).offset(part.offset)).all()
    held = posts_of(connection, [row.code for row in rows], book_id)
    return tuple(
        UserLine(
            row.code,
            row.login,
            row.name,
            bool(row.admin),
            "suspended" if row.suspended else "active" if row.password else "invited",
            row.factor is not None,
            clock.read(row.seen) if row.seen else None,
            held.get(row.code, ()),
        )
        for row in rows
    )


def count_users(connection: Connection, book_id: int | None, words: str) -> int:
    """Count what `users_page` lists."""
    return connection.scalar(_users(select(func.count()).select_from(users), book_id, words)) or 0


def _users(query: Select[Any], book_id: int | None, words: str) -> Select[Any]:
    if book_id is not None:
        query = query.where(users.c.code.in_(select(posts.c.user).where(posts.c.book_id == book_id)))
    for word in words.split():
        query = query.where(
            or_(users.c.name.icontains(word, autoescape=True), users.c.login.icontains(word, autoescape=True))
        )
    return query


def posts_of(connection: Connection, codes: Collection[str], book_id: int | None = None) -> dict[str, tuple[Held, ...]]:
    """Read the posts of users, of one book or all; parties have names where the book is one."""
    p = posts.c
    query = (
        select(p.user, books.c.code, p.role, p.party, p.up_to)
        .join(books, books.c.id == p.book_id)
        .where(p.user.in_(codes))
        .order_by(books.c.code, p.role, p.party)
    )
    if book_id is not None:
        query = query.where(p.book_id == book_id)
    rows = connection.execute(query).all()
    names = party_names(connection, book_id, [(row.role, row.party) for row in rows]) if book_id is not None else {}
    found: dict[str, list[Held]] = defaultdict(list)
    for user, book, role, party, up_to in rows:
        found[user].append(Held(book, Post(Role(role), party, up_to), names.get((role, party), party)))
    return {user: tuple(held) for user, held in found.items()}


def party_names(connection: Connection, book_id: int, held: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Read the names of the parties for which roles are held, in one statement."""
    wanted = {(role, party): f"{PARTIES[Role(role)]}:{party}" for role, party in held if party}
    found = lookup.objects(connection, book_id, set(wanted.values()))
    return {key: name_of(found[address].facts) for key, address in wanted.items() if address in found}


def open_parties(connection: Connection, book_id: int, role: Role) -> list[tuple[str, str]]:
    """List the parties for which a role can be held: code and name, by name."""
    found = lookup.objects_of(connection, book_id, PARTIES[role])
    named = [(code.partition(":")[2], name_of(it.facts)) for code, it in found.items() if it.closed is None]
    return sorted(((code, name or code) for code, name in named), key=lambda pair: pair[1])


def own_posts(connection: Connection, user: str) -> tuple[Held, ...]:
    """Read the posts of a user over all books, with the names of books and parties; a statement for each book held."""
    held = posts_of(connection, [user]).get(user, ())
    named = {code: (number, name) for number, (code, name) in _book_names(connection).items()} if held else {}
    found: list[Held] = []
    for book in dict.fromkeys(it.book for it in held):
        number, name = named[book]
        mine = [it for it in held if it.book == book]
        parties = party_names(connection, number, [(it.post.role, it.post.party) for it in mine])
        found += [it._replace(book_name=name, party_name=parties.get((it.post.role, it.post.party), "")) for it in mine]
    return tuple(found)


class BookLine(NamedTuple):
    """A book in the list of the installation."""

    code: str
    name: str
    people: int


def book_lines(connection: Connection) -> tuple[BookLine, ...]:
    """List all books with their names and how many people work in each, in two statements."""
    counted = select(posts.c.book_id, func.count(posts.c.user.distinct())).group_by(posts.c.book_id)
    people = {row[0]: row[1] for row in connection.execute(counted)}
    named = _book_names(connection)
    return tuple(BookLine(code, name, people.get(number, 0)) for number, (code, name) in sorted(named.items()))


def _book_names(connection: Connection) -> dict[int, tuple[str, str]]:
    """Read code and name of every book, in one statement."""
    first = (entries.c.book_id == books.c.id) & (entries.c.seq == 0)
    rows = connection.execute(select(books.c.id, books.c.code, entries.c.body).outerjoin(entries, first))
    opened = ((id_, code, canonical.decode(bytes(body))["facts"] if body else {}) for id_, code, body in rows)
    return {id_: (code, name_of(facts) or code) for id_, code, facts in opened}


class Look(NamedTuple):
    """What is looked for in the trail: one kind, words (names, objects), moments as text."""

    what: str = ""
    words: str = ""
    since: str = ""
    until: str = ""


class TrailLine(NamedTuple):
    """A row of the trail; `who` and `about` are names where there is one."""

    at: datetime
    who: str
    what: str
    about: str
    detail: str
    book: str
    address: str


def trail_page(connection: Connection, book: str | None, look: Look, limit: int, offset: int) -> tuple[TrailLine, ...]:
    """List rows of the trail, the newest first: those of a book and of the people in it, or all."""
    query = select(trail).where(*_wanted(book, look)).order_by(trail.c.id.desc()).limit(limit).offset(offset)
    rows = connection.execute(query).all()
    codes = {row.actor for row in rows} | {_user_in(row.object) for row in rows}
    known = select(users.c.code, users.c.name, users.c.login).where(users.c.code.in_(code for code in codes if code))
    names = {code: f"{name} ({login})" for code, name, login in connection.execute(known)}
    return tuple(
        TrailLine(
            clock.read(row.at),
            names.get(row.actor, row.actor or ""),
            row.what,
            names.get(_user_in(row.object), row.object or ""),
            row.detail or "",
            row.book or "",
            row.address or "",
        )
        for row in rows
    )


def count_trail(connection: Connection, book: str | None, look: Look) -> int:
    """Count what `trail_page` lists, at most `COUNTED`."""
    some = select(trail.c.id).where(*_wanted(book, look)).limit(COUNTED).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def kinds_of_trail(connection: Connection, book: str | None) -> list[str]:
    """List what stands in the newest rows of the trail, for a choice."""
    newest = select(trail.c.what).where(*_wanted(book, Look())).order_by(trail.c.id.desc()).limit(COUNTED).subquery()
    return sorted(connection.scalars(select(newest.c.what).distinct()))


def _wanted(book: str | None, look: Look) -> list[ColumnElement[bool]]:
    c = trail.c
    found: list[ColumnElement[bool]] = []
    if book is not None:
        mine = select(posts.c.user).join(books, books.c.id == posts.c.book_id).where(books.c.code == book)
        about = select(literal("user:").concat(posts.c.user)).join(books, books.c.id == posts.c.book_id)
        of_mine = c.actor.in_(mine) | (c.actor.is_(None) & c.object.in_(about.where(books.c.code == book)))
        found.append((c.book == book) | (c.book.is_(None) & of_mine))
    if look.what:
        found.append(c.what == look.what)
    for word in look.words.split():
        named = select(users.c.code).where(
            users.c.name.icontains(word, autoescape=True) | (users.c.login == word.lower())
        )
        about = select(literal("user:").concat(users.c.code)).where(users.c.code.in_(named))
        found.append(c.actor.in_(named) | c.object.in_(about) | c.object.icontains(word, autoescape=True))
    if look.since:
        found.append(c.at >= look.since)
    if look.until:
        found.append(c.at < look.until)
    return found


def _user_in(address: str | None) -> str:
    kind, _, code = (address or "").partition(":")
    return code if kind == "user" else ""
