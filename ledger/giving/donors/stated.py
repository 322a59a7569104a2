"""The yearly statement of a donor, filled in from the ledgers and the side store."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.errors import NotFoundError, RuleError
from ledger.giving.donors.held import Wanted
from ledger.giving.donors.queries import my_page
from ledger.reports.figures import group_code
from ledger.reports.statement import Became, Foundation, Stated, Statement

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.giving.donors.queries import MyGift

MOST = 400  # gifts of one paper
END = 6  # symbols of a tracking code that are printed: its last group of four and the check


class Named(NamedTuple):
    """A statement and the name of its file, which holds no secret."""

    statement: Statement
    file: str


def read_statement(connection: Connection, wanted: Wanted, code_key: bytes, site: str) -> Named:
    """Fill in the statement of a year, over all books or of one; the names on it are those the gifts were given under.

    Raise NotFoundError for a year without gifts, RuleError for more of them than one paper has.
    """
    if wanted.year is None:
        raise NotFoundError("a statement is that of a year")
    ordered = Wanted(wanted.user, wanted.book, wanted.year, "book", descending=False)
    page = my_page(connection, ordered, 1, code_key, MOST)
    if not page.gifts:
        raise NotFoundError("your account holds no gift of %(year)s", year=wanted.year)
    if not page.whole:
        raise RuleError(
            "a statement has at most %(most)s gifts, yours of %(year)s has %(gifts)s; ask for one book, or take the "
            "list as a workbook",
            most=MOST,
            year=wanted.year,
            gifts=page.pager.total,
        )
    foundations = tuple(_foundation(list(gifts)) for _, gifts in groupby(page.gifts, lambda it: it.book.code))
    donors = tuple(dict.fromkeys(it.named.name for it in page.gifts if it.named and not it.undone))
    file = "-".join(filter(None, ("giving", wanted.book, str(wanted.year)))) + ".pdf"
    return Named(Statement(wanted.year, donors, foundations, site), file)


def _foundation(gifts: list[MyGift]) -> Foundation:
    place = gifts[0].place
    return Foundation(
        place.ref.foundation or place.ref.name,
        place.credit_code,
        place.ref.name,
        place.as_of,
        tuple(_stated(gift) for gift in gifts),
    )


def _stated(gift: MyGift) -> Stated:
    unit, flow = gift.quantity.unit, gift.body["flows"][0]
    return Stated(
        dated=gift.dated,
        fund=gift.fund.name or gift.fund.code,
        purpose=gift.earmark.name if gift.earmark else "",
        kind=unit.kind,
        amount=gift.quantity.amount,
        scale=unit.scale,
        item=unit.name if unit.kind == "goods" else "",
        measure=unit.measure if unit.kind == "goods" else "",
        value=flow.get("value"),
        code_end=group_code(gift.code)[-END:] if gift.code else "",
        entry=gift.seq,
        became=tuple(Became(share.bucket, share.quantity.amount) for share in gift.shares),
        undone=gift.undone,
    )
