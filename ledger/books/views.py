"""First pages: the installation's and each book's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from ledger.books.queries import home_page, index_page, only_book
from ledger.web.access import public
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("books", __name__)


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    """Show the only book's home, or the list of books."""
    with reading() as connection:
        code = only_book(connection)
        page = index_page(connection) if code is None else home_page(connection, code)
    return render_template("books/index.html" if code is None else "books/home.html", view=page)


@blueprint.get("/<book>/")
@public
def home(book: str) -> ResponseReturnValue:
    """Show a book's home."""
    with reading() as connection:
        page = home_page(connection, book)
    return render_template("books/home.html", view=page)
