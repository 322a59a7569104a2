"""Colours: every pair in use reaches WCAG AA, in light, in dark and on paper."""

import re

import pytest

from ledger.config import ROOT
from ledger.web import sankey

CSS = ROOT / "ledger" / "static" / "css"
TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2: 1.4.3 and 1.4.11

# (foreground, background, least): text first, then shapes that carry meaning.
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "muted", "indigo") for ground in ("paper", "surface")),
    *((ink, "paper", TEXT) for ink in ("jade", "amber", "cinnabar")),
    *(("ink", wash, TEXT) for wash in ("wash-amber", "wash-cinnabar")),
    ("indigo", "wash-amber", TEXT),
    ("on-cinnabar", "cinnabar", TEXT),
    ("surface", "jade", TEXT),
    *((shape, "paper", SHAPE) for shape in ("jade", "amber", "indigo", "muted", "edge", "cinnabar")),
    ("amber", "wash-amber", SHAPE),
    ("edge", "surface", SHAPE),
]


def tokens(text):
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", text))


def schemes():
    light, dark = (CSS / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    print_ = (CSS / "print.css").read_text()
    return {
        "light": tokens(light),
        "dark": tokens(light) | tokens(dark),
        "print": tokens(light) | tokens(print_),
    }


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_right():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_pairs_in_use_reach_aa(scheme, front, back, least):
    colours = schemes()[scheme]
    assert contrast(colours[front], colours[back]) >= least


def test_the_dark_scheme_changes_every_colour():
    both = schemes()
    assert set(both["light"]) == set(both["dark"])
    assert {name for name in both["light"] if both["light"][name] == both["dark"][name]} == set()


def test_the_picture_by_itself_has_the_colours_of_the_page():
    light = schemes()["light"]
    assert (light["ink"], light["muted"], light["paper"]) == (sankey.INK, sankey.MUTED, sankey.PAPER)
    named = {"service": "jade", "issued": "indigo", "organization": "amber", "fund": "amber"}
    assert {bucket: fill for bucket, (fill, _) in sankey.COLOURS.items()} == {b: light[n] for b, n in named.items()}
