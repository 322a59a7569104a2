"""The modes of service beside each other: small bars, one group a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ledger.core.units import HOUR
from ledger.programs.linkage.pictures import said, svg
from ledger.web.convert import unit_of
from ledger.web.pages import Quantity
from ledger.web.quantities import headline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from ledger.programs.linkage.pages import Lead
    from ledger.web.voice import Voice


class Measure(NamedTuple):
    """What is compared: its name, each mode's number, and that number in words."""

    name: str
    numbers: tuple[float, ...]
    told: tuple[str, ...]
    most: float  # length of a full bar; 0: the largest number


def draw(leads: tuple[Lead, ...], voice: Voice, *, narrow: bool = False) -> Markup:
    """Return the SVG."""
    width, columns = (350.0, 1) if narrow else (900.0, 3)
    measures = _measures(leads, voice)
    row, head = 25.0, 26.0
    tall = head + row * len(leads) + 16
    lines = -(-len(measures) // columns)
    parts: list[Markup] = []
    for at, measure in enumerate(measures):
        x, y = (at % columns) * width / columns, (at // columns) * tall
        parts += _group(measure, leads, x, y, width / columns - (0 if narrow else 22), voice)
    label = voice.gettext("Services compared by the party that leads the project")
    return svg.frame(f"lk-bars {'lk-narrow' if narrow else 'lk-wide'}", width, lines * tall, label, parts)


def _measures(leads: tuple[Lead, ...], voice: Voice) -> list[Measure]:
    tallies = [lead.tally for lead in leads]
    money, hours = unit_of("CNY", None), unit_of(HOUR, None)
    return [
        _measure(voice.gettext("Services"), [(t.services, f"{t.services:,}") for t in tallies]),
        _measure(voice.gettext("Mean score, of 5"), [((t.mean or 0) / 10, said.mean(t)) for t in tallies], 5),
        _measure(
            voice.gettext("Confirmed by both"),
            [(_percent(t.confirmed, t.services), f"{_percent(t.confirmed, t.services)}%") for t in tallies],
            100,
        ),
        _measure(voice.gettext("Residents reached"), [(t.residents, said.people(t)) for t in tallies]),
        _measure(voice.gettext("Money used"), [(t.money, headline(Quantity(t.money, money), voice)) for t in tallies]),
        _measure(
            voice.gettext("Volunteer hours"),
            [(t.minutes, headline(Quantity(t.minutes, hours), voice)) for t in tallies],
        ),
    ]


def _measure(name: str, found: list[tuple[float, str]], most: float = 0) -> Measure:
    return Measure(name, tuple(number for number, _ in found), tuple(told for _, told in found), most)


def _percent(part: int, whole: int) -> int:
    return 100 * part // whole if whole else 0


def _group(
    measure: Measure, leads: tuple[Lead, ...], x: float, y: float, width: float, voice: Voice
) -> Iterator[Markup]:
    yield svg.words(measure.name, x, y + 13, 13, kind="lk-word lk-head")
    most, names, figures = measure.most or max(measure.numbers) or 1, 90.0, 88.0
    for at, (lead, number, told) in enumerate(zip(leads, measure.numbers, measure.told, strict=True)):
        top = y + 24 + at * 25
        name = svg.shorten(said.short_lead(lead.lead, voice), names / 12.5)
        yield svg.words(name, x, top + 13, 12.5, kind="lk-word lk-faint")
        long = (width - names - figures) * number / most
        if number:
            yield svg.box(x + names, top + 3, max(long, 1.5), 12, "lk-node lk-jade", svg.JADE)
        yield svg.words(told, x + names + max(long, 0) + 6, top + 13.5, 12.5, kind="lk-word lk-num")
