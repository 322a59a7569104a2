"""Lists of services: which ones fit what was asked, how many there are, and what can be asked for.

What a list is filtered by is read from the bodies, in the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Integer, Text, case, cast, func, or_, select

from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import name_of
from ledger.web.pages import Pager, Ref

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, Subquery
    from sqlalchemy.sql.elements import ColumnElement

    from ledger.web.pages import ServiceFilter

SIZE = 20  # services a page
SHOWN = 5  # smaller groups are shown as "<5", and sorted as equals
SORTS = ("newest", "oldest", "residents")


class Choices(NamedTuple):
    """What services can be filtered by."""

    communities: tuple[Ref, ...]
    kinds: tuple[str, ...]
    years: tuple[int, ...]


def services_of(connection: Connection, book_id: int) -> Subquery:
    """Give the delivered services of a book as rows (seq, dated, code, kind, title, community, residents)."""
    h, e = t.headers.c, t.entries.c
    fact = _sqlite_fact if connection.dialect.name == "sqlite" else _postgresql_fact
    return (
        select(
            h.seq,
            h.dated,
            *(fact(name).label(name) for name in ("code", "kind", "title", "community")),
            cast(fact("residents"), BigInteger).label("residents"),
        )
        .join(t.entries, (e.book_id == h.book_id) & (e.seq == h.seq))
        .where(h.book_id == book_id, h.kind == "service.delivered")
        .subquery()
    )


def _sqlite_fact(name: str) -> ColumnElement[Any]:
    return func.json_extract(cast(t.entries.c.body, Text), f"$.facts.{name}")


def _postgresql_fact(name: str) -> ColumnElement[Any]:
    body = cast(func.convert_from(t.entries.c.body, "UTF8"), JSON)
    return func.json_extract_path_text(body, "facts", name)


def find(connection: Connection, book_id: int, chosen: ServiceFilter, number: int) -> tuple[list[str], Pager]:
    """Find the codes of a page of services; beyond the last page, the last."""
    s = services_of(connection, book_id)
    total = connection.scalar(_fitting(select(func.count()).select_from(s), s, chosen)) or 0
    pager = Pager(number, SIZE, total)
    if number > pager.last:
        pager = Pager(pager.last, SIZE, total)
    query = _fitting(select(s.c.code), s, chosen).order_by(*_order(s, chosen.sort))
    return list(connection.scalars(query.limit(SIZE).offset((pager.number - 1) * SIZE))), pager


def choices(connection: Connection, book_id: int) -> Choices:
    """List what the services of a book can be filtered by."""
    s = services_of(connection, book_id)
    communities = lookup.objects_of(connection, book_id, "community").values()
    kinds = connection.scalars(select(s.c.kind).distinct())
    years = connection.scalars(select(cast(func.substr(s.c.dated, 1, 4), Integer)).distinct())
    return Choices(
        tuple(Ref(known.address, name_of(known.facts)) for known in communities),
        tuple(sorted(kind for kind in kinds if kind)),
        tuple(sorted(years, reverse=True)),
    )


def _fitting(query: Select[Any], s: Subquery, chosen: ServiceFilter) -> Select[Any]:
    if chosen.community:
        query = query.where(s.c.community == chosen.community)
    if chosen.kind:
        query = query.where(s.c.kind == chosen.kind)
    if chosen.year:
        query = query.where(s.c.dated >= f"{chosen.year:04}-01-01", s.c.dated <= f"{chosen.year:04}-12-31")
    if chosen.search:
        words = (
            s.c.title.icontains(chosen.search, autoescape=True),
            s.c.code.icontains(chosen.search, autoescape=True),
        )
        query = query.where(or_(*words))
    return query


def _order(s: Subquery, sort: str) -> tuple[ColumnElement[Any], ...]:
    newest = (s.c.dated.desc(), s.c.seq.desc())
    if sort == "oldest":
        return s.c.dated.asc(), s.c.seq.asc()
    if sort == "residents":
        return case((s.c.residents < SHOWN, SHOWN - 1), else_=s.c.residents).desc(), *newest
    return newest
