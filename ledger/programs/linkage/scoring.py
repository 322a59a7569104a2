"""How completely the five parties are linked: pure arithmetic over sets of proven parties. No database, no words.

A mask has one bit a party (`BITS`). The score of a service is how many parties are proven, 0 to 5. Of many services
there are two figures: the mean score, and the reach: how many parties were proven at least once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from ledger.web.pages import ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.web.pages import ElementKey

BITS: Mapping[ElementKey, int] = {key: 1 << at for at, key in enumerate(ELEMENTS)}
EVERYBODY = (1 << len(ELEMENTS)) - 1
CONFIRMED = BITS["community"] | BITS["worker"]
NAMED: tuple[ElementKey, ...] = ("community", "organization", "worker", "volunteer")
"""Parties that a service can name without proof, in the order of `Tally.named`."""


def mask_of(keys: Iterable[ElementKey]) -> int:
    """Make the mask of some parties."""
    return sum(BITS[key] for key in set(keys))


def keys_of(mask: int) -> tuple[ElementKey, ...]:
    """List the parties of a mask, in their order."""
    return tuple(key for key in ELEMENTS if mask & BITS[key])


def score(mask: int) -> int:
    """Count the parties of a mask: 0 to 5."""
    return (mask & EVERYBODY).bit_count()


@dataclass(frozen=True, slots=True)
class Tally:
    """Services added up: how many of each mask, what they used, whom they reached.

    Money in fen, hours in minutes. `residents` counts each time; a group too small to be told counts as one, and is
    counted in `small`. `named` counts, in the order of `NAMED`, services that name a party, proven or not.
    """

    masks: Mapping[int, int] = field(default_factory=dict)
    money: int = 0
    minutes: int = 0
    residents: int = 0
    small: int = 0
    named: tuple[int, int, int, int] = (0, 0, 0, 0)

    def __add__(self, other: Tally) -> Tally:
        return total((self, other))

    @property
    def services(self) -> int:
        """Count the services."""
        return sum(self.masks.values())

    @property
    def points(self) -> int:
        """Add up the scores of all services."""
        return sum(score(mask) * number for mask, number in self.masks.items())

    @property
    def mean(self) -> int | None:
        """Return the mean score in tenths, rounded half up; None without services."""
        services = self.services
        return (20 * self.points + services) // (2 * services) if services else None

    @property
    def reach(self) -> int:
        """Return the mask of the parties proven at least once."""
        reached = 0
        for mask, number in self.masks.items():
            reached |= mask if number else 0
        return reached

    def proven(self, *keys: ElementKey) -> int:
        """Count the services in which all of these parties are proven."""
        wanted = mask_of(keys)
        return sum(number for mask, number in self.masks.items() if mask & wanted == wanted)

    def unproven(self, key: ElementKey) -> int:
        """Count the services that name a party but do not prove it."""
        return max(0, self.named[NAMED.index(key)] - self.proven(key)) if key in NAMED else 0

    def share(self, key: ElementKey) -> int:
        """Return in how many of a hundred services a party is proven, rounded down but never down to none."""
        proven, services = self.proven(key), self.services
        return max(100 * proven // services, 1) if proven else 0

    @property
    def confirmed(self) -> int:
        """Count the services confirmed by the community and by the worker."""
        return self.proven("community", "worker")

    @property
    def confirmations(self) -> int:
        """Count confirmations: at most two a service."""
        return self.proven("community") + self.proven("worker")


def total(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up; masks of which no service is left are left out."""
    masks: dict[int, int] = {}
    sums = [0] * 8
    for tally in tallies:
        for mask, number in tally.masks.items():
            masks[mask] = masks.get(mask, 0) + number
        parts = (tally.money, tally.minutes, tally.residents, tally.small, *tally.named)
        sums = [a + b for a, b in zip(sums, parts, strict=True)]
    return tally_of({mask: number for mask, number in masks.items() if number}, sums)


def tally_of(masks: Mapping[int, int], numbers: Sequence[int]) -> Tally:
    """Make a tally of its masks, and money, minutes, residents, small groups and the four counts of names."""
    money, minutes, residents, small, a, b, c, d = numbers
    return Tally(masks, money, minutes, residents, small, (a, b, c, d))


def groups(masks: Iterable[int]) -> tuple[int, ...]:
    """Sort the parties into groups that share services, directly or by way of others; the largest first."""
    found: list[int] = []
    for mask in masks:
        joined = mask
        apart = []
        for group in found:
            if group & joined:
                joined |= group
            else:
                apart.append(group)
        found = [*apart, joined] if joined else apart
    return tuple(sorted(found, key=lambda group: (-score(group), group)))


LEAST = 2  # services from which it can be said that parties never meet


def each_alone(tally: Tally) -> bool:
    """Tell whether the parties beat their drums apart (各打锣鼓).

    No service joins two parties, or they fall into groups that share none; one service alone proves nothing.
    """
    if tally.services < LEAST:
        return False
    masks = [mask for mask, number in tally.masks.items() if number]
    return max(map(score, masks)) <= 1 or len(groups(masks)) > 1


def strangers(tally: Tally) -> tuple[tuple[ElementKey, ElementKey], ...]:
    """List pairs of parties that both took part and never in the same service."""
    there = keys_of(tally.reach)
    return tuple((a, b) for a, b in combinations(there, 2) if not tally.proven(a, b))
