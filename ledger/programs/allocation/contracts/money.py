"""Where the money of a contract went: followed from its source to the services it paid for, fen by fen.

Positions are those of the source's own axis, so that a fen is known again however often it was paid back and out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.core.spans import Span, merge, overlap, size
from ledger.journal import lookup, paths
from ledger.journal import tables as t
from ledger.programs.allocation.entries import naming

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Money:
    """The money of a contract: what stands on which account now, and which fen ever reached which service."""

    now: Mapping[str, int] = field(default_factory=dict)  # by account
    services: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)  # by code; positions on the source
    gone: frozenset[str] = frozenset()  # services that were taken back

    @property
    def received(self) -> int:
        """Return what came from the buyer, without what was taken back (that stands on the source again)."""
        return sum(amount for account, amount in self.now.items() if not account.startswith("source:"))

    @property
    def used(self) -> int:
        """Return what became services."""
        return sum(amount for account, amount in self.now.items() if account.startswith("service:"))

    @property
    def spent_otherwise(self) -> int:
        """Return what became expenses, losses or goods: no service, so it can never be claimed."""
        return sum(amount for account, amount in self.now.items() if account.startswith("outcome:"))

    @property
    def waiting(self) -> int:
        """Return what lies in funds or with organizations."""
        return self.received - self.used - self.spent_otherwise

    def in_service(self, service: str) -> int:
        """Return how much of a service came from this contract."""
        return size(self.services.get(service, ()))


class Claim(NamedTuple):
    """A claim: which services the contract pays for, with how much of each."""

    seq: int
    dated: str
    code: str
    contract: str
    parts: dict[str, int]

    @property
    def amount(self) -> int:
        """Return what is claimed in all."""
        return sum(self.parts.values())


def source_of(contract: str) -> str:
    """Return the account that the money of a contract comes from."""
    return f"source:contract/{contract}"


def money_of(connection: Connection, book_id: int, contract: str) -> Money:
    """Follow all the money of a contract, in three statements; as many steps as the pieces it was spent in."""
    a = t.axes.c
    query = select(a.no, a.given).where(a.book_id == book_id, a.account == source_of(contract), a.unit == "CNY")
    axis = connection.execute(query).one_or_none()
    if axis is None or not axis.given:
        return Money()
    steps = paths.forward(connection, book_id, axis.no, Span(0, axis.given))
    accounts = {no: key.account for no, key in lookup.axes(connection, book_id, {s.axis for s in steps}).items()}
    now: dict[str, int] = defaultdict(int)
    for gap in paths.gaps(steps):
        now[accounts[gap.axis]] += gap.hi - gap.lo
    reached: dict[str, list[Span]] = defaultdict(list)
    gone = set()
    for step in steps:
        kind, _, code = accounts[step.axis].partition(":")
        if kind == "service":
            reached[code].append(Span(step.offset, step.offset + step.hi - step.lo))
        if accounts.get(step.near, "").startswith("service:"):
            gone.add(accounts[step.near].partition(":")[2])
    return Money(dict(now), {code: merge(spans) for code, spans in reached.items()}, frozenset(gone))


def claims_on(connection: Connection, book_id: int, addresses: Collection[str]) -> dict[str, list[Claim]]:
    """Read the claims that name contracts or services (addresses), oldest first, in one statement."""
    found = naming(connection, book_id, addresses, {"claim.filed"})
    return {
        address: [
            Claim(
                entry.seq,
                entry.dated,
                entry.body["facts"]["code"],
                entry.body["facts"]["contract"],
                {part["service"]: part["amount"] for part in entry.body["facts"]["claims"]},
            )
            for entry in entries
        ]
        for address, entries in found.items()
    }


def claimed_by_service(claims: Collection[Claim]) -> dict[str, int]:
    """Add up claims by service."""
    sums: dict[str, int] = defaultdict(int)
    for claim in claims:
        for service, amount in claim.parts.items():
            sums[service] += amount
    return dict(sums)


def claimable(money: Money, claimed: Mapping[str, int], service: str) -> int:
    """Tell how much of a service can still be claimed: this contract's fen in it that no claim has had.

    A fen claimed in a service that was taken back may by now be in this one; it is not claimed twice. Which fen of a
    service a claim had is not said, so each other claim counts with all that it could have had of these.
    """
    own = money.services.get(service, ())
    others = sum(
        min(amount, size(overlap(own, money.services.get(other, ()))))
        for other, amount in claimed.items()
        if other != service and other in money.gone
    )
    return max(0, size(own) - claimed.get(service, 0) - others)
