"""Lists of services: which ones fit what was asked, how many there are, and what can be asked for.

Read from the projection `services`, by index; only a search for words and the order by residents read it all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, or_, select, text

from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import name_of
from ledger.web.pages import Pager, Ref

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select
    from sqlalchemy.sql.elements import ColumnElement

    from ledger.web.pages import ServiceFilter

SIZE = 20  # services a page
SHOWN = 5  # smaller groups are shown as "<5", and sorted as equals
SORTS = ("newest", "oldest", "residents")


# Each value is found from the one before it: as many steps as there are values, however many services.
_STEPS = """
WITH RECURSIVE step (value) AS (
  SELECT min({value}) FROM services WHERE book_id = :book
  UNION ALL
  SELECT (SELECT min({value}) FROM services AS s WHERE s.book_id = :book AND s.{column} > {above}) FROM step
  WHERE step.value IS NOT NULL
)
SELECT value FROM step WHERE value IS NOT NULL
"""
_KINDS = text(_STEPS.format(value="kind", column="kind", above="step.value"))
_YEARS = text(_STEPS.format(value="dated", column="dated", above="substr(step.value, 1, 4) || '-99'"))


class Choices(NamedTuple):
    """What services can be filtered by."""

    communities: tuple[Ref, ...]
    kinds: tuple[str, ...]
    years: tuple[int, ...]


def find(connection: Connection, book_id: int, chosen: ServiceFilter, number: int) -> tuple[list[str], Pager]:
    """Find the codes of a page of services; beyond the last page, the last."""
    total = connection.scalar(_fitting(select(func.count()), book_id, chosen)) or 0
    pager = Pager.turned(number, SIZE, total)
    query = _fitting(select(t.services.c.code), book_id, chosen).order_by(*_order(chosen.sort))
    return list(connection.scalars(query.limit(SIZE).offset((pager.number - 1) * SIZE))), pager


def choices(connection: Connection, book_id: int) -> Choices:
    """List what the services of a book can be filtered by."""
    communities = lookup.objects_of(connection, book_id, "community").values()
    kinds = connection.scalars(_KINDS, {"book": book_id})
    years = connection.scalars(_YEARS, {"book": book_id})
    return Choices(
        tuple(Ref(known.address, name_of(known.facts)) for known in communities),
        tuple(sorted(kind for kind in kinds if kind)),
        tuple(sorted((int(day[:4]) for day in years), reverse=True)),
    )


def _fitting(query: Select[Any], book_id: int, chosen: ServiceFilter) -> Select[Any]:
    s = t.services.c
    query = query.where(s.book_id == book_id)
    if chosen.community:
        query = query.where(s.community == chosen.community)
    if chosen.kind:
        query = query.where(s.kind == chosen.kind)
    if chosen.year:
        query = query.where(s.dated >= f"{chosen.year:04}-01-01", s.dated <= f"{chosen.year:04}-12-31")
    if chosen.search:
        words = (s.title.icontains(chosen.search, autoescape=True), s.code.icontains(chosen.search, autoescape=True))
        query = query.where(or_(*words))
    return query


def _order(sort: str) -> tuple[ColumnElement[Any], ...]:
    s = t.services.c
    newest = (s.dated.desc(), s.seq.desc())
    if sort == "oldest":
        return s.dated.asc(), s.seq.asc()
    if sort == "residents":
        return case((s.residents < SHOWN, SHOWN - 1), else_=s.residents).desc(), *newest
    return newest
