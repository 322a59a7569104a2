"""Pages of funds: the list, and one fund."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from ledger.funds import queries
from ledger.funds.lists import Chosen
from ledger.web import asked
from ledger.web.access import public
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("funds", __name__)


@blueprint.get("/<book>/funds")
@public
def funds(book: str) -> ResponseReturnValue:
    """Show the funds of a book."""
    with reading() as connection:
        page = queries.funds_page(connection, book)
    return render_template("funds/list.html", view=page)


@blueprint.get("/<book>/funds/<code>")
@public
def fund(book: str, code: str) -> ResponseReturnValue:
    """Show one fund, each of its lists at the page asked for."""
    chosen = Chosen(
        entries=asked.page(),
        goods=asked.page("goods"),
        earmarks=asked.page("earmarks"),
        grants=asked.page("grants"),
        named=asked.word("named"),
    )
    with reading() as connection:
        page = queries.fund_page(connection, book, code, chosen)
    return render_template("funds/fund.html", view=page)
