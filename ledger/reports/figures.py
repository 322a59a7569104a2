"""Figures and dates as text, exact: integers in, never through a float.

Pages and documents share these, so that both always print the same figure.
"""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

MINUS = "\N{MINUS SIGN}"
GAP = "\N{NO-BREAK SPACE}"
CHINA = timezone(timedelta(hours=8), "UTC+8")  # no daylight saving since 1991
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def decimal(amount: int, scale: int, *, strip: bool = False) -> str:
    """Write `amount` smallest parts with thousands separators: 123456, 2 → `1,234.56`.

    `strip` drops a fraction's trailing zeros (goods: 1500, 3 → `1.5`).
    """
    sign = MINUS if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**scale)
    fraction = f"{part:0{scale}d}" if scale else ""
    if strip:
        fraction = fraction.rstrip("0")
    return f"{sign}{whole:,}" + (f".{fraction}" if fraction else "")


def hours(minutes: int, *, chinese: bool) -> str:
    """Write minutes exactly: 150 → `2 小时 30 分` or `2 h 30 min`."""
    sign = MINUS if minutes < 0 else ""
    whole, part = divmod(abs(minutes), 60)
    names = ("小时", "分") if chinese else ("h", "min")
    words = [f"{whole:,}{GAP}{names[0]}"] if whole or not part else []
    if part:
        words.append(f"{part}{GAP}{names[1]}")
    return sign + " ".join(words)


def long_date(day: date, *, chinese: bool) -> str:
    """Write a date in words: `2026年11月23日` or `23 November 2026`."""
    if chinese:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def clock(moment: datetime) -> str:
    """Write an aware moment in China's time: `2026-11-23 21:00`."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def group_code(code: str) -> str:
    """Write a tracking code in groups of four: `ABCD-EFGH-JKMN-PQRS-T`."""
    plain = code.replace("-", "").replace(" ", "")
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))


def groups(text: str, size: int = 8) -> list[str]:
    """Cut a hash into groups that the eye can follow."""
    return [text[i : i + size] for i in range(0, len(text), size)]
