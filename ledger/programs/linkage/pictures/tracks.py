"""A year as five tracks: who works with whom. A dot on a track is a party proven; a line joins those of one service."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from ledger.programs.linkage.pictures import said, svg
from ledger.programs.linkage.scoring import BITS, Tally, keys_of, score
from ledger.web import labels
from ledger.web.pages import ELEMENTS, ElementKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.programs.linkage.pages import Event, Tracks
    from ledger.web.voice import Voice

ROOMY = 40  # single events that a phone still shows one by one
KINDS_A_MONTH = 4  # sets of parties that are drawn side by side in a month
CLOSE = 90  # events from which dots are drawn smaller


Rows = dict[ElementKey, float]
"""Heights of the tracks."""


class Form(NamedTuple):
    """Measures of the picture."""

    name: str
    width: float
    left: float  # room for the names of tracks
    right: float  # room for the figures
    step: float  # between tracks
    letters: float


WIDE = Form("lk-wide", 900, 100, 92, 38, 14)
NARROW = Form("lk-narrow", 350, 58, 40, 40, 12.5)
TOP = 30.0


def draw(tracks: Tracks, voice: Voice, *, narrow: bool = False) -> Markup:
    """Return the SVG of a year."""
    form = NARROW if narrow else WIDE
    single = tracks.single and not (narrow and len(tracks.events) > ROOMY)
    events = tracks.events if single else tracks.gathered
    rows = {key: TOP + 14 + at * form.step for at, key in enumerate(ELEMENTS)}
    height = TOP + 14 + len(ELEMENTS) * form.step + 12
    parts = [*_grid(form, rows, voice), *_names(tracks, form, rows, voice), *_scores(tracks, form, height - 10, voice)]
    parts += _singles(events, form, rows, tracks.year, voice) if single else _gathered(events, form, rows, voice)
    return svg.frame(f"lk-tracks {form.name}", form.width, height, _label(tracks, voice), parts)


def _label(tracks: Tracks, voice: Voice) -> str:
    text = voice.gettext("%(year)s: five parties and the services they shared; mean score %(score)s of 5")
    return text % {"year": tracks.year, "score": said.mean(tracks.tally)}


def _grid(form: Form, rows: Rows, voice: Voice) -> Iterator[Markup]:
    """Draw the months and the tracks."""
    inner = form.width - form.left - form.right
    bottom = max(rows.values()) + 12
    for month in range(12):
        x = form.left + inner * month / 12
        yield svg.line(x, TOP - 6, x, bottom, "lk-tick")
        name = said.short_month(month + 1, voice) if form is WIDE else str(month + 1)
        yield svg.words(name, x + inner / 24, 16, form.letters - 1, kind="lk-word lk-faint", anchor="middle")
    yield svg.line(form.left + inner, TOP - 6, form.left + inner, bottom, "lk-tick")
    for y in rows.values():
        yield svg.line(form.left, y, form.left + inner, y, "lk-track", svg.EDGE)


def _names(tracks: Tracks, form: Form, rows: Rows, voice: Voice) -> Iterator[Markup]:
    """Write the name of each track before it, and behind it in how many services it is proven."""
    tally, room = tracks.tally, (form.left - 10) / form.letters
    for key, y in rows.items():
        name = labels.word(labels.ELEMENTS, key, voice)
        if svg.em(name) > room:
            name = labels.word(SHORT, key, voice)
        yield svg.words(name, 0, y + 5, form.letters)
        share = f"{tally.share(key)}%"
        figure = f"{tally.proven(key)}/{tally.services}" if form is WIDE else share
        yield svg.words(figure, form.width, y + 5, form.letters, kind="lk-word lk-num", anchor="end")
    text = voice.gettext("proven") if form is WIDE else ""
    yield svg.words(text, form.width, 16, form.letters - 1, kind="lk-word lk-faint", anchor="end")


def _scores(tracks: Tracks, form: Form, y: float, voice: Voice) -> Iterator[Markup]:
    """Write the mean score of each month below it, and that of the year behind."""
    step = (form.width - form.left - form.right) / 12
    by_month: dict[int, Tally] = defaultdict(Tally)
    for event in tracks.gathered:
        by_month[event.at.month] += Tally({event.mask: event.count})
    yield svg.words(voice.gettext("Score"), 0, y, form.letters)
    size = form.letters - (0 if form is WIDE else 2)
    for month, tally in by_month.items():
        x = form.left + step * (month - 0.5)
        yield svg.words(said.mean(tally), x, y, size, kind="lk-word lk-num", anchor="middle")
    yield svg.words(said.mean(tracks.tally), form.width, y, form.letters, kind="lk-word lk-head", anchor="end")


SHORT = {
    "community": labels.N_("Commun."),
    "organization": labels.N_("Organiz."),
    "worker": labels.N_("Worker"),
    "volunteer": labels.N_("Volunt."),
    "resource": labels.N_("Resource"),
}


def _singles(events: tuple[Event, ...], form: Form, rows: Rows, year: str, voice: Voice) -> Iterator[Markup]:
    """Draw each service at its day; those of one day stand beside each other."""
    inner = form.width - form.left - form.right
    first = date(int(year), 1, 1)
    days = (date(int(year) + 1, 1, 1) - first).days
    radius = 3.2 if len(events) > CLOSE or form is NARROW else 4.4
    seen: dict[date, int] = defaultdict(int)
    for event in events:
        x = form.left + inner * ((event.at - first).days + 0.5) / days
        shift, seen[event.at] = seen[event.at], seen[event.at] + 1
        x += (shift + 1) // 2 * (1 if shift % 2 else -1) * 2 * radius
        title = f"{event.at.isoformat()} {event.title or event.code}: {said.of_mask(event.mask, voice)}"
        yield svg.grouped(_marks(event, x, rows, radius, 1.4), title)


def _gathered(events: tuple[Event, ...], form: Form, rows: Rows, voice: Voice) -> Iterator[Markup]:
    """Draw the services of a month by the parties they joined; the more services, the larger the dots."""
    inner = form.width - form.left - form.right
    by_month: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        by_month[event.at.month].append(event)
    most = max((event.count for event in events), default=1)
    for month, found in by_month.items():
        shown = [event for event in found if event.mask][:KINDS_A_MONTH]
        for at, event in enumerate(shown):
            x = form.left + inner * (month - 1 + (at + 1) / (len(shown) + 1)) / 12
            size = (event.count / most) ** 0.5
            title = voice.gettext("%(number)s services: %(parties)s") % {
                "number": event.count,
                "parties": said.of_mask(event.mask, voice),
            }
            largest = 8.0 if form is WIDE else 3.6
            yield svg.grouped(_marks(event, x, rows, 1.6 + largest * size * 0.8, 0.8 + 3 * size), title)


def _marks(event: Event, x: float, rows: Rows, radius: float, width: float) -> Iterator[Markup]:
    """Draw the line that joins the parties of a service and a dot on each track; rings for parties only named."""
    proven = keys_of(event.mask)
    joint = score(event.mask) > 1
    kind, colour = ("lk-joint", svg.JADE) if joint else ("lk-alone", svg.AMBER)
    if joint:
        heights = [rows[key] for key in proven]
        yield svg.line(x, min(heights), x, max(heights), "lk-join", svg.JADE, width)
    for key in ELEMENTS:
        if event.mask & BITS[key]:
            y = rows[key]
            if joint:
                yield svg.dot(x, y, radius, kind, colour)
            else:  # a diamond: alone, also to those who see no colours
                side = 1.3 * radius
                yield Markup('<path class="{}" d="M{} {}L{} {}L{} {}L{} {}Z" fill="{}"/>').format(
                    kind, *map(svg.n, (x, y - side, x + side, y, x, y + side, x - side, y)), colour
                )
        elif event.named & BITS[key]:
            yield svg.ring(x, rows[key], radius - 0.4)
