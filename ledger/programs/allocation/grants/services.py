"""What drew on a grant, and the entries about it; a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select, union

from ledger.journal import tables as t
from ledger.programs.allocation.entries import after
from ledger.web.cards import service_cards
from ledger.web.lines import entry_lines
from ledger.web.pages import Pager

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.web.pages import EntryLine, ServiceCard

SIZE = 20  # services, or entries, a page


class Drawn(NamedTuple):
    """A service and how much of the unit of the grant it drew."""

    card: ServiceCard
    amount: int


def services_of(connection: Connection, book_id: int, grant: str, unit: str, number: int) -> tuple[list[Drawn], Pager]:
    """Read the standing services that drew on a grant (address), newest first."""
    a, f, o = t.axes.c, t.flows.c, t.objects.c
    axis = connection.scalar(select(a.no).where(a.book_id == book_id, a.account == grant, a.unit == unit))
    query = (
        select(a.account, func.sum(f.amount).label("amount"))
        .select_from(t.flows)
        .join(t.axes, (a.book_id == after(f.seq, book_id)) & (a.no == f.taker))
        .join(t.objects, (o.book_id == after(f.seq, book_id)) & (o.address == a.account) & o.closed.is_(None))
        # Always true, and tells SQLite which index to take.
        .where(f.book_id == book_id, f.giver == (-1 if axis is None else axis), f.out_at >= 0)
        .where(a.account.like("service:%"))
        .group_by(a.account)
    )
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    pager = Pager.turned(number, SIZE, total)
    found = query.order_by(func.max(f.seq).desc()).limit(SIZE).offset((pager.number - 1) * SIZE)
    sums = {row.account.partition(":")[2]: int(row.amount) for row in connection.execute(found)}
    cards = service_cards(connection, book_id, sums)
    return [Drawn(card, sums[code]) for code, card in cards.items()], pager


def entries_of(connection: Connection, book_id: int, address: str, number: int) -> tuple[tuple[EntryLine, ...], Pager]:
    """Read the entries that are about an object or name it, newest first."""
    m, h = t.mentions.c, t.headers.c
    about = union(
        select(m.seq).where(m.book_id == book_id, m.address == address),
        select(h.seq).where(h.subject == address, h.book_id + 0 == book_id),
    ).subquery()
    total = connection.scalar(select(func.count()).select_from(about)) or 0
    pager = Pager.turned(number, SIZE, total)
    query = select(about.c.seq).order_by(about.c.seq.desc()).limit(SIZE).offset((pager.number - 1) * SIZE)
    return entry_lines(connection, book_id, list(connection.scalars(query))), pager
