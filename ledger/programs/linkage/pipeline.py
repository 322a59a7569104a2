"""Mobilised, allocated, applied: the three stages of a unit in a period, from its moves. Pure.

Whatever entered a stage left it or waits in it: `Stage.entered` = `Stage.left` + `Stage.waits`, to the last unit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.programs.linkage.reading import Moved

USES = ("service", "issued", "expense", "refunded", "lost")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: what waited in it before, what came in, where it went, what waits in it at the end."""

    opening: int
    entered: int
    uses: dict[str, int]  # by `USES`, those above zero
    passed: int  # on to the next stage, less what came back
    waits: int

    @property
    def left(self) -> int:
        """Return what left the stage."""
        return self.passed + sum(self.uses.values())


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages of one unit. `on_the_spot`: given and used at once, in no fund (hours of a service)."""

    unit: str
    received: int  # by funds, from sources
    transferred: int  # from other funds, less to them; only when one fund is looked at
    direct: int  # from sources to organizations
    on_the_spot: int
    funds: Stage
    organizations: Stage
    places: dict[str, int]  # what became services, by community

    @property
    def mobilised(self) -> int:
        """Return what sources gave in the period."""
        return self.received + self.direct + self.on_the_spot

    @property
    def allocated(self) -> int:
        """Return what reached organizations in the period, less what they returned."""
        return self.funds.passed + self.direct

    @property
    def applied(self) -> int:
        """Return what became services in the period."""
        return self.funds.uses.get("service", 0) + self.organizations.uses.get("service", 0) + self.on_the_spot

    @property
    def empty(self) -> bool:
        """Tell whether nothing moved and nothing waits."""
        stages = (self.funds, self.organizations)
        return not self.mobilised and not any(s.opening or s.entered or s.left or s.waits for s in stages)


def pipeline_of(unit: str, moves: Iterable[Moved]) -> Pipeline:
    """Make the stages of a unit."""
    before: Counter[str] = Counter()
    now: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for move in moves:
        if move.unit == unit:
            before[move.what] += move.before
            now[move.what] += move.amount
            if move.what.endswith("-service"):
                places[move.place] += move.amount
    return Pipeline(
        unit=unit,
        received=now["received"],
        transferred=now["in"] - now["out"],
        direct=now["direct"],
        on_the_spot=now["spot"],
        funds=_stage("f", before, now, into=("received", "in", "returned"), out=("out", "paid")),
        organizations=_stage("g", before, now, into=("paid", "direct"), out=("returned",)),
        places={place: amount for place, amount in places.items() if amount},
    )


def _stage(
    letter: str, before: Counter[str], now: Counter[str], *, into: tuple[str, ...], out: tuple[str, ...]
) -> Stage:
    """Add up a stage; what came back to it lessens what it passed on."""
    uses = {use: now[f"{letter}-{use}"] for use in USES if now[f"{letter}-{use}"]}

    def held(moves: Counter[str]) -> int:
        used = sum(moves[f"{letter}-{use}"] for use in USES)
        return sum(moves[what] for what in into) - sum(moves[what] for what in out) - used

    opening = held(before)
    passed, entered = 0, now["direct"] + now["paid"] - now["returned"]
    if letter == "f":
        passed, entered = now["paid"] - now["returned"], now["received"] + now["in"] - now["out"]
    return Stage(opening, entered, uses, passed, opening + held(now))
