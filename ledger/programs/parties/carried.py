"""Tallies, and what flowed through grants, kept in memory from page to page.

A tally up to entry `size` holds for ever, as long as it is the same log: the hash of its last entry is kept beside it
and looked up each time, so another database, or a book loaded anew, is never mistaken for it. Nothing here outlives
the process, and nothing is lost with it but the time to add up again.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.parties.flows import Flow, flows_of, flows_since
from ledger.programs.parties.tally import Span, Tally, tally_between

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

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
    leaves = _leaves(connection, row.id, {one.size - 1 for one in kept.values()})
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


class KeptFlows(NamedTuple):
    """What flowed through an axis up to an entry: amounts by (account, other, unit, out), and that entry's hash."""

    size: int
    leaf: bytes
    sums: Counter[tuple[str, str, str, bool]]


_flows: OrderedDict[tuple[str, int], KeptFlows] = OrderedDict()


def carried_flows(connection: Connection, row: BookRow, owners: Mapping[int, int]) -> list[Flow]:
    """Give what flowed through axes up to the end of the book, by owner: at most five statements."""
    if not owners or row.head is None:
        return []
    known = _known_flows(connection, row, owners)
    sums = {no: Counter(known[no].sums) if no in known else Counter() for no in owners}
    fresh = {no: no for no in owners if no not in known}
    for flow in flows_of(connection, row.id, fresh, Span(row.size)) if fresh else ():
        sums[flow.owner][flow.account, flow.other, flow.unit, flow.out] += flow.amount
    lows = {no: one.size for no, one in known.items() if one.size < row.size}
    numbers = {(account, unit): no for no, one in known.items() for account, _, unit, _ in one.sums}
    for flow in flows_since(connection, row.id, lows, row.size) if lows else ():
        no = numbers.get((flow.account, flow.unit))
        if no is not None:
            sums[no][flow.account, flow.other, flow.unit, flow.out] += flow.amount
    with _lock:
        for no, found in sums.items():
            _flows[row.code, no] = KeptFlows(row.size, bytes(row.head), found)
            _flows.move_to_end((row.code, no))
        while len(_flows) > MOST:
            _flows.popitem(last=False)
    return [Flow(owners[no], *key, amount) for no, found in sums.items() for key, amount in found.items() if amount]


def _known_flows(connection: Connection, row: BookRow, axes: Iterable[int]) -> dict[int, KeptFlows]:
    """Choose what is kept of this very log; an axis that nothing flowed through is read anew."""
    with _lock:
        kept = {no: _flows[row.code, no] for no in axes if (row.code, no) in _flows}
    kept = {no: one for no, one in kept.items() if one.size <= row.size and one.sums}
    leaves = _leaves(connection, row.id, {one.size - 1 for one in kept.values()})
    return {no: one for no, one in kept.items() if leaves.get(one.size - 1) == one.leaf}


def _leaves(connection: Connection, book_id: int, seqs: Collection[int]) -> dict[int, bytes]:
    e = t.entries.c
    query = select(e.seq, e.leaf).where(e.book_id == book_id, lookup.among(connection, e.seq, seqs))
    return {seq: bytes(leaf) for seq, leaf in connection.execute(query)}
