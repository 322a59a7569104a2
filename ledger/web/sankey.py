"""The picture of a gift as SVG: the same in the browser and in a document, readable without script.

Colours come from the style sheet by class (`b-service`, …), geometry from attributes, so that no inline style
is needed. Two forms: wide, and narrow for a phone, where names on the way run down the page.
All names are escaped; nothing of the data becomes markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from ledger.web import labels
from ledger.web.pages import Quantity
from ledger.web.quantities import amount
from ledger.web.sankey_layout import Frame, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ledger.web.pages import FlowNode, FlowPicture
    from ledger.web.sankey_layout import Box, Hop, Layout, Ribbon
    from ledger.web.voice import Voice


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the picture: its frame and the size of its letters."""

    name: str
    frame: Frame
    letters: float
    upright: bool  # names on the way run from top to bottom


WIDE = Form("wide", Frame(width=900, flow=300, node=12, label=40, gap=12, margin=265), 14.5, upright=False)
NARROW = Form("narrow", Frame(width=350, flow=280, node=9, label=38, gap=10, margin=158), 13, upright=True)
# The light colours of ledger/static/css/tokens.css, as attributes, so that the picture stands by itself (in a
# document, saved to a file); on a page the style sheet overrides them.
INK, MUTED, PAPER = "#1f2328", "#5b6169", "#faf7f2"
COLOURS: Mapping[str, tuple[str, float]] = {  # of a bucket: fill of its node, opacity of its ribbons
    "service": ("#2f6f5e", 0.38),
    "issued": ("#2e4a7d", 0.34),
    "organization": ("#8f5c10", 0.32),
    "fund": ("#8f5c10", 0.32),
}
ON_THE_WAY, ELSEWHERE = (INK, 0.13), (MUTED, 0.3)
PAD = 8.0
HALO = Markup('aria-hidden="true" fill="{0}" stroke="{0}" stroke-width="3.5" stroke-linejoin="round"').format(PAPER)
ELLIPSIS = "…"


def draw(picture: FlowPicture, voice: Voice, *, narrow: bool = False) -> Markup:
    """Return the SVG of `picture`; nothing when it has no links."""
    if not picture.links:
        return Markup()
    form = NARROW if narrow else WIDE
    layout = lay_out(picture, form.frame)
    nodes = {node.key: node for node in picture.nodes}
    names = {key: node_name(node, voice) for key, node in nodes.items()}
    drawing = _Drawing(picture, form, layout, nodes, names, voice)
    parts = [*drawing.ribbons(), *drawing.boxes(), *drawing.words()]
    head = Markup(
        '<svg class="sankey sankey-{form}" viewBox="{left} {left} {width} {height}" role="img" aria-label="{label}">'
        "<desc>{description}</desc>"
    ).format(
        form=form.name,
        left=_n(-PAD),
        width=_n(form.frame.width + 2 * PAD),
        height=_n(layout.height + 2 * PAD),
        label=voice.gettext("The way of this gift"),
        description=_description(picture, names, voice),
    )
    return head + Markup().join(parts) + Markup("</svg>")


def node_name(node: FlowNode, voice: Voice) -> str:
    """Return the words for a node: its place, or how many places it stands for, or what waits there."""
    if node.kind == "gift":
        return voice.gettext("This gift")
    if node.ref is None:
        services = voice.ngettext("%(num)s other service", "%(num)s other services", node.count)
        places = voice.ngettext("%(num)s other place", "%(num)s other places", node.count)
        return (services if node.bucket == "service" else places) % {"num": f"{node.count:,}"}
    name = labels.name(node.ref, voice)
    texts = {
        "fund": voice.gettext("waiting in %(place)s"),
        "organization": voice.gettext("waiting with %(place)s"),
        "refunded": voice.gettext("returned to the donor"),
        "lost": voice.gettext("written off"),
    }
    text = texts.get(node.bucket or "", "")
    return text.replace("%(place)s", name) if text else name


