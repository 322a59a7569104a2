"""How many donors came back: counted by name in the side store, on the server; no name leaves it, none is kept here.

A donor is a name as given with a gift. Two people of one name count as one, one person of two names as two, and gifts
without a name are not counted at all: pages say how many those are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select, text

from ledger.programs.linkage import tables as own

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOBODY = ("爱心人士", "爱心人", "匿名", "匿名人士", "无名氏", "anonymous", "Anonymous")
"""What stands in the place of a name."""

_STANDING = """
NOT EXISTS (SELECT 1 FROM objects AS o WHERE o.book_id = h.book_id AND o.address = 'reversal:' || h.seq)
"""
_GIFTS = text(f"""
SELECT substr(h.dated, 1, 4), count(*) FROM headers AS h
WHERE h.book_id = :book AND h.kind = 'donation.received' AND {_STANDING} GROUP BY 1
""")  # noqa: S608  # all ours
_DONORS = text(f"""
WITH given AS (
  SELECT trim(p.value) AS who, h.dated AS dated
  FROM private AS p JOIN headers AS h ON h.book_id = p.book_id AND h.seq = p.seq
  WHERE p.book_id = :book AND p.field = 'donor' AND h.kind = 'donation.received'
    AND trim(p.value) <> '' AND p.value NOT IN ({", ".join(f"'{name}'" for name in NOBODY)}) AND {_STANDING}
), began AS (SELECT who, min(dated) AS dated FROM given GROUP BY who),
yearly AS (
  SELECT substr(dated, 1, 4) AS year, who, max(dated) AS latest, count(*) AS gifts FROM given GROUP BY 1, 2
)
SELECT y.year, CAST(sum(y.gifts) AS bigint), count(*),
       CAST(sum(CASE WHEN y.latest > b.dated THEN 1 ELSE 0 END) AS bigint)
FROM yearly AS y JOIN began AS b ON b.who = y.who GROUP BY y.year
""")  # noqa: S608  # all ours


class Year(NamedTuple):
    """A year's gifts: how many, how many with a name, different names, and names that had given on an earlier day."""

    year: str
    gifts: int
    named: int
    donors: int
    again: int


def count(connection: Connection, book_id: int) -> None:
    """Count the donors of a book anew: reads all its gifts."""
    gifts = {year: int(number) for year, number in connection.execute(_GIFTS, {"book": book_id})}
    found = {year: tuple(map(int, rest)) for year, *rest in connection.execute(_DONORS, {"book": book_id})}
    connection.execute(delete(own.donors).where(own.donors.c.book_id == book_id))
    rows = [Year(year, number, *found.get(year, (0, 0, 0))) for year, number in gifts.items()]
    if rows:
        connection.execute(insert(own.donors), [{"book_id": book_id, **row._asdict()} for row in rows])


def years(connection: Connection, book_id: int) -> list[Year]:
    """Read what was counted last, newest year first."""
    d = own.donors.c
    query = select(d.year, d.gifts, d.named, d.donors, d.again).where(d.book_id == book_id).order_by(d.year.desc())
    return [Year(*row) for row in connection.execute(query)]
