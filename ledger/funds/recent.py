"""The newest entries and services of a fund, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from ledger.funds.rows import read_by_rows
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.carried import Kept, Shelf
from ledger.web.pages import Pager

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Select

    from ledger.funds.region import Axis

SIZE = 30  # entries a page
_TOUCHING = """
SELECT f.seq FROM given AS r CROSS JOIN flows AS f WHERE f.book_id = :book AND f.taker = r.no AND f.in_at >= 0 {only}
UNION
SELECT f.seq FROM given AS r CROSS JOIN flows AS f WHERE f.book_id = :book AND f.giver = r.no AND f.out_at >= 0
"""
_COUNT = "SELECT count(*) FROM (" + _TOUCHING.format(only="AND f.gift = 0") + ") AS touching"  # noqa: S608  # all ours
_NEWER = """
SELECT count(DISTINCT f.seq) FROM flows AS f CROSS JOIN given AS r
WHERE f.book_id = :book AND f.seq >= :least AND (f.gift = 0 AND f.taker + 0 = r.no OR f.giver + 0 = r.no)
"""
_SORTED = _TOUCHING.format(only="") + "ORDER BY seq DESC LIMIT :size OFFSET :skipped"
_SERVICES = """
SELECT a.account FROM given AS r CROSS JOIN flows AS f CROSS JOIN axes AS a
WHERE f.book_id = :book AND f.giver = r.no AND f.out_at >= 0 AND a.book_id = :book AND a.no = f.taker
  AND a.account LIKE 'service:%'
GROUP BY a.account ORDER BY max(f.seq) DESC LIMIT :size
"""
_FROM_THE_END = """
SELECT 'service:' || s.code AS account FROM services AS s
WHERE s.book_id = :book AND EXISTS (
  SELECT 1 FROM flows AS f WHERE f.book_id = :book AND f.seq = s.seq AND f.giver + 0 IN (SELECT no FROM given))
ORDER BY s.seq DESC LIMIT :size
"""
_shelf: Shelf[int] = Shelf(1_000)
MANY_SERVICES = 1000
MANY = 20_000  # entries of a fund from which the log is read backwards instead of all of the fund being sorted


def page_of_entries(connection: Connection, book_id: int, axes: list[Axis], number: int) -> tuple[list[int], Pager]:
    """Find the entries that moved units in or out of axes, newest first; beyond the last page, the last."""
    numbers = [axis.no for axis in axes]
    total = sum(axis.gifts for axis in axes) + count_moves(connection, book_id, numbers)
    pager = Pager.turned(number, SIZE, total)
    bounds = {"size": SIZE, "skipped": (pager.number - 1) * SIZE}
    if total > MANY:
        query = _backwards(connection, book_id, numbers)
        return list(connection.scalars(query.limit(SIZE).offset(bounds["skipped"]))), pager
    rows = read_by_rows(connection, _SORTED, ("no",), [(no,) for no in numbers], book=book_id, **bounds)
    return [seq for (seq,) in rows], pager


def count_moves(connection: Connection, book_id: int, numbers: Collection[int]) -> int:
    """Count the entries that touched axes and are no donations; each donation touches one, and is counted there.

    Carried from page to page: only newer entries are counted again. Two statements.
    """
    if not numbers:
        return 0
    key, given = frozenset(numbers), [(no,) for no in numbers]
    end, known = _shelf.read(connection, book_id, [key])
    before = known.get(key, Kept(-1, 0))
    if before.size < 0:
        rows = read_by_rows(connection, _COUNT, ("no",), given, book=book_id)
    else:
        rows = read_by_rows(connection, _NEWER, ("no",), given, book=book_id, least=before.size)
    count = before.value + int(rows[0][0])
    _shelf.keep(book_id, end, {key: count})
    return count


def _backwards(connection: Connection, book_id: int, numbers: Collection[int]) -> Select[tuple[int]]:
    """Read the flows from the newest back; adding zero keeps the database from choosing another way."""
    f = t.flows.c
    ours = or_(lookup.among(connection, f.taker + 0, numbers), lookup.among(connection, f.giver + 0, numbers))
    return select(f.seq).where(f.book_id == book_id, ours).distinct().order_by(f.seq.desc())


def newest_services(connection: Connection, book_id: int, axes: list[Axis], known: int, count: int) -> list[str]:
    """Find the codes of the services that units of axes went to last, newest first, whatever became of them.

    `known` is how many there are: of many, the newest are found from the end of the list of services.
    """
    given = [(axis.no,) for axis in axes if axis.given]
    sql = _FROM_THE_END if known > MANY_SERVICES else _SERVICES
    rows = read_by_rows(connection, sql, ("no",), given, book=book_id, size=count)
    return [account.partition(":")[2] for (account,) in rows]
