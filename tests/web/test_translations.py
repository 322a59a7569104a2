"""The Chinese catalogue: complete, not fuzzy, with the same placeholders, and nothing left over."""

import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from ledger.config import ROOT
from tests.web.printing import CATALOGUE

METHODS = [("ledger/**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "N_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def wanted():
    """Return every text marked for translation: (singular, plural or None) → where."""
    found = {}
    for folder, method in (("ledger", METHODS[:1]), ("templates", METHODS[1:])):
        mapping = [(pattern.removeprefix(f"{folder}/"), function) for pattern, function in method]
        for name, number, text, _, _ in extract_from_dir(str(ROOT / folder), mapping, {}, KEYWORDS):
            key = (text, None) if isinstance(text, str) else tuple(text)
            found.setdefault(key, f"{folder}/{name}:{number}")
    return found


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans_CN", abort_invalid=True)


def test_extraction_finds_code_and_templates():
    places = set(wanted().values())
    assert len(places) > 300
    assert {place.split("/")[0] for place in places} == {"ledger", "templates"}


def test_every_text_is_in_chinese(catalogue):
    missing = []
    for (singular, plural), place in wanted().items():
        message = catalogue.get(singular)
        strings = [] if message is None else [message.string] if isinstance(message.string, str) else message.string
        if not strings or not all(strings) or (plural is not None) != isinstance(message.string, tuple):
            missing.append(f"{place}: {singular!r}")
    assert missing == []


def test_nothing_is_fuzzy_or_left_over(catalogue):
    known = {singular for singular, _ in wanted()}
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    ids = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id}
    assert ids - known == set()


def test_placeholders_agree(catalogue):
    for message in catalogue:
        if not message.id:
            continue
        one = message.id if isinstance(message.id, str) else message.id[-1]
        for text in [message.string] if isinstance(message.string, str) else message.string:
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(one)), message.id


def test_tone(catalogue):
    """No exclamation marks, no half-width commas between Chinese letters, no politeness that sells."""
    for message in catalogue:
        for text in [message.string] if isinstance(message.string, str) else message.string:
            if message.id:
                assert not re.search(r"[!！]|[\u4e00-\u9fff][,;:?][\u4e00-\u9fff ]|亲爱的|感恩", text), text
