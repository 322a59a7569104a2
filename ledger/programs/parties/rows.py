"""Rows of an address and a number as a table inside a statement, like `ledger.funds.rows` has them of numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_SQLITE = "SELECT json_extract(value, '$[0]') AS address, json_extract(value, '$[1]') AS lo FROM json_each(:given)"
_POSTGRESQL = (
    'SELECT * FROM unnest(CAST(:given AS text[]) COLLATE "C", CAST(:lows AS bigint[])) AS u (address, lo)'  # as stored
)


def read_by_addresses(
    connection: Connection, sql: str, rows: Sequence[tuple[str, int]], **more: int | str
) -> list[tuple[Any, ...]]:
    """Run a statement that reads (address, number) as `given (address, lo)`; nothing for no rows."""
    if not rows:
        return []
    values: dict[str, Any]
    if connection.dialect.name == "sqlite":
        given, values = _SQLITE, {"given": json.dumps([list(row) for row in rows])}
    else:
        given, values = _POSTGRESQL, {"given": [row[0] for row in rows], "lows": [row[1] for row in rows]}
    found = connection.execute(text(f"WITH given AS MATERIALIZED ({given}) {sql}"), {**values, **more})
    return [tuple(row) for row in found]
