"""Where the resources of a service came from: how many gifts, from when to when, by source and fund; never who.

The walk goes back to where donations were laid and stops there: its cost is the number of pieces, not of gifts.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.core.spans import Span, merge
from ledger.funds.rows import read_by_rows
from ledger.journal import lookup, paths
from ledger.journal import tables as t
from ledger.web.convert import Names, day
from ledger.web.lines import fund_of
from ledger.web.pages import FundShare, Origin, Quantity, SourceShare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from ledger.journal.lookup import AxisKey, Header
    from ledger.journal.paths import Gap, Gifts, Step

MOST = 100_000  # gifts that are added up by source; beyond, only their number and sum are told


_GIVEN = """
SELECT a.unit, a.account, CAST(sum(CASE WHEN f.in_at + f.amount < r.hi THEN f.in_at + f.amount ELSE r.hi END
                                   - CASE WHEN f.in_at > r.lo THEN f.in_at ELSE r.lo END) AS bigint),
       count(DISTINCT f.seq)
FROM given AS r CROSS JOIN flows AS f CROSS JOIN axes AS a
WHERE f.book_id = :book AND f.taker = r.axis AND f.in_at < r.hi
  AND f.in_at >= (SELECT max(g.in_at) FROM flows AS g WHERE g.book_id = :book AND g.taker = r.axis AND g.in_at <= r.lo)
  AND a.book_id = :book AND a.no = f.giver
GROUP BY a.unit, a.account
"""


class Walk(NamedTuple):
    """How one unit of an account was made: units in all, units that are donations, units a source gave otherwise."""

    unit: str
    amount: int
    gifts: list[Gap]
    others: list[Step]  # on the axes of sources; `near` is where the units were laid


class Found(NamedTuple):
    """What all walks of an account found together, so that each kind of fact is read once."""

    axes: Mapping[int, AxisKey]
    counted: Mapping[int, Gifts]
    headers: Mapping[int, Header]
    given: Mapping[tuple[str, str], tuple[int, int]]  # (unit, source) -> amount, gifts


def origins_of(connection: Connection, book_id: int, walks: list[Walk]) -> tuple[Origin, ...]:
    """Tell what an account was made of, one origin a unit."""
    found = _find(connection, book_id, walks)
    named = {address for key in found.axes.values() for address in (key.account, f"unit:{key.unit}")}
    named |= {fund_of(address) for address in named} | {source for _, source in found.given}
    names = Names(connection, book_id, named | {f"unit:{walk.unit}" for walk in walks})
    return tuple(_origin(walk, found, names) for walk in walks)


def walks_of(connection: Connection, book_id: int, account: str) -> list[Walk]:
    """Trace all that an account ever received back to its gifts, one walk a unit."""
    a = t.axes.c
    query = select(a.no, a.unit, a.received).where(a.book_id == book_id, a.account == account).order_by(a.no)
    axes = [axis for axis in connection.execute(query) if axis.received]
    steps = [paths.backward_to_gifts(connection, book_id, no, Span(0, received)) for no, _, received in axes]
    numbers = {step.axis for walk in steps for step in walk}
    sources = {no for no, key in lookup.axes(connection, book_id, numbers).items() if key.account.startswith("source:")}
    return [
        Walk(
            axis.unit,
            axis.received,
            [gap for gap in paths.gaps(walk) if gap.axis not in sources],
            [step for step in walk if step.axis in sources],
        )
        for axis, walk in zip(axes, steps, strict=True)
    ]


def _find(connection: Connection, book_id: int, walks: list[Walk]) -> Found:
    gaps = [gap for walk in walks for gap in walk.gifts]
    others = [step for walk in walks for step in walk.others]
    counted = {gifts.axis: gifts for gifts in paths.count_gifts(connection, book_id, gaps)} if gaps else {}
    seqs = {seq for gifts in counted.values() for seq in (gifts.first_seq, gifts.last_seq)}
    few = sum(gifts.count for gifts in counted.values()) <= MOST
    return Found(
        lookup.axes(connection, book_id, counted.keys() | {no for step in others for no in (step.axis, step.near)}),
        counted,
        lookup.headers(connection, book_id, seqs | {step.seq for step in others}),
        _given(connection, book_id, gaps) if gaps and few else {},
    )


def _given(connection: Connection, book_id: int, gaps: Iterable[Gap]) -> dict[tuple[str, str], tuple[int, int]]:
    """Add up the donations in spans of fund axes by unit and source: amount and number, in one statement.

    Since no two flows take the same position, the last that begins at or before a span is the first that reaches it.
    """
    by_axis: dict[int, list[Span]] = defaultdict(list)
    for gap in gaps:
        by_axis[gap.axis].append(Span(gap.lo, gap.hi))
    spans = [(axis, *span) for axis, found in by_axis.items() for span in merge(found)]
    rows = read_by_rows(connection, _GIVEN, ("axis", "lo", "hi"), spans, book=book_id)
    return {(unit, source): (amount, gifts) for unit, source, amount, gifts in rows}


def _origin(walk: Walk, found: Found, names: Names) -> Origin:
    """Put together what is known of one unit; sources that gave without a donation count no gift."""
    unit = names.unit(walk.unit)
    by_source: dict[str, tuple[int, int]] = {
        source: share for (given, source), share in found.given.items() if given == walk.unit
    }
    by_fund: dict[str, int] = defaultdict(int)
    for gap in walk.gifts:
        by_fund[fund_of(found.axes[gap.axis].account)] += gap.hi - gap.lo
    for step in walk.others:
        source, laid = found.axes[step.axis].account, fund_of(found.axes[step.near].account)
        amount, gifts = by_source.get(source, (0, 0))
        by_source[source] = (amount + step.hi - step.lo, gifts)
        if laid.startswith("fund:"):
            by_fund[laid] += step.hi - step.lo
    counted = [found.counted[axis] for axis in sorted({gap.axis for gap in walk.gifts})]
    seqs = {seq for gifts in counted for seq in (gifts.first_seq, gifts.last_seq)}
    days = sorted(day(found.headers[seq].dated) for seq in seqs or {step.seq for step in walk.others})
    return Origin(
        quantity=Quantity(walk.amount, unit),
        gifts=sum(gifts.count for gifts in counted),
        earliest=days[0],
        latest=days[-1],
        by_source=tuple(
            SourceShare(names.ref(source), Quantity(amount, unit), gifts)
            for source, (amount, gifts) in sorted(by_source.items(), key=lambda item: (-item[1][0], item[0]))
        ),
        by_fund=tuple(
            FundShare(names.ref(fund), Quantity(amount, unit))
            for fund, amount in sorted(by_fund.items(), key=lambda item: (-item[1], item[0]))
        ),
        otherwise=sum(step.hi - step.lo for step in walk.others),
    )
