"""What a form lets one choose from: the open accounts and parties of a book, with what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from ledger.core import canonical
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import name_of, unit_of
from ledger.web.pages import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

MOST = 2000  # accounts offered in one list


def account_choices(
    connection: Connection,
    book_id: int,
    *kinds: str,
    amount: Callable[[Quantity], str] | None = None,
    unit: str = "CNY",
) -> list[tuple[str, str]]:
    """List (address, name) of the open objects of some types, by type and name, in one statement.

    With `amount`, which writes a quantity, also what each holds of a unit: 互助基金 · ¥1,200.00.
    """
    o, a, e = t.objects.c, t.axes.c, t.entries.c
    held = and_(a.book_id == o.book_id, a.account == o.address, a.unit == unit)
    query = (
        select(o.address, e.body, a.received, a.given)
        .join(t.entries, and_(e.book_id == o.book_id, e.seq == o.latest))
        .join(t.axes, held, isouter=True)
        .where(o.book_id == book_id, o.closed.is_(None), or_(*(lookup.of_type(o.address, kind) for kind in kinds)))
        .order_by(o.address)
        .limit(MOST)
    )
    money = unit_of(unit, None)
    found = []
    for address, body, received, given in connection.execute(query):
        name = name_of(canonical.decode(bytes(body))["facts"]) or address.partition(":")[2]
        balance = Quantity((received or 0) - (given or 0), money)
        found.append((address, f"{name} · {amount(balance)}" if amount else name))
    order = {kind: place for place, kind in enumerate(kinds)}
    return sorted(found, key=lambda pair: (order[pair[0].partition(":")[0]], pair[1]))


def code_choices(connection: Connection, book_id: int, kind: str) -> list[tuple[str, str]]:
    """List (code, name) of the open parties of a type."""
    return [(address.partition(":")[2], name) for address, name in account_choices(connection, book_id, kind)]
