"""What the entries that name a party, a project or a campaign add up to, up to an entry.

Sums over entries only grow at the end: the sums up to entry `size` are the same for ever, and the sums up to a later
one are those and what came between. So a page reads what is new since the last page, and keeps the rest in memory
(`carried`). An entry that was taken back counts until the entry that took it back, which counts against it.

Cost: of each address the entries since the last page, by the index of mentions; the first page after a start reads
all entries that name it, added up in the database.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ledger.programs.parties.rows import read_by_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


class Way(NamedTuple):
    """Between which accounts units went: all services together are `service:`."""

    giver: str
    taker: str
    unit: str


class Span(NamedTuple):
    """Which entries count: numbers below `size`, business dates from `since` to `until` (ISO; any by default)."""

    size: int
    since: str = ""
    until: str = "~"


@dataclass(slots=True)
class Tally:
    """Sums over the entries that name an address."""

    services: Counter[str] = field(default_factory=Counter)  # by kind
    residents: Counter[str] = field(default_factory=Counter)  # by kind; of a small group one
    small: int = 0  # services for small groups
    flows: Counter[Way] = field(default_factory=Counter)
    gifts: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (day, source, unit): amount
    given: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (day, source, unit): how many

    def add(self, other: Tally) -> Tally:
        """Return both together; parts that cancel are left out."""
        pairs = [(getattr(self, name), getattr(other, name)) for name in _COUNTERS]
        sums = [Counter({key: mine[key] + theirs[key] for key in [*mine, *theirs]}) for mine, theirs in pairs]
        kept = [Counter({key: amount for key, amount in one.items() if amount}) for one in sums]
        services, residents, flows, gifts, given = kept
        return Tally(services, residents, self.small + other.small, flows, gifts, given)

    def moved(self, takers: tuple[str, ...], givers: tuple[str, ...] = ("",)) -> Counter[Way]:
        """Choose flows by the beginnings of their accounts."""
        chosen = {
            way: n for way, n in self.flows.items() if way.taker.startswith(takers) and way.giver.startswith(givers)
        }
        return Counter(chosen)


_COUNTERS = ("services", "residents", "flows", "gifts", "given")

# `low` is the least of all numbers asked from: it tells PostgreSQL that few entries are read.
# The entries that name an address (sign 1), and those of them that were taken back by now (sign -1).
ENTRIES = """
, named AS (
  SELECT r.address, m.seq, 1 AS sign
  FROM given AS r CROSS JOIN mentions AS m
  WHERE m.book_id = :book AND m.address = r.address AND m.seq >= r.lo AND m.seq >= :low AND m.seq < :size
  UNION ALL
  SELECT r.address, m.seq, -1
  FROM undone AS u CROSS JOIN given AS r CROSS JOIN mentions AS m
  WHERE u.opened >= r.lo AND m.book_id = :book AND m.seq = u.seq AND m.address = r.address
)
"""
UNDONE = """
, undone AS MATERIALIZED (
  SELECT o.opened, CAST(substr(o.address, 10) AS bigint) AS seq FROM objects AS o
  WHERE o.book_id = :book AND o.address >= 'reversal:' AND o.address < 'reversal;' AND o.opened < :size
)
"""
_SERVICES = (
    UNDONE
    + ENTRIES
    + """
SELECT n.address, s.kind, CAST(sum(n.sign) AS bigint),
       CAST(sum(n.sign * CASE WHEN s.residents > 0 AND s.residents < 5 THEN 1 ELSE s.residents END) AS bigint),
       CAST(sum(CASE WHEN s.residents > 0 AND s.residents < 5 THEN n.sign ELSE 0 END) AS bigint)
FROM named AS n CROSS JOIN services AS s
WHERE s.book_id = :book AND s.seq = n.seq AND s.dated >= :since AND s.dated <= :until
GROUP BY n.address, s.kind
"""
)
# Added up by the numbers of accounts first, and named then; whatever a service took is one place (-1). Of all time,
# dates are read of gifts alone.
_FLOWS = (
    UNDONE  # noqa: S608  # all of it is ours
    + ENTRIES
    + """
, sums AS (
  SELECT n.address, CASE WHEN f.gift = 1 THEN h.dated ELSE '' END AS day, f.giver,
         CASE WHEN v.seq IS NOT NULL THEN -1 ELSE f.taker END AS place, f.gift,
         CAST(sum(n.sign * f.amount) AS bigint) AS amount, CAST(sum(n.sign) AS bigint) AS flows
  FROM named AS n CROSS JOIN flows AS f
  LEFT JOIN services AS v ON v.book_id = :book AND v.seq = f.seq
  LEFT JOIN headers AS h ON h.book_id = :book AND h.seq = {dated}
  WHERE f.book_id = :book AND f.seq = n.seq AND {within}
  GROUP BY n.address, day, f.giver, place, f.gift
)
SELECT s.address, s.day, g.account, coalesce(k.account, 'service:'), g.unit, s.gift, s.amount, s.flows
FROM sums AS s JOIN axes AS g ON g.book_id = :book AND g.no = s.giver
LEFT JOIN axes AS k ON k.book_id = :book AND k.no = s.place
"""
)
_ALL_TIME = _FLOWS.format(dated="CASE WHEN f.gift = 1 THEN f.seq END", within=":since <= :until")
_PERIOD = _FLOWS.format(dated="f.seq", within="h.dated >= :since AND h.dated <= :until")


def tally_between(connection: Connection, book_id: int, lows: dict[str, int], span: Span) -> dict[str, Tally]:
    """Add up the entries that name each address, from its number on, in two statements; in none when none is new."""
    found = {address: Tally() for address in lows}
    if min(lows.values(), default=span.size) >= span.size:
        return found
    asked: dict[str, int | str] = {
        "book": book_id,
        "low": min(lows.values()),
        "size": span.size,
        "since": span.since,
        "until": span.until,
    }
    rows, sql = list(lows.items()), _PERIOD if span.since or span.until != "~" else _ALL_TIME
    for address, kind, services, residents, small in read_by_addresses(connection, _SERVICES, rows, **asked):
        one = found[address]
        one.services[kind] += services
        one.residents[kind] += residents
        one.small += small
    for address, day, giver, place, unit, gift, amount, count in read_by_addresses(connection, sql, rows, **asked):
        one = found[address]
        one.flows[Way(giver, place, unit)] += amount
        if gift:
            one.gifts[day, giver, unit] += amount
            one.given[day, giver, unit] += count
    return found


def tally_of(connection: Connection, book_id: int, addresses: Iterable[str], span: Span) -> dict[str, Tally]:
    """Add up from the first entry; for what is published and for checks."""
    return tally_between(connection, book_id, dict.fromkeys(addresses, 0), span)
