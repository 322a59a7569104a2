"""Read dates: date cells, serial numbers, the shapes people write, and the periods that titles name."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ledger.exchange.cells import Cell, text_of

_LAST_MONTH = 12
_EPOCH = date(1899, 12, 30)
"""Day 0 of spreadsheet serial numbers (as far as they count days after February 1900)."""

_SERIAL = range(20_000, 80_000)
"""Serial numbers taken for dates: 1954-10-03 to 2119-01-10. Others are figures."""

_LONGEST, _LONGEST_DAY = 300, 60
"""Characters of a title in which a date is looked for, and of a cell that is one."""

_YEARS = range(1900, 2101)
_MONTHS = {
    name: month
    for month, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}

_YEAR = r"(?:(?P<y{0}>\d{{4}})\s*[年./-]\s*)"
_MONTH_DAY = r"(?P<m{0}>\d{{1,2}})\s*[月./-]\s*(?P<d{0}>\d{{1,2}})\s*[日号]?"
_CLOCK = r"(?:\s*T?\s*\d{1,2}\s*[:时点]\s*(?:\d{1,2}\s*分?(?:\s*:?\s*\d{1,2}(?:\.\d+)?\s*秒?)?)?\s*Z?)?"
_TO = r"\s*(?:-+|—+|–+|~+|至|到|to)\s*"

_DAY = re.compile(_YEAR.format(1) + "?" + _MONTH_DAY.format(1) + _CLOCK, re.IGNORECASE)
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:\d{6})?")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_ENGLISH = re.compile(
    rf"(?:(?P<m1>{_MONTH})\.?\s+(?P<d1>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?"
    rf"|(?<!\d)(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m2>{_MONTH})\.?)(?:,?\s+(?P<y>\d{{4}}))?",
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})[./-](?P<b>\d{1,2})[./-](?P<y>\d{4})" + _CLOCK)
_SHORT_YEAR = re.compile(r"(?P<y>\d\d)[./-](?P<m>\d{1,2})[./-](?P<d>\d{1,2})")
_PERIOD = re.compile(
    _YEAR.format(1)
    + "?"
    + _MONTH_DAY.format(1)
    + _CLOCK
    + _TO
    + "(?:"
    + _YEAR.format(2)
    + "?"
    + _MONTH_DAY.format(2)
    + r"|(?P<d3>\d{1,2})\s*[日号])",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(
    r"截[至止](?:到|目前)?\s*(?:" + _YEAR.format(1) + "?" + _MONTH_DAY.format(1) + r"|(?P<d3>\d{1,2})\s*[日号])",
    re.IGNORECASE,
)
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:年|[./-]\d{1,2}[./-]\d)")
_SOME_DATE = re.compile(r"\d{1,2}\s*月\s*\d{1,2}|(?:19|20)\d\d\s*[./-]\s*\d{1,2}\s*[./-]\s*\d{1,2}")


@dataclass(frozen=True, slots=True)
class Span:
    """A day (first = last), a period, or what happened up to a cut-off (`first` is then unknown)."""

    first: date | None
    last: date
    cut_off: bool = False


def _day(year: int | None, month: int, day: int) -> date | None:
    if year is None or year not in _YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def year_in(text: str) -> int | None:
    """Find the year that a text states, as in 2020年 or 2020.01.29."""
    match = _ANY_YEAR.search(unicodedata.normalize("NFKC", text))
    return int(match[1]) if match else None


def names_date(text: str) -> bool:
    """Tell whether a text speaks of a day, even one that lacks its year."""
    text = unicodedata.normalize("NFKC", text)
    return bool(_SOME_DATE.search(text) or _CUT_OFF.search(text))


def day_of(cell: Cell, year: int | None = None) -> date | None:
    """Read one day; `year` completes 1月24日. None for what is no day or could be two different ones."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell if cell.year in _YEARS else None
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return _from_number(cell)
    text = text_of(cell)
    return _from_text(unicodedata.normalize("NFKC", text), year) if len(text) <= _LONGEST_DAY else None


def _from_number(value: float) -> date | None:
    if not math.isfinite(value):
        return None
    if int(value) in _SERIAL:
        return _EPOCH + timedelta(days=int(value))
    return _from_text(str(int(value)), None) if value == int(value) else None


def _from_text(text: str, year: int | None) -> date | None:
    if match := _DAY.fullmatch(text):
        return _day(int(match["y1"]) if match["y1"] else year, int(match["m1"]), int(match["d1"]))
    if match := _COMPACT.fullmatch(text):
        return _day(int(match["y"]), int(match["m"]), int(match["d"]))
    if match := _SHORT_YEAR.fullmatch(text):
        # 20-1-29 begins with the year here; 01-02-03 could be anything
        return _day(2000 + int(match["y"]), int(match["m"]), int(match["d"])) if int(match["y"]) > _LAST_MONTH else None
    if match := _YEAR_LAST.fullmatch(text):
        found = {_day(int(match["y"]), int(match[m]), int(match[d])) for m, d in (("a", "b"), ("b", "a"))} - {None}
        return found.pop() if len(found) == 1 else None
    if match := _ENGLISH.fullmatch(text):
        month = _MONTHS.get((match["m1"] or match["m2"])[:3].lower())
        return _day(int(match["y"]) if match["y"] else year, month, int(match["d1"] or match["d2"])) if month else None
    if text.isdecimal() and int(text) in _SERIAL:
        return _from_number(int(text))
    return None


def span_in(text: str, year: int | None = None, near: date | None = None) -> Span | None:
    """Find the period, cut-off or day that a title or heading names.

    `year` completes dates without one; `near` (a date already read) completes "截至28日" and, failing `year`, years.
    """
    text = unicodedata.normalize("NFKC", text[:_LONGEST])
    year = year_in(text) or year or (near.year if near else None)
    if match := _CUT_OFF.search(text):
        if match["d3"]:
            last = _day(near.year, near.month, int(match["d3"])) if near else None
        else:
            last = _day(int(match["y1"]) if match["y1"] else year, int(match["m1"]), int(match["d1"]))
        return Span(None, last, cut_off=True) if last else None
    if match := _PERIOD.search(text):
        return _period(match, year)
    for match in _DAY.finditer(text):
        stated = match["y1"] or "月" in match[0]
        day = _day(int(match["y1"]) if match["y1"] else year, int(match["m1"]), int(match["d1"])) if stated else None
        if day:
            return Span(day, day)
    days = [day for match in _ENGLISH.finditer(text) if (day := _from_text(match[0], year))]
    return Span(days[0], days[-1]) if days else None


def _period(match: re.Match[str], year: int | None) -> Span | None:
    """Complete a period: a missing year is the other end's; an end before its beginning is in the next year."""
    first = int(match["m1"]), int(match["d1"])
    last = (first[0], int(match["d3"])) if match["d3"] else (int(match["m2"]), int(match["d2"]))
    years = [int(match[name]) if match[name] else None for name in ("y1", "y2")]
    begins, ends, over = years[0], years[1], int(last < first)
    if begins is None:
        begins = ends - over if ends else year
    if ends is None and begins is not None:
        ends = begins + over
    one, other = _day(begins, *first), _day(ends, *last)
    return Span(one, other) if one and other and one <= other else None
