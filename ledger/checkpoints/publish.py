"""Write the log of a book as static files, which any web server can serve and anybody can verify.

Each file is written whole under another name and then renamed; the checkpoint comes last, so that whoever reads it
finds every tile it needs. A run that was interrupted is taken up by the next one. Full tiles are never written again.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.checkpoints.tables import checkpoints
from ledger.checkpoints.tree import read_tile
from ledger.core.errors import ConflictError, LedgerError
from ledger.core.note import Checkpoint, open_checkpoint
from ledger.core.tiles import WIDTH, Tile, bundle, tiles_of
from ledger.journal.read import octets
from ledger.journal.tables import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from ledger.core.note import VerifierKey


class PublishError(ConflictError):
    """Publish into a folder that holds something else."""


def publish(
    connection: Connection,
    book_id: int,
    note: str,
    keys: Sequence[VerifierKey],
    witnesses: Iterable[str],
    folder: Path,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Publish the log up to a checkpoint (its note, with cosignatures); return how many files were written.

    `keys`: the log's verifier keys, newest first.
    """
    head = open_checkpoint(note, keys[0])[0]
    old = _published(folder, keys, head)
    written = 0
    for tile in tiles_of(head.size, old):
        path = folder / tile.path
        if tile.width < WIDTH or not path.exists():
            _write(path, tile_bytes(connection, book_id, tile))
            written += 1
        if tile.level < 0:
            progress(tile.width)
    written += _publish_checkpoints(connection, book_id, folder, head.size)
    _write(folder / "vkey", "".join(f"{key}\n" for key in keys).encode())
    _write(folder / "witnesses", "".join(f"{key}\n" for key in witnesses).encode())
    _write(folder / "checkpoint", note.encode())
    return written + 3


def tile_bytes(connection: Connection, book_id: int, tile: Tile) -> bytes:
    """Make the contents of a tile or an entry bundle, in one statement."""
    if tile.level >= 0:
        return b"".join(read_tile(connection, book_id, tile))
    e, first = entries.c, tile.number * WIDTH
    query = select(e.body).where(e.book_id == book_id, e.seq >= first, e.seq < first + tile.width).order_by(e.seq)
    return bundle(map(octets, connection.scalars(query)))


def _published(folder: Path, keys: Sequence[VerifierKey], head: Checkpoint) -> int:
    """Tell how many entries the folder holds already; raise PublishError when they are another log's."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "checkpoint"
    if not path.exists():
        if any(folder.iterdir()) and not (folder / "tile").is_dir():
            raise PublishError("the folder %(folder)s holds something else; choose an empty one", folder=folder)
        return 0
    note = path.read_bytes()
    for key in keys:
        try:
            before = open_checkpoint(note, key)[0]
        except LedgerError:
            continue
        if before.size <= head.size:
            return before.size
    raise PublishError("the folder %(folder)s holds another log, or a longer one; choose another", folder=folder)


def _publish_checkpoints(connection: Connection, book_id: int, folder: Path, size: int) -> int:
    c = checkpoints.c
    query = select(c.size, c.note).where(c.book_id == book_id, c.size <= size).order_by(c.size)
    sizes, written = [], 0
    for row in connection.execute(query):
        sizes.append(row.size)
        path = folder / "checkpoints" / str(row.size)
        if not path.exists():
            _write(path, row.note.encode())
            written += 1
    _write(folder / "checkpoints" / "index", "".join(f"{one}\n" for one in sizes).encode())
    return written


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
