"""Figures, dates, hashes and parts of a whole as pages show them; exact, and free of any framework."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from ledger.reports import figures

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from ledger.web.pages import Quantity, Share
    from ledger.web.voice import Voice

HIDDEN_BELOW = 5  # residents: smaller groups are not told
GAP = "\N{NO-BREAK SPACE}"
PAGES = 7  # numbers in a pager before it leaves some out


def figure(quantity: Quantity, voice: Voice) -> str:
    """Write the bare number, for a column whose head names the unit: 1,234.56."""
    unit = quantity.unit
    if unit.kind == "hours":
        return figures.hours(quantity.amount, chinese=voice.chinese)
    return figures.decimal(quantity.amount, unit.scale, strip=unit.kind == "goods")


def amount(quantity: Quantity, voice: Voice) -> str:
    """Write the number with its measure, not what it is of: ¥1,234.56, 1,200 个, 2 小时 30 分."""
    text, unit = figure(quantity, voice), quantity.unit
    if unit.kind == "hours":
        return text
    if unit.kind == "goods":
        return f"{text}{GAP}{unit.measure}" if unit.measure else text
    if unit.code != "CNY":
        return f"{text}{GAP}{unit.code}"
    sign = figures.MINUS if quantity.amount < 0 else ""
    return f"{sign}¥{text.removeprefix(figures.MINUS)}"


def quantity(value: Quantity, voice: Voice) -> str:
    """Write number, measure and what it is of: ¥1,234.56, N95口罩 1,200 个."""
    text = amount(value, voice)
    return f"{value.unit.name} {text}" if value.unit.kind == "goods" else text


def headline(value: Quantity, voice: Voice) -> str:
    """Write a large sum of money short, rounded to two places: ¥1,027.28 万, ¥10.27 million."""
    if not is_short(value, voice):
        return amount(value, voice)
    parts, word = (10_000, "万") if voice.chinese else (1_000_000, "million")
    whole = parts * 10**value.unit.scale // 100
    hundredths = (abs(value.amount) + whole // 2) // whole
    sign = figures.MINUS if value.amount < 0 else ""
    return f"{sign}¥{figures.decimal(hundredths, 2)}{GAP}{word}"


def is_short(value: Quantity, voice: Voice) -> bool:
    """Say whether `headline` leaves the exact figure out: from 100,000 or a million yuan."""
    least = 100_000 if voice.chinese else 1_000_000
    return value.unit.code == "CNY" and abs(value.amount) >= least * 10**value.unit.scale


def headline_markup(value: Quantity, voice: Voice) -> Markup:
    """Return the headline; a shortened one carries the exact figure as an abbreviation's title."""
    if not is_short(value, voice):
        return Markup("{}").format(amount(value, voice))
    return Markup('<abbr title="{}">{}</abbr>').format(amount(value, voice), headline(value, voice))


def instant(at: str | int) -> datetime:
    """Read a moment as it is stored: `2026-11-23T09:00:00.000Z`, or seconds since 1970."""
    return datetime.fromtimestamp(at, UTC) if isinstance(at, int) else datetime.fromisoformat(at)


def residents(number: int) -> str:
    """Write a number of people; fewer than five stay unsaid."""
    if number <= 0:
        return "—"
    return f"<{HIDDEN_BELOW}" if number < HIDDEN_BELOW else f"{number:,}"


def percents(amounts: Iterable[int]) -> tuple[str, ...]:
    """Write parts of a whole in tenths of a percent that sum to 100.0 (largest remainders)."""
    parts = tuple(amounts)
    whole = sum(parts)
    if whole <= 0:
        return tuple("0.0" for _ in parts)
    tenths = [1000 * part // whole for part in parts]
    order = sorted(range(len(parts)), key=lambda i: (-(1000 * parts[i] % whole), i))
    for i in order[: 1000 - sum(tenths)]:
        tenths[i] += 1
    return tuple(f"{value // 10}.{value % 10}" for value in tenths)


def bar(shares: Iterable[Share]) -> tuple[tuple[Share, str, str], ...]:
    """Return each share with the start and width of its piece of a bar, in percent."""
    given = tuple(shares)
    widths = percents(share.quantity.amount for share in given)
    start, pieces = 0, []
    for share, width in zip(given, widths, strict=True):
        pieces.append((share, f"{start // 10}.{start % 10}", width))
        start += int(width.replace(".", ""))
    return tuple(pieces)


# ------------------------------------------------------------------- dates, hashes, codes


def day(value: date, voice: Voice) -> str:
    """Write a date in words."""
    return figures.long_date(value, chinese=voice.chinese)


def groups(text: str, size: int = 8) -> Markup:
    """Set a hash in groups: the eye finds its place, copying gives it whole."""
    pieces = (text[i : i + size] for i in range(0, len(text), size))
    spans = Markup().join(Markup("<span>{}</span>").format(piece) for piece in pieces)
    return Markup('<code class="hash">{}</code>').format(spans)


def short_hash(text: str) -> Markup:
    """Set the beginning of a hash, the whole in its title."""
    return Markup('<code class="hash" title="{}"><span>{}</span><span>{}…</span></code>').format(
        text, text[:4], text[4:8]
    )


def page_numbers(number: int, last: int) -> tuple[int | None, ...]:
    """Return the pages a pager offers, None where some are left out."""
    if last <= PAGES:
        return tuple(range(1, last + 1))
    near = {1, 2, last - 1, last, number - 1, number, number + 1}
    shown = sorted(page for page in near if 1 <= page <= last)
    result: list[int | None] = []
    for page in shown:
        if result and page - (result[-1] or 0) > 1:
            result.append(None)
        result.append(page)
    return tuple(result)


def short_day(value: date | datetime) -> str:
    """Write a date for a column: 2026-11-23."""
    return value.strftime("%Y-%m-%d")
