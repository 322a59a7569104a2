"""What projects and organizations were given, and what became of it: their grants, and what funds paid for directly.

    received = services + goods handed out + costs + refunds + losses + still held by the organization

received: what funds (or public money) paid into the grants, less what came back to funds, and what services and costs
that name the project drew from funds directly. The table by giver and the table by use add up to the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.funds.region import Axis
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.parties.naming import naming
from ledger.web.convert import bucket_of
from ledger.web.pages import BUCKETS, Quantity, Share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.programs.parties.flows import Flow
    from ledger.programs.parties.tally import Tally
    from ledger.web.pages import Bucket, Unit

GIVERS = ("fund:", "earmark:", "source:")


class Grants(NamedTuple):
    """The grants of some owners: address → owner's number, and their axes."""

    owners: dict[str, int]
    axes: list[Axis]

    @property
    def numbers(self) -> dict[int, int]:
        """Return the owner's number of each axis."""
        return {axis.no: self.owners[axis.account] for axis in self.axes}


@dataclass(slots=True)
class Money:
    """One unit of one owner; `by_giver` and `by_use` + `held` have the same sum."""

    by_giver: Counter[str] = field(default_factory=Counter)  # fund, earmark or source: amount, less what went back
    by_use: Counter[str] = field(default_factory=Counter)  # `service:` or an outcome
    held: int = 0
    paid: int = 0  # into grants
    returned: int = 0  # to funds

    @property
    def received(self) -> int:
        """Return what was received in all."""
        return self.by_giver.total()

    @property
    def used(self) -> int:
        """Return what was used in all."""
        return self.by_use.total()

    def shares(self, unit: Unit) -> tuple[Share, ...]:
        """Return the parts above zero in the order of `BUCKETS`."""
        parts: dict[Bucket, int] = dict.fromkeys(BUCKETS, 0)
        for place, amount in self.by_use.items():
            parts[bucket_of(place)] += amount
        parts["organization"] += self.held
        return tuple(Share(bucket, Quantity(amount, unit)) for bucket, amount in parts.items() if amount > 0)


def grants_of(connection: Connection, book_id: int, addresses: Iterable[str]) -> Grants:
    """Find the grants that were awarded to organizations or for projects, in two statements; oldest first."""
    numbers = {address: number for number, address in enumerate(addresses)}
    awarded = naming(connection, book_id, numbers, ("grant.awarded",))
    owners = {one.subject: numbers[one.address] for one in awarded}
    a = t.axes.c
    columns = select(a.no, a.account, a.unit, a.received, a.given, a.gifts)
    which = columns.where(a.book_id == book_id, lookup.among(connection, a.account, owners)).order_by(a.no)
    return Grants(owners, [Axis(*row) for row in connection.execute(which)] if owners else [])


def money_of(flows: Iterable[Flow], tally: Tally) -> dict[str, Money]:
    """Add up, by unit, what came and went through grants, and what entries that name the owner drew directly."""
    found: dict[str, Money] = defaultdict(Money)
    for flow in flows:
        one, amount = found[flow.unit], flow.amount if flow.out else -flow.amount
        one.held -= amount
        if not flow.other.startswith(GIVERS):
            one.by_use[flow.other] += amount
            continue
        one.by_giver[flow.other] -= amount
        if flow.out:
            one.returned += flow.amount
        else:
            one.paid += flow.amount
    for way, amount in tally.moved(("service:", "outcome:"), GIVERS).items():
        found[way.unit].by_giver[way.giver] += amount
        found[way.unit].by_use[way.taker] += amount
    return dict(found)
