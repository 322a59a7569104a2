"""Provenance from the database: where units went, and what they are made of.

One recursive statement a question. Each step finds the flows that cross a piece by index: since no two flows take the
same position, only the last flow that begins at or before the piece can reach into it from the left (`first`), so a
step costs O(pieces × log n), whatever the size of the book. A walk never passes through a source.

`core.trace` is the reference for the same questions; a test holds the two together.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import Connection, ScalarSelect, TextClause, column, select, text, values
from sqlalchemy.types import BigInteger

from ledger.core.spans import Span, merge
from ledger.journal import tables as t


class Step(NamedTuple):
    """A piece [lo, hi) that stood on an axis, and the flow that led there.

    `offset` is its place in what was asked. The piece the walk came from stood on `near` at `near_lo`; the first step
    of a walk has neither flow nor origin (seq and near are −1).
    """

    axis: int
    lo: int
    hi: int
    offset: int
    seq: int
    near: int
    near_lo: int


class Gap(NamedTuple):
    """A part of a step that the walk did not follow further."""

    axis: int
    lo: int
    hi: int
    offset: int
    seq: int  # of the flow that led there


_WALK = """
WITH RECURSIVE walk (axis, lo, hi, "offset", seq, near, near_lo, first) AS (
  SELECT s.axis, s.lo, s.hi, s."offset", CAST(-1 AS bigint), CAST(-1 AS bigint), CAST(-1 AS bigint),
         coalesce((SELECT max(g.{near_at}) FROM flows AS g
                   WHERE g.book_id = :book AND g.{near} = s.axis AND g.{near_at} <= s.lo {only_g}), s.lo)
  FROM {starts} AS s
  UNION ALL
  SELECT f.{far}, {far_lo},
         f.{far_at} + (CASE WHEN w.hi < f.{near_at} + f.amount THEN w.hi - f.{near_at} ELSE f.amount END),
         w."offset" + (CASE WHEN w.lo > f.{near_at} THEN 0 ELSE f.{near_at} - w.lo END),
         f.seq, w.axis, w.lo,
         CASE WHEN a.account LIKE 'source:%' OR {stop} THEN NULL
              ELSE coalesce((SELECT max(g.{near_at}) FROM flows AS g
                             WHERE g.book_id = :book AND g.{near} = f.{far} AND g.{near_at} <= {far_lo} {only_g}),
                            {far_lo}) END
  FROM walk AS w CROSS JOIN {flows} CROSS JOIN {axes}
  WHERE f.book_id = :book AND f.{near} = w.axis AND f.{near_at} >= w.first AND f.{near_at} < w.hi
    AND f.{near_at} + f.amount > w.lo {only_f}
    AND a.book_id = :book AND a.no = f.{far}
)
SELECT axis, lo, hi, "offset", seq, near, near_lo FROM walk
"""
_START = """(SELECT CAST(:axis AS bigint) AS axis, CAST(:lo AS bigint) AS lo, CAST(:hi AS bigint) AS hi,
  CAST(0 AS bigint) AS "offset")"""
_STARTS = {  # any number of them by one parameter, [[axis, lo, hi, offset], …]
    "sqlite": """(SELECT json_extract(value, '$[0]') AS axis, json_extract(value, '$[1]') AS lo,
  json_extract(value, '$[2]') AS hi, json_extract(value, '$[3]') AS "offset" FROM json_each(:starts))""",
    "postgresql": """(SELECT CAST(v.value ->> 0 AS bigint) AS axis, CAST(v.value ->> 1 AS bigint) AS lo,
  CAST(v.value ->> 2 AS bigint) AS hi, CAST(v.value ->> 3 AS bigint) AS "offset"
  FROM json_array_elements(CAST(:starts AS json)) AS v)""",
}
_FAR_LO = "(f.{far_at} + (CASE WHEN w.lo > f.{near_at} THEN w.lo - f.{near_at} ELSE 0 END))"
_LATERAL = {
    # Without this PostgreSQL may hash all flows of the book for the sake of one gift.
    "flows": "LATERAL (SELECT * FROM flows AS x WHERE x.book_id = :book AND x.{near} = w.axis "
    "AND x.{near_at} >= w.first AND x.{near_at} < w.hi ORDER BY x.{near_at} OFFSET 0) AS f",
    "axes": "LATERAL (SELECT * FROM axes AS y WHERE y.book_id = :book AND y.no = f.{far} OFFSET 0) AS a",
}
_FORWARD = {"near": "giver", "near_at": "out_at", "far": "taker", "far_at": "in_at"}
_BACKWARD = {"near": "taker", "near_at": "in_at", "far": "giver", "far_at": "out_at"}


@cache
def _walk_sql(dialect: str, kind: str) -> TextClause:
    names = dict(_FORWARD if kind.startswith("forward") else _BACKWARD, only_f="", only_g="", stop="1 = 0")
    if kind == "to gifts":
        names |= {"only_f": "AND f.gift = 0", "only_g": "AND g.gift = 0"}
    elif kind == "to entry":
        names |= {"only_f": "AND f.seq >= :of", "stop": "f.seq = :of"}
    joins = _LATERAL if dialect == "postgresql" else {"flows": "flows AS f", "axes": "axes AS a"}
    starts = _STARTS[dialect] if kind == "forward each" else _START
    sql = _WALK.replace("{starts}", starts).replace("{flows}", joins["flows"]).replace("{axes}", joins["axes"])
    sql = sql.replace("{far_lo}", _FAR_LO)
    for name, value in names.items():
        sql = sql.replace(f"{{{name}}}", value)
    return text(sql)


def _walk(connection: Connection, kind: str, book_id: int, axis: int, piece: Span, **more: int) -> list[Step]:
    sql = _walk_sql(connection.dialect.name, kind)
    asked = {"book": book_id, "axis": axis, "lo": piece.lo, "hi": piece.hi, **more}
    return [Step(*row) for row in connection.execute(sql, asked)]


def forward(connection: Connection, book_id: int, axis: int, piece: Span) -> list[Step]:
    """Follow the units [lo, hi) of an axis to wherever they have been; the first step is the piece itself."""
    return _walk(connection, "forward", book_id, axis, piece)


def forward_each(connection: Connection, book_id: int, pieces: Sequence[tuple[int, Span]]) -> list[list[Step]]:
    """Follow several pieces (axis, units) at once: for each the steps that `forward` gives, in one statement.

    The pieces are asked for end to end, so that the offset of a step tells to which of them it belongs.
    """
    if not pieces:
        return []
    begins = [0, *accumulate(piece.hi - piece.lo for _, piece in pieces)]
    starts = [[axis, piece.lo, piece.hi, begin] for (axis, piece), begin in zip(pieces, begins, strict=False)]
    sql = _walk_sql(connection.dialect.name, "forward each")
    walks: list[list[Step]] = [[] for _ in pieces]
    for row in connection.execute(sql, {"book": book_id, "starts": json.dumps(starts)}):
        step = Step(*row)
        which = bisect_right(begins, step.offset) - 1
        walks[which].append(step._replace(offset=step.offset - begins[which]))
    return [sorted(steps, key=lambda step: step.seq >= 0) for steps in walks]


def backward(connection: Connection, book_id: int, axis: int, piece: Span) -> list[Step]:
    """Follow the units [lo, hi) of an axis back to their sources; as many steps as there were gifts, and more."""
    return _walk(connection, "backward", book_id, axis, piece)


def backward_to_gifts(connection: Connection, book_id: int, axis: int, piece: Span) -> list[Step]:
    """Follow units back to where donations were laid; the gaps of these steps are donations, never listed singly."""
    return _walk(connection, "to gifts", book_id, axis, piece)


def descends(connection: Connection, book_id: int, axis: int, piece: Span, of: int) -> bool:
    """Tell whether all the units [lo, hi) of an axis passed through the entry `of`."""
    steps = _walk(connection, "to entry", book_id, axis, piece, of=of)
    return sum(step.hi - step.lo for step in steps if step.seq == of) == piece.hi - piece.lo


def gaps(steps: Sequence[Step]) -> list[Gap]:
    """Give the parts of a walk's pieces that it did not follow further, by offset.

    Forward: where the units are now. Backward to gifts: which spans of fund axes are donations.
    """
    followed: dict[tuple[int, int], list[Step]] = defaultdict(list)
    for step in steps:
        followed[(step.near, step.near_lo)].append(step)
    found = [gap for step in steps for gap in _unfollowed(step, followed.get((step.axis, step.lo), ()))]
    return sorted(found, key=lambda gap: gap.offset)


def _unfollowed(step: Step, children: Iterable[Step]) -> Iterator[Gap]:
    at, end = step.offset, step.offset + step.hi - step.lo
    for child in sorted(children, key=lambda c: c.offset):
        if at < child.offset:
            yield Gap(step.axis, step.lo + at - step.offset, step.lo + child.offset - step.offset, at, step.seq)
        at = child.offset + child.hi - child.lo
    if at < end:
        yield Gap(step.axis, step.lo + at - step.offset, step.hi, at, step.seq)


@dataclass(frozen=True, slots=True)
class Gifts:
    """Donations on one axis: spans merged, how many there are, and the entries of the first and the last."""

    axis: int
    amount: int
    count: int
    first_seq: int
    last_seq: int


def count_gifts(connection: Connection, book_id: int, pieces: Iterable[Gap]) -> list[Gifts]:
    """Count the donations in spans of fund axes by their ordinals; two index look-ups a span, none a donation.

    A donation that lies partly in two spans of an axis is counted once.
    """
    by_axis: dict[int, list[Span]] = defaultdict(list)
    for gap in pieces:
        by_axis[gap.axis].append(Span(gap.lo, gap.hi))
    spans = [(axis, *span) for axis, found in by_axis.items() for span in merge(found)]
    ranges: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    for start in range(0, len(spans), 500):
        for axis, first, last, first_seq, last_seq in _ordinals(connection, book_id, spans[start : start + 500]):
            ranges[axis].append((first, last, first_seq, last_seq))
    amounts = {axis: sum(hi - lo for a, lo, hi in spans if a == axis) for axis in by_axis}
    return [_counted(axis, amounts[axis], sorted(found)) for axis, found in ranges.items()]


def _ordinals(connection: Connection, book_id: int, spans: list[tuple[int, int, int]]) -> Iterable[tuple[int, ...]]:
    """Give (axis, ordinal of the first gift, of the last, their entries) for spans that only gifts fill."""
    asked = values(*(column(name, BigInteger) for name in ("axis", "lo", "hi"))).data(spans).cte("asked")
    f = t.flows

    def ordinal(of: str, limit: str) -> ScalarSelect[Any]:
        bound = f.c.in_at <= asked.c.lo if limit == "lo" else f.c.in_at < asked.c.hi
        found = select(f.c[of]).where(f.c.book_id == book_id, f.c.taker == asked.c.axis, bound)
        return found.order_by(f.c.in_at.desc()).limit(1).scalar_subquery()

    found = [ordinal(of, limit) for of in ("gifts", "seq") for limit in ("lo", "hi")]
    query = select(asked.c.axis, *found)
    return list(connection.execute(query))


def _counted(axis: int, amount: int, ranges: list[tuple[int, int, int, int]]) -> Gifts:
    count, reached = 0, 0
    for first, last, _, _ in ranges:
        count += last - max(first - 1, reached)
        reached = last
    return Gifts(axis, amount, count, ranges[0][2], ranges[-1][3])
