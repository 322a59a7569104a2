"""Words of the linkage's pictures and tables: months, scores, people, parties. In the voice of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.core.entry import SMALL_GROUP
from ledger.programs.linkage.scoring import keys_of
from ledger.web import labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.programs.linkage.scoring import Tally
    from ledger.web.pages import ElementKey
    from ledger.web.voice import Voice

N_ = labels.N_
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LEADS = {
    "organization": N_("Led by an organization"),
    "volunteer": N_("Led by volunteers"),
    "resource": N_("Led by charitable resources"),
    "community": N_("Led by the community"),
    "worker": N_("Led by a social worker"),
    "": N_("In no project"),
}
SHORT = {"resource": N_("Resources"), "": N_("No project")}
MEANS = {
    "donation": N_("Donations"),
    "own": N_("Self-generated"),
    "public": N_("Public money"),
    "other": N_("There before"),
}


def month(code: str, voice: Voice) -> str:
    """Write a month: 2026 年 3 月, March 2026."""
    year, number = code[:4], int(code[5:7])
    return f"{year} 年 {number} 月" if voice.chinese else f"{MONTHS[number - 1]} {year}"


def short_month(number: int, voice: Voice) -> str:
    """Write a month of a known year: 3月, Mar."""
    return f"{number}月" if voice.chinese else MONTHS[number - 1]


def mean(tally: Tally) -> str:
    """Write a mean score, 3.7; a dash without services."""
    tenths = tally.mean
    return "–" if tenths is None else f"{tenths // 10}.{tenths % 10}"


def people(tally: Tally) -> str:
    """Write how many residents were reached; few stay unsaid, and where small groups are among them it is the least."""
    if tally.residents <= 0:
        return "–"
    if tally.residents < SMALL_GROUP:
        return f"<{SMALL_GROUP}"
    return f"{'≥' if tally.small else ''}{tally.residents:,}"


def parties(keys: Iterable[ElementKey], voice: Voice) -> str:
    """Name parties, one after the other."""
    return str(voice.enumerate(labels.word(labels.ELEMENTS, key, voice) for key in keys))


def of_mask(mask: int, voice: Voice) -> str:
    """Name the parties of a mask; say so when there are none."""
    return parties(keys_of(mask), voice) if mask else voice.gettext("no party proven")


def lead(code: str, voice: Voice) -> str:
    """Say who leads."""
    return labels.word(LEADS, code, voice)


def short_lead(code: str, voice: Voice) -> str:
    """Name the party that leads, where there is little room."""
    return voice.gettext(SHORT[code]) if code in SHORT else labels.word(labels.ELEMENTS, code, voice)


def means(code: str, voice: Voice) -> str:
    """Name a means of living."""
    return labels.word(MEANS, code, voice)


def tenths(share: int | None) -> str:
    """Write tenths of a percent: 12.3%."""
    return "–" if share is None else f"{share // 10}.{share % 10}%"
