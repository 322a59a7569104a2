"""What verification says."""

from collections.abc import Callable
from typing import NamedTuple

Progress = Callable[[int], None]
"""Told how many more entries were done."""


class Finding(NamedTuple):
    """Something that is not as the log says: which pass found it, at which entry, and the difference."""

    name: str
    seq: int | None
    difference: str

    def __str__(self) -> str:
        """Write the finding on one line."""
        where = "" if self.seq is None else f"entry {self.seq}: "
        return f"[{self.name}] {where}{self.difference}"
