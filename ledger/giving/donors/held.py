"""The gifts that an account holds: counted, summed and listed by the database, a page at a time, over all books."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from ledger.core import canonical
from ledger.core.units import CNY, HOUR
from ledger.giving.donors.tables import claims
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.read import BookRow
from ledger.web.convert import book_ref, moment

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from ledger.web.pages import BookRef

SORTS = ("dated", "book", "fund", "amount")

c, b, h, f, a, e = claims.c, t.books.c, t.headers.c, t.flows.c, t.axes.c, t.entries.c


class Wanted(NamedTuple):
    """Whose gifts, and which of them; empty: all. `year` is that of the gift."""

    user: str
    book: str = ""
    year: int | None = None
    sort: str = "dated"
    descending: bool = True


class Held(NamedTuple):
    """A gift that an account holds, as the projections have it."""

    book_id: int
    book: str
    seq: int
    dated: str
    taker: int  # axis
    at: int  # first position there
    amount: int
    account: str
    unit: str


class Sum(NamedTuple):
    """What was given of one unit; goods are counted by book, since each book names its own."""

    book: str
    unit: str
    gifts: int
    amount: int


class Place(NamedTuple):
    """A book, as a donor's pages name it."""

    row: BookRow
    ref: BookRef
    credit_code: str

    @property
    def as_of(self) -> datetime:
        """Return when its newest entry was recorded."""
        return moment(self.row.recorded)


def _held(wanted: Wanted) -> Select[tuple[int, str, int, str, int, int, int, str, str]]:
    """Choose an account's gifts; each is one flow of its entry."""
    query = (
        select(c.book_id, b.code, c.seq, h.dated, f.taker, f.in_at, f.amount, a.account, a.unit)
        .select_from(claims)
        .join(t.books, b.id == c.book_id)
        .join(t.headers, (h.book_id == c.book_id) & (h.seq == c.seq))
        .join(t.flows, (f.book_id == c.book_id) & (f.seq == c.seq))
        .join(t.axes, (a.book_id == c.book_id) & (a.no == f.taker))
        .where(c.user == wanted.user)
    )
    if wanted.book:
        query = query.where(b.code == wanted.book)
    if wanted.year is not None:
        query = query.where(h.dated >= f"{wanted.year:04}-01-01", h.dated <= f"{wanted.year:04}-12-31")
    return query


def list_held(connection: Connection, wanted: Wanted, limit: int, offset: int = 0) -> list[Held]:
    """List a page of an account's gifts in the order asked for; sums of money come before other units."""
    money = (a.unit == CNY.code).desc()
    orders: dict[str, tuple[ColumnElement[object], ...]] = {
        "dated": (h.dated, c.seq),
        "book": (b.code, h.dated, c.seq),
        "fund": (a.account, h.dated, c.seq),
        "amount": (f.amount, h.dated, c.seq),
    }
    chosen = orders[wanted.sort]
    order = [column.desc() if wanted.descending else column.asc() for column in chosen]
    first = [money] if wanted.sort == "amount" else []
    query = _held(wanted).order_by(*first, *order, c.book_id).limit(limit).offset(offset)
    return [Held._make(row) for row in connection.execute(query)]


def sums_held(connection: Connection, wanted: Wanted) -> list[Sum]:
    """Count and sum an account's gifts by unit."""
    found = _held(wanted).subquery()
    s = found.c
    query = select(s.code, s.unit, func.count().label("gifts"), func.sum(s.amount).label("amount"))
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for code, unit, gifts, amount in connection.execute(query.group_by(s.code, s.unit).order_by(s.code, s.unit)):
        kept = sums["" if unit in {CNY.code, HOUR} else code, unit]
        kept[0] += gifts
        kept[1] += int(amount)
    return [Sum(book, unit, *kept) for (book, unit), kept in sums.items()]


def years_and_books(connection: Connection, user: str) -> tuple[list[int], list[str]]:
    """Give the years and the books (codes) of an account's gifts, for the filters."""
    year = func.substr(h.dated, 1, 4)
    query = (
        select(year, b.code)
        .select_from(claims)
        .join(t.books, b.id == c.book_id)
        .join(t.headers, (h.book_id == c.book_id) & (h.seq == c.seq))
        .where(c.user == user)
        .distinct()
    )
    rows = connection.execute(query).all()
    return sorted({int(row[0]) for row in rows}, reverse=True), sorted({row[1] for row in rows})


def read_places(connection: Connection, codes: Collection[str]) -> dict[str, Place]:
    """Read books with their names and the foundation's credit code, by code, in one statement."""
    if not codes:
        return {}
    query = (
        select(*t.books.c, e.body)
        .join(t.entries, (e.book_id == b.id) & (e.seq == 0))
        .where(lookup.among(connection, b.code, set(codes)))
    )
    places = {}
    for *row, body in connection.execute(query):
        kept, facts = BookRow(*row), canonical.decode(bytes(body))["facts"]
        places[kept.code] = Place(kept, book_ref(kept, facts), str(facts.get("credit_code") or ""))
    return places


def held_by_others(connection: Connection, user: str) -> set[tuple[int, int]]:
    """Give the gifts (number of the book, entry) of an account that other accounts hold too."""
    other = aliased(claims)
    query = (
        select(c.book_id, c.seq)
        .select_from(claims)
        .join(other, (other.c.book_id == c.book_id) & (other.c.seq == c.seq) & (other.c.user != c.user))
        .where(c.user == user)
        .distinct()
    )
    return {(row.book_id, row.seq) for row in connection.execute(query)}
