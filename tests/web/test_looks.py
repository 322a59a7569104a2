"""Pages in a browser: nothing wider than the screen, nothing that the content policy refuses, keys that lead on."""

import mimetypes
from functools import partial

import pytest

from ledger.config import ROOT
from ledger.web.security import HEADERS
from tests.support import chromium, serving
from tests.web.samples import PAGES, printed

pytestmark = pytest.mark.browser
STATIC = ROOT / "ledger" / "static"
SCREENS = [(320, "zh", "light"), (390, "en", "dark"), (1280, "zh", "light")]
TOO_WIDE = """() => [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1
              && !e.closest('.scroll, .nav, .block, .unseen, .skip'))
    .map(e => e.tagName + '.' + e.getAttribute('class') + ' ' + e.textContent.slice(0, 20))"""

FOCUSABLE = "document.querySelectorAll('a[href], button, input, select, summary, [tabindex=\"0\"]').length"
OUTLINED = """() => {
    const style = getComputedStyle(document.activeElement);
    return document.activeElement === document.body
        || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
}"""


def serve(lang, environ, start_response):
    """Answer `/?<page>` with a sample and `/static/…` with a file, under the application's headers."""
    path = environ["PATH_INFO"]
    if path.startswith("/static/"):
        body, kind = (STATIC / path.removeprefix("/static/")).read_bytes(), mimetypes.guess_type(path)[0]
    else:
        name = list(PAGES)[int(environ["QUERY_STRING"] or 0)]
        body, kind = printed(name, lang).encode(), "text/html; charset=utf-8"
    start_response("200 OK", [("Content-Type", kind), *HEADERS.items()])
    return [body]


@pytest.mark.parametrize(("width", "lang", "scheme"), SCREENS)
def test_every_page_fits_and_breaks_no_rule(browser, width, lang, scheme):
    wrong = []
    with (
        serving.started(partial(serve, lang)) as address,
        chromium.new_page(browser, viewport={"width": width, "height": 800}, color_scheme=scheme) as page,
    ):
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        for number, name in enumerate(PAGES):
            page.goto(f"{address}/?{number}")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append((name, page.evaluate(TOO_WIDE)))
    assert not wrong, wrong


@pytest.mark.parametrize(("width", "shown"), [(390, "sankey-narrow"), (1280, "sankey-wide")])
def test_one_picture_is_shown(browser, width, shown):
    number = list(PAGES).index("trace")
    with (
        serving.started(partial(serve, "zh")) as address,
        chromium.new_page(browser, viewport={"width": width, "height": 800}) as page,
    ):
        page.goto(f"{address}/?{number}")
        visible = [form for form in ("sankey-narrow", "sankey-wide") if page.locator(f"svg.{form}").is_visible()]
        assert visible == [shown]


def test_the_first_key_skips_to_the_content(browser):
    with serving.started(partial(serve, "zh")) as address, chromium.new_page(browser) as page:
        page.goto(f"{address}/?{list(PAGES).index('home')}")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_the_navigation_fits_a_phone_in_english(browser):
    with (
        serving.started(partial(serve, "en")) as address,
        chromium.new_page(browser, viewport={"width": 360, "height": 800}) as page,
    ):
        page.goto(f"{address}/?{list(PAGES).index('home')}")
        assert page.evaluate("(nav => nav.scrollWidth <= nav.clientWidth)(document.querySelector('.nav'))")


@pytest.mark.parametrize("name", ["home", "trace", "fund", "service", "services", "ledger", "entry"])
def test_every_key_stop_is_seen(browser, name):
    with serving.started(partial(serve, "zh")) as address, chromium.new_page(browser) as page:
        page.goto(f"{address}/?{list(PAGES).index(name)}")
        stops = page.evaluate(FOCUSABLE)
        assert stops > 5
        for _ in range(min(stops, 40)):
            page.keyboard.press("Tab")
            assert page.evaluate(OUTLINED), page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize("name", ["trace", "service", "fund"])
def test_on_paper_tables_are_whole(browser, name):
    with serving.started(partial(serve, "zh")) as address, chromium.new_page(browser) as page:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 673, "height": 900})
        page.goto(f"{address}/?{list(PAGES).index(name)}")
        assert page.evaluate("[...document.querySelectorAll('.scroll')].every(e => e.scrollWidth <= e.clientWidth)")
        assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"


def test_on_paper_there_are_no_controls(browser):
    with serving.started(partial(serve, "zh")) as address, chromium.new_page(browser) as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.goto(f"{address}/?{list(PAGES).index('services')}")
        assert not page.locator("form").first.is_visible()
        assert not page.locator("ul.nav").is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
