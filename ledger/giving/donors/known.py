"""Donors as the foundation of a book knows them: by the gifts they hold; and what they ask for."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from ledger.core.errors import NotFoundError
from ledger.core.units import CNY
from ledger.giving.donors.consents import names_given
from ledger.giving.donors.tables import claims, erasures
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.read import read_bodies
from ledger.people.accounts import clock
from ledger.people.accounts.tables import users
from ledger.web.convert import Names, day

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy import Connection, Select

    from ledger.web.pages import Quantity, Ref

MOST_REQUESTS = 50
MOST_NAMES = 3  # of one account
MOST_GIFTS = 100  # that the page of a request lists
SORTS = ("login", "gifts", "newest")

c, u, x, p, f, a = claims.c, users.c, erasures.c, t.private.c, t.flows.c, t.axes.c


@dataclass(frozen=True, slots=True)
class Known:
    """A donor by account: gifts held in this book, their money in fen, the names they were given under."""

    user: str
    login: str
    gifts: int
    money: int
    names: tuple[str, ...]
    newest: datetime


class Listed(NamedTuple):
    """Which part of a list is asked for."""

    words: str
    sort: str
    descending: bool
    limit: int
    offset: int


def count_known(connection: Connection, book_id: int, words: str) -> int:
    """Count the accounts that hold gifts of a book."""
    found = _known(book_id, words).subquery()
    return connection.scalar(select(func.count()).select_from(found)) or 0


def list_known(connection: Connection, book_id: int, wanted: Listed) -> list[Known]:
    """List accounts that hold gifts of a book; sums and names are read for those listed."""
    found = _known(book_id, wanted.words).subquery()
    column = found.c[wanted.sort]
    order = (column.desc() if wanted.descending else column.asc(), found.c.code)
    rows = connection.execute(select(found).order_by(*order).limit(wanted.limit).offset(wanted.offset)).all()
    codes = {row.code for row in rows}
    money, names = _money(connection, book_id, codes), _names(connection, book_id, codes)
    return [
        Known(row.code, row.login, row.gifts, money.get(row.code, 0), names.get(row.code, ()), clock.read(row.newest))
        for row in rows
    ]


def _known(book_id: int, words: str) -> Select[tuple[str, str, int, str]]:
    query = (
        select(u.code, u.login, func.count().label("gifts"), func.max(c.at).label("newest"))
        .select_from(users)
        .join(claims, c.user == u.code)
        .where(c.book_id == book_id)
        .group_by(u.code, u.login)
    )
    return query.where(u.login.startswith(words.lower(), autoescape=True)) if words else query


def _money(connection: Connection, book_id: int, codes: Collection[str]) -> dict[str, int]:
    """Sum the money of the gifts that accounts hold."""
    if not codes:
        return {}
    query = (
        select(c.user, func.sum(f.amount))
        .select_from(claims)
        .join(t.flows, (f.book_id == c.book_id) & (f.seq == c.seq))
        .join(t.axes, (a.book_id == f.book_id) & (a.no == f.taker))
        .where(c.book_id == book_id, lookup.among(connection, c.user, codes), a.unit == CNY.code)
        .group_by(c.user)
    )
    return {user: int(amount) for user, amount in connection.execute(query)}


def _names(connection: Connection, book_id: int, codes: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Read under which names accounts gave, a few of each."""
    if not codes:
        return {}
    query = (
        select(c.user, p.value)
        .select_from(claims)
        .join(t.private, (p.book_id == c.book_id) & (p.seq == c.seq) & (p.field == "donor"))
        .where(c.book_id == book_id, lookup.among(connection, c.user, codes))
        .distinct()
        .order_by(c.user, p.value)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for user, name in connection.execute(query):
        found[user].append(name)
    return {user: tuple(names[:MOST_NAMES]) for user, names in found.items()}


# ------------------------------------------------------------------ requests to be erased


class Asked(NamedTuple):
    """A request to be erased; `login` None: the account is gone."""

    code: str
    book: str
    book_id: int
    user: str
    login: str | None
    gifts: int
    entries: tuple[int, ...]
    reason: str
    state: str
    at: datetime
    decided_at: datetime | None
    answer: str
    seq: int | None


class Concerned(NamedTuple):
    """A gift that a request names."""

    seq: int
    dated: date
    quantity: Quantity
    fund: Ref
    named: bool
    others: bool  # another account holds it too


def open_requests(connection: Connection, book_id: int) -> list[Asked]:
    """List the requests of a book that wait, the oldest first."""
    return _asked(connection, _requests().where(x.book_id == book_id, x.state == "open").order_by(x.at, x.id))


def requests_of(connection: Connection, user: str) -> list[Asked]:
    """List what an account asked for, the newest first."""
    return _asked(connection, _requests().where(x.user == user).order_by(x.at.desc(), x.id.desc()))


def find_request(connection: Connection, book_id: int, code: str) -> Asked:
    """Read a request; NotFoundError."""
    found = _asked(connection, _requests().where(x.book_id == book_id, x.code == code))
    if not found:
        raise NotFoundError("there is no such request in this book")
    return found[0]


def _requests() -> Select[tuple[object, ...]]:
    return (
        select(*erasures.c, t.books.c.code.label("book"), u.login)
        .join(t.books, t.books.c.id == x.book_id)
        .outerjoin(users, u.code == x.user)
        .limit(MOST_REQUESTS)
    )


def _asked(connection: Connection, query: Select[tuple[object, ...]]) -> list[Asked]:
    return [
        Asked(
            row.code,
            row.book,
            row.book_id,
            row.user,
            row.login,
            row.gifts,
            tuple(json.loads(row.entries)),
            row.reason,
            row.state,
            clock.read(row.at),
            clock.read(row.decided_at) if row.decided_at else None,
            row.answer,
            row.seq,
        )
        for row in connection.execute(query)
    ]


def concerned(connection: Connection, book_id: int, seqs: Collection[int]) -> list[Concerned]:
    """Show the gifts that a request names, the newest first; only donations of the book."""
    newest = sorted(seqs, reverse=True)[:MOST_GIFTS]
    bodies = read_bodies(connection, book_id, newest) if newest else {}
    bodies = {seq: body for seq, body in bodies.items() if body["kind"] == "donation.received"}
    flows = {seq: body["flows"][0] for seq, body in bodies.items()}
    wanted = {address for flow in flows.values() for address in (flow["to"], f"unit:{flow['unit']}")}
    names, named = Names(connection, book_id, wanted), names_given(connection, book_id, bodies)
    held = _holders(connection, book_id, set(bodies))
    return [
        Concerned(
            seq,
            day(bodies[seq]["dated"]),
            names.quantity(flow["amount"], flow["unit"]),
            names.other(flow["to"], "fund") or names.ref(flow["to"]),
            seq in named,
            held.get(seq, 0) > 1,
        )
        for seq, flow in sorted(flows.items(), reverse=True)
    ]


def _holders(connection: Connection, book_id: int, seqs: set[int]) -> dict[int, int]:
    if not seqs:
        return {}
    query = select(c.seq, func.count()).where(c.book_id == book_id, lookup.among(connection, c.seq, seqs))
    return {row[0]: row[1] for row in connection.execute(query.group_by(c.seq))}
