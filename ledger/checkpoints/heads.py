"""The last head that was signed, outside the database: `<instance>/heads/<book>.note`.

It is written before the checkpoint is stored, so that a crash between the two leaves a head that the log still has
to be consistent with; signing again gives the same bytes. A lock file keeps two processes from signing at once.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "heads"


class Heads:
    """The heads of the books of an installation."""

    def __init__(self, instance: Path) -> None:
        self._folder = instance / FOLDER

    def read(self, book: str) -> str | None:
        """Read the last note that was signed for a book."""
        path = self._path(book)
        return path.read_text() if path.exists() else None

    def write(self, book: str, note: str) -> None:
        """Replace the last note: whole or not at all, and on the disk when this returns."""
        path = self._path(book)
        temporary = path.with_suffix(".new")
        with temporary.open("w") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def locked(self, book: str) -> Iterator[None]:
        """Keep other processes from signing for a book meanwhile."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path(book).with_suffix(".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _path(self, book: str) -> Path:
        return self._folder / f"{book}.note"
