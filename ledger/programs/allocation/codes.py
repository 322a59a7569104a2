"""Codes of new objects, proposed to whoever fills in a form: N2026-001, N2026-002 and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ledger.journal import tables as t

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

DIGITS = 3


def next_code(connection: Connection, book_id: int, kind: str, letter: str, today: date) -> str:
    """Propose the next code of a type in this year; somebody else may take it before it is used."""
    stem, o = f"{letter}{today.year}-", t.objects.c
    query = (
        select(o.address)
        .where(o.book_id == book_id, o.address >= f"{kind}:{stem}0", o.address < f"{kind}:{stem}:")
        .order_by(func.length(o.address).desc(), o.address.desc())
        .limit(1)
    )
    last = (connection.scalar(query) or "").removeprefix(f"{kind}:{stem}")
    return f"{stem}{int(last) + 1 if last.isdigit() else 1:0{DIGITS}}"
