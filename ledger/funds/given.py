"""Donations of axes added up by source, carried from page to page: only newer entries are read again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.funds.rows import read_by_rows
from ledger.journal.carried import Kept, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.funds.region import Axis

_GIFTS = """
SELECT r.no, a.unit, a.account, CAST(sum(f.amount) AS bigint), count(*)
FROM {tables} CROSS JOIN axes AS a
WHERE f.book_id = :book AND f.gift = 1 AND {which} AND a.book_id = :book AND a.no = f.giver
GROUP BY r.no, a.unit, a.account
"""
_BOTH = " UNION ALL ".join(
    (
        _GIFTS.format(tables="given AS r CROSS JOIN flows AS f", which="r.low < 0 AND f.taker = r.no AND f.in_at >= 0"),
        _GIFTS.format(
            tables="flows AS f CROSS JOIN given AS r",
            which="f.seq >= :least AND r.low >= 0 AND f.seq >= r.low AND f.taker + 0 = r.no",
        ),
    )
)


class Given(NamedTuple):
    """What a source gave: the amount, and in how many donations."""

    amount: int
    gifts: int


_shelf: Shelf[dict[tuple[str, str], Given]] = Shelf()


def gifts_by_source(connection: Connection, book_id: int, axes: Iterable[Axis]) -> dict[tuple[str, str], Given]:
    """Add up the donations laid on axes by unit and source, in two statements."""
    numbers = [axis.no for axis in axes if axis.gifts]
    if not numbers:
        return {}
    end, known = _shelf.read(connection, book_id, numbers)
    lows = {no: known[no].size if no in known else -1 for no in numbers}
    least = min((low for low in lows.values() if low >= 0), default=end.size)
    sums = {no: dict(known.get(no, Kept(-1, {})).value) for no in numbers}
    for no, unit, source, amount, gifts in read_by_rows(
        connection, _BOTH, ("no", "low"), list(lows.items()), book=book_id, least=least
    ):
        before = sums[no].get((unit, source), Given(0, 0))
        sums[no][unit, source] = Given(before.amount + amount, before.gifts + gifts)
    _shelf.keep(book_id, end, sums)
    found: dict[tuple[str, str], Given] = defaultdict(lambda: Given(0, 0))
    for kept in sums.values():
        for key, (amount, gifts) in kept.items():
            found[key] = Given(found[key].amount + amount, found[key].gifts + gifts)
    return dict(found)
