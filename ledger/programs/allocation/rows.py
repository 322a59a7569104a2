"""Objects of one type as a list: chosen, put in order and cut by the database, by facts of the entries they stand in.

For objects there are few of (needs, grants, projects): a choice by a fact reads the entry of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Text, cast, exists, false, func, literal_column, or_, select

from ledger.core import canonical
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.lookup import Object

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

o, e = t.objects.c, t.entries.c


def fact(connection: Connection, *path: str, body: ColumnElement[Any] | None = None) -> ColumnElement[str]:
    """Give a fact of the entry that describes an object, as text; `path` goes into facts."""
    column = e.body if body is None else body
    if connection.dialect.name == "sqlite":
        inside: ColumnElement[str] = func.json_extract(
            cast(column, Text), literal_column(f"'$.facts.{'.'.join(path)}'")
        )
        return inside
    steps: list[ColumnElement[Any]] = [literal_column(f"'{step}'") for step in ("facts", *path)]
    found: ColumnElement[str] = func.json_extract_path_text(cast(func.convert_from(column, "UTF8"), JSON), *steps)
    return found


def names(address: str) -> ColumnElement[bool]:
    """Say that the entry that describes an object names another."""
    m = t.mentions.c
    return exists().where(m.book_id == o.book_id, m.address == address, m.seq == o.latest)


def names_any(connection: Connection, addresses: Collection[str]) -> ColumnElement[bool]:
    """Say that the entry that describes an object names one of some others; of none, it does not."""
    m = t.mentions.c
    if not addresses:
        return false()
    return exists().where(
        m.book_id == o.book_id, m.seq == o.latest, lookup.among(connection, m.address, set(addresses))
    )


def has_words(connection: Connection, words: str, *facts: str) -> ColumnElement[bool]:
    """Say that a code or one of some facts contains words."""
    texts = [o.address, *(fact(connection, name) for name in facts)]
    return or_(*(text.icontains(words, autoescape=True) for text in texts))


@dataclass(frozen=True, slots=True)
class Selection:
    """The objects of a type that fit."""

    connection: Connection
    book_id: int
    kind: str
    where: tuple[ColumnElement[bool], ...] = ()

    def _of(self, query: Select[Any]) -> Select[Any]:
        joined = query.join(t.entries, (e.book_id == o.book_id) & (e.seq == o.latest)) if self.where else query
        return joined.where(o.book_id == self.book_id, lookup.of_type(o.address, self.kind), *self.where)

    def count(self) -> int:
        """Count them."""
        return self.connection.scalar(self._of(select(func.count()).select_from(t.objects))) or 0

    def read(self, order: Sequence[ColumnElement[Any]], limit: int, offset: int = 0) -> list[Object]:
        """Read a part of them in an order; of equals the newest first."""
        query = self._of(select(o.address, o.opened, o.latest, o.closed, e.body).select_from(t.objects))
        if not self.where:
            query = query.join(t.entries, (e.book_id == o.book_id) & (e.seq == o.latest))
        rows = self.connection.execute(query.order_by(*order, o.opened.desc()).limit(limit).offset(offset))
        return [Object(row[0], row[1], row[2], row[3], canonical.decode(bytes(row[4]))) for row in rows]


def ordered(column: ColumnElement[Any], *, descending: bool) -> ColumnElement[Any]:
    """Put a column in an order."""
    return column.desc() if descending else column.asc()
