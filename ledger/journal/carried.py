"""Sums over a log that only grows, kept in memory from page to page.

A sum up to entry `size` holds for ever, as long as it is the same log: the hash of its last entry is kept beside it and
looked up each time, so another database, or a book loaded anew, is never mistaken for it. What came since is added.
Nothing here outlives the process, and nothing is lost with it but the time to add up again.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from sqlalchemy import select

from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.read import octets

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from sqlalchemy import Connection, Select

MOST = 4_000  # sums kept of a kind
FAR = 5_000  # entries; a sum that is further behind is made anew

V = TypeVar("V")


class End(NamedTuple):
    """Where a log ends: how many entries, and the hash of the last."""

    size: int
    leaf: bytes


class Kept(NamedTuple, Generic[V]):
    """A sum over the entries below `size`. The value is never changed in place."""

    size: int
    value: V


class Shelf(Generic[V]):
    """Sums of one kind, of all books; those not asked for longest go first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[int, Hashable], tuple[End, V]] = OrderedDict()
        self._lock = Lock()

    def read(
        self, connection: Connection, book_id: int, keys: Iterable[Hashable]
    ) -> tuple[End, dict[Hashable, Kept[V]]]:
        """Give the end of a book and what is kept of this very log and not too far behind, in one statement."""
        with self._lock:
            held = {key: self._kept[book_id, key] for key in keys if (book_id, key) in self._kept}
        end, leaves = _leaves(connection, book_id, {at.size for at, _ in held.values()})
        fit = {
            key: Kept(at.size, value)
            for key, (at, value) in held.items()
            if end.size - FAR <= at.size <= end.size and leaves.get(at.size) == at.leaf
        }
        return end, fit

    def keep(self, book_id: int, end: End, values: Mapping[Any, V]) -> None:
        """Keep sums up to the end of a book."""
        with self._lock:
            for key, value in values.items():
                self._kept[book_id, key] = end, value
                self._kept.move_to_end((book_id, key))
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


_counts: Shelf[int] = Shelf()


def count_entries(connection: Connection, book_id: int, key: Hashable, query: Select[tuple[int]]) -> int:
    """Count the headers that a query (`select(count(*))` with its conditions) counts, only the newer ones again.

    `key` says what is counted; in two statements.
    """
    end, known = _counts.read(connection, book_id, [key])
    before = known.get(key, Kept(0, 0))
    count = before.value + (connection.scalar(query.where(t.headers.c.seq >= before.size)) or 0)
    _counts.keep(book_id, end, {key: count})
    return count


def _leaves(connection: Connection, book_id: int, sizes: set[int]) -> tuple[End, dict[int, bytes]]:
    """Read where a book ends, and the hash of the last entry of each size."""
    b, e = t.books.c, t.entries.c
    asked = (e.book_id == b.id) & lookup.among(connection, e.seq, {size - 1 for size in sizes} or {-1})
    query = select(b.size, b.head, e.seq, e.leaf).outerjoin_from(t.books, t.entries, asked).where(b.id == book_id)
    rows = connection.execute(query).all()
    end = End(rows[0].size, octets(rows[0].head) if rows[0].head is not None else b"")
    return end, {row.seq + 1: octets(row.leaf) for row in rows if row.seq is not None}
