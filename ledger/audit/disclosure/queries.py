"""Disclosures as pages: the list, one beside the figures of today, and the desk with its clocks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ledger.audit.disclosure.actions import publication_of
from ledger.audit.disclosure.describe import figure_rows, named_in
from ledger.audit.disclosure.figures import SUBJECTS, amounts_of, amounts_within, gifts_into
from ledger.audit.disclosure.pages import DisclosureLine, DisclosurePage, DisclosuresPage, Version
from ledger.core.errors import NotFoundError
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.parties.carried import tallies
from ledger.programs.parties.parts import day_of
from ledger.programs.parties.tally import Span
from ledger.web.convert import Names, day, moment, name_of, read_book
from ledger.web.lines import read_records
from ledger.web.pages import Pager, Ref

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from ledger.audit.disclosure.actions import Publication
    from ledger.audit.disclosure.figures import Amounts
    from ledger.journal.read import BookRow

SIZE = 20  # a page
MOST_GIFTS = 50_000  # of a fund whose period is added up anew on a page
SORTS = ("newest", "oldest")


def disclosures_page(
    connection: Connection, code: str, kind: str, search: str, sort: str, number: int
) -> DisclosuresPage:
    """Read a page of disclosures about a kind of subject, or about all."""
    row, book = read_book(connection, code)
    lines, pager = lines_of(connection, row, kind, search, sort, number)
    return DisclosuresPage(book, lines, pager, kind, search, sort)


def lines_of(
    connection: Connection, row: BookRow, kind: str = "", search: str = "", sort: str = "newest", number: int = 1
) -> tuple[tuple[DisclosureLine, ...], Pager]:
    """Read a page of disclosures, in four statements."""
    h = t.headers.c
    which = [h.book_id == row.id, h.kind == "disclosure.published"]
    if kind in SUBJECTS:
        which.append(h.subject.startswith(f"disclosure:{kind}/", autoescape=True))
    if search:
        which.append(h.subject.contains(search, autoescape=True))
    pager = Pager.turned(number, SIZE, connection.scalar(select(func.count()).where(*which)) or 0)
    order = h.seq if sort == "oldest" else h.seq.desc()
    query = select(h.subject).where(*which).order_by(order).limit(SIZE).offset((pager.number - 1) * SIZE)
    subjects = [str(subject) for subject in connection.scalars(query)]
    found = lookup.objects(connection, row.id, subjects)
    names = Names(connection, row.id, {known.facts["subject"] for known in found.values()})
    opened = lookup.headers(connection, row.id, {known.opened for known in found.values()})
    lines = []
    for address in subjects:
        known = found[address]
        facts = known.facts
        lines.append(
            DisclosureLine(
                Ref(address, name_of(facts)),
                names.ref(facts["subject"]),
                facts["basis"],
                day_of(facts, "since"),
                date.fromisoformat(facts["until"]),
                facts["clock"],
                day(opened[known.opened].dated),
                known.opened,
                facts["size"],
                known.latest != known.opened,
            )
        )
    return tuple(lines), pager


def disclosure_page(connection: Connection, code: str, disclosure: str) -> DisclosurePage:
    """Read one disclosure beside the figures of today; raise NotFoundError."""
    row, book = read_book(connection, code)
    address = f"disclosure:{disclosure}"
    bodies = versions_of(connection, row.id, address)
    if not bodies:
        raise NotFoundError("book '%(book)s' has no %(object)s", book=code, object=address)
    facts = bodies[0]["facts"]
    made = publication_of(facts)
    before = [body["facts"]["figures"] for body in bodies[1:]]
    later, undone = since(connection, row.id, made, row.size)
    today = today_of(connection, row, made) if later or undone else stated(facts["figures"])
    figures = facts["figures"]
    names = Names(connection, row.id, {made.subject} | named_in(figures) | {f"unit:{unit}" for _, unit in today or ()})
    rows = figure_rows(figures, before, today, names)
    counted = read_records(connection, row.id, {made.size - 1}).get(made.size - 1)
    return DisclosurePage(
        book=book,
        ref=Ref(address, name_of(facts)),
        subject=names.ref(made.subject),
        basis=made.basis,
        since=date.fromisoformat(made.since) if made.since else None,
        until=date.fromisoformat(made.until),
        size=made.size,
        moment=moment(counted.body["recorded"]) if counted else None,
        clock=made.clock,
        figures=rows,
        versions=tuple(
            Version(
                body["seq"],
                day(body["dated"]),
                moment(body["recorded"]),
                int(body["facts"]["size"]),
                str(body["facts"].get("note") or ""),
            )
            for body in bodies
        ),
        now=row.size,
        later=later,
        undone=undone,
        differs=any(one.difference for one in rows),
    )


def versions_of(connection: Connection, book_id: int, address: str) -> list[dict[str, Any]]:
    """Read the entries that published and corrected something, newest first, in two statements."""
    h = t.headers.c
    query = select(h.seq).where(h.subject == address, h.book_id + 0 == book_id).order_by(h.seq.desc())
    seqs = list(connection.scalars(query))
    records = read_records(connection, book_id, seqs)
    return [records[seq].body for seq in seqs if records[seq].body["kind"].startswith("disclosure.")]


def stated(figures: Sequence[dict[str, Any]]) -> Amounts:
    """Return the amounts of figures as they were published."""
    return {(one["key"], one["unit"]): int(one["amount"]) for one in figures}


def since(connection: Connection, book_id: int, made: Publication, now: int) -> tuple[int, int]:
    """Count entries recorded after the cut-off, of a period those dated in it; and counted ones taken back since."""
    h, o = t.headers.c, t.objects.c
    later = now - made.size
    if made.basis == "period":
        within = select(func.count()).where(h.book_id == book_id, h.dated >= made.since, h.dated <= made.until)
        later = connection.scalar(within.where(h.seq >= made.size)) or 0
    taken = select(o.address).where(o.book_id == book_id, lookup.of_type(o.address, "reversal"), o.opened >= made.size)
    undone = [lookup.reversed_by(address) for address in connection.scalars(taken)]
    headers = lookup.headers(connection, book_id, [seq for seq in undone if seq < made.size])
    first, last = made.since or "", made.until if made.basis == "period" else "~"
    return later, sum(first <= header.dated <= last for header in headers.values())


def today_of(connection: Connection, row: BookRow, made: Publication) -> Amounts | None:
    """Compute the same figures at the end of the book; None of a period of a fund with very many gifts."""
    fund, period = made.subject.startswith("fund:"), made.basis == "period"
    first, last = made.since or "", made.until if period else "~"
    known = None if fund else tallies(connection, row, [made.subject], first, last)[made.subject]
    if not period:
        return amounts_of(connection, row, made.subject, Span(row.size), known)
    if fund and gifts_into(connection, row.id, made.subject) > MOST_GIFTS:
        return None
    return amounts_within(connection, row, made.subject, Span(row.size, first, last), known)
