"""Pieces of SVG that all pictures of the linkage are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable

# The light colours of ledger/static/css/tokens.css, so that a picture stands by itself; a page overrides them.
INK, MUTED, PAPER, LINE, EDGE = "#1f2328", "#5b6169", "#faf7f2", "#e4ded4", "#8a8378"
JADE, AMBER, INDIGO, WASH = "#2f6f5e", "#8f5c10", "#2e4a7d", "#f5ead6"
CJK = 0x2E80


def frame(kind: str, width: float, height: float, label: str, parts: Iterable[Markup]) -> Markup:
    """Put the parts into a picture with a name for those who hear it; `kind` is its class."""
    head = Markup('<svg class="lk {kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">').format(
        kind=kind, width=n(width), height=n(height), label=label
    )
    return head + Markup().join(parts) + Markup("</svg>")


def words(
    text: str, x: float, y: float, size: float = 13, *, kind: str = "lk-word", anchor: str = "start", halo: bool = False
) -> Markup:
    """Write words; over ribbons with a halo of the paper's colour."""
    element = Markup(
        '<text class="{kind}" x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" {paint}>{words}</text>'
    )
    values = {"x": n(x), "y": n(y), "size": n(size), "anchor": anchor, "words": text}
    plain = Markup('fill="{}"').format(MUTED if "lk-faint" in kind else INK)
    if not halo:
        return element.format(kind=kind, paint=plain, **values)
    glow = Markup('aria-hidden="true" fill="{0}" stroke="{0}" stroke-width="3.5" stroke-linejoin="round"').format(PAPER)
    return element.format(kind=f"{kind} lk-halo", paint=glow, **values) + element.format(
        kind=kind, paint=plain, **values
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str, colour: str = LINE, width: float = 1) -> Markup:
    """Draw a line."""
    return Markup(
        '<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="{width}"/>'
    ).format(kind=kind, x1=n(x1), y1=n(y1), x2=n(x2), y2=n(y2), colour=colour, width=n(width))


def box(x: float, y: float, width: float, height: float, kind: str, colour: str, *, title: str = "") -> Markup:
    """Draw a rectangle; `title` appears when it is pointed at."""
    return Markup(
        '<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}" fill="{colour}">{title}</rect>'
    ).format(kind=kind, x=n(x), y=n(y), w=n(max(width, 0)), h=n(max(height, 0)), colour=colour, title=titled(title))


def dot(x: float, y: float, radius: float, kind: str, colour: str) -> Markup:
    """Draw a filled dot."""
    return Markup('<circle class="{kind}" cx="{x}" cy="{y}" r="{r}" fill="{colour}"/>').format(
        kind=kind, x=n(x), y=n(y), r=n(radius), colour=colour
    )


def ring(x: float, y: float, radius: float) -> Markup:
    """Draw a dashed ring: named, not proven."""
    return Markup(
        '<circle class="lk-ring" cx="{x}" cy="{y}" r="{r}" fill="{paper}" stroke="{edge}" stroke-width="1" '
        'stroke-dasharray="2 1.6"/>'
    ).format(x=n(x), y=n(y), r=n(radius), paper=PAPER, edge=EDGE)


def titled(text: str) -> Markup:
    """Make the title of a shape, nothing for no words."""
    return Markup("<title>{}</title>").format(text) if text else Markup()


def grouped(parts: Iterable[Markup], title: str = "", kind: str = "lk-event") -> Markup:
    """Put shapes together under one title."""
    return Markup('<g class="{}">').format(kind) + titled(title) + Markup().join(parts) + Markup("</g>")


def hatch(x: float, y: float, width: float, height: float) -> Markup:
    """Lay strokes over a box: what waits. The pattern is on every page."""
    return Markup('<rect class="lk-hatch" x="{}" y="{}" width="{}" height="{}" fill="url(#hatch-wait)"/>').format(
        n(x), n(y), n(max(width, 0)), n(max(height, 0))
    )


def em(text: str) -> float:
    """Measure words in letters: a Chinese one takes one, a Latin one about 0.56."""
    return sum(1.0 if ord(letter) >= CJK else 0.56 for letter in text)


def shorten(text: str, room: float) -> str:
    """Cut words to `room` em."""
    if em(text) <= room:
        return text
    kept = ""
    for letter in text:
        if em(kept + letter) + 1 > room:
            break
        kept += letter
    return kept.rstrip() + "…"


def n(number: float) -> str:
    """Write a length to a tenth, without a useless zero."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
