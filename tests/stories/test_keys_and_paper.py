"""Pages of the desk without a mouse, and on paper."""

import pytest

from ledger.web.actor import Role
from tests.stories.town import PHONE
from tests.support import chromium
from tests.web.test_looks import OUTLINED

pytestmark = pytest.mark.browser
KEYED = ["/b/desk/", "/b/desk/gifts/new", "/b/desk/services", "/b/desk/proposals/{proposal}", "/b/desk/disclosure/new"]
PRINTED = ["/b/services/S-own", "/b/disclosures/{disclosure}"]
CONTROLS = ".nav, .lang, .who, .skip, .actions, form, .foot a[rel=nofollow]"
STOPS = "document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary').length"


@pytest.fixture
def accountant(full, browser, site, shared):
    with chromium.new_page(browser) as page:
        shared(full.clients[Role.ACCOUNTANT], page, site)
        yield page


@pytest.mark.parametrize("path", KEYED)
def test_every_stop_of_the_tab_key_is_seen_and_in_the_order_of_the_page(full, accountant, site, path):
    accountant.goto(site + path.format(**full.at))
    accountant.evaluate("document.activeElement.blur()")
    assert accountant.evaluate(STOPS) > 10
    indexes = []
    for _ in range(25):
        accountant.keyboard.press("Tab")
        assert accountant.evaluate(OUTLINED), accountant.evaluate("document.activeElement.outerHTML")
        indexes.append(accountant.evaluate("document.activeElement.tabIndex"))
    assert set(indexes) <= {0, -1}, "a tabindex above zero takes a field out of the page's order"


def test_the_first_key_leads_past_the_navigation_of_the_desk(accountant, site):
    accountant.goto(f"{site}/b/desk/journal")
    accountant.keyboard.press("Tab")
    accountant.keyboard.press("Enter")
    assert accountant.evaluate("document.activeElement.id") == "main"
    accountant.keyboard.press("Tab")
    assert accountant.evaluate("document.activeElement.closest('main') !== null")


def test_enter_sends_a_form_and_what_is_wrong_is_read_first(accountant, site):
    accountant.goto(f"{site}/b/desk/funds/new")
    accountant.locator("[name=name]").fill("青年基金")
    accountant.keyboard.press("Enter")
    accountant.locator("[role=alert]").wait_for()
    assert accountant.locator("[name=name]").input_value() == "青年基金"
    assert accountant.locator("[name=code]").get_attribute("aria-invalid") == "true"
    assert accountant.evaluate("document.activeElement.closest('[role=alert]') !== null")


@pytest.mark.parametrize("path", PRINTED)
def test_on_paper_there_are_words_and_tables_but_no_controls(full, browser, site, path):
    with chromium.new_page(browser, **PHONE) as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.set_viewport_size({"width": 673, "height": 900})
        page.goto(site + path.format(**full.at))
        assert [it.inner_text() for it in page.locator(CONTROLS).all() if it.is_visible()] == []
        assert page.evaluate("[...document.querySelectorAll('.scroll')].every(it => it.scrollWidth <= it.clientWidth)")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.pdf(format="A4").startswith(b"%PDF")
