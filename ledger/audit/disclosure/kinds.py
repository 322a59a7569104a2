"""Services by kind: what they used and how many there were, read from the list of services."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.funds.rows import read_by_rows
from ledger.programs.parties.rows import read_by_addresses
from ledger.programs.parties.tally import ENTRIES, UNDONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.funds.region import Axis
    from ledger.programs.parties.tally import Span

# What services took out of accounts (sign 1), and what the reversal of a service brought back.
_TAKEN = """
SELECT s.kind, x.unit, CAST(sum(f.amount) AS bigint)
FROM given AS r CROSS JOIN flows AS f CROSS JOIN services AS s CROSS JOIN axes AS x
WHERE f.book_id = :book AND f.giver = r.no AND f.out_at >= 0 AND f.seq < :size
  AND s.book_id = :book AND s.seq = f.seq AND s.dated >= :since AND s.dated <= :until
  AND x.book_id = :book AND x.no = r.no
GROUP BY s.kind, x.unit
"""
_BROUGHT_BACK = """
SELECT s.kind, x.unit, CAST(-sum(f.amount) AS bigint)
FROM given AS r CROSS JOIN flows AS f CROSS JOIN services AS s CROSS JOIN axes AS x
WHERE f.book_id = :book AND f.taker = r.no AND f.in_at >= 0 AND f.gift = 0 AND f.seq < :size
  AND s.book_id = :book AND s.seq = f.designated AND s.dated >= :since AND s.dated <= :until
  AND x.book_id = :book AND x.no = r.no
GROUP BY s.kind, x.unit
"""
_NAMED = (
    UNDONE
    + ENTRIES
    + """
SELECT s.kind, g.unit, CAST(sum(n.sign * f.amount) AS bigint)
FROM named AS n CROSS JOIN services AS s CROSS JOIN flows AS f CROSS JOIN axes AS g
WHERE s.book_id = :book AND s.seq = n.seq AND s.dated >= :since AND s.dated <= :until
  AND f.book_id = :book AND f.seq = n.seq AND g.book_id = :book AND g.no = f.giver
  AND (:granted = 1 OR g.account NOT LIKE 'grant:%')
GROUP BY s.kind, g.unit
"""
)
_OF_ACCOUNTS = """
, used AS (
  SELECT DISTINCT f.seq FROM given AS r CROSS JOIN flows AS f
  WHERE f.book_id = :book AND f.giver = r.no AND f.out_at >= 0 AND f.seq < :size
)
SELECT s.kind, count(*), CAST(sum(CASE WHEN s.residents > 0 AND s.residents < 5 THEN 1 ELSE s.residents END) AS bigint)
FROM used AS u CROSS JOIN services AS s
WHERE s.book_id = :book AND s.seq = u.seq AND s.dated >= :since AND s.dated <= :until
  AND NOT EXISTS (SELECT 1 FROM objects AS o WHERE o.book_id = :book
                  AND o.address = 'reversal:' || CAST(s.seq AS varchar) AND o.opened < :size)
GROUP BY s.kind
"""
_STANDING = """
SELECT count(*)
FROM given AS r CROSS JOIN mentions AS m CROSS JOIN headers AS h CROSS JOIN objects AS o
WHERE m.book_id = :book AND m.address = r.address AND m.seq >= r.lo AND m.seq < :size
  AND h.book_id = :book AND h.seq = m.seq AND h.kind = 'service.delivered' AND h.dated >= :since AND h.dated <= :until
  AND o.book_id = :book AND o.address = h.subject AND (o.closed IS NULL OR o.closed >= :size)
"""
_POSTED = (
    UNDONE
    + ENTRIES
    + """
SELECT x.unit, CAST(sum(n.sign * p.amount) AS bigint)
FROM named AS n CROSS JOIN headers AS h CROSS JOIN postings AS p CROSS JOIN axes AS x
WHERE h.book_id = :book AND h.seq = n.seq AND h.kind = 'donation.received' AND h.dated >= :since AND h.dated <= :until
  AND p.book_id = :book AND p.seq = n.seq AND x.book_id = :book AND x.no = p.axis
GROUP BY x.unit
"""
)


class Kinds(NamedTuple):
    """Services and residents by kind."""

    services: Counter[str]
    residents: Counter[str]


def _asked(book_id: int, span: Span) -> dict[str, Any]:
    return {"book": book_id, "low": 0, "size": span.size, "since": span.since, "until": span.until}


def used_by_kind(connection: Connection, book_id: int, axes: Iterable[Axis], span: Span) -> dict[str, Counter[str]]:
    """Add up, by unit, what services of each kind took out of accounts; in two statements."""
    rows, found = [(axis.no,) for axis in axes], defaultdict[str, Counter[str]](Counter)
    for sql in (_TAKEN, _BROUGHT_BACK):
        for kind, unit, amount in read_by_rows(connection, sql, ("no",), rows, **_asked(book_id, span)):
            found[unit][kind] += amount
    return dict(found)


def used_by_named(
    connection: Connection, book_id: int, address: str, span: Span, *, granted: bool
) -> dict[str, Counter[str]]:
    """Add up, by unit, what services that name an address used, by kind; with or without what grants paid."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    asked = _asked(book_id, span) | {"granted": int(granted)}
    for kind, unit, amount in read_by_addresses(connection, _NAMED, [(address, 0)], **asked):
        found[unit][kind] += amount
    return dict(found)


def services_of_accounts(connection: Connection, book_id: int, axes: Iterable[Axis], span: Span) -> Kinds:
    """Count the standing services that took anything out of accounts, by kind."""
    rows = [(axis.no,) for axis in axes]
    found = read_by_rows(connection, _OF_ACCOUNTS, ("no",), rows, **_asked(book_id, span))
    return Kinds(Counter({kind: n for kind, n, _ in found}), Counter({kind: people for kind, _, people in found}))


def standing_services(connection: Connection, book_id: int, address: str, span: Span) -> int:
    """Count the services that name an address and were not taken back, by what became of each."""
    rows = read_by_addresses(connection, _STANDING, [(address, 0)], **_asked(book_id, span))
    return int(rows[0][0])


def posted_gifts(connection: Connection, book_id: int, address: str, span: Span) -> dict[str, int]:
    """Add up, by unit, what gifts that name an address brought into banks and stores: the other face of the entries."""
    rows = read_by_addresses(connection, _POSTED, [(address, 0)], **_asked(book_id, span))
    return {unit: int(amount) for unit, amount in rows}
