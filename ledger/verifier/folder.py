"""A published tree on the disk: its checkpoint, tiles and entry bundles, read one at a time."""

from collections.abc import Iterator
from pathlib import Path

from ledger.core.errors import NotFoundError
from ledger.core.tiles import WIDTH, Tile, hashes_of, unbundle


class Folder:
    """Reads a published tree of `size` entries."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def text(self, name: str) -> str:
        """Read a text file; raise NotFoundError."""
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise NotFoundError("the folder has no readable '%(name)s'", name=name) from error

    def checkpoints(self) -> dict[int, str]:
        """Read every checkpoint, by size as its name says."""
        folder = self.path / "checkpoints"
        names = [path.name for path in folder.iterdir() if path.name.isdigit()] if folder.is_dir() else []
        return {int(name): self.text(f"checkpoints/{name}") for name in sorted(names, key=int)}

    def bundles(self, size: int, *, tiles: bool = True) -> Iterator[tuple[list[bytes], list[bytes] | None]]:
        """Read the entries of each bundle in order, and the leaf hashes of the tile beside it."""
        for number in range(-(-size // WIDTH)):
            width = min(WIDTH, size - number * WIDTH)
            bodies = unbundle(self._bytes(Tile(-1, number, width)), width)
            yield bodies, (self.hashes(Tile(0, number, width)) if tiles else None)

    def entry(self, seq: int, size: int) -> bytes:
        """Read one entry."""
        number = seq // WIDTH
        width = min(WIDTH, size - number * WIDTH)
        return unbundle(self._bytes(Tile(-1, number, width)), width)[seq % WIDTH]

    def hashes(self, tile: Tile) -> list[bytes]:
        """Read the hashes of a tile."""
        return hashes_of(self._bytes(tile), tile.width)

    def _bytes(self, tile: Tile) -> bytes:
        try:
            return (self.path / tile.path).read_bytes()
        except OSError as error:
            raise NotFoundError("the folder has no '%(name)s'", name=tile.path) from error