def _description(picture: FlowPicture, names: dict[str, str], voice: Voice) -> str:
    """Say in words where the links into the ends lead."""
    ends = [node for node in picture.nodes if node.kind == "end"]
    sums = {node.key: sum(x.amount for x in picture.links if x.target == node.key) for node in ends}
    clauses = [f"{names[node.key]} {amount(Quantity(sums[node.key], picture.unit), voice)}" for node in ends]
    return ("；" if voice.chinese else "; ").join(clauses)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The parts of one SVG."""

    picture: FlowPicture
    form: Form
    layout: Layout
    nodes: dict[str, FlowNode]
    names: dict[str, str]
    voice: Voice

    def ribbons(self) -> Iterator[Markup]:
        """Draw the links, the broad ones below."""
        for ribbon in sorted(self.layout.ribbons, key=lambda r: (-r.amount, r.source, r.target)):
            target = self.nodes[ribbon.target]
            fill, opacity = _colour(target)
            yield Markup(
                '<path class="sk-link{bucket}" fill="{fill}" fill-opacity="{opacity}" d="{d}">'
                "<title>{title}</title></path>"
            ).format(
                bucket=f" b-{target.bucket}" if target.bucket else "",
                fill=fill,
                opacity=opacity,
                d=_ribbon_path(ribbon, self.form.frame.node),
                title=f"{self.names[ribbon.source]} → {self.names[ribbon.target]}: {self._sum(ribbon.amount)}",
            )

    def boxes(self) -> Iterator[Markup]:
        """Draw the nodes."""
        for box in self.layout.boxes:
            node = self.nodes[box.key or ""]
            yield Markup(
                '<rect class="sk-node{bucket}" fill="{fill}" x="{x}" y="{y}" width="{w}" height="{h}" rx="1.5">'
                "<title>{title}</title></rect>"
            ).format(
                bucket=f" b-{node.bucket}" if node.bucket else "",
                fill=_colour(node)[0],
                x=_n(box.x),
                y=_n(box.y),
                w=_n(self.form.frame.node),
                h=_n(box.height),
                title=f"{self.names[node.key]}: {self._sum(box.amount)}",
            )

    def words(self) -> Iterator[Markup]:
        """Write names and sums, each over a halo of the paper's colour."""
        for box in self.layout.boxes:
            node = self.nodes[box.key or ""]
            if node.kind == "end" or not self.form.upright:
                yield from self._two_lines(box, end=node.kind == "end")
            else:
                yield from self._upright(box)

    def _two_lines(self, box: Box, *, end: bool) -> Iterator[Markup]:
        """Write name above sum, to the right of the node."""
        form, x = self.form, box.x + self.form.frame.node + 7
        columns = max(node.column for node in self.picture.nodes)
        step = (form.frame.width - form.frame.margin) / max(columns, 1)
        width = form.frame.margin - 7 if end else step - form.frame.node - 14
        name = _shorten(self.names[box.key or ""], width / form.letters)
        yield from _text(name, x, box.middle - 0.22 * form.letters, form.letters, "sk-name", halo=not end)
        low = box.middle + 1.05 * form.letters
        yield from _text(self._sum(box.amount), x, low, form.letters - 1, "sk-sum", halo=not end)

    def _upright(self, box: Box) -> Iterator[Markup]:
        """Write a name from top to bottom beside its node, when there is room for some of it."""
        letters = self.form.letters - 0.5
        name = _shorten(self.names[box.key or ""], box.height / letters - 0.4)
        if len(name) > 2:  # noqa: PLR2004  # one letter and an ellipsis tell nothing
            x = box.x + self.form.frame.node + 2 + letters / 2
            yield from _text(name, x, box.middle, letters, "sk-name sk-down", halo=True)

    def _sum(self, number: int) -> str:
        return amount(Quantity(number, self.picture.unit), self.voice)


def _text(words: str, x: float, y: float, size: float, kind: str, *, halo: bool) -> Iterator[Markup]:
    """Write words, first as a halo when they lie on ribbons."""
    element = Markup('<text class="{kind}" x="{x}" y="{y}" font-size="{size}" {paint}>{words}</text>')
    values = {"x": _n(x), "y": _n(y), "size": _n(size), "words": words}
    if halo:
        yield element.format(kind=f"{kind} sk-halo", paint=HALO, **values)
    fill = MUTED if kind == "sk-sum" else INK
    yield element.format(kind=kind, paint=Markup('fill="{}"').format(fill), **values)


def _colour(node: FlowNode) -> tuple[str, float]:
    """Return the fill of a node and the opacity of the ribbons that lead to it."""
    return COLOURS.get(node.bucket, ELSEWHERE) if node.bucket else ON_THE_WAY


def _ribbon_path(ribbon: Ribbon, node: float) -> str:
    """Return the outline: along the top to the right, back along the bottom."""
    first, last = ribbon.hops[0], ribbon.hops[-1]
    over = _edge(ribbon.hops, node, 0.0)
    under = _edge(ribbon.hops, node, 1.0)
    start = f"M{_n(first.source.x + node)} {_n(first.y0)}"
    turn = f"L{_n(last.target.x)} {_n(last.y1 + last.thick)}"
    back = "".join(
        f"{'' if i == 0 else f'L{_n(points[0])} {_n(points[1])}'}{_curve(points)}"
        for i, points in enumerate((x1, y1, x0, y0) for x0, y0, x1, y1 in reversed(under))
    )
    forth = "".join(
        f"{'' if i == 0 else f'L{_n(points[0])} {_n(points[1])}'}{_curve(points)}" for i, points in enumerate(over)
    )
    return f"{start}{forth}{turn}{back}Z"


def _edge(hops: Sequence[Hop], node: float, side: float) -> list[tuple[float, float, float, float]]:
    """Return from where to where the edge runs in each hop; `side` 0 is the top, 1 the bottom."""
    return [(hop.source.x + node, hop.y0 + side * hop.thick, hop.target.x, hop.y1 + side * hop.thick) for hop in hops]


def _curve(points: tuple[float, float, float, float]) -> str:
    x0, y0, x1, y1 = points
    half = (x0 + x1) / 2
    return f"C{_n(half)} {_n(y0)} {_n(half)} {_n(y1)} {_n(x1)} {_n(y1)}"


def _shorten(words: str, room: float) -> str:
    """Cut words to `room` em; a Chinese letter takes one, a Latin letter about 0.56."""
    if _em(words) <= room:
        return words
    kept = ""
    for letter in words:
        if _em(kept + letter) + 1 > room:
            break
        kept += letter
    return kept.rstrip() + ELLIPSIS


def _em(words: str) -> float:
    return sum(1.0 if ord(letter) > 0x2E7F else 0.56 for letter in words)  # noqa: PLR2004  # first CJK block


def _n(number: float) -> str:
    """Write a length to a tenth, without a useless zero."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
