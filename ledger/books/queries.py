"""The home of a book, and the list of the books of an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ledger.books.totals import MONEY, earliest, gifts_of, kinds, residents, sums, totals
from ledger.core import canonical
from ledger.funds.queries import fund_cards
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.read import list_books
from ledger.web.cards import service_cards
from ledger.web.convert import book_ref, ledger_state, moment, read_book, unit_of, units
from ledger.web.pages import BookCard, HomePage, IndexPage, Quantity

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.journal.read import BookRow
    from ledger.web.pages import ServiceCard

NEWEST = 6  # services shown
SPARE = 6  # more are read, since some may have been taken back


def home_page(connection: Connection, code: str) -> HomePage:
    """Read what a book received, holds and became, in a number of statements that depends on nothing."""
    row, book = read_book(connection, code)
    chosen = kinds(connection, row.id)
    known = units(connection, row.id, chosen.units)
    people, some_hidden = residents(connection, row.id)
    return HomePage(
        book=book,
        totals=totals(connection, row.id, known),
        goods_kinds=chosen.goods,
        gifts=chosen.gifts,
        services_count=lookup.count_objects(connection, row.id, "service"),
        residents=people,
        communities=lookup.count_objects(connection, row.id, "community"),
        organizations=lookup.count_objects(connection, row.id, "organization"),
        funds=fund_cards(connection, row.id),
        services=_newest(connection, row.id),
        state=ledger_state(row),
        since=earliest(connection, row.id),
        as_of=moment(row.recorded) if row.recorded else None,
        some_hidden=some_hidden,
    )


def _newest(connection: Connection, book_id: int) -> tuple[ServiceCard, ...]:
    """Read the services delivered last, leaving out those taken back."""
    h = t.headers.c
    query = (
        select(h.subject)
        .where(h.book_id == book_id, h.kind == "service.delivered")
        .order_by(h.seq.desc())
        .limit(NEWEST + SPARE)
    )
    codes = [str(subject).partition(":")[2] for subject in connection.scalars(query)]
    cards = service_cards(connection, book_id, codes).values()
    return tuple(card for card in cards if not card.reversed)[:NEWEST]


def only_book(connection: Connection) -> str | None:
    """Return the code of the only book; None when there is none or several."""
    codes = [row.code for row in list_books(connection)]
    return codes[0] if len(codes) == 1 else None


def index_page(connection: Connection) -> IndexPage:
    """Read a line a book, in a number of statements that does not grow with the books."""
    rows = {row.id: row for row in list_books(connection) if row.size}
    if not rows:
        return IndexPage(())
    opened = _openings(connection, rows)
    received = sums(connection, rows, (MONEY,))
    gifts, services = gifts_of(connection, rows), _count_services(connection, rows)
    return IndexPage(
        tuple(
            BookCard(
                book=book_ref(row, opened[book_id]),
                received=Quantity(
                    received[book_id, MONEY].received if (book_id, MONEY) in received else 0, unit_of(MONEY, None)
                ),
                gifts=gifts.get(book_id, 0),
                services=services.get(book_id, 0),
                entries=row.size,
                newest_recorded=moment(row.recorded),
            )
            for book_id, row in rows.items()
        )
    )


def _openings(connection: Connection, rows: dict[int, BookRow]) -> dict[int, dict[str, object]]:
    """Read the facts of the first entry of each book."""
    e = t.entries.c
    query = select(e.book_id, e.body).where(lookup.among(connection, e.book_id, rows), e.seq == 0)
    return {book_id: canonical.decode(bytes(body))["facts"] for book_id, body in connection.execute(query)}


def _count_services(connection: Connection, rows: dict[int, BookRow]) -> dict[int, int]:
    o = t.objects.c
    query = (
        select(o.book_id, func.count())
        .where(lookup.among(connection, o.book_id, rows), lookup.of_type(o.address, "service"), o.closed.is_(None))
        .group_by(o.book_id)
    )
    return dict(connection.execute(query).all())
