"""`flask audit`: sign the logs, publish them as files, rotate their keys."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from flask import current_app

from ledger.checkpoints.clock import read_policy
from ledger.checkpoints.logs import Logs
from ledger.checkpoints.proofs import note_of
from ledger.checkpoints.publish import publish
from ledger.checkpoints.rotation import rotate
from ledger.cli.common import BY, Group, NotWell, book_option, engine, json_option, progressing, show
from ledger.journal.read import find_book, snapshot

if TYPE_CHECKING:
    from ledger.core.errors import LedgerError

group = Group("audit", help="Sign the logs, publish them as files, rotate their keys.")


def _logs() -> Logs:
    return Logs(Path(current_app.instance_path), current_app.config["SETTINGS"].public_url)


@group.command("checkpoint")
@json_option
def checkpoint(*, as_json: bool) -> None:
    """Sign every book that has grown since it was signed last."""
    refused: list[str] = []

    def failed(book: str, error: LedgerError) -> None:
        refused.append(f"{book}: {error}")

    signed = _logs().sign_all(engine(), failed)
    data = {"signed": [{"book": book, "size": head.checkpoint.size} for book, head in signed], "refused": refused}
    told = [f"{book}: {head.checkpoint.size:,} entries signed" for book, head in signed] or ["Nothing new to sign."]
    show(data, lambda: "\n".join(told), as_json=as_json)
    if refused:
        raise NotWell("\n".join(refused))


@group.command("publish")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@book_option
@json_option
def publish_(folder: Path, book: str, *, as_json: bool) -> None:
    """Write the signed log of a book into FOLDER as static files: only what is new; signs it first."""
    found = _logs()
    head = found.sign(engine(), book)
    if head is None:
        raise NotWell(f"Book '{book}' has no entries yet.")
    with snapshot(engine()) as connection:
        row = find_book(connection, book)
        keys = found.keys(connection, row.id, book)
        witnesses = [str(key) for key in read_policy(current_app.config["SETTINGS"].witness_policy).witnesses]
        note = note_of(connection, row.id, head.checkpoint.size)
        with progressing(head.checkpoint.size, book) as progress:
            written = publish(connection, row.id, note, keys, witnesses, folder, progress=progress)
    data = {"book": book, "size": head.checkpoint.size, "files": written, "key": str(keys[0])}
    show(data, lambda: f"{head.checkpoint.size:,} entries, {written:,} files written\nkey: {keys[0]}", as_json=as_json)


@group.command("rotate")
@book_option
@click.confirmation_option(prompt="A new key signs from now on; the old one endorses it on the ledger. Go on?")
def rotate_(book: str) -> None:
    """Make a new signing key for a book; the old one endorses it on the ledger."""
    found = _logs()
    found.sign(engine(), book)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    key = rotate(engine(), found.instance, found.origin(book), book, by=BY, dated=today)
    found.sign(engine(), book)
    click.echo(
        f"The log of '{book}' is signed with {key} from now on. Tell the witnesses and whoever keeps the old key."
    )
