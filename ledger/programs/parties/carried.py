"""Tallies kept in memory from page to page.

A tally up to entry `size` holds for ever, as long as it is the same log: the hash of its last entry is kept beside it
and looked up each time, so another database, or a book loaded anew, is never mistaken for it. Nothing here outlives
the process, and nothing is lost with it but the time to add up again.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.parties.tally import Span, Tally, tally_between

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from ledger.journal.read import BookRow

MOST = 2_000  # addresses kept


class Kept(NamedTuple):
    """A tally up to an entry, and the hash of the entry before that."""

    size: int
    leaf: bytes
    tally: Tally


Key = tuple[str, str, str, str]  # code of the book, address, first and last day
_kept: OrderedDict[Key, Kept] = OrderedDict()
_lock = Lock()


def tallies(
    connection: Connection, row: BookRow, addresses: Collection[str], since: str = "", until: str = "~"
) -> dict[str, Tally]:
    """Give the tallies of addresses up to the end of the book, in three statements; of a period or of all time."""
    if not addresses or row.head is None:
        return {address: Tally() for address in addresses}
    keys = {address: (row.code, address, since, until) for address in addresses}
    known = _known(connection, row, keys)
    lows = {address: known[address].size if address in known else 0 for address in addresses}
    found = tally_between(connection, row.id, lows, Span(row.size, since, until))
    made = {address: known[address].tally.add(new) if address in known else new for address, new in found.items()}
    _keep(row, {keys[address]: tally for address, tally in made.items()})
    return made


def _known(connection: Connection, row: BookRow, keys: dict[str, Key]) -> dict[str, Kept]:
    """Choose what is kept of this very log."""
    with _lock:
        kept = {address: _kept[key] for address, key in keys.items() if key in _kept}
    e = t.entries.c
    wanted = {one.size - 1 for one in kept.values()}
    query = select(e.seq, e.leaf).where(e.book_id == row.id, lookup.among(connection, e.seq, wanted))
    leaves = {seq: bytes(leaf) for seq, leaf in connection.execute(query)}
    same = {address: one for address, one in kept.items() if leaves.get(one.size - 1) == one.leaf}
    return {address: one for address, one in same.items() if one.size <= row.size}


def _keep(row: BookRow, made: dict[Key, Tally]) -> None:
    assert row.head is not None  # noqa: S101  # an empty book has nothing to keep
    with _lock:
        for key, tally in made.items():
            _kept[key] = Kept(row.size, bytes(row.head), tally)
            _kept.move_to_end(key)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
