"""Every page in every state and both languages: well-formed, accessible, without anything inline."""

import re
from collections import Counter
from itertools import pairwise

import pytest
import tinyhtml5

from ledger.config import ROOT
from tests.web.samples import EVIL, MANY, PAGES, printed

LANGUAGES = ("zh", "en")
CASES = [(name, lang) for name in PAGES for lang in LANGUAGES]
HEADINGS = ("h1", "h2", "h3")


def parsed(name, lang):
    return tinyhtml5.parse(printed(name, lang), namespace_html_elements=False)


@pytest.mark.parametrize(("name", "lang"), CASES)
def test_nothing_is_inline_and_nothing_is_fetched_from_elsewhere(name, lang):
    root = parsed(name, lang)
    for element in root.iter():
        assert element.tag != "style"
        assert element.tag != "script" or (element.get("src", "").startswith("/static/") and not element.text)
        assert not [key for key in element.attrib if key == "style" or key.startswith("on")]
        for key in ("href", "src", "action"):
            assert element.get(key, "/").startswith(("/", "?", "#")), element.attrib
            assert not element.get(key, "/").startswith("//")


@pytest.mark.parametrize(("name", "lang"), CASES)
def test_what_others_wrote_stays_text(name, lang):
    text = printed(name, lang)
    assert "<script>alert" not in text
    assert "%(" not in text
    root = tinyhtml5.parse(text, namespace_html_elements=False)
    for element in root.iter():
        assert not [key for key in element.attrib if "alert" in key]
    if EVIL in str(PAGES[name]):
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize(("name", "lang"), CASES)
def test_landmarks_headings_and_names(name, lang):
    root = parsed(name, lang)
    assert root.get("lang") == {"zh": "zh-Hans", "en": "en"}[lang]
    assert [len(list(root.iter(tag))) for tag in ("header", "main", "footer", "h1")][1:] == [1, 1, 1]
    assert "".join(next(root.iter("title")).itertext()).strip()
    levels = [int(element.tag[1]) for element in root.iter() if element.tag in HEADINGS]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = Counter(element.get("id") for element in root.iter() if element.get("id"))
    assert all(count == 1 for count in ids.values()), ids
    for element in root.iter():
        for key in ("aria-labelledby", "aria-describedby", "for"):
            assert set(element.get(key, "").split()) <= set(ids), (key, element.attrib)
    for element in root.iter():
        if element.tag in {"input", "select"} and element.get("type") != "hidden":
            assert element.get("id") in {label.get("for") for label in root.iter("label")}
        if element.tag == "svg" and element.get("aria-hidden") != "true":
            assert element.get("role") == "img"
            assert element.get("aria-label", "").strip()
        if element.tag == "a":
            assert "".join(element.itertext()).strip(), element.attrib
        if element.tag == "th" and element.get("scope") is None:
            raise AssertionError(element.attrib)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_of_a_gift_adds_up_to_the_fen(lang):
    body = next(table for table in parsed("trace", lang).iter("table"))
    rows = ["".join(row.itertext()) for row in body.iter("tr")]
    figures = [[int(f.replace(",", "").replace(".", "")) for f in re.findall(r"[\d,]+\.\d\d", row)] for row in rows]
    parts = [row[0] for row in figures[1 : 1 + len(MANY.rows)]]
    assert sum(parts) == MANY.gift.quantity.amount == figures[-1][0]


def test_small_groups_stay_unsaid_wherever_services_are_listed():
    for name in ("services", "home", "trace", "fund"):
        assert "&lt;5" in printed(name, "zh")
        assert " 3 人" not in printed(name, "zh")


def test_that_nothing_became_a_service_is_said_only_while_all_of_it_waits():
    words = "None of it has become a service yet"
    assert words in printed("trace, waiting", "en")
    assert words not in printed("trace, goods", "en")
    assert words not in printed("trace", "en")


def test_the_seal_stands_only_where_a_proof_was_checked():
    assert 'class="seal"' in printed("trace", "zh")
    assert 'class="seal seal-broken"' in printed("trace, goods", "zh")
    for name in ("trace, waiting", "service, reversed", "ledger, empty", "find"):
        assert 'class="seal' not in printed(name, "zh")


def test_the_navigation_names_only_what_exists():
    words = [
        "".join(link.itertext())
        for link in parsed("home", "zh").find(".//ul[@class='nav']").iter("a")  # one list
    ]
    assert words == ["首页", "查善款", "基金", "项目", "服务", "五社", "账本", "验证"]


def test_every_class_in_a_template_has_a_rule():
    sheets = "".join(path.read_text() for path in (ROOT / "ledger/static/css").glob("*.css"))
    known = set(re.findall(r"\.([a-z][\w-]*)", sheets))
    used = set()
    for name in PAGES:
        for element in parsed(name, "zh").iter():
            used |= set(element.get("class", "").split())
    assert used - known <= {"sankey-wide"}
