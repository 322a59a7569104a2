"""What only a reading of all gifts and services tells: since when there are gifts, how many residents were reached.

The log only grows, so what was read stays true. A tally belongs to a head: when the book has the same head, it is the
answer; when the book goes on from that head, only the new entries are read; else the log is read from its beginning.
An entry that takes another back also makes a new beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, select, text

from ledger.journal import tables as t
from ledger.web.convert import day

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from ledger.journal.read import BookRow


class Tally(NamedTuple):
    """Figures of the first `size` entries of the log with this head."""

    size: int
    head: bytes | None
    since: date | None  # of the earliest gift
    residents: int  # each time counted


NOTHING = Tally(0, None, None, 0)
_known: dict[str, Tally] = {}  # by book code, in this process


def tally(connection: Connection, row: BookRow) -> Tally:
    """Tally a book; without a statement when nothing happened since the last time."""
    head = bytes(row.head) if row.head else None
    known = _known.get(row.code, NOTHING)
    if (known.size, known.head) == (row.size, head):
        return known
    if not _goes_on(connection, row, known):
        known = NOTHING
    since = [day(found) for found in (_earliest(connection, row, known.size),) if found]
    since += [known.since] if known.since else []
    residents = known.residents + _residents(connection, row, known.size)
    _known[row.code] = made = Tally(row.size, head, min(since, default=None), residents)
    return made


def _goes_on(connection: Connection, row: BookRow, known: Tally) -> bool:
    """Tell whether the log still begins with the entries tallied, and nothing after them takes anything back."""
    e, h = t.entries.c, t.headers.c
    if not 0 < known.size <= row.size:
        return False
    leaf = connection.scalar(select(e.leaf).where(e.book_id == row.id, e.seq == known.size - 1))
    if leaf is None or bytes(leaf) != known.head:
        return False
    after = select(h.seq).where(h.book_id == row.id, h.kind == "entry.reversed", h.seq >= known.size).limit(1)
    return connection.scalar(after) is None


def _standing(row: BookRow, kind: str, start: int) -> tuple[ColumnElement[bool], ...]:
    """Say which entries of a kind count: from `start`, not reversed."""
    h, r = t.headers.c, t.headers.alias("r").c
    gone = select(cast(func.substr(r.subject, len("reversal:") + 1), BigInteger)).where(
        r.book_id == row.id, r.kind == "entry.reversed"
    )
    return h.book_id == row.id, h.kind == kind, h.seq >= start, h.seq.not_in(gone)


def _earliest(connection: Connection, row: BookRow, start: int) -> str | None:
    query = select(func.min(t.headers.c.dated)).where(*_standing(row, "donation.received", start))
    found: str | None = connection.scalar(query)
    return found


def _residents(connection: Connection, row: BookRow, start: int) -> int:
    """Add up what services say, in the database: no body leaves it."""
    e, h = t.entries.c, t.headers.c
    told: ColumnElement[Any]
    if connection.dialect.name == "sqlite":
        told = func.json_extract(cast(e.body, Text), "$.facts.residents")
    else:
        json = func.convert_from(e.body, "UTF8").op("::")(text("json"))
        told = cast(json.op("#>>")(text("'{facts,residents}'")), BigInteger)
    query = (
        select(func.sum(told))
        .select_from(t.headers)
        .join(t.entries, (e.book_id == h.book_id) & (e.seq == h.seq))
        .where(*_standing(row, "service.delivered", start))
    )
    return int(connection.scalar(query) or 0)
