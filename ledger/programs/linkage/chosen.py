"""What a reader looks at: a period, a fund, a community, an organization. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Chosen:
    """A period in months, both inclusive ("" for the beginning, and for now), and the codes of what is chosen."""

    since: str = ""
    until: str = ""
    fund: str = ""
    community: str = ""
    organization: str = ""

    @property
    def year(self) -> str:
        """Return the year that the period is, "" when it is another period."""
        whole = self.since[5:] == "01" and self.until[5:] == "12" and self.since[:4] == self.until[:4]
        return self.since[:4] if whole else ""

    @property
    def always(self) -> bool:
        """Tell whether the period is all there is."""
        return not self.since and not self.until

    @property
    def grain(self) -> str:
        """Return the coarsest sums that make up the period: of all time, of years, of months."""
        if self.always:
            return "a"
        return "y" if self.year else "m"

    @property
    def spans(self) -> tuple[str, str]:
        """Return the first and the last span of that grain, both inclusive."""
        if self.grain == "a":
            return "", ""
        return (self.year, self.year) if self.year else (self.since, self.until or "9999-12")

    @property
    def narrowed(self) -> bool:
        """Tell whether anything was chosen at all."""
        return not self.always or bool(self.fund or self.community or self.organization)


def year_of(year: str) -> tuple[str, str]:
    """Return the first and last month of a year."""
    return f"{year}-01", f"{year}-12"


def months(first: str, last: str) -> tuple[str, ...]:
    """List the months from one to another: `2025-11` … `2026-02`."""
    start, end = (int(month[:4]) * MONTHS + int(month[5:]) - 1 for month in (first, last))
    return tuple(f"{at // MONTHS:04}-{at % MONTHS + 1:02}" for at in range(start, end + 1))
