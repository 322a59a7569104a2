"""Rows of numbers as a table inside a statement: one parameter or a few, however many rows.

Statements that begin with such rows are written out, with CROSS JOIN: SQLite then keeps the order in which they are
written, and walks from the rows to the flows by index. Left to itself it may begin with all flows of the book.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def read_by_rows(
    connection: Connection, sql: str, names: Sequence[str], rows: Sequence[Sequence[int]], **more: int
) -> list[tuple[Any, ...]]:
    """Run a statement that reads rows of integers as `given`, with these column names; nothing for no rows.

    Conditions like `f.in_at >= 0` in such statements are always true: they tell SQLite which index to take.
    """
    if not rows:
        return []
    if connection.dialect.name == "sqlite":
        columns = ", ".join(f"json_extract(value, '$[{at}]') AS {name}" for at, name in enumerate(names))
        given = f"SELECT {columns} FROM json_each(:given)"  # noqa: S608  # names are ours
        values: dict[str, Any] = {"given": json.dumps([list(row) for row in rows])}
    else:
        arrays = ", ".join(f"CAST(:given_{name} AS bigint[])" for name in names)
        given = f"SELECT * FROM unnest({arrays}) AS u ({', '.join(names)})"  # noqa: S608
        values = {f"given_{name}": [row[at] for row in rows] for at, name in enumerate(names)}
    found = connection.execute(text(f"WITH given AS MATERIALIZED ({given}) {sql}"), {**values, **more})
    return [tuple(row) for row in found]
