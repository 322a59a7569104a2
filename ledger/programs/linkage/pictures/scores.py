"""The mean score month by month, and the months in which a party was proven for the first time."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from markupsafe import Markup

from ledger.programs.linkage.pictures import said, svg
from ledger.programs.linkage.scoring import keys_of
from ledger.web import labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.programs.linkage.pages import Month
    from ledger.web.voice import Voice

TOP, PLOT, LEFT = 26.0, 150.0, 26.0
BARS = 34.0  # height of the bars that count services


def draw(months: tuple[Month, ...], voice: Voice, *, narrow: bool = False) -> Markup:
    """Return the SVG; nothing without a month."""
    if not months:
        return Markup()
    width, letters = (350.0, 12.5) if narrow else (900.0, 13.0)
    height = TOP + PLOT + BARS + 46
    step = (width - LEFT - 8) / len(months)
    parts = [
        *_grid(width, letters),
        *_counts(months, step, letters, voice),
        *_line(months, step, letters, narrow=narrow),
    ]
    parts += _firsts(months, step, letters, voice, narrow=narrow)
    text = voice.gettext("Mean score of services by month, from %(first)s to %(last)s")
    label = text % {"first": said.month(months[0].month, voice), "last": said.month(months[-1].month, voice)}
    return svg.frame(f"lk-scores {'lk-narrow' if narrow else 'lk-wide'}", width, height, label, parts)


def _y(tenths: float) -> float:
    return TOP + PLOT * (1 - tenths / 50)


def _x(at: int, step: float) -> float:
    return LEFT + step * (at + 0.5)


def _grid(width: float, letters: float) -> Iterator[Markup]:
    for score in range(6):
        yield svg.line(LEFT, _y(10 * score), width - 8, _y(10 * score), "lk-tick")
        yield svg.words(str(score), LEFT - 8, _y(10 * score) + 4.5, letters, kind="lk-word lk-faint", anchor="end")


def _counts(months: tuple[Month, ...], step: float, letters: float, voice: Voice) -> Iterator[Markup]:
    """Draw how many services there were below the months, and write every so many months."""
    most = max(month.tally.services for month in months) or 1
    base = TOP + PLOT + 10 + BARS
    half = 3.5 * 0.56 * (letters - 1)  # of the words for a month
    every = ceil((2 * half + 6) / step)
    edge = LEFT + step * len(months) + 8
    for at, month in enumerate(months):
        tall = BARS * month.tally.services / most
        title = f"{said.month(month.month, voice)}: {month.tally.services}"
        if tall:
            yield svg.box(_x(at, step) - 0.36 * step, base - tall, 0.72 * step, tall, "lk-count", svg.EDGE, title=title)
        if at % every == 0:
            x = min(_x(at, step), edge - half)
            name = month.month.replace("-", ".")
            yield svg.words(name, x, base + 17, letters - 1, kind="lk-word lk-faint", anchor="middle")
    yield svg.words(voice.gettext("below: how many services"), LEFT, base + 35, letters - 1, kind="lk-word lk-faint")


def _line(months: tuple[Month, ...], step: float, letters: float, *, narrow: bool) -> Iterator[Markup]:
    """Draw the mean as a line with a dot a month; a month without services interrupts it."""
    path, before = "", False
    known = [(at, month.tally.mean) for at, month in enumerate(months)]
    for at, mean in known:
        if mean is not None:
            path += f"{'L' if before else 'M'}{svg.n(_x(at, step))} {svg.n(_y(mean))}"
        before = mean is not None
    yield Markup('<path class="lk-line" d="{}" fill="none" stroke="{}" stroke-width="2"/>').format(path, svg.JADE)
    told = [at for at, mean in known if mean is not None]
    for at, mean in known:
        if mean is not None:
            yield svg.dot(_x(at, step), _y(mean), 2.6 if narrow else 3.6, "lk-joint", svg.JADE)
            if (not narrow and step >= 3 * letters) or at in {told[0], told[-1]}:
                y = _y(mean) - 9 if mean < 45 else _y(mean) + 18  # noqa: PLR2004  # near the top: below the line
                words = f"{mean // 10}.{mean % 10}"
                yield svg.words(words, _x(at, step), y, letters, kind="lk-word lk-num", anchor="middle", halo=True)


def _firsts(months: tuple[Month, ...], step: float, letters: float, voice: Voice, *, narrow: bool) -> Iterator[Markup]:
    """Mark above the months where a party was proven for the first time, as far as there is room for its name."""
    edge = (350.0 if narrow else 900.0) - 8
    free = 0.0
    for at, month in enumerate(months):
        keys = keys_of(month.first)
        marks = "".join(labels.word(labels.MARKS, key, voice) for key in keys)
        text = "+ " + (marks if narrow else said.parties(keys, voice))
        x, wide = _x(at, step), svg.em(text) * (letters - 1)
        start = min(x + 3, edge - wide)
        if not keys or start < free:
            continue
        yield svg.line(x, TOP - 8, x, _y(0), "lk-first", svg.INDIGO)
        yield svg.words(text, start, TOP - 12, letters - 1, kind="lk-word lk-faint")
        free = start + wide + 8
