"""The log signs what it is, and refuses to sign what contradicts anything it signed before.

Outside the append transaction. What a crash leaves: before the head file is written, nothing; between it and the
commit, a head without a row, which the next run signs again, byte for byte (Ed25519 is deterministic).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from ledger.checkpoints.tables import checkpoints
from ledger.checkpoints.tree import catch_up, tree
from ledger.core.chain import stamp
from ledger.core.errors import ConflictError
from ledger.core.merkle import Frontier
from ledger.core.note import Checkpoint, Note, VerifierKey, open_checkpoint, parse
from ledger.journal.append import utc_now
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, octets

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from ledger.checkpoints.heads import Heads
    from ledger.core.note import Signer
    from ledger.core.tiles import Tree
    from ledger.journal.read import BookRow


class SplitViewError(ConflictError):
    """Find a log that is not a continuation of what was signed before."""

    status = 500


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint as it stands: what it says, when it was signed, and the note."""

    checkpoint: Checkpoint
    at: str
    note: str


def make_checkpoint(
    engine: Engine, book: str, signer: Signer, heads: Heads, *, clock: Callable[[], datetime] = utc_now
) -> Head | None:
    """Sign the log of a book as it is now; give the head that stands when there is nothing new, None while it is empty.

    Raise SplitViewError when the log, or the tree kept beside it, contradicts an earlier head: kept in the database or
    in the file outside it.
    """
    with heads.locked(book):
        with write_transaction(engine) as connection:
            row = find_book(connection, book)
            catch_up(connection, row.id, row.size)
        if not row.size:
            return None
        with write_transaction(engine) as connection:
            return _sign(connection, row, signer, heads, stamp(clock()))


def _sign(connection: Connection, row: BookRow, signer: Signer, heads: Heads, now: str) -> Head:
    grown = tree(connection, row.id, row.size)
    root = grown.root()
    if root != Frontier.decode(row.size, row.frontier).root():
        raise SplitViewError(
            "the entries of book '%(book)s' do not give the tree kept beside them; nothing is signed, verify the book",
            book=row.code,
        )
    newest = newest_head(connection, row.id)
    outside = heads.read(row.code)
    for before in (newest and newest.checkpoint, outside and Checkpoint.parse(parse(outside).text)):
        if before:
            _check_continues(connection, row, grown, before)
    found = Checkpoint(signer.key.name, row.size, root)
    if newest and newest.checkpoint == found and signer.key in parse(newest.note).signed_by([signer.key]):
        return newest
    note = str(Note(found.text, (signer.sign(found.text),)))
    heads.write(row.code, note)
    if newest is None or newest.checkpoint.size != row.size:
        connection.execute(insert(checkpoints).values(book_id=row.id, size=row.size, root=root, at=now, note=note))
    return Head(found, now, note)


def _check_continues(connection: Connection, row: BookRow, grown: Tree, before: Checkpoint) -> None:
    """Refuse a log that is shorter than, or began otherwise than, what was signed."""
    if before.size > grown.size:
        raise SplitViewError(
            "book '%(book)s' has %(size)s entries, but a head of %(signed)s was signed: entries are missing "
            "(an old backup?); nothing is signed, restore the newer database",
            book=row.code,
            size=grown.size,
            signed=before.size,
        )
    if tree(connection, row.id, before.size).root() != before.root:
        raise SplitViewError(
            "the first %(signed)s entries of book '%(book)s' are not those that were signed: the log was rewritten; "
            "nothing is signed, verify the book against a copy kept elsewhere",
            book=row.code,
            signed=before.size,
        )


def newest_head(connection: Connection, book_id: int, most: int | None = None) -> Head | None:
    """Read the newest checkpoint of a book, or the newest of at most `most` entries."""
    c = checkpoints.c
    query = select(c.size, c.root, c.at, c.note).where(c.book_id == book_id).order_by(c.size.desc()).limit(1)
    if most is not None:
        query = query.where(c.size <= most)
    return _head(connection.execute(query).one_or_none())


def covering_head(connection: Connection, book_id: int, seq: int, *, earliest: bool = False) -> Head | None:
    """Read the newest checkpoint, or the first, that covers an entry; None while none does."""
    c = checkpoints.c
    query = select(c.size, c.root, c.at, c.note).where(c.book_id == book_id, c.size > seq)
    return _head(connection.execute(query.order_by(c.size if earliest else c.size.desc()).limit(1)).one_or_none())


def _head(row: Row[int, bytes, str, str] | None) -> Head | None:
    if row is None:
        return None
    origin = Checkpoint.parse(parse(row.note).text).origin
    return Head(Checkpoint(origin, row.size, octets(row.root)), row.at, row.note)


def check_note(note: str, key: VerifierKey) -> Checkpoint:
    """Check a checkpoint of this log; raise NoteError."""
    return open_checkpoint(note, key)[0]
