"""What was spent by line of a project's budget, as services and costs state it.

Lines stand in the facts of entries, so entries are read: those since the last page, at most `STEP` a page. The sums
say up to which entry they go.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from ledger.core import canonical
from ledger.journal import lookup
from ledger.journal import tables as t

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from ledger.core.entry import Body
    from ledger.journal.read import BookRow

STEP = 3_000  # entries read for one page
MOST = 500  # projects kept
KINDS = ("service.delivered", "expense.recorded")


class LineSums(NamedTuple):
    """Amounts in fen by line of entries below `size`; `leaf` is the hash of the entry before it."""

    size: int
    leaf: bytes
    sums: Counter[str]


_kept: OrderedDict[tuple[str, str], LineSums] = OrderedDict()
_lock = Lock()


def lines_of(facts: dict[str, Any], flows: list[Body]) -> Counter[str]:
    """Tell which lines an entry names: several with their amounts, or one for all its money."""
    if facts.get("lines"):
        stated: Counter[str] = Counter()
        for part in facts["lines"]:
            stated[str(part["line"])] += int(part["amount"])
        return stated
    if facts.get("line"):
        return Counter({str(facts["line"]): sum(flow["amount"] for flow in flows if flow["unit"] == "CNY")})
    return Counter()


def spent_by_line(connection: Connection, row: BookRow, address: str, grants: Collection[str]) -> LineSums:
    """Add up by line what entries that name a project or its grants state, in four statements."""
    with _lock:
        kept = _kept.get((row.code, address))
    at = 0 if kept is None else kept.size
    leaf = _leaf(connection, row.id, at - 1)
    if kept is None or kept.leaf != leaf or at > row.size:
        kept, at = LineSums(0, b"", Counter()), 0
    found, size = sums_between(connection, row.id, {address, *grants}, at, row.size, STEP)
    sums = Counter(kept.sums)
    sums.update(found)
    made = LineSums(size, _leaf(connection, row.id, size - 1), sums)
    with _lock:
        _kept[row.code, address] = made
        _kept.move_to_end((row.code, address))
        if len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def _leaf(connection: Connection, book_id: int, seq: int) -> bytes:
    e = t.entries.c
    return bytes(connection.scalar(select(e.leaf).where(e.book_id == book_id, e.seq == seq)) or b"")


def sums_between(
    connection: Connection, book_id: int, addresses: Collection[str], first: int, size: int, most: int | None = None
) -> tuple[Counter[str], int]:
    """Add up by line the entries from `first` to before `size`, at most so many; tell up to where, in two statements.

    What was taken back in between counts against its lines.
    """
    m, e = t.mentions.c, t.entries.c
    h = t.headers.c
    query = (
        select(m.seq, e.body)
        .join(t.headers, (h.book_id == m.book_id) & (h.seq == m.seq))
        .join(t.entries, (e.book_id == m.book_id) & (e.seq == m.seq))
        .where(m.book_id == book_id, lookup.among(connection, m.address, addresses), m.seq >= first, m.seq < size)
        .where(h.kind.in_(KINDS))
        .order_by(m.seq + 0)
        .limit(None if most is None else most + 1)
    )
    bodies = {row.seq: bytes(row.body) for row in connection.execute(query)}
    if most is not None and len(bodies) > most:
        size = max(bodies)
        bodies.pop(size)
    sums: Counter[str] = Counter()
    for sign, found in ((1, bodies.values()), (-1, _undone(connection, book_id, addresses, first, size))):
        for data in found:
            body = canonical.decode(data)
            for line, amount in lines_of(body["facts"], body["flows"]).items():
                sums[line] += sign * amount
    return sums, size


def _undone(connection: Connection, book_id: int, addresses: Collection[str], first: int, size: int) -> list[bytes]:
    """Read the entries that were taken back by entries from `first` to before `size`."""
    h, r, m, e = t.headers.c, t.headers.alias("r"), t.mentions.c, t.entries.c
    taken = select(h.subject).where(h.book_id == book_id, h.kind == "entry.reversed", h.seq >= first, h.seq < size)
    seqs = {lookup.reversed_by(subject) for subject in connection.scalars(taken)}
    query = (
        select(m.seq, e.body)
        .join(r, (r.c.book_id == m.book_id) & (r.c.seq == m.seq))
        .join(t.entries, (e.book_id == m.book_id) & (e.seq == m.seq))
        .where(m.book_id == book_id, lookup.among(connection, m.seq, seqs), r.c.kind.in_(KINDS), m.seq < size)
        .where(lookup.among(connection, m.address, addresses))
    )
    return list({row.seq: bytes(row.body) for row in connection.execute(query)}.values())
