"""Documents need text layout libraries and a Chinese font; `make setup` brings both."""

import os

import pytest

from ledger.config import ROOT
from ledger.reports.engine import check_fonts
from ledger.reports.errors import MissingGlyphError, MissingLibraryError

FONTS = ROOT / "instance" / "fonts"


@pytest.fixture(scope="session")
def fonts():
    """The folder of fonts; skip where there is none, but never in CI."""
    try:
        check_fonts(FONTS)
    except (MissingLibraryError, MissingGlyphError) as error:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report(str(error))
    return FONTS
