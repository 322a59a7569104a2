"""The desk of disclosure: which clocks run, and whether what is public adds up."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.audit.disclosure.clocks import LATE, SOON, Clock, Done, Subject, clocks
from ledger.audit.disclosure.pages import DeskPage
from ledger.audit.disclosure.queries import lines_of
from ledger.audit.disclosure.residuals import check
from ledger.audit.disclosure.rules import CLOCKS, rules
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.parties.parts import day_of
from ledger.web.convert import day, name_of
from ledger.web.pages import Pager

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.journal.read import BookRow

SIZE = 20  # clocks a page
WATCHED = ("campaign", "project", "fund")
STATES = ("late", "soon", "calm")


def desk_page(connection: Connection, row: BookRow, today: date, number: int, state: str = "") -> DeskPage:
    """Read the clocks of a book, in a number of statements that depends on nothing."""
    running = running_clocks(connection, row.id, today)
    chosen = [clock for clock in running if not state or clock.state == state]
    pager = Pager.turned(number, SIZE, len(chosen))
    lines, _ = lines_of(connection, row)
    return DeskPage(
        clocks=tuple(pager.cut(chosen)),
        pager=pager,
        late=sum(clock.state == LATE for clock in running),
        soon=sum(clock.state == SOON for clock in running),
        residuals=tuple(check(connection, row.id)) if row.size else (),
        rules=rules(),
        lines=lines[:SIZE],
        state=state,
    )


def running_clocks(connection: Connection, book_id: int, today: date) -> list[Clock]:
    """Run the clocks of all campaigns, projects and funds."""
    return clocks(subjects_of(connection, book_id), done_in(connection, book_id), rules(), today)


def subjects_of(connection: Connection, book_id: int) -> list[Subject]:
    """Read what is watched, in four statements; without a stated beginning, it begins on the day it was opened."""
    known = [one for kind in WATCHED for one in lookup.objects_of(connection, book_id, kind).values()]
    seqs = {one.opened for one in known} | {one.closed for one in known if one.closed is not None}
    dated = {seq: day(header.dated) for seq, header in lookup.headers(connection, book_id, seqs).items()}
    found = []
    for one in known:
        ends = day_of(one.facts, "ends")
        if one.closed is not None:
            ends = min(ends or dated[one.closed], dated[one.closed])
        starts = day_of(one.facts, "starts") or dated[one.opened]
        emergency = bool(one.facts.get("emergency"))
        found.append(Subject(one.address, name_of(one.facts) or one.facts["code"], starts, ends, emergency))
    return found


def done_in(connection: Connection, book_id: int) -> list[Done]:
    """Read what was published, from the codes of disclosures alone, in one statement."""
    h = t.headers.c
    query = select(h.subject, h.dated).where(h.book_id == book_id, h.kind == "disclosure.published")
    return [done for subject, dated in connection.execute(query) if (done := _done(str(subject), str(dated)))]


def _done(address: str, dated: str) -> Done | None:
    """Read the code of a disclosure: `project/noon/quarterly-2026-11-23-2`; None when it has another form."""
    about, _, last = address.partition(":")[2].rpartition("/")
    clock, _, rest = last.partition("-")
    try:
        until = date.fromisoformat(rest[:10])
    except ValueError:
        return None
    return Done(about.replace("/", ":", 1), clock, until, day(dated)) if clock in CLOCKS else None
