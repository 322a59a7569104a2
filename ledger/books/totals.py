"""Totals of books from the accounts' running totals: sums of a few hundred rows, never of entries.

What became services is not summed over services, of which there may be very many: units are conserved, so it is what
was received less what is anywhere else.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, or_, select

from ledger.core.entry import SMALL_GROUP
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import day
from ledger.web.pages import Totals

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from sqlalchemy import Connection, Subquery

    from ledger.web.pages import Unit

MONEY, HOURS = "CNY", "volunteer-hour"
CHIEF_GOODS = 5
POOLS = ("fund", "earmark")
HELD = (*POOLS, "grant", "outcome")  # everything that holds units but services
_A = t.axes.c


class Kinds(NamedTuple):
    """The units that a page shows, how many kinds of goods there are, how many gifts in all."""

    units: tuple[str, ...]
    goods: int
    gifts: int


class Sums(NamedTuple):
    """Balances of one unit: what sources gave on balance, and what each part holds."""

    received: int
    parts: Mapping[str, int]


def kinds(connection: Connection, book_id: int) -> Kinds:
    """Choose money, hours and the goods given most often, in two statements."""
    gifts = func.sum(_A.gifts)
    is_goods = _A.unit.not_in((MONEY, HOURS))
    query = (
        select(_A.unit, is_goods, func.count().filter(is_goods).over(), func.sum(gifts).over())
        .where(_A.book_id == book_id, _of(POOLS))
        .group_by(_A.unit)
        .order_by(is_goods, gifts.desc(), _A.unit)
        .limit(CHIEF_GOODS + 2)
    )
    rows = connection.execute(query).all()
    goods = [unit for unit, goods, *_ in rows if goods][:CHIEF_GOODS]
    count, total = (int(rows[0][2]), int(rows[0][3] or 0)) if rows else (0, 0)
    gone = taken_back(connection, [book_id]).get(book_id, 0) if total else 0
    return Kinds((MONEY, HOURS, *goods), count, total - gone)


def taken_back(connection: Connection, book_ids: Collection[int]) -> dict[int, int]:
    """Count the donations that were reversed, by book: they are on the accounts' counters and are no gifts."""
    h, gone = t.headers.c, _reversed(connection, book_ids)
    query = (
        select(gone.c.book_id, func.count())
        .join(t.headers, (h.book_id == gone.c.book_id) & (h.seq == gone.c.seq))
        .where(h.kind == "donation.received")
        .group_by(gone.c.book_id)
    )
    return dict(connection.execute(query).all())


def _reversed(connection: Connection, book_ids: Collection[int]) -> Subquery:
    """Give the entries that were reversed: the objects `reversal:<seq>`, of which there are few."""
    o = t.objects.c
    seq = cast(func.substr(o.address, len("reversal:") + 1), BigInteger).label("seq")
    return (
        select(o.book_id, seq)
        .where(lookup.among(connection, o.book_id, book_ids), lookup.of_type(o.address, "reversal"))
        .subquery()
    )


def earliest(connection: Connection, book_id: int) -> date | None:
    """Tell the date of the earliest gift that stands."""
    h, gone = t.headers.c, _reversed(connection, [book_id])
    query = (
        select(h.dated)
        # Written so that no index on the kind is used: the one on dates finds the first at once.
        .where(h.book_id == book_id, h.kind.concat("") == "donation.received", h.seq.not_in(select(gone.c.seq)))
        .order_by(h.dated)
        .limit(1)
    )
    found = connection.scalar(query)
    return day(found) if found else None


def residents(connection: Connection, book_id: int) -> tuple[int, bool]:
    """Add up the residents of all services that stand, each time counted; and tell whether that is the least there are.

    Of a group too small to be told one is counted, whatever the projection holds.
    """
    s, gone = t.services.c, _reversed(connection, [book_id])
    small = (s.residents > 0) & (s.residents < SMALL_GROUP)
    query = select(
        func.sum(case((small, 1), else_=s.residents)), func.coalesce(func.sum(case((small, 1), else_=0)), 0) > 0
    ).where(s.book_id == book_id, s.seq.not_in(select(gone.c.seq)))
    total, hidden = connection.execute(query).one()
    return int(total or 0), bool(hidden)


def totals(connection: Connection, book_id: int, units: Mapping[str, Unit]) -> tuple[Totals, ...]:
    """Sum units of a book, in one statement; those never received are left out."""
    found = sums(connection, [book_id], units)
    made = [totals_of(unit, found[book_id, code]) for code, unit in units.items() if (book_id, code) in found]
    return tuple(one for one in made if one.received)


def sums(connection: Connection, book_ids: Collection[int], units: Collection[str]) -> dict[tuple[int, str], Sums]:
    """Sum the accounts of books by kind, in one statement; by book and unit."""
    part = case(
        (lookup.of_type(_A.account, "source"), "source"),
        (lookup.of_type(_A.account, "grant"), "organization"),
        (_A.account.like("outcome:recipient/%"), "issued"),
        (_A.account == "outcome:refund", "refunded"),
        (_A.account == "outcome:loss", "lost"),
        (lookup.of_type(_A.account, "outcome"), "expense"),
        else_="fund",
    )
    query = (
        select(_A.book_id, _A.unit, part, func.sum(_A.received - _A.given))
        .where(
            lookup.among(connection, _A.book_id, book_ids),
            lookup.among(connection, _A.unit, units),
            _of(("source", *HELD)),
        )
        .group_by(_A.book_id, _A.unit, part)
    )
    found: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    for book_id, unit, name, amount in connection.execute(query):
        found[book_id, unit][name] = int(amount)
    return {key: Sums(-parts.pop("source", 0), parts) for key, parts in found.items()}


def totals_of(unit: Unit, found: Sums) -> Totals:
    """Make the totals of a unit; what is nowhere else became services."""
    parts = found.parts
    return Totals(
        unit=unit,
        received=found.received,
        held=parts.get("fund", 0),
        passed=parts.get("organization", 0),
        services=found.received - sum(parts.values()),
        issued=parts.get("issued", 0),
        expense=parts.get("expense", 0),
        refunded=parts.get("refunded", 0),
        lost=parts.get("lost", 0),
    )


def gifts_of(connection: Connection, book_ids: Collection[int]) -> dict[int, int]:
    """Count the gifts of books, in two statements."""
    query = (
        select(_A.book_id, func.sum(_A.gifts))
        .where(lookup.among(connection, _A.book_id, book_ids), _of(POOLS))
        .group_by(_A.book_id)
    )
    gone = taken_back(connection, book_ids)
    return {book_id: int(gifts) - gone.get(book_id, 0) for book_id, gifts in connection.execute(query)}


def _of(types: Collection[str]) -> ColumnElement[bool]:
    return or_(*(lookup.of_type(_A.account, kind) for kind in types))
