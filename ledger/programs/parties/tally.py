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

# The entries that name an address (sign 1), and those of them that were taken back by now (sign -1).
ENTRIES = """
, named AS (
  SELECT r.address, m.seq, 1 AS sign
  FROM given AS r CROSS JOIN mentions AS m
  WHERE m.book_id = :book AND m.address = r.address AND m.seq >= r.lo AND m.seq < :size
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
_FLOWS = (
    UNDONE
    + ENTRIES
    + """
SELECT n.address, CASE WHEN f.gift = 1 THEN h.dated ELSE '' END AS day, g.account,
       CASE WHEN k.account LIKE 'service:%' THEN 'service:' ELSE k.account END AS place, g.unit, f.gift,
       CAST(sum(n.sign * f.amount) AS bigint), CAST(sum(n.sign) AS bigint)
FROM named AS n CROSS JOIN headers AS h CROSS JOIN flows AS f CROSS JOIN axes AS g CROSS JOIN axes AS k
WHERE h.book_id = :book AND h.seq = n.seq AND h.dated >= :since AND h.dated <= :until
  AND f.book_id = :book AND f.seq = n.seq
  AND g.book_id = :book AND g.no = f.giver AND k.book_id = :book AND k.no = f.taker
GROUP BY n.address, day, g.account, place, g.unit, f.gift
"""
)


def tally_between(connection: Connection, book_id: int, lows: dict[str, int], span: Span) -> dict[str, Tally]:
    """Add up the entries that name each address, from its number on, in two statements."""
    found = {address: Tally() for address in lows}
    asked: dict[str, int | str] = {"book": book_id, "size": span.size, "since": span.since, "until": span.until}
    rows = list(lows.items())
    for address, kind, services, residents, small in read_by_addresses(connection, _SERVICES, rows, **asked):
        one = found[address]
        one.services[kind] += services
        one.residents[kind] += residents
        one.small += small
    for address, day, giver, place, unit, gift, amount, count in read_by_addresses(connection, _FLOWS, rows, **asked):
        one = found[address]
        one.flows[Way(giver, place, unit)] += amount
        if gift:
            one.gifts[day, giver, unit] += amount
            one.given[day, giver, unit] += count
    return found


def tally_of(connection: Connection, book_id: int, addresses: Iterable[str], span: Span) -> dict[str, Tally]:
    """Add up from the first entry; for what is published and for checks."""
    return tally_between(connection, book_id, dict.fromkeys(addresses, 0), span)
