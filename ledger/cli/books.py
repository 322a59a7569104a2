"""`flask books`: open and list books."""

import click

from ledger.books.actions import open_book
from ledger.books.opening.actions import check_code
from ledger.cli.common import Group, act, engine, json_option, show
from ledger.journal.append import writing
from ledger.journal.read import list_books, snapshot

group = Group("books", help="Open and list books.")


@group.command("open")
@click.argument("book")
@click.option("--name", required=True, help="Name of the book, as readers see it.")
@click.option(
    "--foundation", default="", help="Legal name of the foundation that keeps it; the book's name if not given."
)
@click.option("--credit-code", default="", help="Unified social credit code of the foundation.")
@json_option
def open_(book: str, name: str, foundation: str, credit_code: str, *, as_json: bool) -> None:
    """Open BOOK with the units, sources, outcomes and places that every foundation has."""
    with writing(engine(), check_code(book)) as writer:
        made = open_book(writer, act("open"), name, foundation=foundation, credit_code=credit_code)
    show(
        {"book": book, "name": name, "leaf": made.leaf.hex()},
        lambda: f"Book '{book}' ({name}) is open; its first entry is {made.leaf.hex()}.",
        as_json=as_json,
    )


@group.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the books and where their logs end."""
    with snapshot(engine()) as connection:
        books = list_books(connection)
    rows = [{"book": b.code, "entries": b.size, "head": b.head.hex() if b.head else None} for b in books]
    show(
        {"books": rows},
        lambda: (
            "\n".join(f"{r['book']:20} {r['entries']:>10} entries  {r['head']}" for r in rows) or "There is no book."
        ),
        as_json=as_json,
    )
