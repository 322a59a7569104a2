"""What crosses the border of a region, added up by place; donations are left out: an axis knows their sum and number.

Carried from page to page: of an axis that was added up before, only the flows of newer entries are read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.funds.rows import read_by_rows
from ledger.journal.carried import Kept, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

SERVICES = "service:"


class Crossing(NamedTuple):
    """What went between the axes of one owner and one account outside (all services together: `service:`).

    `undone` is the kind of the entries that these flows reversed; None: they are no reversals.
    """

    owner: int
    unit: str
    place: str
    undone: str | None
    amount: int
    places: int  # different accounts
    flows: int
    newest: int  # entry


class _Went(NamedTuple):
    """What went between one axis and a place; `others` are the axes there."""

    amount: int
    flows: int
    newest: int
    others: frozenset[int]


_Key = tuple[bool, str, str, str | None]  # out (or into), unit, place, kind undone
_Sums = dict[_Key, _Went]

_FLOWS = """
SELECT r.no, {out} AS out, a.unit, a.account, d.kind, f.{far} AS other,
       CAST(sum(f.amount) AS bigint), count(*), max(f.seq)
FROM {tables} CROSS JOIN axes AS a
LEFT JOIN headers AS h
  ON f.designated IS NOT NULL AND h.book_id = f.book_id AND h.seq = f.seq AND h.kind = 'entry.reversed'
LEFT JOIN headers AS d ON h.seq IS NOT NULL AND d.book_id = f.book_id AND d.seq = f.designated
WHERE f.book_id = :book AND {which} AND a.book_id = :book AND a.no = f.{far}
GROUP BY r.no, a.unit, a.account, d.kind, f.{far}
"""
_ALL = "given AS r CROSS JOIN flows AS f"
_NEW = "flows AS f CROSS JOIN given AS r"
_SINCE = "f.seq >= :least AND f.gift = 0 AND r.low >= 0 AND f.seq >= r.low"  # adding zero keeps to that order
_BOTH = " UNION ALL ".join(
    (
        _FLOWS.format(out=1, far="taker", tables=_ALL, which="r.low < 0 AND f.giver = r.no AND f.out_at >= 0"),
        _FLOWS.format(
            out=0, far="giver", tables=_ALL, which="r.low < 0 AND f.taker = r.no AND f.in_at >= 0 AND f.gift = 0"
        ),
        _FLOWS.format(out=1, far="taker", tables=_NEW, which=f"{_SINCE} AND f.giver + 0 = r.no"),
        _FLOWS.format(out=0, far="giver", tables=_NEW, which=f"{_SINCE} AND f.taker + 0 = r.no"),
    )
)
_shelf: Shelf[_Sums] = Shelf()


def crossings(connection: Connection, book_id: int, owners: Mapping[int, int]) -> tuple[list[Crossing], list[Crossing]]:
    """Add up flows out of axes, and into them without donations, by owner and place; in two statements.

    `owners` gives each axis the number under which its flows are added up.
    """
    if not owners:
        return [], []
    end, known = _shelf.read(connection, book_id, owners)
    lows = {no: known[no].size if no in known else -1 for no in owners}
    least = min((low for low in lows.values() if low >= 0), default=end.size)
    rows = read_by_rows(connection, _BOTH, ("no", "low"), list(lows.items()), book=book_id, least=least)
    sums = _added({no: known.get(no, Kept(-1, {})).value for no in owners}, rows)
    _shelf.keep(book_id, end, sums)
    found = _by_owner(sums, owners)
    return [c for out, c in found if out], [c for out, c in found if not out]


def _added(
    known: Mapping[int, _Sums], rows: Iterable[tuple[int, int, str, str, str | None, int, int, int, int]]
) -> dict[int, _Sums]:
    """Add new flows to what is known, which stays as it is."""
    sums = {no: dict(kept) for no, kept in known.items()}
    fresh: dict[tuple[int, _Key], list[tuple[int, int, int, int]]] = defaultdict(list)
    for no, out, unit, account, undone, *went in rows:
        place = SERVICES if account.startswith(SERVICES) else account
        fresh[no, (bool(out), unit, place, undone)].append((went[0], went[1], went[2], went[3]))
    for (no, key), flows in fresh.items():
        before = sums[no].get(key, _Went(0, 0, -1, frozenset()))
        sums[no][key] = _Went(
            before.amount + sum(amount for _, amount, _, _ in flows),
            before.flows + sum(count for _, _, count, _ in flows),
            max(before.newest, *(newest for *_, newest in flows)),
            before.others.union(other for other, *_ in flows),
        )
    return sums


def _by_owner(sums: Mapping[int, _Sums], owners: Mapping[int, int]) -> list[tuple[bool, Crossing]]:
    """Put the axes of an owner together."""
    grouped: dict[tuple[int, _Key], list[_Went]] = defaultdict(list)
    for no, kept in sums.items():
        for key, went in kept.items():
            grouped[owners[no], key].append(went)
    return [
        (
            out,
            Crossing(
                owner,
                unit,
                place,
                undone,
                sum(went.amount for went in all_),
                len(frozenset[int]().union(*(went.others for went in all_))) if len(all_) > 1 else len(all_[0].others),
                sum(went.flows for went in all_),
                max(went.newest for went in all_),
            ),
        )
        for (owner, (out, unit, place, undone)), all_ in grouped.items()
    ]
