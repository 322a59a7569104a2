"""What a reader asked for in the address of a list: page, dates, choices; nonsense is refused in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from ledger.web.typed import in_years

if TYPE_CHECKING:
    from collections.abc import Collection

MOST_DIGITS = 9  # of a page number


def page(name: str = "page") -> int:
    """Return the page asked for, from 1; a page with several lists names each."""
    text = request.args.get(name, "").strip() or "1"
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS or int(text) < 1:
        raise BadRequest(_("“%(text)s” is not the number of a page; pages begin with 1.", text=text[:40]))
    return int(text)


def day(name: str) -> date | None:
    """Return a date asked for as 2026-11-23; None when there is none."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return in_years(date.fromisoformat(text))
    except ValueError:
        raise BadRequest(_("“%(text)s” is not a date; write it like 2026-11-23.", text=text[:40])) from None


def year() -> int | None:
    """Return a year asked for, of four digits."""
    text = request.args.get("year", "").strip()
    if not text:
        return None
    if len(text) != 4 or not text.isascii() or not text.isdigit():  # noqa: PLR2004  # digits of a year
        raise BadRequest(_("“%(text)s” is not a year; write it like 2026.", text=text[:40]))
    return int(text)


def choice(name: str, known: Collection[str], default: str | None = None) -> str | None:
    """Return one of the known values; anything else counts as not asked for, and the page shows so."""
    text = request.args.get(name, "").strip()
    return text if text in known else default


def word(name: str, most: int = 100) -> str:
    """Return free text, trimmed and cut to `most` characters."""
    return " ".join(request.args.get(name, "").split())[:most]
