"""Rows of numbers as a table inside a statement: one parameter or two, however many rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, BigInteger, bindparam, cast, column, func, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Subquery


def number_rows(connection: Connection, names: Sequence[str], rows: Sequence[Sequence[int]]) -> Subquery:
    """Give rows of integers as a subquery whose columns have these names."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps([list(row) for row in rows])).table_valued("value")
        parts = [cast(func.json_extract(listed.c.value, f"$[{at}]"), BigInteger) for at in range(len(names))]
        return select(*(part.label(name) for part, name in zip(parts, names, strict=True))).subquery()
    arrays = [bindparam(None, [row[at] for row in rows], type_=ARRAY(BigInteger)) for at in range(len(names))]
    listed = func.unnest(*arrays).table_valued(*(column(name, BigInteger) for name in names)).render_derived()
    return select(*(listed.c[name] for name in names)).subquery()
