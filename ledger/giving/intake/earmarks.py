"""Earmarks: what was given for a purpose, and how much of it is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from ledger.funds.region import regions
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import Names

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from ledger.web.pages import Quantity, Ref


a, o = t.axes.c, t.objects.c


class Order(NamedTuple):
    """In which order, and which part of it: by left, received, gifts or opened."""

    by: str = "left"
    descending: bool = True
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Earmark:
    """An earmark and one unit given for it. `opened`: its entry."""

    ref: Ref
    fund: Ref
    opened: int
    closed: bool
    received: Quantity
    left: Quantity
    gifts: int


def which_earmarks(connection: Connection, book_id: int, fund: str, *, left: bool) -> ColumnElement[bool]:
    """Say which axes of earmarks are asked for: of a fund (its code) or of all; only those with something left."""
    which = (a.book_id == book_id) & lookup.of_type(a.account, "earmark") & (a.received > 0)
    if left:
        which &= a.received > a.given
    if fund:
        which &= lookup.among(connection, a.account, regions(connection, book_id, [fund])[0].earmarks)
    return which


def count_earmarks(connection: Connection, which: ColumnElement[bool]) -> int:
    """Count them."""
    return connection.scalar(select(func.count()).where(which)) or 0


def earmarks(connection: Connection, book_id: int, which: ColumnElement[bool], order: Order) -> list[Earmark]:
    """Read a page of earmarks."""
    keys = {"left": a.received - a.given, "received": a.received, "gifts": a.gifts, "opened": o.opened}
    key = keys[order.by]
    query = (
        select(a.account, a.unit, a.received, a.given, a.gifts, o.opened, o.closed)
        .join(t.objects, (o.book_id == a.book_id) & (o.address == a.account))
        .where(which)
        .order_by(key.desc() if order.descending else key.asc(), a.no.desc())
        .limit(order.limit)
        .offset(order.offset)
    )
    rows = connection.execute(query).all()
    names = Names(connection, book_id, {address for row in rows for address in (row.account, f"unit:{row.unit}")})
    return [
        Earmark(
            names.ref(row.account),
            names.other(row.account, "fund") or names.ref(row.account),
            row.opened,
            row.closed is not None,
            names.quantity(row.received, row.unit),
            names.quantity(row.received - row.given, row.unit),
            row.gifts,
        )
        for row in rows
    ]
