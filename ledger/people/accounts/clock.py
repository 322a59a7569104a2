"""Moments as the tables keep them: UTC text that sorts as it is read, `2026-11-23T08:00:00.000Z`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present moment, UTC."""
    return datetime.now(UTC)


def begin_of(day: date) -> datetime:
    """Return the moment at which a day begins in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def stamp(moment: datetime) -> str:
    """Write a moment."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def read(text: str) -> datetime:
    """Read a moment."""
    return datetime.fromisoformat(text)


def ago(moment: datetime, **span: int) -> str:
    """Write the moment that lies `span` (hours, minutes, …) before another."""
    return stamp(moment - timedelta(**span))
