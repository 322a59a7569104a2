"""The ledger as it is read: entries newest first, and one entry with the proof that it is what it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from ledger.core import canonical
from ledger.core.chain import leaf_hash, link
from ledger.core.errors import NotFoundError
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.carried import count_entries
from ledger.journal.read import Stored, read_entry
from ledger.web.convert import Names, ledger_state, read_book
from ledger.web.lines import Record, addresses_of, entry_lines, line_of, seqs_down
from ledger.web.pages import Check, EntryPage, FlowRow, LedgerPage, Pager, PostingRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Select

    from ledger.core.entry import Body
    from ledger.journal.read import BookRow
    from ledger.web.pages import LedgerFilter, Quantity

SIZE = 50  # entries a page
SHORT = 100  # days; a period as short is read whole and sorted, instead of the log being walked back to it


def ledger_page(connection: Connection, code: str, chosen: LedgerFilter, number: int) -> LedgerPage:
    """Read a page of entries, the newest first; beyond the last page, the last."""
    row, book = read_book(connection, code)
    pager = Pager.turned(number, SIZE, _count(connection, row, chosen))
    lines = entry_lines(connection, row.id, list(_seqs(connection, row, chosen, pager)))
    return LedgerPage(book, ledger_state(row), lines, pager, chosen, lookup.kinds_of(connection, row.id))


def _count(connection: Connection, row: BookRow, chosen: LedgerFilter) -> int:
    """Count the entries chosen; all of them are known without counting."""
    if chosen == type(chosen)():
        return row.size
    key = (chosen.kind, str(chosen.since), str(chosen.until))
    return count_entries(connection, row.id, key, _chosen(select(func.count()), row.id, chosen))


def _seqs(connection: Connection, row: BookRow, chosen: LedgerFilter, pager: Pager) -> Iterable[int]:
    """List the numbers of the entries of a page."""
    skipped = (pager.number - 1) * pager.size
    if chosen == type(chosen)():
        return seqs_down(row.size - 1 - skipped, pager.size)
    h = t.headers.c
    short = chosen.since and chosen.until and (chosen.until - chosen.since).days <= SHORT
    order = (h.seq + 0 if short else h.seq).desc()  # adding zero keeps the database from walking the log
    query = _chosen(select(h.seq), row.id, chosen).order_by(order)
    return connection.scalars(query.limit(pager.size).offset(skipped))


def _chosen(query: Select[tuple[int]], book_id: int, chosen: LedgerFilter) -> Select[tuple[int]]:
    h = t.headers.c
    query = query.where(h.book_id == book_id)
    if chosen.kind:
        query = query.where(h.kind == chosen.kind)
    if chosen.since:
        query = query.where(h.dated >= chosen.since.isoformat())
    if chosen.until:
        query = query.where(h.dated <= chosen.until.isoformat())
    return query


class Neighbours(NamedTuple):
    """What the chain says around an entry: hash of the one before it, `_prev` of the one after it."""

    before: str
    after: str


def read_stored(connection: Connection, row: BookRow, seq: int) -> Stored:
    """Read an entry of a book as stored; raise NotFoundError."""
    if not 0 <= seq < row.size:
        raise NotFoundError(
            "book '%(code)s' has no entry %(seq)s; its entries are 0 to %(last)s",
            code=row.code,
            seq=seq,
            last=row.size - 1,
        )
    return read_entry(connection, row.id, seq)


def entry_page(connection: Connection, code: str, seq: int) -> EntryPage:
    """Read one entry with everything needed to check it; raise NotFoundError."""
    row, book = read_book(connection, code)
    stored = read_stored(connection, row, seq)
    body = canonical.decode(stored.body)
    names = Names(connection, row.id, addresses_of(body))
    reversed_by = lookup.reversals(connection, row.id, {seq}).get(seq)
    return EntryPage(
        book=book,
        line=line_of(Record(stored.leaf, body), names, reversed_by),
        flows=_flows(body, names),
        postings=tuple(
            PostingRow(names.ref(p["account"]), names.quantity(p["amount"], p["unit"])) for p in body["postings"]
        ),
        by=body["by"],
        approved_by=body["approved_by"],
        ref=body["ref"],
        body=stored.body.decode(),
        pretty=json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True),
        length=len(stored.body),
        previous_hash=body["_prev"],
        previous=seq - 1 if seq else None,
        next=seq + 1 if seq + 1 < row.size else None,
        check=check_leaf(stored, body["_prev"], _neighbours(connection, row, seq)),
    )


def _flows(body: Body, names: Names) -> tuple[FlowRow, ...]:
    return tuple(
        FlowRow(
            giver=names.ref(flow["from"]),
            out=flow["out"],
            receiver=names.ref(flow["to"]),
            in_=flow["in"],
            quantity=names.quantity(flow["amount"], flow["unit"]),
            value=_value(flow, names),
            of=flow.get("of"),
        )
        for flow in body["flows"]
    )


def _value(flow: Body, names: Names) -> Quantity | None:
    return names.quantity(flow["value"], "CNY") if "value" in flow else None


def _neighbours(connection: Connection, row: BookRow, seq: int) -> Neighbours:
    """Read what the entries around one say of it; at the end of the log, the book's head."""
    e = t.entries.c
    query = select(e.seq, e.leaf, e.body).where(e.book_id == row.id, e.seq.in_((seq - 1, seq + 1)))
    found = {other.seq: other for other in connection.execute(query)}
    before = link(bytes(found[seq - 1].leaf)) if seq - 1 in found else link(None)
    after = canonical.decode(bytes(found[seq + 1].body))["_prev"] if seq + 1 in found else link(row.head)
    return Neighbours(before, after)


def check_leaf(stored: Stored, prev: str, around: Neighbours | None = None) -> Check:
    """Hash the body again and hold it against the stored leaf and, when given, against both neighbours."""
    leaf = leaf_hash(stored.body)
    passed = leaf == stored.leaf and (around is None or (around.before, around.after) == (prev, leaf.hex()))
    return Check("leaf", passed, datetime.now(UTC))
