"""What a fund received and what became of it, added up from the crossings of its border. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.web.convert import bucket_of
from ledger.web.pages import BUCKETS, Totals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.funds.crossing import Crossing
    from ledger.funds.region import Axis, Region
    from ledger.web.pages import Bucket, Unit

RESTING = ("fund:", "earmark:", "grant:")


class Sums(NamedTuple):
    """What a region did in one unit. `parts` and what its accounts hold add up to `received`."""

    received: int
    held: int
    passed: int
    parts: dict[Bucket, int]
    gifts: int
    services: int
    income: int  # came from sources, but as no gift
    transferred: int  # came from other funds
    by_source: dict[str, tuple[int, int]]  # amount and number of what is not a standing donation (negative: taken back)

    def totals(self, unit: Unit) -> Totals:
        """Give what pages show."""
        part = self.parts
        return Totals(
            unit=unit,
            received=self.received,
            held=self.held,
            passed=self.passed,
            services=part["service"],
            issued=part["issued"],
            expense=part["expense"],
            refunded=part["refunded"],
            lost=part["lost"],
            moved=part["moved"],
        )


def sums_of(region: Region, axes: Iterable[Axis], out: Iterable[Crossing], into: Iterable[Crossing]) -> Sums:
    """Add up one unit of a region: its axes, the flows out of them and the flows into them that are no donations."""
    axes, out, into = list(axes), list(out), list(into)
    accounts = region.accounts
    parts: dict[Bucket, int] = dict.fromkeys(BUCKETS, 0)
    sources: Counter[str] = Counter()
    lost: Counter[str] = Counter()  # donations taken back
    received = sum(axis.received for axis in axes) - sum(crossing.amount for crossing in into)
    gifts, services, income, transferred = sum(axis.gifts for axis in axes), 0, 0, 0
    for crossing, sign in [(crossing, 1) for crossing in out] + [(crossing, -1) for crossing in into]:
        place, amount = crossing.place, crossing.amount
        if place in accounts:
            continue
        if place.startswith("source:"):  # in: income; out: a receipt taken back
            received -= sign * amount
            sources[place] -= sign * amount
            if crossing.undone == "donation.received":
                lost[place] += crossing.flows
            else:
                income -= sign * amount
        elif place.startswith(RESTING) and (sign < 0) != (crossing.undone is not None):
            received -= sign * amount  # another fund gave, or took back what it had given
            transferred -= sign * amount
        elif place.startswith(RESTING):
            parts["moved"] += sign * amount
        else:
            parts[bucket_of(place)] += sign * amount
            services += sign * crossing.places if place == "service:" else 0
    passed = sum(axis.received - axis.given for axis in axes if axis.account.startswith("grant:"))
    held = sum(axis.received - axis.given for axis in axes) - passed
    by_source = {source: (amount, -lost[source]) for source, amount in sources.items()}
    return Sums(received, held, passed, parts, gifts - lost.total(), services, income, transferred, by_source)


def of_unit(crossings: Iterable[Crossing], owner: int) -> dict[str, list[Crossing]]:
    """Choose the crossings of an owner, by unit."""
    found: dict[str, list[Crossing]] = defaultdict(list)
    for crossing in crossings:
        if crossing.owner == owner:
            found[crossing.unit].append(crossing)
    return found
