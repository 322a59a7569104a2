"""Pages of services: the list, and one service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from ledger.programs import queries
from ledger.programs.listing import SORTS
from ledger.web import asked
from ledger.web.access import public
from ledger.web.pages import ServiceFilter
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("programs", __name__)


@blueprint.get("/<book>/services")
@public
def services(book: str) -> ResponseReturnValue:
    """Show the services of a book, filtered and sorted as asked."""
    chosen = ServiceFilter(
        community=asked.word("community") or None,
        kind=asked.word("kind") or None,
        year=asked.year(),
        search=asked.word("search"),
        sort=asked.choice("sort", SORTS) or SORTS[0],
    )
    with reading() as connection:
        page = queries.services_page(connection, book, chosen, asked.page())
    return render_template("programs/services.html", view=page)


@blueprint.get("/<book>/services/<path:code>")
@public
def service(book: str, code: str) -> ResponseReturnValue:
    """Show one service and what it is made of."""
    with reading() as connection:
        page = queries.service_page(connection, book, code)
    return render_template("programs/service.html", view=page)
