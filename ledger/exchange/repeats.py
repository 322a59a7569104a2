"""Duplicates within a list: a serial number or a transaction reference that comes twice.

Equal lines are *not* duplicates: two gifts of 10 yuan by the same masked name on one day are two gifts.
"""

import re

from ledger.exchange.cells import same_words
from ledger.exchange.messages import CellError


class References:
    """Transaction references of a whole file."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def check(self, reference: str, row: int) -> None:
        """Refuse a reference that an earlier row has."""
        if not reference:
            return
        first = self._rows.setdefault(same_words(reference), row)
        if first != row:
            raise CellError("repeated-reference", given=reference, row=first)


class Numbers:
    """Serial numbers of one table.

    A number that comes again is a duplicate, except that numbering may start again from 1 (a new page or day) with
    other gifts, and that several goods of one gift may share its number on rows that follow each other.
    """

    __slots__ = ("_before", "_goods", "_last", "_rows", "restarts")

    def __init__(self, *, goods: bool) -> None:
        self._goods = goods
        self._rows: dict[str, int] = {}
        self._before: dict[tuple[str, str], int] = {}
        self._last = ""
        self.restarts = 0

    def check(self, number: str, content: str, row: int) -> bool:
        """Refuse a number used before; tell whether the numbering starts again here."""
        if not number:
            return False
        restart = number in self._rows and bool(re.fullmatch("0*1", number)) and self._last != number
        if restart:
            self._rows.clear()
            self.restarts += 1
        known, last = self._rows.get(number), self._last
        self._last = number
        earlier = self._before.setdefault((number, content), row)
        if known is not None and not (self._goods and last == number):
            raise CellError("repeated-number", given=number, row=known)
        if earlier != row and not (self._goods and last == number):
            raise CellError("repeated-number", given=number, row=earlier)
        self._rows.setdefault(number, row)
        return restart
