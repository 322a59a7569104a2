"""What a project has used, by budget line and unit: added up by the database over the entries that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select, text

from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.allocation.entries import after, standing
from ledger.programs.allocation.rows import fact

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

USES = ("service.delivered", "expense.recorded", "goods.issued")

# The lines of services: [{line, amount}] in facts.lines.
_LINES = """
SELECT {line}, CAST(sum({amount}) AS bigint)
FROM mentions AS m
JOIN headers AS h ON h.book_id = m.seq * 0 + :book AND h.seq = m.seq
JOIN entries AS e ON e.book_id = m.seq * 0 + :book AND e.seq = m.seq
CROSS JOIN {lines} AS l
WHERE m.book_id = :book AND m.address = :project AND h.kind = 'service.delivered'
  AND NOT EXISTS (
    SELECT 1 FROM objects AS o WHERE o.book_id = m.book_id AND o.address = 'reversal:' || CAST(h.seq AS text))
GROUP BY 1
"""
_LINES_SQLITE = _LINES.format(
    line="json_extract(l.value, '$.line')",
    amount="json_extract(l.value, '$.amount')",
    lines="json_each(CAST(e.body AS text), '$.facts.lines')",
)
_LINES_POSTGRES = _LINES.format(
    line="l.value ->> 'line'",
    amount="CAST(l.value ->> 'amount' AS bigint)",
    lines="LATERAL json_array_elements(coalesce(CAST(convert_from(e.body, 'UTF8') AS json) #> '{facts,lines}', '[]'))",
)


class Used(NamedTuple):
    """What a project used in one unit, by kind of entry."""

    kind: str
    unit: str
    amount: int
    entries: int


def used_by(connection: Connection, book_id: int, project: str) -> list[Used]:
    """Add up what standing services, expenses and issues of a project (address) used, in one statement."""
    m, h, f, a = t.mentions.c, t.headers.c, t.flows.c, t.axes.c
    query = (
        select(h.kind, a.unit, func.sum(f.amount), func.count(h.seq.distinct()))
        .select_from(t.mentions)
        .join(t.headers, (h.book_id == after(m.seq, book_id)) & (h.seq == m.seq))
        .join(t.flows, (f.book_id == after(m.seq, book_id)) & (f.seq == m.seq))
        .join(t.axes, (a.book_id == f.book_id) & (a.no == f.taker))
        .where(m.book_id == book_id, m.address == project, h.kind.in_(USES), standing(h.seq, book_id))
        .group_by(h.kind, a.unit)
        .order_by(h.kind, a.unit)
    )
    return [Used(row[0], row[1], int(row[2]), row[3]) for row in connection.execute(query)]


def by_line(connection: Connection, book_id: int, project: str) -> dict[str, int]:
    """Add up what services and expenses of a project (address) say they used of each budget line, in fen."""
    sql = _LINES_SQLITE if connection.dialect.name == "sqlite" else _LINES_POSTGRES
    sums = {row[0]: int(row[1]) for row in connection.execute(text(sql), {"book": book_id, "project": project})}
    m, h, e, f, a = t.mentions.c, t.headers.c, t.entries.c, t.flows.c, t.axes.c
    line = fact(connection, "line")
    query = (
        select(line, func.sum(f.amount))
        .select_from(t.mentions)
        .join(t.headers, (h.book_id == after(m.seq, book_id)) & (h.seq == m.seq))
        .join(t.entries, (e.book_id == after(m.seq, book_id)) & (e.seq == m.seq))
        .join(t.flows, (f.book_id == after(m.seq, book_id)) & (f.seq == m.seq))
        .join(t.axes, (a.book_id == f.book_id) & (a.no == f.taker) & (a.unit == "CNY"))
        .where(m.book_id == book_id, m.address == project, h.kind == "expense.recorded", standing(h.seq, book_id))
        .group_by(line)
    )
    for code, amount in connection.execute(query):
        if code is not None:
            sums[code] = sums.get(code, 0) + int(amount)
    return sums


def awarded_to(connection: Connection, book_id: int, projects: Collection[str]) -> dict[str, int]:
    """Add up the money awarded in standing grants of projects (addresses), in one statement."""
    if not projects:
        return {}
    m, h, e = t.mentions.c, t.headers.c, t.entries.c
    rows = (
        select(m.address, fact(connection, "amount"))
        .join(t.headers, (h.book_id == after(m.seq, book_id)) & (h.seq == m.seq))
        .join(t.entries, (e.book_id == after(m.seq, book_id)) & (e.seq == m.seq))
        .where(m.book_id == book_id, lookup.among(connection, m.address, set(projects)))
        .where(h.kind == "grant.awarded", fact(connection, "unit") == "CNY", standing(h.seq, book_id))
    )
    sums: dict[str, int] = {}
    for address, amount in connection.execute(rows):
        sums[address] = sums.get(address, 0) + int(amount)
    return sums


def took_part(connection: Connection, book_id: int, project: str) -> dict[str, int]:
    """Count in how many standing services of a project (address) each party took part; volunteers are left out."""
    m, h, other = t.mentions.c, t.headers.c, t.mentions.alias("other")
    query = (
        select(other.c.address, func.count())
        .select_from(t.mentions)
        .join(t.headers, (h.book_id == after(m.seq, book_id)) & (h.seq == m.seq))
        .join(other, (other.c.book_id == after(m.seq, book_id)) & (other.c.seq == m.seq))
        .where(m.book_id == book_id, m.address == project, h.kind == "service.delivered", standing(h.seq, book_id))
        .where(other.c.address.like("community:%") | other.c.address.like("organization:%"))
        .group_by(other.c.address)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
