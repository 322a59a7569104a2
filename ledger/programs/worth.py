"""The fair value of the goods that a service used: of every gift the part that was used, exact to the fen.

The value of a part of a gift is `core.spans.share`: the parts of a gift add up to what it was worth. Gifts that lie
whole in a span are added up by the database; of each span at most the first and the last are read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ledger.core.spans import share
from ledger.funds.rows import read_by_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.core.entry import Body
    from ledger.programs.origins import Walk

MOST = 100_000  # gifts whose values are added up; beyond, the value is not told

# A row for the gifts that a span holds whole (`cut_at` is null), and one for each that it cuts.
_VALUES = """
SELECT r.no, CASE WHEN f.in_at < r.lo OR f.in_at + f.amount > r.hi THEN f.in_at END AS cut_at, max(f.amount),
       CAST(sum(f.value) AS bigint), count(*) - count(f.value)
FROM given AS r CROSS JOIN flows AS f
WHERE f.book_id = :book AND f.taker = r.axis AND f.in_at < r.hi
  AND f.in_at >= (SELECT max(g.in_at) FROM flows AS g WHERE g.book_id = :book AND g.taker = r.axis AND g.in_at <= r.lo)
GROUP BY r.no, cut_at
"""


def values_of(
    connection: Connection, book_id: int, body: Body, walks: Iterable[Walk], gifts: int
) -> dict[tuple[str, str], int]:
    """Add up fair values by giver and unit, in one statement; left out where a gift has none."""
    goods = [(walk.unit, gap) for walk in walks if ":" in walk.unit for gap in walk.gifts]
    if not goods or gifts > MOST:
        return {}
    rows = [(no, gap.axis, gap.lo, gap.hi) for no, (_, gap) in enumerate(goods)]
    worth: dict[int, int] = defaultdict(int)
    unknown = {walk.unit for walk in walks if walk.others}
    for no, at, amount, value, missing in read_by_rows(
        connection, _VALUES, ("no", "axis", "lo", "hi"), rows, book=book_id
    ):
        unit, gap = goods[no]
        if missing:
            unknown.add(unit)
        elif at is None:
            worth[no] += value
        else:
            worth[no] += share(value, amount, max(gap.lo, at) - at, min(gap.hi, at + amount) - at)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for no, (unit, gap) in enumerate(goods):
        if unit not in unknown:
            sums[_giver(body, unit, gap.offset), unit] += worth[no]
    return dict(sums)


def _giver(body: Body, unit: str, at: int) -> str:
    """Tell out of which account the unit at a place of the service came."""
    return next(
        str(flow["from"])
        for flow in body["flows"]
        if flow["unit"] == unit and flow["in"] <= at < flow["in"] + flow["amount"]
    )
