"""The newest entries and services of a fund, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, union

from ledger.funds.rows import number_rows
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.pages import Pager

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Select

    from ledger.funds.region import Axis

SIZE = 30  # entries a page
MANY = 20_000  # entries of a fund from which the log is read backwards instead of all of the fund being sorted


def page_of_entries(connection: Connection, book_id: int, axes: list[Axis], number: int) -> tuple[list[int], Pager]:
    """Find the entries that moved units in or out of axes, newest first; beyond the last page, the last."""
    numbers = [axis.no for axis in axes]
    total = sum(axis.gifts for axis in axes) + count_moves(connection, book_id, numbers)
    pager = Pager(number, SIZE, total)
    if number > pager.last:
        pager = Pager(pager.last, SIZE, total)
    query = _backwards(connection, book_id, numbers) if total > MANY else _sorted(connection, book_id, numbers)
    return list(connection.scalars(query.limit(SIZE).offset((pager.number - 1) * SIZE))), pager


def count_moves(connection: Connection, book_id: int, numbers: Collection[int]) -> int:
    """Count the entries that touched axes and are no donations; each donation touches one, and is counted there."""
    touching = union(*_touching(connection, book_id, numbers, gifts=False)).subquery()
    return connection.scalar(select(func.count()).select_from(touching)) or 0


def _touching(
    connection: Connection, book_id: int, numbers: Collection[int], *, gifts: bool
) -> list[Select[tuple[int]]]:
    """Give the entries into axes, with or without donations, and those out of axes; both by index."""
    f = t.flows.c
    region = number_rows(connection, ("no",), [(no,) for no in numbers])
    into = select(f.seq).select_from(region).join(t.flows, (f.book_id == book_id) & (f.taker == region.c.no))
    out = select(f.seq).select_from(region).join(t.flows, (f.book_id == book_id) & (f.giver == region.c.no))
    return [into if gifts else into.where(f.gift == 0), out]


def _sorted(connection: Connection, book_id: int, numbers: Collection[int]) -> Select[tuple[int]]:
    found = union(*_touching(connection, book_id, numbers, gifts=True)).subquery()
    return select(found.c.seq).order_by(found.c.seq.desc())


def _backwards(connection: Connection, book_id: int, numbers: Collection[int]) -> Select[tuple[int]]:
    """Read the flows from the newest back; adding zero keeps the database from choosing another way."""
    f = t.flows.c
    ours = or_(lookup.among(connection, f.taker + 0, numbers), lookup.among(connection, f.giver + 0, numbers))
    return select(f.seq).where(f.book_id == book_id, ours).distinct().order_by(f.seq.desc())


def newest_services(connection: Connection, book_id: int, axes: list[Axis], count: int) -> list[str]:
    """Find the codes of the services that units of axes went to last, newest first, whatever became of them."""
    f, a = t.flows.c, t.axes.c
    region = number_rows(connection, ("no",), [(axis.no,) for axis in axes if axis.given])
    newest = func.max(f.seq)
    query = (
        select(a.account)
        .select_from(region)
        .join(t.flows, (f.book_id == book_id) & (f.giver == region.c.no))
        .join(t.axes, (a.book_id == book_id) & (a.no == f.taker))
        .where(a.account.like("service:%"))
        .group_by(a.account)
        .order_by(newest.desc())
        .limit(count)
    )
    return [account.partition(":")[2] for account in connection.scalars(query)]
