"""The grants of a fund as lines: what was paid is spent, returned or held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.funds.crossing import crossings
from ledger.funds.region import by_unit
from ledger.funds.sums import RESTING
from ledger.web.convert import day
from ledger.web.pages import GrantLine, Pager, Quantity, Ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.funds.crossing import Crossing
    from ledger.funds.region import Axis, Region
    from ledger.web.convert import Names
    from ledger.web.pages import Unit

SIZE = 20  # grants a page


def page_of_grants(region: Region, number: int) -> tuple[list[str], Pager]:
    """Choose the grants of a page, newest first."""
    pager = Pager.turned(number, SIZE, len(region.grants))
    return pager.cut(region.grants[::-1]), pager


def grant_lines(
    connection: Connection, book_id: int, region: Region, shown: list[str], names: Names, unit: Unit
) -> tuple[GrantLine, ...]:
    """Make a line of each grant shown, in two statements; a grant taken back before it was paid is left out."""
    axes = {axis.account: axis for axis in by_unit(region.axes).get(unit.code, ())}
    owners = {axes[grant].no: axes[grant].no for grant in shown if grant in axes}
    leaving, entering = crossings(connection, book_id, owners)
    moves = [*((c, True) for c in leaving), *((c, False) for c in entering)]
    lines = [_line(grant, axes.get(grant), moves, names, unit) for grant in shown if grant in names.objects]
    return tuple(line for line in lines if line.paid.amount or names.objects[line.grant.address].closed is None)


def _line(grant: str, axis: Axis | None, moves: Iterable[tuple[Crossing, bool]], names: Names, unit: Unit) -> GrantLine:
    known = names.objects[grant]
    own = [(crossing, out) for crossing, out in moves if axis is not None and crossing.owner == axis.no]
    paid, returned = paid_and_returned(own)
    held = axis.received - axis.given if axis is not None else 0
    parts = (known.facts.get("amount", 0), paid, paid - returned - held, returned, held)
    return GrantLine(
        names.ref(grant),
        names.other(grant, "organization") or Ref("organization:", ""),
        names.other(grant, "project"),
        day(known.body["dated"]),
        known.opened,
        *(Quantity(amount, unit) for amount in parts),
    )


def paid_and_returned(moves: Iterable[tuple[Crossing, bool]]) -> tuple[int, int]:
    """Add up what a grant was paid and what it gave back to funds; a reversal lessens what it reverses."""
    paid = returned = 0
    for crossing, out in moves:
        resting, undone = crossing.place.startswith((*RESTING, "source:")), crossing.undone is not None
        if resting and out == undone:
            paid += -crossing.amount if out else crossing.amount
        elif resting:
            returned += crossing.amount if out else -crossing.amount
    return paid, returned
