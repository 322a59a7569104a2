"""Templates in, PDF/A-3 out: `render_pdf`. Plain data and one locale decide every byte.

Fonts and style sheets are read once a process and shared; rendering is serial, because Pango is not made for
threads. Nothing is fetched but the fonts given and data within the document.
"""

from __future__ import annotations

import logging
import threading
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jinja2
from babel.support import Translations

from ledger.reports import figures
from ledger.reports.capitals import capitals
from ledger.reports.errors import (
    ForbiddenAddressError,
    MissingCatalogError,
    MissingGlyphError,
    MissingLibraryError,
    ReportError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
CATALOGS = ROOT / "ledger" / "translations"
REGULAR, BOLD = "NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"
VARIANT = "pdf/a-3a"
APT = "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
PROBE = "审计"  # letters that every Chinese font has

_lock = threading.Lock()


class Attached(NamedTuple):
    """A file that travels inside a document."""

    name: str
    text: str
    about: str


def render_pdf(
    template: str,
    data: Mapping[str, object],
    locale: str,
    *,
    dated: datetime,
    fonts: Path | None = None,
    attached: Sequence[Attached] = (),
) -> bytes:
    """Return `templates/reports/<template>.html` filled with `data`, as PDF/A-3.

    `dated` (aware) becomes the document's date, so that the same data gives the same bytes. `fonts` is a folder
    with the two Noto Sans SC files; without them the system's Noto Sans CJK SC is used.
    `<template>.css` beside the template is its style sheet. `attached` files are dated like the document.
    """
    html = _environment(locale).get_template(f"reports/{template}.html").render(data, dated=dated)
    return _Press.of(_font_files(fonts)).print(html, template, [(file, dated) for file in attached])


def check_fonts(fonts: Path | None = None) -> None:
    """Print two Chinese letters; raise what would make every document fail."""
    _Press.of(_font_files(fonts)).print(f'<html lang="zh-Hans"><title>{PROBE}</title><p>{PROBE}', None)


def _font_files(folder: Path | None) -> tuple[Path, ...]:
    """Return the font files in `folder`: both or none."""
    files = tuple((folder / name).resolve() for name in (REGULAR, BOLD)) if folder else ()
    return files if all(file.is_file() for file in files) else ()


# --------------------------------------------------------------------------------- words


@lru_cache(maxsize=4)
def _environment(locale: str) -> jinja2.Environment:
    """Return an environment that speaks `locale` (`zh_Hans_CN` or `en`)."""
    chinese = locale.startswith("zh")
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalog = _catalog(locale)
    env.install_gettext_callables(catalog.ugettext, catalog.ungettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(chinese=chinese, capitals=capitals)
    env.filters.update(
        decimal=figures.decimal,
        hours=lambda minutes: figures.hours(minutes, chinese=chinese),
        day=lambda value: figures.long_date(value, chinese=chinese),
        clock=figures.clock,
        code=figures.group_code,
        groups=figures.groups,
    )
    return env


def _catalog(locale: str) -> Any:  # Babel's classes are untyped
    """Return the translations of a locale; English needs none."""
    catalog = Translations.load(str(CATALOGS), [locale])
    if locale != "en" and not isinstance(catalog, Translations):
        raise MissingCatalogError(
            "the translations into %(locale)s are not compiled: run `make setup`, or pybabel compile",
            locale=locale,
        )
    return catalog


# --------------------------------------------------------------------------------- paper


@dataclass(slots=True)
class _Press:
    """WeasyPrint with one set of fonts, and the style sheets parsed for it."""

    weasyprint: Any
    fonts: Any  # weasyprint's FontConfiguration
    files: tuple[Path, ...]
    sheets: dict[str, Any]

    @staticmethod
    @lru_cache(maxsize=2)
    def of(files: tuple[Path, ...]) -> _Press:
        """Return the press for these font files, set up once."""
        library, configuration = _load_library()
        return _Press(library, configuration(), files, {})

    def print(self, html: str, template: str | None, attached: Sequence[tuple[Attached, datetime]] = ()) -> bytes:
        """Lay out and write a document; refuse it when a letter is missing."""
        with _lock, _watched() as complaints:
            try:
                pdf = self._pdf(html, template, attached)
            except self.weasyprint.urls.FatalURLFetchingError as error:
                raise ForbiddenAddressError("the document cannot be made: %(error)s", error=error) from error
        _refuse_missing(complaints)
        if not isinstance(pdf, bytes):
            raise ReportError("no document came out of %(template)s", template=template)
        return pdf

    def _pdf(self, html: str, template: str | None, attached: Sequence[tuple[Attached, datetime]]) -> object:
        """Lay out and write; WeasyPrint leaves closing its colour profile to the collector, and that is no news."""
        sheets = [self._sheet("faces"), *([self._sheet(template)] if template else [])]
        files = [
            self.weasyprint.Attachment(
                string=file.text,
                name=file.name,
                description=file.about,
                created=dated,
                modified=dated,
                relationship="Data",
            )
            for file, dated in attached
        ]
        options = {"pdf_variant": VARIANT, "stylesheets": sheets, "attachments": files}
        source = self.weasyprint.HTML(string=html, url_fetcher=self._fetcher())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            return source.render(font_config=self.fonts, **options).write_pdf(**options)

    def _sheet(self, name: str) -> Any:
        """Return a parsed style sheet; `faces` declares the fonts."""
        if name not in self.sheets:
            text = self._faces() if name == "faces" else (TEMPLATES / "reports" / f"{name}.css").read_text("utf-8")
            self.sheets[name] = self.weasyprint.CSS(string=text, font_config=self.fonts, url_fetcher=self._fetcher())
        return self.sheets[name]

    def _faces(self) -> str:
        """Declare the family `Shanliu` from the font files, else give its name to the system's font."""
        family = "html { font-family: %s; }"
        if not self.files:
            return family % '"Noto Sans CJK SC", "Noto Sans SC", sans-serif'
        faces = "".join(
            f'@font-face {{ font-family: "Shanliu"; font-weight: {weight}; src: url("{file.as_uri()}"); }}'
            for file, weight in zip(self.files, (400, 700), strict=True)
        )
        return faces + family % '"Shanliu", "Noto Sans CJK SC", sans-serif'

    def _fetcher(self) -> Any:
        """Return a fetcher that knows the font files and data within the document, and nothing else."""
        fatal, known = self.weasyprint.urls.FatalURLFetchingError, {file.as_uri() for file in self.files}

        class Own(self.weasyprint.urls.URLFetcher):  # type: ignore[name-defined,misc]
            """Refuse every address but our own."""

            def fetch(self, url: str, headers: Any = None) -> Any:
                """Fetch a font or data; anything else ends the document."""
                if url in known or url.startswith("data:"):
                    return super().fetch(url, headers)
                msg = f"a document asked for {url[:80]!r}: it may use its own fonts and data only"
                raise fatal(msg)

        return Own(allowed_protocols=("file", "data"), allow_redirects=False)


def _load_library() -> tuple[Any, Any]:
    """Import WeasyPrint with what it needs from the system, or say what to install."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # how WeasyPrint says that HarfBuzz-Subset is missing
            import weasyprint  # noqa: PLC0415  # loads Pango, which may be missing
            import weasyprint.urls  # noqa: PLC0415
            from weasyprint.text import ffi  # noqa: PLC0415
            from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
    except OSError as error:
        raise MissingLibraryError(
            "text cannot be laid out, because a library is missing (%(error)s); run: %(apt)s",
            error=error,
            apt=APT,
        ) from error
    if ffi.harfbuzz_subset is None:
        raise MissingLibraryError(
            "fonts cannot be embedded exactly, because HarfBuzz-Subset is missing; run: %(apt)s",
            apt=APT,
        )
    return weasyprint, FontConfiguration


class _watched(logging.Handler):  # noqa: N801  # used as `with _watched() as complaints`
    """Collect what WeasyPrint complains about while a document is made."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.complaints: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.complaints.append(record.getMessage())

    def __enter__(self) -> list[str]:
        logging.getLogger("weasyprint").addHandler(self)
        return self.complaints

    def __exit__(self, *_: object) -> None:
        logging.getLogger("weasyprint").removeHandler(self)


def _refuse_missing(complaints: list[str]) -> None:
    """Raise when a letter had no glyph: the PDF would extract as text and show boxes."""
    missing = [text for text in complaints if ".notdef glyph" in text]
    if missing:
        raise MissingGlyphError(
            "%(complaint)s; install a font that has these letters (fonts-noto-cjk), or change the text",
            complaint=missing[0],
        )
