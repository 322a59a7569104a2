"""How long what waits has been waiting: read from the provenance of units that are free now.

Of each account some of its free units are looked at, evenly spread (of one account alone the middle one exactly), and
each is followed back to where its waiting began: in a fund to the source that gave it, through transfers and returns;
with an organization to the payment. Which units are free follows from holes and tail, so that first in, first out is
already in it: what is left of a fund is its newest.

Cost: one look at the accounts, one at their holes, one walk for all samples (at most `SAMPLES`, or two an account).
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import or_, select, text

from ledger.core.spans import Span, size
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import day
from ledger.web.lines import fund_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy import Connection

SAMPLES = 500  # units looked at, over all accounts
MOST_EACH, LEAST_EACH = 31, 1  # of one account; odd, so that its middle unit is one of them
MOST_HOLES = 5000  # read; beyond, the holes of the newest accounts are left out

_WALK = """
SELECT w.no, h.dated FROM (
  WITH RECURSIVE walk (no, axis, at, stage, seq, done) AS (
    SELECT no, axis, at, stage, CAST(-1 AS bigint), 0 FROM given
    UNION ALL
    SELECT w.no, f.giver, f.out_at + (w.at - f.in_at), w.stage, f.seq,
           CASE WHEN a.account LIKE 'source:%'
                  OR w.stage = 1 AND (a.account LIKE 'fund:%' OR a.account LIKE 'earmark:%') THEN 1 ELSE 0 END
    FROM walk AS w CROSS JOIN {flows} CROSS JOIN {axes}
    WHERE w.done = 0 AND f.book_id = :book AND f.taker = w.axis AND f.in_at = {begin}
      AND a.book_id = :book AND a.no = f.giver
  )
  SELECT no, seq FROM walk WHERE done = 1
) AS w CROSS JOIN headers AS h WHERE h.book_id = :book AND h.seq = w.seq
"""
_PARTS = {
    "sqlite": {
        "flows": "flows AS f",
        "axes": "axes AS a",
        "begin": "(SELECT max(g.in_at) FROM flows AS g "
        "WHERE g.book_id = :book AND g.taker = w.axis AND g.in_at <= w.at)",
    },
    "postgresql": {
        "flows": "LATERAL (SELECT * FROM flows AS x WHERE x.book_id = :book AND x.taker = w.axis AND x.in_at <= w.at "
        "ORDER BY x.in_at DESC LIMIT 1) AS f",
        "axes": "LATERAL (SELECT * FROM axes AS y WHERE y.book_id = :book AND y.no = f.giver OFFSET 0) AS a",
        "begin": "f.in_at",
    },
}
_GIVEN = {
    "sqlite": "SELECT json_extract(value, '$[0]') AS no, json_extract(value, '$[1]') AS axis, "
    "json_extract(value, '$[2]') AS at, json_extract(value, '$[3]') AS stage FROM json_each(:rows)",
    "postgresql": "SELECT CAST(v->>0 AS bigint) AS no, CAST(v->>1 AS bigint) AS axis, CAST(v->>2 AS bigint) AS at, "
    "CAST(v->>3 AS bigint) AS stage FROM json_array_elements(CAST(:rows AS json)) AS v",
}


class Account(NamedTuple):
    """An account that holds units: at stage 0 in a fund, at stage 1 with an organization."""

    no: int
    account: str
    unit: str
    stage: int
    free: tuple[Span, ...]

    @property
    def held(self) -> int:
        """Return how much it holds."""
        return size(self.free)


class Age(NamedTuple):
    """How long the units of a stage wait: the oldest found, and the middle one. Days since `oldest`, `median`."""

    amount: int
    oldest: date
    median: date
    oldest_account: str


class Sample(NamedTuple):
    """A unit looked at, and for how many it stands (0: only for itself, the first of its account)."""

    account: Account
    at: int
    weight: int


def ages(
    connection: Connection, book_id: int, units: Collection[str], grants: Collection[str] | None, fund: str = ""
) -> dict[tuple[int, str], Age]:
    """Tell by stage and unit how long what waits has been waiting; of one fund and these grants, or of all (None)."""
    accounts = _accounts(connection, book_id, units)
    if fund:
        wanted = {f"grant:{code}" for code in grants or ()}
        accounts = [a for a in accounts if fund_of(a.account) == f"fund:{fund}" or a.account in wanted]
    samples = list(_samples(accounts))
    dated = _walk(connection, book_id, samples)
    found: dict[tuple[int, str], list[tuple[date, Sample]]] = defaultdict(list)
    for at, sample in enumerate(samples):
        if at in dated:
            found[sample.account.stage, sample.account.unit].append((dated[at], sample))
    held: dict[tuple[int, str], int] = defaultdict(int)
    for account in accounts:
        held[account.stage, account.unit] += account.held
    return {key: _age(held[key], rows) for key, rows in found.items()}


def _accounts(connection: Connection, book_id: int, units: Collection[str]) -> list[Account]:
    """Read the accounts that hold any of the units, with their free spans."""
    a, s = t.axes.c, t.spans.c
    kinds = or_(*(lookup.of_type(a.account, kind) for kind in ("fund", "earmark", "grant")))
    query = select(a.no, a.account, a.unit, a.received, a.tail, a.holes).where(
        a.book_id == book_id, kinds, lookup.among(connection, a.unit, units), a.received > a.given
    )
    axes = connection.execute(query.order_by(a.no)).all()
    pierced = {axis.no for axis in axes if axis.holes}
    holes: dict[int, list[Span]] = defaultdict(list)
    if pierced:
        rows = select(s.axis, s.lo, s.hi).where(s.book_id == book_id, lookup.among(connection, s.axis, pierced))
        for axis, lo, hi in connection.execute(rows.order_by(s.axis, s.lo).limit(MOST_HOLES)):
            holes[axis].append(Span(lo, hi))
    found = []
    for no, account, unit, received, tail, _ in axes:
        free = (*holes[no], *((Span(tail, received),) if tail < received else ()))
        if free:
            found.append(Account(no, account, unit, int(account.startswith("grant:")), free))
    return found


def _samples(accounts: Sequence[Account]) -> Iterable[Sample]:
    """Choose units of each account: its first, and an odd number evenly spread."""
    if not accounts:
        return
    number = min(MOST_EACH, max(LEAST_EACH, SAMPLES // len(accounts)))
    number -= 1 - number % 2
    for account in accounts:
        held = account.held
        yield Sample(account, account.free[0].lo, 0)
        parts = min(number, held)
        for part in range(parts):
            place = (2 * part + 1) * held // (2 * parts)
            weight = (part + 1) * held // parts - part * held // parts
            yield Sample(account, _at(account.free, min(place, held - 1)), weight)


def _at(free: Sequence[Span], place: int) -> int:
    """Return the position of the free unit at a place."""
    for lo, hi in free:
        if place < hi - lo:
            return lo + place
        place -= hi - lo
    raise IndexError(place)


def _walk(connection: Connection, book_id: int, samples: Sequence[Sample]) -> dict[int, date]:
    """Follow each unit back to where its waiting began; its date, by the number of the sample."""
    if not samples:
        return {}
    name = connection.dialect.name
    sql = f"WITH given AS MATERIALIZED ({_GIVEN[name]}) {_WALK.format(**_PARTS[name])}"
    rows = [(no, s.account.no, s.at, s.account.stage) for no, s in enumerate(samples)]
    values: dict[str, Any] = {"book": book_id, "rows": json.dumps(rows)}
    return {int(no): day(dated) for no, dated in connection.execute(text(sql), values)}


def _age(held: int, rows: list[tuple[date, Sample]]) -> Age:
    rows.sort(key=lambda row: row[0])
    half, seen, median = sum(sample.weight for _, sample in rows), 0, rows[-1][0]
    for dated, sample in rows:
        seen += sample.weight
        if 2 * seen >= half and sample.weight:
            median = dated
            break
    return Age(held, rows[0][0], median, rows[0][1].account.account)
