"""Balances of all accounts: one query over one row an account and unit, whatever the number of entries."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from ledger.journal import tables as t


class Balance(NamedTuple):
    """What an account received (debits) and gave (credits) of a unit, in its smallest part."""

    account: str
    unit: str
    received: int
    given: int

    @property
    def balance(self) -> int:
        """Return what it holds; negative for a source, and for a payable that is owed."""
        return self.received - self.given


def trial_balance(connection: Connection, book_id: int, unit: str | None = None) -> list[Balance]:
    """List the balances of a book by account and unit.

    The debits and credits of the double entry follow: balance-sheet accounts as they stand, flow accounts as net
    assets, income and expenses (see the format's two faces).
    """
    a = t.axes.c
    query = select(a.account, a.unit, a.received, a.given).where(a.book_id == book_id).order_by(a.account, a.unit)
    if unit is not None:
        query = query.where(a.unit == unit)
    return [Balance(*row) for row in connection.execute(query)]
