"""The donation confirmation of a gift, filled in from the ledger and the side store."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ledger.core.errors import ConflictError
from ledger.giving.find import donor_of, find_gift
from ledger.journal import lookup
from ledger.reports.confirmation import Confirmation
from ledger.web.convert import Names, day, moment

if TYPE_CHECKING:
    from sqlalchemy import Connection


class TakenBackError(ConflictError):
    """Ask for the confirmation of a donation that was reversed."""


class Named(NamedTuple):
    """A confirmation and the name of its file, which holds no secret."""

    confirmation: Confirmation
    file: str


def read_confirmation(connection: Connection, code: str, address: str) -> Named:
    """Fill in the confirmation of a normalised tracking code; `address` is that of its trace page, complete.

    The donor's name is on it, consent or not: who has the code holds the donor's own paper.
    """
    found = find_gift(connection, code)
    undone = lookup.reversals(connection, found.row.id, {found.seq}).get(found.seq)
    if undone:
        raise TakenBackError(
            "donation %(seq)s was taken back by entry %(undone)s; there is nothing to confirm. If that is a mistake, "
            "ask the foundation.",
            seq=found.seq,
            undone=undone.seq,
        )
    flow = found.flow
    names = Names(connection, found.row.id, {flow["to"], f"unit:{flow['unit']}"})
    unit, earmarked = names.unit(flow["unit"]), flow["to"].startswith("earmark:")
    taker = names.ref(flow["to"])
    fund = (names.other(flow["to"], "fund") if earmarked else None) or taker
    confirmation = Confirmation(
        donor=donor_of(connection, found),
        kind=unit.kind,
        amount=flow["amount"],
        fund=fund.name or fund.code,
        dated=day(found.body["dated"]),
        recorded=moment(found.body["recorded"]),
        foundation=found.book.foundation or found.book.name,
        tracking_code=code,
        address=address,
        book=found.book.name,
        entry=found.seq,
        leaf=found.leaf.hex(),
        scale=unit.scale,
        item=unit.name if unit.kind == "goods" else "",
        measure=unit.measure if unit.kind == "goods" else "",
        value=flow.get("value"),
        purpose=taker.name if earmarked else None,
        credit_code=found.credit_code or None,
        handler=found.body["by"],
    )
    return Named(confirmation, f"{found.row.code}-{found.seq}.pdf")
