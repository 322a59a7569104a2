"""Pages of the ledger: the list of entries, one entry, and its exact bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, url_for

from ledger.audit import queries
from ledger.checkpoints.status import read_status
from ledger.journal import lookup
from ledger.journal.read import find_book, list_books
from ledger.web import asked
from ledger.web.access import public
from ledger.web.convert import read_book
from ledger.web.pages import LedgerFilter
from ledger.web.reading import reading
from ledger.web.signing import logs, policy

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("audit", __name__)

FOREVER = "public, max-age=31536000, immutable"


@blueprint.get("/<book>/ledger")
@public
def ledger(book: str) -> ResponseReturnValue:
    """Show the entries of a book, newest first."""
    number, since, until = asked.page(), asked.day("since"), asked.day("until")
    with reading() as connection:
        kinds = lookup.kinds_of(connection, find_book(connection, book).id)
        chosen = LedgerFilter(asked.choice("kind", kinds), since, until)
        page = queries.ledger_page(connection, book, chosen, number)
        row = find_book(connection, book)
        status = read_status(connection, row.id, logs().signer(row.code).key, policy())
    return render_template("journal/ledger.html", view=page, status=status)


@blueprint.get("/ledger")
@public
def ledgers() -> ResponseReturnValue:
    """Show the state of the only book's log, or of each."""
    with reading() as connection:
        rows = list_books(connection)
        if len(rows) == 1:
            return redirect(url_for("audit.ledger", book=rows[0].code), 303)
        known = [(read_book(connection, row.code)[1], row) for row in rows]
        found = [
            (book, row.size, read_status(connection, row.id, logs().signer(row.code).key, policy()))
            for book, row in known
        ]
    return render_template("journal/ledgers.html", logs=found)


@blueprint.get("/<book>/ledger/<int:seq>")
@public
def entry(book: str, seq: int) -> ResponseReturnValue:
    """Show one entry."""
    with reading() as connection:
        page = queries.entry_page(connection, book, seq)
    return render_template("journal/entry.html", view=page)


@blueprint.get("/<book>/ledger/<int:seq>.json")
@blueprint.get("/<book>/ledger/<int:seq>/body")
@public
def body(book: str, seq: int) -> ResponseReturnValue:
    """Send the exact bytes of an entry's body: its leaf is SHA-256(0x00 ‖ these bytes)."""
    with reading() as connection:
        stored = queries.read_stored(connection, find_book(connection, book), seq)
    response = Response(stored.body, mimetype="application/json")
    response.headers["Cache-Control"] = FOREVER
    response.set_etag(stored.leaf.hex())
    return response
