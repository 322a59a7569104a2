"""The region of a fund: its own account, its earmarks, and the grants awarded out of it.

Everything that units do is either inside a region or crosses its border. What came in over the border is what the
fund received; what went out is what it became; the rest is what its accounts hold. The three add up by construction:

    received = held in fund and earmarks + held by organizations + services + goods issued + expenses + refunds
               + losses + moved

- received: donations, income and what other funds gave, less what was taken back by reversal;
- moved: what this fund gave to other funds (or to grants awarded out of them);
- a return of a grant to its fund stays inside; a reversal undoes what it reverses, and is never a new receipt.

Cost: donations are never read (an axis knows their sum and number); of a region are read the flows out of it and the
flows into it that are no donations, by index, added up in the database.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.funds.rows import read_by_rows
from ledger.journal import lookup
from ledger.journal import tables as t

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

OPENINGS = ("earmark.opened", "grant.awarded")  # entries that name the fund whose region they add to


class Axis(NamedTuple):
    """An axis of a region."""

    no: int
    account: str
    unit: str
    received: int
    given: int
    gifts: int


@dataclass(slots=True)
class Region:
    """Accounts and axes of one fund; `fund` is its code."""

    fund: str
    earmarks: list[str] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)
    axes: list[Axis] = field(default_factory=list)

    @property
    def accounts(self) -> set[str]:
        """Return the addresses of all its accounts."""
        return {f"fund:{self.fund}", *self.earmarks, *self.grants}

    def own(self) -> list[Axis]:
        """Return the axes of the fund and its earmarks."""
        return [axis for axis in self.axes if not axis.account.startswith("grant:")]


def regions(connection: Connection, book_id: int, funds: Iterable[str], unit: str | None = None) -> list[Region]:
    """Read the regions of funds by code, in two statements; of one unit or of all."""
    found = {f"fund:{fund}": Region(fund) for fund in funds}
    m, h = t.mentions.c, t.headers.c
    query = (
        select(m.address, h.kind, h.subject)
        .join(t.headers, (h.book_id == m.book_id) & (h.seq == m.seq))
        .where(m.book_id == book_id, lookup.among(connection, m.address, found.keys()), h.kind.in_(OPENINGS))
        .order_by(m.seq + 0)  # plain, SQLite would read all mentions of the book in this order
    )
    for address, kind, subject in connection.execute(query) if found else ():
        (found[address].earmarks if kind == "earmark.opened" else found[address].grants).append(subject)
    owners = {account: region for region in found.values() for account in region.accounts}
    for axis in _axes(connection, book_id, owners.keys(), unit):
        owners[axis.account].axes.append(axis)
    return list(found.values())


def _axes(connection: Connection, book_id: int, accounts: Collection[str], unit: str | None) -> list[Axis]:
    if not accounts:
        return []
    a = t.axes.c
    query = select(a.no, a.account, a.unit, a.received, a.given, a.gifts)
    query = query.where(a.book_id == book_id, lookup.among(connection, a.account, accounts)).order_by(a.no)
    if unit is not None:
        query = query.where(a.unit == unit)
    return [Axis(*row) for row in connection.execute(query)]


_NEWEST = """
SELECT r.no,
       (SELECT f.seq FROM flows AS f WHERE f.book_id = :book AND f.taker = r.no ORDER BY f.in_at DESC LIMIT 1) AS seq
FROM given AS r
"""


def newest_receipts(connection: Connection, book_id: int, axes: Iterable[Axis]) -> dict[int, int]:
    """Tell the entry of the newest flow into each axis that received anything, in one statement."""
    rows = [(axis.no,) for axis in axes if axis.received]
    return {int(no): int(seq) for no, seq in read_by_rows(connection, _NEWEST, ("no",), rows, book=book_id)}


def by_unit(axes: Iterable[Axis]) -> dict[str, list[Axis]]:
    """Sort axes by their unit."""
    found: dict[str, list[Axis]] = defaultdict(list)
    for axis in axes:
        found[axis.unit].append(axis)
    return found
