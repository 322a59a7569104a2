"""axe-core, which `.ci/setup test` brings: what of a page somebody with a screen reader or without a mouse meets.

`axe(page)` gives the serious and the critical violations as lines of text; empty is good. The script goes in by way
of the debugger, so the pages' content policy stays as it is.
"""

import os

import pytest

from ledger.config import ROOT

SOURCE = ROOT / "instance" / "axe" / "axe.min.js"
SEVERE = ("serious", "critical")
RUN = """async severe => (await axe.run(document, {resultTypes: ['violations']})).violations
    .filter(found => severe.includes(found.impact))
    .flatMap(found => found.nodes.slice(0, 3).map(node =>
        `${found.impact} ${found.id}: ${node.target.join(' ')} | ${node.html.slice(0, 160)} | `
        + (node.any[0] || node.all[0] || node.none[0] || {message: ''}).message))"""


def source():
    """Return axe's script; skip the test where there is none, but never in CI."""
    if not SOURCE.exists():
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("axe-core is missing: .ci/setup test brings it when npm is there")
    return SOURCE.read_text(encoding="utf-8")


def axe(page):
    """Return the serious and critical violations of a page as it stands."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(source())
    return page.evaluate(RUN, list(SEVERE))
