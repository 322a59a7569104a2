"""The confirmation of a volunteer's hours, filled in from the ledger and the side store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.core import canonical
from ledger.core.errors import NotFoundError
from ledger.giving.hours import people
from ledger.journal.read import read_entry
from ledger.reports.volunteering import Served, VolunteerHours
from ledger.web.convert import moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy import Connection

    from ledger.giving.hours.people import Given
    from ledger.journal.read import BookRow
    from ledger.web.pages import BookRef

MOST = 1_000  # occasions on one paper


def read_hours(
    connection: Connection,
    row: BookRow,
    book: BookRef,
    code: str,
    since: date,
    until: date,
    address: Callable[[int], str],
) -> VolunteerHours:
    """Fill in the confirmation of what a volunteer gave from one day to another; `address` is that of an entry."""
    found = people.read(connection, row.id, [f"volunteer:{code}"])
    if not found:
        raise NotFoundError("there is no volunteer %(code)s", code=code)
    if not found[0].name:
        raise NotFoundError(
            "the name of volunteer %(code)s is not kept any more; there is nothing to confirm", code=code
        )
    given = people.hours_of(connection, row.id, {code}, since, until).by_code.get(code, [])
    if not any(one.minutes for one in given):
        raise NotFoundError("the ledger has no hours of volunteer %(code)s in these days", code=code)
    if len(given) > MOST:
        raise NotFoundError("these are more than %(most)s occasions; choose fewer days", most=MOST)
    newest = max(one.seq for one in given)
    body = canonical.decode(read_entry(connection, row.id, newest).body)
    opening = canonical.decode(read_entry(connection, row.id, 0).body)["facts"]
    return VolunteerHours(
        name=found[0].name,
        code=code,
        since=since,
        until=until,
        served=tuple(_served(one) for one in sorted(given, key=lambda one: (one.dated, one.seq))),
        foundation=book.foundation or book.name,
        book=book.name,
        recorded=moment(body["recorded"]),
        address=address(newest),
        credit_code=str(opening.get("credit_code") or "") or None,
    )


def _served(one: Given) -> Served:
    where = " · ".join(party.name or party.code for party in (one.community, one.organization) if party)
    return Served(one.dated, one.title, where, one.minutes, one.seq)
