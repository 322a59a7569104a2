"""What went into and out of accounts, by where from and where to, up to an entry and between two dates.

A reversal undoes what it reverses: units that it takes back never came or went, and it counts on the date of the
entry that it takes back. So sums over a period and sums over all time fit together.

Cost: the flows of the accounts asked for, by index; those that are donations are left out unless asked for.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.funds.rows import read_by_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from ledger.programs.parties.tally import Span


class Flow(NamedTuple):
    """What one account of an owner gave to (`out`) or took from another; all services together are `service:`."""

    owner: int
    account: str
    other: str
    unit: str
    out: bool
    amount: int


_FLOWS = """
SELECT r.owner, x.account, CASE WHEN y.account LIKE 'service:%' THEN 'service:' ELSE y.account END AS place, x.unit,
       CAST(sum(CASE WHEN d.seq IS NULL THEN f.amount ELSE 0 END) AS bigint),
       CAST(sum(CASE WHEN d.seq IS NULL THEN 0 ELSE f.amount END) AS bigint)
FROM given AS r CROSS JOIN flows AS f CROSS JOIN axes AS x CROSS JOIN axes AS y
{entry}
LEFT JOIN headers AS d ON h.kind = 'entry.reversed' AND d.book_id = f.book_id AND d.seq = f.designated
WHERE f.book_id = :book AND f.{near} = r.no AND f.{at} >= 0 AND f.seq < :size {only}
  AND x.book_id = :book AND x.no = r.no AND y.book_id = :book AND y.no = f.{far} {dated}
GROUP BY r.owner, x.account, place, x.unit
"""
_ALL_TIME = {
    "entry": "LEFT JOIN headers AS h ON f.designated IS NOT NULL AND h.book_id = f.book_id AND h.seq = f.seq",
    "dated": "",
}
_PERIOD = {
    "entry": "LEFT JOIN headers AS h ON h.book_id = f.book_id AND h.seq = f.seq",
    "dated": "AND coalesce(d.dated, h.dated) >= :since AND coalesce(d.dated, h.dated) <= :until",
}
_OUT = {"near": "giver", "far": "taker", "at": "out_at"}
_INTO = {"near": "taker", "far": "giver", "at": "in_at"}


def flows_of(
    connection: Connection, book_id: int, owners: Mapping[int, int], span: Span, *, gifts: bool = False
) -> list[Flow]:
    """Add up what went out of and into axes, in two statements; `owners` gives each axis its owner's number."""
    sums: dict[tuple[int, str, str, str, bool], int] = defaultdict(int)
    period = span.since or span.until != "~"
    asked: dict[str, int | str] = {"book": book_id, "size": span.size}
    if period:
        asked |= {"since": span.since, "until": span.until}
    for out, way in ((True, _OUT), (False, _INTO)):
        only = "" if out or gifts else "AND f.gift = 0"
        sql = _FLOWS.format(**way, **(_PERIOD if period else _ALL_TIME), only=only)
        rows = read_by_rows(connection, sql, ("no", "owner"), list(owners.items()), **asked)  # type: ignore[arg-type]
        for owner, account, place, unit, plain, undone in rows:
            sums[owner, account, place, unit, out] += plain
            sums[owner, account, place, unit, not out] -= undone
    return [Flow(*key, amount) for key, amount in sums.items() if amount]


def by_owner(flows: Iterable[Flow]) -> dict[int, list[Flow]]:
    """Sort flows by their owner."""
    found: dict[int, list[Flow]] = defaultdict(list)
    for flow in flows:
        found[flow.owner].append(flow)
    return found
