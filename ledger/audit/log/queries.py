"""What the pages of the signed log show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.checkpoints.proofs import consistency_of, note_of, sizes
from ledger.core.errors import LedgerError, NotFoundError
from ledger.core.merkle import verify_consistency
from ledger.core.note import Checkpoint, parse
from ledger.web.convert import read_book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from ledger.web.pages import BookRef

SHOWN = 50  # checkpoints to choose from


@dataclass(frozen=True, slots=True)
class GrowthPage:
    """Two checkpoints, and the proof that the later log begins with the earlier one, checked just now."""

    book: BookRef
    old: int
    new: int
    roots: tuple[str, str]
    proof: tuple[str, ...]
    passed: bool
    sizes: Sequence[int]


def growth_page(connection: Connection, code: str, old: int | None, new: int | None) -> GrowthPage:
    """Read and check the growth between two checkpoints; without sizes, between the newest two."""
    row, book = read_book(connection, code)
    known = sizes(connection, row.id, SHOWN)
    if not known:
        raise NotFoundError("the log of book '%(book)s' has not been signed yet; ask again in a minute", book=code)
    later = known[0] if new is None else new
    before = next((size for size in known if size < later), later) if old is None else old
    first, second = (
        Checkpoint.parse(parse(note_of(connection, row.id, size)).text) for size in sorted((before, later))
    )
    proof = consistency_of(connection, row.id, first.size, second.size)
    try:
        verify_consistency(first.size, second.size, first.root, second.root, proof)
        passed = True
    except LedgerError:
        passed = False
    hashes = tuple(each.hex() for each in proof)
    return GrowthPage(book, first.size, second.size, (first.root.hex(), second.root.hex()), hashes, passed, known)
