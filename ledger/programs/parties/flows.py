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


# Added up by the numbers of accounts first, and named then; whatever services took is one place (-1).
_FLOWS = """
, sums AS (
  SELECT r.owner, r.no, CASE WHEN v.seq IS NOT NULL THEN -1 ELSE f.{far} END AS place,
         CAST(sum(CASE WHEN d.seq IS NULL THEN f.amount ELSE 0 END) AS bigint) AS plain,
         CAST(sum(CASE WHEN d.seq IS NULL THEN 0 ELSE f.amount END) AS bigint) AS undone
  FROM {begin}
  LEFT JOIN services AS v ON v.book_id = :book AND v.seq = f.seq
  {entry}
  LEFT JOIN headers AS d ON h.kind = 'entry.reversed' AND d.book_id = f.book_id AND d.seq = f.designated
  WHERE f.book_id = :book AND f.{near} = r.no AND f.seq < :size {only} {dated}
  GROUP BY r.owner, r.no, place
)
SELECT s.owner, x.account, CASE WHEN s.place < 0 OR y.account LIKE 'service:%' THEN 'service:' ELSE y.account END,
       x.unit, s.plain, s.undone
FROM sums AS s JOIN axes AS x ON x.book_id = :book AND x.no = s.no
LEFT JOIN axes AS y ON y.book_id = :book AND y.no = s.place
"""
_ALL_TIME = {
    "entry": "LEFT JOIN headers AS h ON f.designated IS NOT NULL AND h.book_id = f.book_id AND h.seq = f.seq",
    "dated": "",
}
_PERIOD = {
    "entry": "LEFT JOIN headers AS h ON h.book_id = f.book_id AND h.seq = f.seq",
    "dated": "AND coalesce(d.dated, h.dated) >= :since AND coalesce(d.dated, h.dated) <= :until",
}
_BY_ACCOUNT = {"begin": "given AS r CROSS JOIN flows AS f", "only": "AND f.{at} >= 0"}
_BY_ENTRY = {"begin": "flows AS f CROSS JOIN given AS r", "only": "AND f.seq >= :low AND f.seq >= r.owner"}
_OUT = {"near": "giver", "far": "taker", "at": "out_at"}
_INTO = {"near": "taker", "far": "giver", "at": "in_at"}


def flows_of(
    connection: Connection, book_id: int, owners: Mapping[int, int], span: Span, *, gifts: bool = False
) -> list[Flow]:
    """Add up what went out of and into axes, in two statements; `owners` gives each axis its owner's number."""
    asked: dict[str, int | str] = {"book": book_id, "size": span.size}
    more = _ALL_TIME
    if span.since or span.until != "~":
        more, asked = _PERIOD, asked | {"since": span.since, "until": span.until}
    only = {True: _BY_ACCOUNT["only"], False: _BY_ACCOUNT["only"] + ("" if gifts else " AND f.gift = 0")}
    return _read(connection, {**_BY_ACCOUNT, **more}, only, list(owners.items()), asked)


def flows_since(connection: Connection, book_id: int, lows: Mapping[int, int], size: int) -> list[Flow]:
    """Add up what went out of and into axes, of each from its own entry on; gifts too, by the entries since the first.

    The owner of a flow is the entry that its axis was asked from.
    """
    asked: dict[str, int | str] = {"book": book_id, "size": size, "low": min(lows.values(), default=size)}
    only = dict.fromkeys((True, False), _BY_ENTRY["only"])
    return _read(connection, {**_BY_ENTRY, **_ALL_TIME}, only, list(lows.items()), asked)


def _read(
    connection: Connection,
    parts: Mapping[str, str],
    only: Mapping[bool, str],
    rows: list[tuple[int, int]],
    asked: Mapping[str, int | str],
) -> list[Flow]:
    sums: dict[tuple[int, str, str, str, bool], int] = defaultdict(int)
    for out, way in ((True, _OUT), (False, _INTO)):
        sql = _FLOWS.format(**{**parts, **way, "only": only[out].format(**way)})
        found = read_by_rows(connection, sql, ("no", "owner"), rows, **asked)  # type: ignore[arg-type]
        for owner, account, place, unit, plain, undone in found:
            sums[owner, account, place, unit, out] += plain
            sums[owner, account, place, unit, not out] -= undone
    return [Flow(*key, amount) for key, amount in sums.items() if amount]


def by_owner(flows: Iterable[Flow]) -> dict[int, list[Flow]]:
    """Sort flows by their owner."""
    found: dict[int, list[Flow]] = defaultdict(list)
    for flow in flows:
        found[flow.owner].append(flow)
    return found
