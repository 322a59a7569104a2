"""Proofs for people: that an entry is in the log, that the log only grew, and slips that hold both.

A proof leads to the newest checkpoint; an entry that no checkpoint covers yet has none, and says when it will.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.checkpoints.sign import covering_head
from ledger.checkpoints.tables import checkpoints, cosignatures
from ledger.checkpoints.tree import tree
from ledger.core.errors import NotFoundError
from ledger.core.note import Signature, parse
from ledger.core.slip import Entry, Opening, Slip
from ledger.core.tiles import Proof
from ledger.journal import tables as t
from ledger.journal.read import octets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from ledger.core.note import VerifierKey


class NotCoveredError(NotFoundError):
    """Ask for the proof of an entry that no checkpoint covers yet."""

    def __init__(self, seq: int) -> None:
        super().__init__("no checkpoint covers entry %(seq)s yet; one is signed every minute, ask again soon", seq=seq)


def note_of(connection: Connection, book_id: int, size: int) -> str:
    """Return the note of a checkpoint with the cosignatures that have come; raise NotFoundError."""
    c = checkpoints.c
    note = connection.scalar(select(c.note).where(c.book_id == book_id, c.size == size))
    if note is None:
        raise NotFoundError("there is no checkpoint of %(size)s entries", size=size)
    g = cosignatures.c
    query = select(g.line).where(g.book_id == book_id, g.size == size).order_by(g.at, g.witness)
    return str(parse(note).plus(_signatures(connection.scalars(query))))


def _signatures(lines: Iterable[str]) -> list[Signature]:
    return [signature for line in lines for signature in parse(f"-\n\n{line}\n").signatures]


def proof_of(connection: Connection, book_id: int, seq: int) -> Proof:
    """Prove that an entry is in the log of the newest checkpoint; raise NotCoveredError."""
    head = covering_head(connection, book_id, seq)
    if head is None:
        raise NotCoveredError(seq)
    size = head.checkpoint.size
    path = tree(connection, book_id, size).inclusion_proof(seq)
    return Proof(seq, path, note_of(connection, book_id, size))


def consistency_of(connection: Connection, book_id: int, old: int, new: int) -> tuple[bytes, ...]:
    """Prove that the log of one checkpoint begins with that of an earlier one."""
    return tree(connection, book_id, new).consistency_proof(old)


def sizes(connection: Connection, book_id: int, most: int) -> Sequence[int]:
    """List the sizes of the newest checkpoints, newest first."""
    c = checkpoints.c
    query = select(c.size).where(c.book_id == book_id).order_by(c.size.desc()).limit(most)
    return connection.scalars(query).all()


def make_slip(
    connection: Connection,
    book_id: int,
    seqs: Sequence[int],
    key: VerifierKey,
    witnesses: Sequence[str] = (),
    *,
    private: Sequence[int] = (),
    earliest: bool = False,
) -> Slip:
    """Make the slip of some entries; those in `private` with what opens their commitments.

    The proofs lead to the newest checkpoint or, with `earliest`, to the first that covers them all, so that the same
    slip is made again later. Raise NotCoveredError when none covers them yet.
    """
    e = t.entries.c
    rows = connection.execute(select(e.seq, e.body).where(e.book_id == book_id, e.seq.in_(seqs)).order_by(e.seq)).all()
    held = _openings(connection, book_id, private)
    head = covering_head(connection, book_id, max(seqs), earliest=earliest)
    if head is None:
        raise NotCoveredError(max(seqs))
    size = head.checkpoint.size
    grown, note = tree(connection, book_id, size), note_of(connection, book_id, size)
    entries = tuple(
        Entry(
            row.seq,
            octets(row.body).decode(),
            tuple(held.get(row.seq, ())),
            str(Proof(row.seq, grown.inclusion_proof(row.seq), note)),
        )
        for row in rows
    )
    return Slip(head.checkpoint.origin, str(key), tuple(witnesses), entries)


def _openings(connection: Connection, book_id: int, seqs: Sequence[int]) -> dict[int, list[Opening]]:
    p = t.private.c
    query = select(p.seq, p.field, p.salt, p.value).where(p.book_id == book_id, p.seq.in_(seqs)).order_by(p.field)
    held: dict[int, list[Opening]] = {}
    for row in connection.execute(query) if seqs else ():
        held.setdefault(row.seq, []).append(Opening(row.field, octets(row.salt), row.value))
    return held
