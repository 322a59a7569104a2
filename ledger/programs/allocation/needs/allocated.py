"""What was set aside for needs and what was delivered: the grants and services that name them, added up by unit.

A service drawing on a grant that names the same need spends what is counted already; it adds nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.allocation.entries import after, naming, standing

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection

    from ledger.programs.allocation.entries import Naming

DELIVERS = ("service.delivered", "goods.issued")
ALLOCATES = ("grant.awarded", *DELIVERS)


@dataclass(slots=True)
class Allocated:
    """What a need has got, by unit: awarded in grants, delivered by services, and both without counting twice."""

    awarded: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    grants: list[Naming] = field(default_factory=list)


def allocated_to(connection: Connection, book_id: int, needs: Collection[str]) -> dict[str, Allocated]:
    """Add up what needs (addresses) have got, in two statements."""
    found: dict[str, Allocated] = defaultdict(Allocated)
    for need, grants in naming(connection, book_id, needs, {"grant.awarded"}).items():
        found[need].grants = grants
        for grant in grants:
            facts = grant.body["facts"]
            found[need].awarded[facts["unit"]] += facts["amount"]
            found[need].total[facts["unit"]] += facts["amount"]
    for need, unit, giver, amount in _delivered(connection, book_id, needs):
        found[need].delivered[unit] += amount
        if giver not in {grant.subject for grant in found[need].grants}:
            found[need].total[unit] += amount
    return found


def _delivered(connection: Connection, book_id: int, needs: Collection[str]) -> list[tuple[str, str, str, int]]:
    """Add up the flows of standing services by need, unit and grant drawn on ('' for none)."""
    if not needs:
        return []
    m, h, f = t.mentions.c, t.headers.c, t.flows.c
    giver, taker = t.axes.alias("giver"), t.axes.alias("taker")
    grant = case((giver.c.account.like("grant:%"), giver.c.account), else_="")
    query = (
        select(m.address, taker.c.unit, grant, func.sum(f.amount))
        .join(t.headers, (h.book_id == after(m.seq, book_id)) & (h.seq == m.seq))
        .join(t.flows, (f.book_id == after(m.seq, book_id)) & (f.seq == m.seq))
        .join(taker, (taker.c.book_id == f.book_id) & (taker.c.no == f.taker))
        .join(giver, (giver.c.book_id == f.book_id) & (giver.c.no == f.giver))
        .where(m.book_id == book_id, lookup.among(connection, m.address, set(needs)))
        .where(h.kind.in_(DELIVERS), standing(h.seq, book_id))
        .group_by(m.address, taker.c.unit, grant)
    )
    return [(row[0], row[1], row[2], int(row[3])) for row in connection.execute(query)]


def is_allocated(book_id: int) -> ColumnElement[bool]:
    """Say that something was set aside for the need of a row of `objects`."""
    m, h, o = t.mentions.c, t.headers.c, t.objects.c
    return (
        select(m.seq)
        .join(t.headers, (h.book_id == after(m.seq, book_id)) & (h.seq == m.seq))
        .where(m.book_id == book_id, m.address == o.address, h.kind.in_(ALLOCATES))
        .where(standing(h.seq, book_id))
        .correlate(t.objects)
        .exists()
    )
