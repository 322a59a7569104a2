"""The tree of a book, from the leaves in its log and the stored roots of full tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from ledger.checkpoints.tables import nodes
from ledger.core.tiles import HEIGHT, WIDTH, Tile, Tree, fold
from ledger.journal.read import octets
from ledger.journal.tables import entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

TILES = 64  # read at a time while catching up: 16,384 leaves


def tree(connection: Connection, book_id: int, size: int) -> Tree:
    """Give the tree of the first `size` entries; the tiles it needs must have been stored by `catch_up`."""
    return Tree(size, lambda tile: read_tile(connection, book_id, tile))


def read_tile(connection: Connection, book_id: int, tile: Tile) -> list[bytes]:
    """Read the hashes of a tile, in one statement."""
    return hashes(connection, book_id, tile.level, tile.number * WIDTH, tile.width)


def hashes(connection: Connection, book_id: int, level: int, first: int, count: int) -> list[bytes]:
    """Read consecutive hashes of a level: leaf hashes of entries on level 0, roots of full tiles above."""
    if level == 0:
        e = entries.c
        query = select(e.leaf).where(e.book_id == book_id, e.seq >= first, e.seq < first + count).order_by(e.seq)
    else:
        n = nodes.c
        which = (n.book_id == book_id) & (n.level == level) & (n.number >= first) & (n.number < first + count)
        query = select(n.hash).where(which).order_by(n.number)
    return [octets(hash_) for hash_ in connection.scalars(query)]


def catch_up(connection: Connection, book_id: int, size: int) -> None:
    """Store the roots of the tiles that have become full since the last time, in a writing transaction."""
    level = 1
    while size >> (HEIGHT * level):
        _catch_up(connection, book_id, level, size >> (HEIGHT * level))
        level += 1


def _catch_up(connection: Connection, book_id: int, level: int, full: int) -> None:
    n = nodes.c
    known = select(func.count()).select_from(nodes).where(n.book_id == book_id, n.level == level)
    done: int = connection.scalar(known) or 0
    while done < full:
        count = min(TILES, full - done)
        below = hashes(connection, book_id, level - 1, done * WIDTH, count * WIDTH)
        rows = [
            {"book_id": book_id, "level": level, "number": done + n, "hash": root}
            for n, root in enumerate(_roots(below))
        ]
        connection.execute(insert(nodes), rows)
        done += count


def _roots(row: Sequence[bytes]) -> list[bytes]:
    return [fold(row[at : at + WIDTH]) for at in range(0, len(row), WIDTH)]
