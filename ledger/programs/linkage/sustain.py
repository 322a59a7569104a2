"""From transfusion to making one's own blood (输血 → 造血): what a book lives on, year by year. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ledger.core.entry import SMALL_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ledger.programs.linkage import donors

Means = Literal["donation", "own", "public", "other"]
MEANS: tuple[Means, ...] = ("donation", "own", "public", "other")
_KINDS: Mapping[str, Means] = {"donation": "donation", "income": "own", "public": "public", "opening": "other"}
_NO_INCOME = {"opening", "surplus"}  # what was there before, and what a count of stock found


@dataclass(frozen=True, slots=True)
class Living:
    """A year: money in fen by means; donors who came back, None while there are too few to tell."""

    year: str
    amounts: Mapping[Means, int]
    donors: donors.Year | None

    @property
    def income(self) -> int:
        """Return what came in that year, without what had been there before."""
        return sum(amount for means, amount in self.amounts.items() if means != "other")

    def share(self, means: Means) -> int | None:
        """Return the share of a means in the year's income, in tenths of a percent; None without income."""
        return 1000 * self.amounts.get(means, 0) // self.income if self.income > 0 else None

    @property
    def again(self) -> int | None:
        """Return how many of a hundred named donors had given before; None when either group is too small to tell."""
        known = self.donors
        if known is None or not known.donors:
            return None
        groups = (known.again, known.donors - known.again)
        if known.donors < SMALL_GROUP or any(0 < group < SMALL_GROUP for group in groups):
            return None
        return (200 * known.again + known.donors) // (2 * known.donors)


def means_of(source: str, kind: str) -> Means:
    """Tell what a source is to a book, from its code and the kind that the ledger says it is of."""
    if source in _NO_INCOME:
        return "other"
    if source.startswith("contract/"):
        return "public"
    return _KINDS.get(kind, "donation")


def living_of(
    income: Mapping[tuple[str, str], int], kinds: Mapping[str, str], counted: Iterable[donors.Year]
) -> tuple[Living, ...]:
    """Make the years, newest first, of income by year and source, the sources' kinds, and the donors counted."""
    amounts: dict[str, Counter[Means]] = {}
    for (year, source), amount in income.items():
        amounts.setdefault(year, Counter())[means_of(source, kinds.get(source, ""))] += amount
    known = {year.year: year for year in counted}
    return tuple(
        Living(year, dict(amounts.get(year, {})), known.get(year)) for year in sorted({*amounts, *known}, reverse=True)
    )
