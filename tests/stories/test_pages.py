"""Every page type in Chromium, on a book with something of everything: it fits a phone, breaks no rule of its own
policy, speaks one language, and a reader without a mouse or without eyes gets along with it (axe-core).

A page is loaded on a phone in Chinese, where axe reads it and its English words are looked for, and widened; a second
time on a wide dark screen in English. What is found is listed by page, all of it at once.
"""

import re

import pytest

from ledger.web.actor import Role
from tests.stories.places import ADMIN, FILES, NOBODY, WHO, places
from tests.stories.town import watch
from tests.support import axe, chromium

pytestmark = pytest.mark.browser
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
SEEN_BY_AXE_IN_ENGLISH = {"books.home", "desk.proposal", "giving.trace", "intake.new_gift", "delivery.report"}
OVER = """() => document.documentElement.scrollWidth <= innerWidth ? '' :
    `${document.documentElement.scrollWidth} px: ` + [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, .nav, .block, .unseen'))
    .slice(0, 3).map(e => e.tagName + '.' + e.getAttribute('class') + ' ' + e.textContent.trim().slice(0, 30))
    .join('; ')"""
TEXTS = """() => {
    const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), texts = [];
    while (walk.nextNode()) {
        const at = walk.currentNode.parentElement;
        if (!at.closest('code, pre, script, style, [lang=en], option[value*=":"], .code-large')) {
            texts.push(walk.currentNode.textContent.trim());
        }
    }
    return texts.concat([document.title]);
}"""
ENGLISH = re.compile(r"[A-Za-z]{3,}(?:,? [a-z’']{2,})+|%\(\w+\)s")
"""Two English words on end, the second a plain one; or a placeholder that nobody filled in."""


def test_every_address_is_a_page_or_known_to_be_none(full):
    endpoints = {rule.endpoint for rule in full.app.url_map.iter_rules()}
    assert FILES.keys() - endpoints == set()
    wrong = []
    for place in places(full.app, full):
        answer = full.clients[place.who].get(place.path)
        if answer.status_code not in {200, 410} or answer.mimetype != "text/html":
            wrong.append((place, answer.status_code, answer.mimetype))
    assert wrong == []


@pytest.mark.parametrize("who", [NOBODY, ADMIN, Role.DONOR, *WHO])
def test_pages_fit_speak_chinese_and_are_accessible(full, browser, site, shared, who):
    mine, wrong = [place for place in places(full.app, full) if place.who == who], []
    with chromium.new_page(browser, viewport=PHONE) as page:
        shared(full.clients[who], page, site)
        watch(page, wrong, who)
        for place in mine:
            page.goto(site + place.path)
            found = [("wide", page.evaluate(OVER)), *(("axe", line) for line in axe.axe(page))]
            found += [("English", text) for text in page.evaluate(TEXTS) if ENGLISH.search(text)]
            page.set_viewport_size(WIDE)
            found.append(("wide at 1280", page.evaluate(OVER)))
            page.set_viewport_size(PHONE)
            wrong += [f"{place.path}: {kind} {text}" for kind, text in found if text]
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("who", [NOBODY, Role.ACCOUNTANT, Role.ORG_STAFF])
def test_pages_in_english_and_in_the_dark(full, browser, site, shared, who):
    mine, wrong = [place for place in places(full.app, full) if place.who == who], []
    with chromium.new_page(browser, viewport=WIDE, color_scheme="dark") as page:
        shared(full.clients[who], page, site, lang="en")
        watch(page, wrong, who)
        for place in mine:
            page.goto(site + place.path)
            found = [("wide", page.evaluate(OVER))]
            if place.endpoint in SEEN_BY_AXE_IN_ENGLISH:
                found += [("axe", line) for line in axe.axe(page)]
            page.set_viewport_size(PHONE)
            found.append(("wide at 390", page.evaluate(OVER)))
            page.set_viewport_size(WIDE)
            wrong += [f"{place.path}: {kind} {text}" for kind, text in found if text]
    assert wrong == [], "\n".join(map(str, wrong))
