"""The PDF engine: nothing fetched, no letter missing, and a clear word when the system lacks a library."""

import sys
from datetime import UTC, datetime

import pytest

from ledger.core.errors import LedgerError
from ledger.reports import engine
from ledger.reports.errors import (
    ForbiddenAddressError,
    MissingCatalogError,
    MissingGlyphError,
    MissingLibraryError,
)

DATED = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def template(tmp_path, monkeypatch):
    """Write a template and its style sheet; return what prints it."""
    (tmp_path / "reports").mkdir()
    monkeypatch.setattr(engine, "TEMPLATES", tmp_path)
    engine._environment.cache_clear()
    engine._Press.of.cache_clear()

    def printed(html, css="", fonts=None, **data):
        (tmp_path / "reports" / "t.html").write_text(f"<html lang='en'><title>t</title>{html}", encoding="utf-8")
        (tmp_path / "reports" / "t.css").write_text(css, encoding="utf-8")
        return engine.render_pdf("t", data, "en", dated=DATED, fonts=fonts)

    yield printed
    engine._environment.cache_clear()
    engine._Press.of.cache_clear()


@pytest.mark.parametrize(
    ("html", "css"),
    [
        ("<img src='http://127.0.0.1:1/x.png'>", ""),
        ("<img src='file:///etc/hostname'>", ""),
        ("<p>x</p>", "p { background: url(https://example.org/x.png) }"),
        ("<p>x</p>", "@import url(file:///etc/hostname);"),
        ("<link rel=stylesheet href='http://127.0.0.1:1/x.css'><p>x</p>", ""),
    ],
)
def test_a_document_may_ask_for_nothing(fonts, template, html, css):
    with pytest.raises(ForbiddenAddressError, match="its own fonts"):
        template(html, css, fonts)


def test_data_within_the_document_is_fine(fonts, template):
    pixel = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/%3E"
    assert template(f'<img alt="" src="{pixel}">', "", fonts).startswith(b"%PDF-")


def test_a_missing_letter_is_refused_by_name(fonts, template):
    with pytest.raises(MissingGlyphError, match=r"U\+E123"):
        template("<p>{{ text }}</p>", "", fonts, text="好\ue123")
    assert template("<p>好</p>", "", fonts)


def test_data_is_escaped(fonts, template):
    assert template("<p>{{ text }}</p>", "", fonts, text="<img src='http://127.0.0.1:1/x.png'>")


def test_what_the_template_lacks_is_an_error(fonts, template):
    with pytest.raises(Exception, match="undefined"):
        template("<p>{{ nothing }}</p>", "", fonts)


def test_without_pango_the_message_says_what_to_install(monkeypatch):
    class Missing:
        def find_spec(self, name, *_):
            if name.split(".")[0] == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(MissingLibraryError, match=r"apt-get install .*libpango-1\.0-0 libpangoft2-1\.0-0"):
        engine._load_library()


def test_a_language_without_its_catalogue_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CATALOGS", tmp_path)
    engine._environment.cache_clear()
    with pytest.raises(MissingCatalogError, match="make setup"):
        engine._environment("zh_Hans_CN")


def test_errors_are_mapped_with_the_others():
    for error in (ForbiddenAddressError, MissingCatalogError, MissingGlyphError, MissingLibraryError):
        assert issubclass(error, LedgerError)
        assert error.status == 500


def test_fonts_come_as_a_pair_or_from_the_system(tmp_path):
    (tmp_path / engine.REGULAR).write_bytes(b"")
    assert engine._font_files(tmp_path) == ()
    (tmp_path / engine.BOLD).write_bytes(b"")
    assert len(engine._font_files(tmp_path)) == 2
    assert engine._font_files(None) == ()
