"""Find a gift by its tracking code: where it stands, what the ledger says of it, whether that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.core import canonical, tracking
from ledger.core.chain import leaf_hash, link, prev_of
from ledger.core.errors import CorruptError, NotFoundError
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.read import BookRow, find_book
from ledger.web.convert import book_ref
from ledger.web.pages import BookRef, Check

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.core.entry import Body


class Found(NamedTuple):
    """A donation: its book, its entry, its one flow as the projection has it, and whether the entry holds."""

    row: BookRow
    book: BookRef
    credit_code: str  # of the foundation; may be empty
    seq: int
    leaf: bytes
    body: Body
    taker: int  # axis
    at: int  # first position there
    amount: int
    intact: bool

    @property
    def flow(self) -> Body:
        """Return the flow as the entry states it."""
        flow: Body = self.body["flows"][0]
        return flow


class UnknownCodeError(NotFoundError):
    """Ask for a donation by a code that no book has."""


def find_gift(connection: Connection, code: str) -> Found:
    """Find the donation of a normalised tracking code over all books, in four statements."""
    found = lookup.find_subject(connection, f"donation:{tracking.digest(code)}")
    if found is None:
        raise UnknownCodeError("no book has a donation with this tracking code; compare it with the confirmation")
    row = find_book(connection, found.book)
    e, f = t.entries.c, t.flows.c
    near = {0, found.seq - 1, found.seq, found.seq + 1} - {-1}
    query = select(e.seq, e.leaf, e.body).where(e.book_id == row.id, lookup.among(connection, e.seq, near))
    stored = {seq: (bytes(leaf), bytes(body)) for seq, leaf, body in connection.execute(query)}
    flow = connection.execute(
        select(f.taker, f.in_at, f.amount).where(f.book_id == row.id, f.seq == found.seq)
    ).one_or_none()
    if flow is None or found.seq not in stored:
        raise CorruptError(
            "donation %(seq)s of book '%(code)s' has no flow; run `flask journal verify`",
            seq=found.seq,
            code=row.code,
        )
    leaf, body = stored[found.seq]
    opening = canonical.decode(stored[0][1])["facts"]
    return Found(
        row,
        book_ref(row, opening),
        str(opening.get("credit_code") or ""),
        found.seq,
        leaf,
        canonical.decode(body),
        *flow,
        _intact(row, found.seq, stored),
    )


def _intact(row: BookRow, seq: int, stored: dict[int, tuple[bytes, bytes]]) -> bool:
    """Hash the entry again, and see that it names the entry before it and is named by the one after it, or the head."""
    leaf, body = stored[seq]
    before = leaf_hash(stored[seq - 1][1]) if seq - 1 in stored else None
    named = prev_of(stored[seq + 1][1]) if seq + 1 in stored else link(row.head and bytes(row.head))
    return leaf_hash(body) == leaf and prev_of(body) == link(before) and named == leaf.hex()


def check_of(found: Found, now: datetime) -> Check:
    """Report the check that `find_gift` made."""
    return Check("leaf", found.intact, now)


def donor_of(connection: Connection, found: Found) -> str | None:
    """Read the donor's name from the side store; None when it was never given, or was erased."""
    p = t.private.c
    return connection.scalar(select(p.value).where(p.book_id == found.row.id, p.seq == found.seq, p.field == "donor"))
