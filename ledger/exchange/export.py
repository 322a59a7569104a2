"""Write a book into a folder: its log as JSON lines, and an hledger journal."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from sqlalchemy import Connection

from ledger.core import canonical
from ledger.core.entry import Body
from ledger.exchange.hledger import journal
from ledger.journal.findings import Progress
from ledger.journal.read import BookRow, scan


def export_book(connection: Connection, row: BookRow, folder: Path, progress: Progress) -> list[Path]:
    """Write `<book>.jsonl` (each line an exact entry body) and `<book>.journal`; return their paths.

    Both are written beside their names first and take them at the end: a reader never meets half a file.
    """
    paths = [folder / f"{row.code}.jsonl", folder / f"{row.code}.journal"]
    drafts = [path.with_name(path.name + ".new") for path in paths]
    with drafts[0].open("wb") as lines, drafts[1].open("w", encoding="utf-8") as text:
        _write(text, _bodies(connection, row, lines, progress))
    for draft, path in zip(drafts, paths, strict=True):
        draft.replace(path)
    return paths


def _bodies(connection: Connection, row: BookRow, lines: BinaryIO, progress: Progress) -> Iterator[Body]:
    """Yield the entries, writing each as a line on the way."""
    for batch in scan(connection, row.id):
        for stored in batch:
            lines.write(stored.body + b"\n")
            yield canonical.decode(stored.body)
        progress(len(batch))


def _write(text: TextIO, bodies: Iterator[Body]) -> None:
    text.writelines(journal(bodies))
