"""`flask linkage`: bring the sums that the linkage's pages read up to the log."""

import click

from ledger.cli.common import Group, engine, json_option, progressing, show
from ledger.journal.read import find_book, list_books, snapshot
from ledger.programs.linkage.keeping import covered
from ledger.programs.linkage.keeping import refresh as read_on

group = Group("linkage", help="Keep the figures of the five-society linkage up with the ledger.")


@group.command("refresh")
@click.option("--book", metavar="B", help="Code of the book; all books when left out.")
@click.option("--anew", is_flag=True, help="Empty the sums and read every entry again.")
@json_option
def refresh(book: str | None, *, anew: bool, as_json: bool) -> None:
    """Read the entries that the sums have not yet, and count donors who came back.

    Pages read the newest entries by themselves; run this after a large import, and every night to count donors in a
    book with very many gifts.
    """
    with snapshot(engine()) as connection:
        rows = [find_book(connection, book)] if book else list_books(connection)
        left = {row.code: row.size - (0 if anew else covered(connection, row).upto) for row in rows}
    done = {}
    for code, entries in left.items():
        with progressing(entries, code, quiet=as_json) as progress:
            done[code] = read_on(engine(), code, anew=anew, progress=progress)
    text = "\n".join(f"{code}: {number:,} entries read" for code, number in done.items())
    show({"read": done}, lambda: text or "there is no book yet", as_json=as_json)
