"""What a reader sees at once of the long lists of a fund: its goods and its earmarks, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.units import CNY, HOUR
from ledger.web.pages import Pager

if TYPE_CHECKING:
    from ledger.funds.region import Axis, Region

EARMARKS, GOODS = 20, 20  # a page


class Chosen(NamedTuple):
    """What a reader asked for on the page of a fund: the page of each list, and goods by a part of their name."""

    entries: int = 1
    goods: int = 1
    earmarks: int = 1
    grants: int = 1
    named: str = ""


def goods_of(region: Region) -> dict[str, int]:
    """Count the gifts of each kind of goods that a region ever received."""
    gifts: dict[str, int] = defaultdict(int)
    for axis in region.axes:
        if axis.received and axis.unit not in {CNY.code, HOUR}:
            gifts[axis.unit] += axis.gifts
    return gifts


def page_of_goods(region: Region, chosen: Chosen) -> tuple[list[str], Pager]:
    """Choose the kinds of goods of a page: those given most often first, all or those with a word in their code."""
    gifts, word = goods_of(region), "_".join(chosen.named.split()).casefold()  # as codes are written
    found = sorted((code for code in gifts if word in code.casefold()), key=lambda code: (-gifts[code], code))
    pager = Pager.turned(chosen.goods, GOODS, len(found))
    return pager.cut(found), pager


def page_of_earmarks(region: Region, number: int) -> tuple[list[Axis], Pager]:
    """Choose the earmarks of a page: those that hold most, then those that received most."""
    own = [axis for axis in region.own() if axis.account.startswith("earmark:") and axis.received]
    own.sort(key=lambda axis: (axis.given - axis.received, -axis.received, axis.no))
    pager = Pager.turned(number, EARMARKS, len(own))
    return pager.cut(own), pager
