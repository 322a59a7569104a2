"""Lots: what is left of each receipt of goods, and where it lies.

A lot is the goods of one entry that brought them in (a donation, or what a stock count found). What is left of it is
the pieces of it that are still free in funds; units that came back to a fund, or moved between funds, still belong to
the lot they came with. Found from the free spans backwards, all pieces at once: as many statements as units moved
between funds at most, whatever the number of pieces.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import JSON, Text, cast, func, or_, select

from ledger.core.spans import Span, merge, share
from ledger.funds.rows import read_by_rows
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from sqlalchemy import Connection

MOST = 1_000  # pieces of lots read for a page; more in hand are told as more
HOLDERS = ("fund", "earmark")

_LAID = """
SELECT r.no, r.home, r.lo, f.seq, f.in_at, f.out_at, f.amount, f.value, f.giver, f.gift, a.account,
       CASE WHEN f.in_at > r.lo THEN f.in_at ELSE r.lo END,
       CASE WHEN f.in_at + f.amount < r.hi THEN f.in_at + f.amount ELSE r.hi END
FROM given AS r CROSS JOIN flows AS f CROSS JOIN axes AS a
WHERE f.book_id = :book AND f.taker = r.axis AND f.in_at < r.hi
  AND f.in_at >= (SELECT max(g.in_at) FROM flows AS g WHERE g.book_id = :book AND g.taker = r.axis AND g.in_at <= r.lo)
  AND a.book_id = :book AND a.no = f.giver
