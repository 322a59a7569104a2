"""What became of the money of a campaign: exactly its own units, followed through funds and grants to where they are.

Gifts of a campaign that lie side by side are one span. Level by level, the flows that take units of the spans are read
by index; beyond so many gifts or pieces the answer is None, and the page shows the campaign's fund instead.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import String, cast, select

from ledger.core.spans import Span, merge
from ledger.core.units import CNY
from ledger.funds.rows import read_by_rows
from ledger.journal import lookup
from ledger.journal import tables as t

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

MOST_GIFTS = 3_000  # read
MOST_PIECES = 2_000  # followed at a time
DEEP = 12  # steps from a gift to where its units are; more is followed no further

# What took units of the pieces, and where it laid them. Since no two flows take the same position, only the last one
# that begins at or before a piece can reach into it from the left.
_NEXT = """
SELECT f.taker, CASE WHEN a.account LIKE 'source:%' THEN 1 ELSE 0 END, r.axis,
       f.in_at + CASE WHEN r.lo > f.out_at THEN r.lo - f.out_at ELSE 0 END,
       f.in_at + CASE WHEN r.hi < f.out_at + f.amount THEN r.hi - f.out_at ELSE f.amount END
FROM given AS r CROSS JOIN flows AS f CROSS JOIN axes AS a
WHERE f.book_id = :book AND f.giver = r.axis AND f.out_at < r.hi AND f.out_at + f.amount > r.lo
  AND f.out_at >= coalesce((SELECT max(g.out_at) FROM flows AS g
                            WHERE g.book_id = :book AND g.giver = r.axis AND g.out_at <= r.lo), r.lo)
  AND a.book_id = :book AND a.no = f.taker
LIMIT :most
"""


class Piece(NamedTuple):
    """Units [lo, hi) that stand on an axis."""

    axis: int
    lo: int
    hi: int


def fate_of(connection: Connection, book_id: int, campaign: str, gifts: int) -> Counter[str] | None:
    """Tell by place (all services together, grants, funds, outcomes) where the money is; None: too much to follow."""
    if gifts > MOST_GIFTS:
        return None
    pieces, held = _gifts(connection, book_id, campaign) if gifts else [], Counter[int]()
    for _ in range(DEEP):
        if len(pieces) > MOST_PIECES:
            return None
        held.update({axis: 0 for axis, *_ in pieces})
        for axis, lo, hi in pieces:
            held[axis] += hi - lo
        rows = read_by_rows(
            connection, _NEXT, ("axis", "lo", "hi"), [tuple(piece) for piece in pieces], book=book_id, most=MOST_PIECES
        )
        if len(rows) == MOST_PIECES:
            return None
        for taker, back, giver, lo, hi in rows:
            held[giver] -= hi - lo
            held[taker] += (hi - lo) * back
        pieces = merged(Piece(taker, lo, hi) for taker, back, _, lo, hi in rows if not back)
        if not pieces:
            break
    return _by_place(connection, book_id, held)


def merged(pieces: Iterable[Piece]) -> list[Piece]:
    """Join pieces that lie side by side."""
    found: dict[int, list[Span]] = defaultdict(list)
    for axis, lo, hi in pieces:
        found[axis].append(Span(lo, hi))
    return [Piece(axis, *span) for axis, spans in found.items() for span in merge(spans)]


def _gifts(connection: Connection, book_id: int, campaign: str) -> list[Piece]:
    """Find where the standing gifts of a campaign were laid."""
    m, f, a, o = t.mentions.c, t.flows.c, t.axes.c, t.objects.c
    reversal = "reversal:" + cast(f.seq, String)
    query = (
        select(f.taker, f.in_at, f.in_at + f.amount)
        .join(t.mentions, (m.book_id == f.book_id) & (m.seq == f.seq))
        .join(t.axes, (a.book_id == f.book_id) & (a.no == f.taker))
        .where(m.book_id == book_id, m.address == campaign, f.gift == 1, a.unit == CNY.code)
        .where(~select(o.address).where(o.book_id == f.book_id, o.address == reversal).exists())
    )
    return merged(Piece(*row) for row in connection.execute(query))


def _by_place(connection: Connection, book_id: int, held: Counter[int]) -> Counter[str]:
    """Add up by account; all services together."""
    keys = lookup.axes(connection, book_id, [axis for axis, amount in held.items() if amount])
    sums: Counter[str] = Counter()
    for axis, key in keys.items():
        sums["service:" if key.account.startswith("service:") else key.account] += held[axis]
    return sums
