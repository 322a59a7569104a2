"""What else paid for a service beside a contract: the gifts and the other income in the way of a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.core.spans import Span
from ledger.journal import lookup, paths
from ledger.journal import tables as t

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST = 20  # entries named one by one


class Elsewhere(NamedTuple):
    """The money of a service by origin, in fen; `entries` are those that gave what this contract did not."""

    used: int = 0
    gifts: int = 0  # fen
    number: int = 0  # of gifts
    others: int = 0  # fen of other sources
    entries: tuple[int, ...] = ()

    @property
    def amount(self) -> int:
        """Return what came from elsewhere."""
        return self.gifts + self.others


def elsewhere(connection: Connection, book_id: int, service: str, source: str) -> Elsewhere:
    """Trace the money of a service back: what did not come from `source`, and by which entries.

    Of many gifts the first and the last are named.
    """
    a = t.axes.c
    query = select(a.no, a.received).where(
        a.book_id == book_id, a.account == f"service:{service}", a.unit == "CNY", a.received > 0
    )
    axis = connection.execute(query).one_or_none()
    if axis is None:
        return Elsewhere()
    steps = paths.backward_to_gifts(connection, book_id, axis.no, Span(0, axis.received))
    accounts = lookup.axes(connection, book_id, {step.axis for step in steps})
    sources = {no for no, key in accounts.items() if key.account.startswith("source:")}
    gaps = [gap for gap in paths.gaps(steps) if gap.axis not in sources]
    counted = paths.count_gifts(connection, book_id, gaps) if gaps else []
    others = [step for step in steps if step.axis in sources and accounts[step.axis].account != source]
    seqs = {seq for gifts in counted for seq in (gifts.first_seq, gifts.last_seq)} | {step.seq for step in others}
    return Elsewhere(
        axis.received,
        sum(gap.hi - gap.lo for gap in gaps),
        sum(gifts.count for gifts in counted),
        sum(step.hi - step.lo for step in others),
        tuple(sorted(seqs)[:MOST]),
    )