ORDER BY r.no, f.in_at LIMIT :most
"""


class Held(NamedTuple):
    """Goods of one unit that a fund or an earmark holds: its axis and the free spans of it, ascending."""

    axis: int
    account: str
    unit: str
    amount: int
    spans: tuple[Span, ...]


class Part(NamedTuple):
    """A piece of a lot on the axis of a fund."""

    axis: int
    span: Span
    seq: int  # the lot: the entry that brought the units in
    value: int | None  # fen, of this piece; None when the lot has none
    whole: int  # the lot as it came in
    source: str


class Lot(NamedTuple):
    """What is left of a lot in one fund or earmark. `value` in fen is that of what is left."""

    seq: int
    unit: str
    account: str
    left: int
    pieces: tuple[Span, ...]
    received: int  # the whole lot, as it came in
    value: int | None
    dated: date
    store: str  # where it was put; '' when that is not said
    expires: date | None
    label: str  # the maker's lot, as written on the boxes
    source: str
    found: bool  # by a stock count: nobody gave it

    @property
    def key(self) -> str:
        """Return what names it in a form."""
        return f"{self.seq}"


def holdings(
    connection: Connection, book_id: int, units: Collection[str] | None = None, accounts: Collection[str] = ()
) -> list[Held]:
    """Read which funds and earmarks hold goods, of these units or accounts when they are named; two statements."""
    a = t.axes.c
    query = (
        select(a.no, a.account, a.unit, a.received, a.given, a.tail, a.holes)
        .where(a.book_id == book_id, or_(*(lookup.of_type(a.account, kind) for kind in HOLDERS)))
        .where(a.unit.contains(":"), a.received > a.given)
        .order_by(a.unit, a.no)
    )
    if units is not None:
        query = query.where(lookup.among(connection, a.unit, set(units) or {""}))
    if accounts:
        query = query.where(lookup.among(connection, a.account, set(accounts)))
    rows = connection.execute(query).all()
    s = t.spans.c
    holes: dict[int, list[Span]] = defaultdict(list)
    pierced = [row.no for row in rows if row.holes]
    if pierced:
        spans = select(s.axis, s.lo, s.hi).where(s.book_id == book_id, lookup.among(connection, s.axis, pierced))
        for axis, lo, hi in connection.execute(spans.order_by(s.axis, s.lo)):
            holes[axis].append(Span(lo, hi))
    return [
        Held(row.no, row.account, row.unit, row.received - row.given, _spans(holes[row.no], row.tail, row.received))
        for row in rows
    ]


def _spans(holes: list[Span], tail: int, received: int) -> tuple[Span, ...]:
    return (*holes, *((Span(tail, received),) if tail < received else ()))


def parts_of(connection: Connection, book_id: int, pieces: Iterable[tuple[int, Span]], most: int = MOST) -> list[Part]:
    """Tell to which lots pieces of axes belong, by axis and position; a statement for each time units moved on.

    At most `most` parts, the first in.
    """
    given = list(pieces)
    rows = [(no, span.lo, axis, span.lo, span.hi) for no, (axis, span) in enumerate(given)]
    parts: list[Part] = []
    while rows:
        found = read_by_rows(connection, _LAID, ("no", "home", "axis", "lo", "hi"), rows, book=book_id, most=most + 1)
        rows = []
        for no, home, start, seq, in_at, out_at, amount, value, giver, gift, account, lo, hi in found:
            at = home + lo - start
            if gift or account.startswith("source:"):
                worth = None if value is None else share(value, amount, lo - in_at, hi - in_at)
                parts.append(Part(given[no][0], Span(at, at + hi - lo), seq, worth, amount, account))
            else:
                rows.append((no, at, giver, out_at + lo - in_at, out_at + hi - in_at))
    return sorted(parts, key=lambda part: part[:3])[:most]


class Found(NamedTuple):
    """Lots in hand; `more`: there are others beyond `MOST`."""

    lots: list[Lot]
    more: bool


def lots_in(connection: Connection, book_id: int, held: Iterable[Held], most: int = MOST) -> Found:
    """List the lots of what funds hold, in the order in which they would be used first in, first out."""
    by_axis = {one.axis: one for one in held}
    pieces = [(one.axis, span) for one in by_axis.values() for span in one.spans]
    parts = parts_of(connection, book_id, pieces, most)
    more = sum(part.span.hi - part.span.lo for part in parts) < sum(one.amount for one in by_axis.values())
    told = _told(connection, book_id, {part.seq for part in parts})
    grouped: dict[tuple[int, int], list[Part]] = defaultdict(list)
    for part in parts:
        grouped[part.axis, part.seq].append(part)
    lots = [_lot(by_axis[axis], of, told[seq, by_axis[axis].unit]) for (axis, seq), of in grouped.items()]
    return Found(sorted(lots, key=lambda lot: (lot.unit, lot.account, lot.pieces)), more)


class _Told(NamedTuple):
    """What the entry of a lot says of it, and where its goods were put."""

    kind: str
    dated: str
    expires: object
    label: object
    store: str


def _told(connection: Connection, book_id: int, seqs: Collection[int]) -> dict[tuple[int, str], _Told]:
    """Read what entries say of the lots they brought, by entry and unit; the bodies are taken apart by the database."""
    if not seqs:
        return {}
    h, e, p, a = t.headers.c, t.entries.c, t.postings.c, t.axes.c
    if connection.dialect.name == "sqlite":
        facts = [func.json_extract(cast(e.body, Text), f"$.facts.{name}") for name in ("expires", "lot")]
    else:
        body = cast(func.convert_from(e.body, "UTF8"), JSON)
        facts = [body["facts"][name].as_string() for name in ("expires", "lot")]
    query = (
        select(h.seq, a.unit, h.kind, h.dated, *facts, a.account)
        .join(t.entries, (e.book_id == h.book_id) & (e.seq == h.seq))
        .join(t.postings, (p.book_id == h.book_id) & (p.seq == h.seq))
        .join(t.axes, (a.book_id == h.book_id) & (a.no == p.axis))
        .where(h.book_id == book_id, lookup.among(connection, h.seq, seqs))
    )
    return {(row[0], row[1]): _Told._make(row[2:]) for row in connection.execute(query)}


def _lot(held: Held, parts: list[Part], told: _Told) -> Lot:
    worths = [part.value for part in parts]
    return Lot(
        parts[0].seq,
        held.unit,
        held.account,
        sum(part.span.hi - part.span.lo for part in parts),
        merge(part.span for part in parts),
        parts[0].whole,
        None if None in worths else sum(worth for worth in worths if worth is not None),
        day(told.dated),
        told.store,
        _day(told.expires),
        str(told.label or ""),
        parts[0].source,
        told.kind != "donation.received",
    )


def _day(text: object) -> date | None:
    try:
        return day(text) if isinstance(text, str) else None
    except ValueError:
        return None
