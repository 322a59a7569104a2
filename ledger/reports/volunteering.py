"""The confirmation of volunteer hours 志愿服务证明: what a foundation's ledger says of one volunteer's time, on A4.

It is the foundation's own paper about its own ledger. It is no official record of voluntary service, does not look
like one, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import segno

from ledger.reports.engine import render_pdf

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Served:
    """One time that a volunteer served. `minutes` None: they took part, and the hours were not told apart."""

    dated: date
    what: str  # title of the service; '' for hours given to the community without one
    where: str  # community and organization
    minutes: int | None
    entry: int  # seq on the ledger


@dataclass(frozen=True, slots=True)
class VolunteerHours:
    """Everything on the page. Minutes are those of the ledger; times without minutes count nothing."""

    name: str
    code: str
    since: date
    until: date
    served: tuple[Served, ...]  # oldest first
    foundation: str
    book: str
    recorded: datetime  # aware: when the newest of the entries was recorded; also the date of the document
    address: str  # of the page of the newest entry, complete; goes into the square code
    credit_code: str | None = None

    @property
    def minutes(self) -> int:
        """Return the minutes in all."""
        return sum(served.minutes or 0 for served in self.served)


def hours_pdf(hours: VolunteerHours, locale: str, fonts: Path | None = None) -> bytes:
    """Return the confirmation as PDF/A-3; the same hours always give the same bytes."""
    square = segno.make(hours.address, error="m", micro=False)
    data = {
        "it": hours,
        "qr": square.svg_data_uri(border=0, dark="#1f2328", omitsize=True),
        "ledger": hours.address.rpartition("/")[0],
    }
    return render_pdf("volunteer_hours", data, locale, dated=hours.recorded, fonts=fonts)
