"""The pipeline: mobilised, allocated, applied, with widths that add up; on a phone as three bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from ledger.programs.linkage.pictures import svg
from ledger.web.labels import N_
from ledger.web.pages import FlowLink, FlowNode, FlowPicture, Quantity
from ledger.web.quantities import amount, headline
from ledger.web.sankey_layout import Frame, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ledger.programs.linkage.ages import Age
    from ledger.programs.linkage.pages import Flow
    from ledger.programs.linkage.pipeline import Stage
    from ledger.web.sankey_layout import Box, Layout
    from ledger.web.voice import Voice

TOP = 34.0
FRAME = Frame(width=900, flow=250, node=12, label=44, gap=12, margin=250)
NAMES = {
    "funds": N_("In the funds"),
    "direct": N_("Given straight to organizations"),
    "spot": N_("Used on the spot"),
    "before": N_("With organizations from before"),
    "back": N_("Back from organizations"),
    "organizations": N_("To organizations"),
    "own": N_("Used by the funds"),
    "service": N_("Became services"),
    "issued": N_("Handed out"),
    "expense": N_("Costs"),
    "refunded": N_("Refunded"),
    "lost": N_("Written off"),
    "returned": N_("Back to the funds"),
    "wait-funds": N_("Waits in the funds"),
    "wait-organizations": N_("Waits with organizations"),
}
HEADS = (N_("Mobilised"), N_("Allocated"), N_("Applied"))
COLUMNS = {"funds": 0, "direct": 0, "spot": 0, "before": 0, "back": 0, "organizations": 1, "own": 1}
COLOURS = {"service": ("lk-jade", svg.JADE), "issued": ("lk-indigo", svg.INDIGO)}


@dataclass(frozen=True, slots=True)
class Links:
    """Amounts between the places of the picture, by their keys."""

    amounts: dict[tuple[str, str], int]

    @property
    def whole(self) -> bool:
        """Tell whether there is anything to draw, and nothing less than nothing."""
        return bool(self.amounts) and min(self.amounts.values()) > 0


def links_of(flow: Flow) -> Links:
    """Tell what goes from where to where; entries dated out of order can leave a stage with less than nothing."""
    line = flow.pipeline
    funds, others = line.funds, line.organizations
    back = max(0, -funds.passed)  # more came back from organizations than was paid to them
    found = {
        ("funds", "organizations"): max(0, funds.passed),
        ("funds", "wait-funds"): funds.waits - back,
        ("back", "wait-funds"): back,
        ("direct", "organizations"): line.direct,
        ("before", "organizations"): others.opening,
        ("spot", "service"): line.on_the_spot,
        ("organizations", "wait-organizations"): others.waits,
        ("organizations", "returned"): back,
        **{("organizations", use): number for use, number in others.uses.items()},
        ("funds", "own"): sum(funds.uses.values()),
        **{("own", use): number for use, number in funds.uses.items()},
    }
    return Links({ends: number for ends, number in found.items() if number})


def draw(flow: Flow, today: date, voice: Voice, *, narrow: bool = False) -> Markup:
    """Return the SVG; nothing when there is nothing to draw."""
    links = links_of(flow)
    if not links.whole:
        return Markup()
    return _bars(flow, today, voice) if narrow else _columns(flow, links, today, voice)


def _label(flow: Flow, voice: Voice) -> str:
    line = flow.pipeline
    text = voice.gettext("Mobilised %(mobilised)s, allocated %(allocated)s, applied %(applied)s")
    parts = {"mobilised": line.mobilised, "allocated": line.allocated, "applied": line.applied}
    return text % {name: amount(Quantity(number, flow.unit), voice) for name, number in parts.items()}


def aged(age: Age | None, today: date, voice: Voice) -> str:
    """Say how long units have been waiting: the oldest, and the middle one."""
    if age is None:
        return ""
    text = voice.gettext("oldest %(oldest)s days, half over %(median)s")
    return text % {"oldest": (today - age.oldest).days, "median": (today - age.median).days}


# ----------------------------------------------------------------------------- wide: columns


def _columns(flow: Flow, links: Links, today: date, voice: Voice) -> Markup:
    keys = list(dict.fromkeys(key for ends in links.amounts for key in ends))
    order = list(NAMES)
    nodes = tuple(
        FlowNode(key, "way" if key in COLUMNS else "end", COLUMNS.get(key, 2)) for key in sorted(keys, key=order.index)
    )
    drawn = tuple(FlowLink(source, target, number) for (source, target), number in links.amounts.items())
    layout = lay_out(FlowPicture(flow.unit, nodes, drawn), FRAME)
    height = TOP + layout.height + 24
    parts = [*_heads(voice), *_ribbons(layout, flow, voice), *_places(layout, flow, today, voice)]
    return svg.frame("lk-stages lk-wide", FRAME.width, height, _label(flow, voice), parts)


def _heads(voice: Voice) -> Iterator[Markup]:
    step = (FRAME.width - FRAME.margin - FRAME.node) / 2
    for at, head in enumerate(HEADS):
        yield svg.words(voice.gettext(head), at * step, 14, 14.5, kind="lk-word lk-head")


def _ribbons(layout: Layout, flow: Flow, voice: Voice) -> Iterator[Markup]:
    for ribbon in sorted(layout.ribbons, key=lambda r: -r.amount):
        kind, colour = _colour(ribbon.target)
        title = f"{_name(ribbon.source, voice)} → {_name(ribbon.target, voice)}: "
        title += amount(Quantity(ribbon.amount, flow.unit), voice)
        for hop in ribbon.hops:
            x0, x1 = hop.source.x + (FRAME.node if hop.source.key else 0), hop.target.x
            top, low = (x0, hop.y0, x1, hop.y1), (x1, hop.y1 + hop.thick, x0, hop.y0 + hop.thick)
            path = f"M{svg.n(x0)} {svg.n(TOP + hop.y0)}{_curve(top)}L{svg.n(x1)} {svg.n(TOP + hop.y1 + hop.thick)}"
            yield Markup('<path class="lk-ribbon {}" fill="{}" fill-opacity="0.3" d="{}{}Z">{}</path>').format(
                kind, colour, path, _curve(low), svg.titled(title)
            )


def _curve(points: tuple[float, float, float, float]) -> str:
    x0, y0, x1, y1 = points
    half = (x0 + x1) / 2
    return "C" + " ".join(map(svg.n, (half, TOP + y0, half, TOP + y1, x1, TOP + y1)))


def _places(layout: Layout, flow: Flow, today: date, voice: Voice) -> Iterator[Markup]:
    for place in layout.boxes:
        key = place.key or ""
        kind, colour = _colour(key)
        yield svg.box(place.x, TOP + place.y, FRAME.node, place.height, f"lk-node {kind}", colour)
        if key.startswith("wait"):
            yield svg.hatch(place.x, TOP + place.y, FRAME.node, place.height)
        yield from _said(place, flow, today, voice)


def _said(place: Box, flow: Flow, today: date, voice: Voice) -> Iterator[Markup]:
    """Write what a place is, how much there is, and of what waits how long."""
    key, x, y = place.key or "", place.x + FRAME.node + 7, TOP + place.middle
    end = key not in COLUMNS
    room = (FRAME.margin - 20) / 14 if end else 17
    age = {"wait-funds": flow.funds, "wait-organizations": flow.organizations}.get(key)
    waits = aged(age, today, voice)
    y -= 9 if waits else 2
    yield svg.words(svg.shorten(_name(key, voice), room), x, y, 14, halo=not end)
    figure = headline(Quantity(place.amount, flow.unit), voice)
    yield svg.words(figure, x, y + 17, 13, kind="lk-word lk-num", halo=not end)
    if waits:
        yield svg.words(svg.shorten(waits, (FRAME.margin - 18) / 12), x, y + 33, 12, kind="lk-word lk-wait")


def _name(key: str, voice: Voice) -> str:
    return voice.gettext(NAMES[key])


def _colour(key: str) -> tuple[str, str]:
    if key.startswith("wait"):
        return "lk-amber", svg.AMBER
    return COLOURS.get(key, ("lk-ink", svg.MUTED))


# ------------------------------------------------------------------------------ narrow: bars

WIDTH, BAR, ROW = 350.0, 22.0, 19.0
BITS = (
    (N_("To organizations"), "lk-ink", svg.MUTED),
    (N_("Became services"), "lk-jade", svg.JADE),
    (N_("Other uses"), "lk-grey", svg.EDGE),
    (N_("Waits"), "lk-wash", svg.WASH),
)


def _bars(flow: Flow, today: date, voice: Voice) -> Markup:
    """Draw a bar a stage, all to one measure, with a line for each of its parts: what waits is hatched."""
    line = flow.pipeline
    funds = (max(0, line.funds.passed), *_used(line.funds), line.funds.waits)
    others = (0, *_used(line.organizations), line.organizations.waits)
    applied = (0, line.applied, 0, 0)
    scale = WIDTH / max(sum(funds), sum(others), line.applied, 1)
    parts: list[Markup] = []
    rows = ((0, funds, line.mobilised, flow.funds), (1, others, line.allocated, flow.organizations))
    y = 12.0
    for at, bits, number, age in (*rows, (2, applied, line.applied, None)):
        figure = headline(Quantity(number, flow.unit), voice)
        parts.append(svg.words(f"{voice.gettext(HEADS[at])} {figure}", 0, y, 14, kind="lk-word lk-head"))
        parts += _bar(bits, y + 8, scale)
        y += BAR + 26
        for (name, kind, colour), amount_ in zip(BITS, bits, strict=True):
            if amount_ and at < len(HEADS) - 1:
                parts += _swatch(0, y - 10, kind, colour)
                told = headline(Quantity(amount_, flow.unit), voice)
                parts.append(svg.words(f"{voice.gettext(name)} {told}", 17, y, 12.5, kind="lk-word lk-faint"))
                y += ROW
        if age:
            parts.append(svg.words(aged(age, today, voice), 17, y, 12, kind="lk-word lk-faint"))
            y += ROW
        y += 14
    return svg.frame("lk-stages lk-narrow", WIDTH, y - 26, _label(flow, voice), parts)


def _swatch(x: float, y: float, kind: str, colour: str) -> Iterator[Markup]:
    yield svg.box(x, y, 11, 11, f"lk-node {kind}", colour)
    if kind == "lk-wash":
        yield svg.hatch(x, y, 11, 11)


def _used(stage: Stage) -> tuple[int, int]:
    services = stage.uses.get("service", 0)
    return services, sum(stage.uses.values()) - services


def _bar(bits: tuple[int, int, int, int], y: float, scale: float) -> Iterator[Markup]:
    x = 0.0
    for number, (_, kind, colour) in zip(bits, BITS, strict=True):
        wide = number * scale
        if number:
            yield svg.box(x, y, wide, BAR, f"lk-node {kind}", colour)
            if kind == "lk-wash":
                yield svg.hatch(x, y, wide, BAR)
            x += wide
