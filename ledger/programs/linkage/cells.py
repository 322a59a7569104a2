"""To which sums a service belongs: the ways in which pages part services, by year and by month. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ledger.core.entry import public_residents
from ledger.core.units import CNY, HOUR
from ledger.programs.linkage.scoring import BITS, NAMED, mask_of
from ledger.web.elements import proven_by_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ledger.core.entry import Body

CUTS = {"": "ym", "o": "m", "c": "ym", "p": "ym", "oc": "ym", "op": "y", "cp": "y", "ocp": "y"}
"""Ways to part services, each with its grains (year, month): "" not at all, "c" by community, "cp" also by project.

What is asked for beyond these is read from the services themselves: `reading.by_service`.
"""


class Cell(NamedTuple):
    """A row of `linkage_sums` without its numbers."""

    cut: str
    fund: str
    grain: str
    organization: str
    community: str
    project: str
    span: str
    mask: int


class Worth(NamedTuple):
    """The numbers of a row of `linkage_sums`."""

    services: int
    money: int
    minutes: int
    residents: int
    small: int
    named_community: int
    named_organization: int
    named_worker: int
    named_volunteer: int


class Known(NamedTuple):
    """A row of `linkage_services` without its book."""

    seq: int
    code: str
    dated: str
    organization: str
    community: str
    project: str
    mask: int
    named: int
    residents: int
    small: int
    drawn: str
    gone: int

    @classmethod
    def of(cls, body: Body, fund_of: Callable[[str], str]) -> Self:
        """Read a service from the entry that delivered it; `fund_of` tells the fund of an account, "" for none."""
        facts = body["facts"]
        return cls(
            seq=body["seq"],
            code=facts["code"],
            dated=body["dated"],
            organization=_text(facts, "organization"),
            community=_text(facts, "community"),
            project=_text(facts, "project"),
            mask=mask_of(proven_by_use(body["flows"])),
            named=_named(facts),
            residents=public_residents(facts),
            small=int("residents_below" in facts),
            drawn=json.dumps(_drawn(body, fund_of), sort_keys=True, ensure_ascii=False),
            gone=0,
        )

    def cells(self) -> Iterator[tuple[Cell, Worth]]:
        """Give the sums that it belongs to and what it adds to each; none once it was taken back."""
        if self.gone:
            return
        own = {"o": self.organization, "c": self.community, "p": self.project}
        spans = {"y": self.dated[:4], "m": self.dated[:7]}
        for fund, (money, minutes) in json.loads(self.drawn).items():
            worth = self._worth(money, minutes)
            for cut, grains in CUTS.items():
                o, c, p = (own[letter] if letter in cut else "" for letter in "ocp")
                for grain in grains:
                    yield Cell(cut, fund, grain, o, c, p, spans[grain], self.mask), worth

    def _worth(self, money: int, minutes: int) -> Worth:
        named = [int(bool(self.named & BITS[key])) for key in NAMED]
        return Worth(1, money, minutes, self.residents, self.small, *named)


def _text(facts: Mapping[str, Any], name: str) -> str:
    """Return the code that a fact names; of several the first."""
    given = facts.get(name) or ""
    return str(given[0]) if isinstance(given, list | tuple) else str(given)


def _named(facts: Mapping[str, Any]) -> int:
    """Make the mask of the parties that a service names."""
    keys = {key for key in NAMED if facts.get(key)}
    if facts.get("volunteers"):
        keys.add("volunteer")
    return mask_of(keys)


def _drawn(body: Body, fund_of: Callable[[str], str]) -> dict[str, tuple[int, int]]:
    """Add up money and hours that a service used, in all and by fund."""
    found: dict[str, tuple[int, int]] = {"": (0, 0)}
    for flow in body["flows"]:
        part = (flow["amount"] * (flow["unit"] == CNY.code), flow["amount"] * (flow["unit"] == HOUR))
        for fund in {"", fund_of(flow["from"])}:
            money, minutes = found.get(fund, (0, 0))
            found[fund] = (money + part[0], minutes + part[1])
    return found
