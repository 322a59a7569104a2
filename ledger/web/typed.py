"""What people type, in plain forms; no framework."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

YEARS = range(1900, 3000)
"""In which days may lie; a year beyond is a slip of the keyboard, and days are counted on from these."""
# Controls, and the marks that turn the direction of whatever follows; joiners and single marks are part of words.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(text: str) -> str:
    """Return what was typed in plain forms, without spaces: １，０００。５ → 1,000.5."""
    return "".join(unicodedata.normalize("NFKC", text).replace("。", ".").replace("、", ",").split())


def line_of(text: str) -> str:
    """Return a line of text as it may stand among others: single spaces, nothing unseen that acts on its neighbours."""
    return " ".join(_UNSEEN.sub("", text).split())


def in_years(day: date) -> date:
    """Return a day that can be meant; raise ValueError."""
    if day.year not in YEARS:
        raise ValueError(day)
    return day
