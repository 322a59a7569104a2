"""The logs of an installation: where their keys and heads lie, what they are called, and signing those that grew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.checkpoints import keys
from ledger.checkpoints.heads import Heads
from ledger.checkpoints.rotation import earlier_keys
from ledger.checkpoints.sign import make_checkpoint, newest_head
from ledger.core.errors import LedgerError
from ledger.journal.read import find_book, list_books, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from ledger.checkpoints.sign import Head
    from ledger.core.note import Signer, VerifierKey


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of the books of an installation."""

    instance: Path
    public_url: str

    def origin(self, book: str) -> str:
        """Return what the log of a book is called."""
        return keys.origin_of(self.public_url, book)

    def signer(self, book: str) -> Signer:
        """Return what signs for a book."""
        return keys.signer(self.instance, self.origin(book), book)

    def keys(self, connection: Connection, book_id: int, book: str) -> list[VerifierKey]:
        """Return the verifier keys of a book's log, newest first."""
        return [self.signer(book).key, *earlier_keys(connection, book_id)]

    def sign(self, engine: Engine, book: str) -> Head | None:
        """Sign a book as it is now; see `make_checkpoint`."""
        return make_checkpoint(engine, book, self.signer(book), Heads(self.instance))

    def sign_all(self, engine: Engine, failed: Callable[[str, LedgerError], None]) -> list[tuple[str, Head]]:
        """Sign every book that has grown; one that is refused does not keep the others from it."""
        with snapshot(engine) as connection:
            grown = [
                row.code
                for row in list_books(connection)
                if (head := newest_head(connection, row.id)) is None or head.checkpoint.size != row.size
            ]
        signed = []
        for code in grown:
            try:
                head = self.sign(engine, code)
            except LedgerError as error:
                failed(code, error)
            else:
                if head:
                    signed.append((code, head))
        return signed

    def covers(self, engine: Engine, book: str) -> int:
        """Tell how many entries of a book the newest checkpoint covers."""
        with snapshot(engine) as connection:
            head = newest_head(connection, find_book(connection, book).id)
        return head.checkpoint.size if head else 0
