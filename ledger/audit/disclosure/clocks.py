"""The clocks: by which day every campaign, project and fund must publish, and what remains of the time. Pure."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.audit.disclosure.rules import Rule

LATE, SOON, CALM = "late", "soon", "calm"


class Subject(NamedTuple):
    """Something that is published about: address, name, when it begins and ends; `closed`: on the ledger."""

    address: str
    name: str
    starts: date
    ends: date | None
    emergency: bool = False

    @property
    def type(self) -> str:
        """Return what comes before the first colon."""
        return self.address.partition(":")[0]


class Done(NamedTuple):
    """A disclosure: about what, for which clock, up to which day, published on which day."""

    subject: str
    clock: str
    until: date
    dated: date


class Clock(NamedTuple):
    """A clock that runs: by which day, how many days are left, late / soon / calm, and the last publication."""

    subject: Subject
    rule: Rule
    due: date
    left: int
    state: str
    last: date | None


def months_after(day: date, months: int) -> date:
    """Add calendar months; the 31st of a shorter month is its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def clocks(subjects: Iterable[Subject], done: Iterable[Done], rules: Iterable[Rule], today: date) -> list[Clock]:
    """Run all clocks; those that run out first come first."""
    by_subject: dict[str, list[Done]] = {}
    for one in done:
        by_subject.setdefault(one.subject, []).append(one)
    rules = tuple(rules)
    found = [
        _clock(subject, rule, due, by_subject.get(subject.address, []), today)
        for subject in subjects
        for rule in rules
        for due in _due(subject, rule, by_subject.get(subject.address, []), today)
    ]
    return sorted(found, key=lambda clock: (clock.due, clock.subject.address, clock.rule.key))


def _clock(subject: Subject, rule: Rule, due: date, done: list[Done], today: date) -> Clock:
    left = (due - today).days
    state = LATE if left < 0 else (SOON if left <= rule.amber else CALM)
    return Clock(subject, rule, due, left, state, max((one.dated for one in done), default=None))


def _due(subject: Subject, rule: Rule, done: list[Done], today: date) -> Iterator[date]:
    """Give the day by which a rule asks for a publication about a subject; none when it asks for nothing."""
    if subject.type not in rule.subjects or subject.starts > today:
        return
    ended = subject.ends is not None and subject.ends < today
    last = max((one.dated for one in done), default=subject.starts)
    if rule.when == "running" and not ended and _lasts(subject, rule, today):
        yield months_after(max(last, subject.starts), rule.months)
    elif rule.when == "emergency" and subject.emergency and not ended:
        yield max(last, subject.starts) + timedelta(days=rule.days)
    elif rule.when == "ended" and ended and subject.ends is not None and _lasts(subject, rule, today):
        if not any(one.clock == rule.key and one.until >= subject.ends for one in done):
            yield months_after(subject.ends, rule.months)
    elif rule.when == "yearly":
        yield from _yearly(subject, rule, done, today)


def _lasts(subject: Subject, rule: Rule, today: date) -> bool:
    """Tell whether something lasts longer than the rule says; without an end, whether it has lasted so long."""
    return (subject.ends or today) > months_after(subject.starts, rule.longer) or not rule.longer


def _yearly(subject: Subject, rule: Rule, done: list[Done], today: date) -> Iterator[date]:
    """Give the day for the report of the last year, or of this one when that is published."""
    month, day = (int(part) for part in rule.by.split("-"))
    for year in (today.year - 1, today.year):
        covered = any(one.clock == rule.key and one.until >= date(year, 12, 31) for one in done)
        alive = subject.starts.year <= year and (subject.ends is None or subject.ends.year >= year)
        if alive and not covered:
            yield date(year + 1, month, day)
            return
