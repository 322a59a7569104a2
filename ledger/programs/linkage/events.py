"""The events of a community's or a project's year: one by one while there is room for that, else by month."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.journal import tables as t
from ledger.programs.linkage import tables as own
from ledger.programs.linkage.pages import Event, Tracks
from ledger.programs.linkage.scoring import total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from ledger.programs.linkage.scoring import Tally

MOST = 150  # dots of single services


def tracks_of(
    connection: Connection, book_id: int, where: tuple[str, str], months: Mapping[str, Tally], year: str, fund: str = ""
) -> Tracks | None:
    """Make the tracks of a year; `where` is ("community" or "project", code), `months` its tallies by month."""
    of_year = {month: tally for month, tally in months.items() if month[:4] == year}
    tally = total(of_year.values())
    if not tally.services:
        return None
    gathered = tuple(
        Event(date.fromisoformat(f"{month}-01"), mask, 0, number)
        for month, part in sorted(of_year.items())
        for mask, number in sorted(part.masks.items(), key=lambda one: (-one[1], one[0]))
    )
    events = _events(connection, book_id, where, year, fund) if tally.services <= MOST else ()
    if len(events) != tally.services:  # too many, or too many of other funds between them
        return Tracks(year, single=False, events=gathered, tally=tally, gathered=gathered)
    return Tracks(year, single=True, events=events, tally=tally, gathered=gathered)


def _events(connection: Connection, book_id: int, where: tuple[str, str], year: str, fund: str) -> tuple[Event, ...]:
    s, p = own.services.c, t.services.c
    query = (
        select(s.dated, s.mask, s.named, s.code, p.title, s.drawn)
        .join(t.services, (p.book_id == s.book_id) & (p.seq == s.seq), isouter=True)
        .where(s.book_id == book_id, s[where[0]] == where[1], s.gone == 0)
        .where(s.dated >= f"{year}-01-01", s.dated <= f"{year}-12-31")
        .order_by(s.dated, s.seq)
        .limit(4 * MOST if fund else MOST)
    )
    rows = [row for row in connection.execute(query) if not fund or fund in json.loads(row.drawn)]
    return tuple(
        Event(date.fromisoformat(row.dated), row.mask, row.named | row.mask, 1, row.code, row.title or "")
        for row in rows[:MOST]
    )
