"""A pasted list of who was there for how long, read line by line.

V0003  2:30            hours and minutes
赵强   150             minutes
V0007  2.5小时         hours
V0008  09:00-11:30     from when to when, on the day of the shift
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.errors import MalformedError
from ledger.giving.hours.actions import Times
from ledger.web.typed import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LINES = 500
_LINE = re.compile(r"(?P<who>.+?)[\s,，;；]+(?P<time>[^\s,，;；]+)")
_BETWEEN = re.compile(r"(\d{1,2}):(\d{2})[-–—~至到](\d{1,2}):(\d{2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_MINUTES = re.compile(r"(\d{1,4})(?:分|分钟|min)?")
_HOURS = re.compile(r"(\d{1,2})(?:\.(\d{1,2}))?(?:小时|时|h)")
MIDNIGHT, HOUR = 24, 60


class Pasted(NamedTuple):
    """What the lines say, and what is wrong with the others: (line, text, reason as an error)."""

    rows: list[Times]
    wrong: list[tuple[int, str, MalformedError]]


def read_list(text: str, starts: str, known: Mapping[str, str]) -> Pasted:
    """Read a list. `starts`: of the shift; `known`: code or name of a volunteer → code, '' for several of a name."""
    rows: dict[str, Times] = {}
    wrong: list[tuple[int, str, MalformedError]] = []
    stripped = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    lines = [(number, line) for number, line in stripped if line and line not in known]  # a name alone says nothing
    for number, words in lines[:MOST_LINES]:
        try:
            times = _read(words, starts, known, rows)
            rows[times.volunteer] = times
        except MalformedError as error:
            wrong.append((number, words[:60], error))
    if len(lines) > MOST_LINES:
        number, words = lines[MOST_LINES]
        wrong.append((number, words[:60], MalformedError("a list has at most %(most)s lines", most=MOST_LINES)))
    return Pasted(list(rows.values()), wrong)


def _read(words: str, starts: str, known: Mapping[str, str], rows: Mapping[str, Times]) -> Times:
    found = _LINE.fullmatch(words)
    if not found:
        raise MalformedError("write a volunteer and a time, like “V0003 2:30”")
    code = known.get(found["who"].strip())
    if code is None:
        raise MalformedError("nobody of this name or code is known here; register them first")
    if not code:
        raise MalformedError("several volunteers have this name; write the code")
    if code in rows:
        raise MalformedError("volunteer %(code)s stands in the list twice", code=code)
    return _time(plain(found["time"]), starts, code)


def _time(text: str, starts: str, code: str) -> Times:
    between = _BETWEEN.fullmatch(text)
    if between:
        hours = [int(part) for part in between.groups()]
        if max(hours[0], hours[2]) < MIDNIGHT and max(hours[1], hours[3]) < HOUR:
            return Times(code, *stretch(starts[:10], f"{hours[0]:02}:{hours[1]:02}", f"{hours[2]:02}:{hours[3]:02}"))
    if clock := _CLOCK.fullmatch(text):
        if int(clock[2]) < HOUR:
            return Times(code, minutes=int(clock[1]) * HOUR + int(clock[2]))
    elif minutes := _MINUTES.fullmatch(text):
        return Times(code, minutes=int(minutes[1]))
    elif (parts := _HOURS.fullmatch(text)) and not int(f"{(parts[2] or '0'):0<2}") * HOUR % 100:
        return Times(code, minutes=int(parts[1]) * HOUR + int(f"{(parts[2] or '0'):0<2}") * HOUR // 100)
    raise MalformedError("“%(text)s” is not a time; write 2:30, 150 or 09:00-11:30", text=text[:20])


def stretch(day: str, came: str, went: str) -> tuple[str, str]:
    """Make full times of a day and two clock times; an end before the beginning is on the next day."""
    begins, ends = f"{day}T{came}", f"{day}T{went}"
    if ends < begins:
        ends = (datetime.fromisoformat(ends) + timedelta(days=1)).isoformat(timespec="minutes")
    return begins, ends
