"""The Chinese catalogue: complete, not fuzzy, with the same placeholders, and nothing left over.

Errors among it: each is raised with a constant text and values, which both languages hold.
"""

import ast
import importlib
import inspect
import pkgutil
import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import ledger
from ledger.config import ROOT
from ledger.core.errors import LedgerError
from tests.support.keywords import KEYWORDS, error_names
from tests.web.printing import CATALOGUE

METHODS = [("ledger/**.py", "python"), ("templates/**.html", "jinja2")]
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


def made():
    """Yield every making of a named error: where, the call, and whether it is in the `__init__` of such a class."""
    kinds = {kind.__name__: kind for kind in error_kinds()}
    asks = {name for name, kind in kinds.items() if "text" in inspect.signature(kind.__init__).parameters}
    for path in sorted((ROOT / "ledger").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        classes = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef) and node.name in kinds.keys() - {"LedgerError"}
        ]
        own = {node for each in classes for node in ast.walk(each)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in asks or (name == "__init__" and node in own):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node, node in own


def error_kinds():
    """Return LedgerError and every class under it, from all modules that there are."""
    for module in pkgutil.walk_packages(ledger.__path__, "ledger."):
        importlib.import_module(module.name)
    kinds, found = set(), {LedgerError}
    while found:
        kinds |= found
        found = {under for kind in found for under in kind.__subclasses__()} - kinds
    return {kind for kind in kinds if kind.__module__.startswith("ledger.")}


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


# ------------------------------------------------------------------ errors


def test_errors_are_found_by_their_classes():
    assert error_names() == {kind.__name__ for kind in error_kinds()}


def test_every_error_is_made_with_a_constant_text_that_is_extracted():
    """Else it is said in English only. An error passed on gives its own `text`."""
    texts, wrong, count = {singular for singular, _ in wanted()}, [], 0
    for place, call, own in made():
        count += 1
        text = call.args[0] if call.args else None
        constant = isinstance(text, ast.Constant) and text.value in texts
        passed_on = (
            ast.unparse(text or call) == "text" if own else isinstance(text, ast.Attribute) and text.attr == "text"
        )
        if not constant and not passed_on:
            wrong.append(f"{place}: {ast.unparse(call)}")
    assert wrong == []
    assert count > 200


def test_every_error_has_the_values_that_its_text_asks_for_in_both_languages(catalogue):
    wrong, kinds = [], {kind.__name__: set(inspect.signature(kind.__init__).parameters) for kind in error_kinds()}
    for place, call, _ in made():
        if not call.args or not isinstance(call.args[0], ast.Constant):
            continue
        text, given = call.args[0].value, {keyword.arg for keyword in call.keywords}
        asked = set(re.findall(r"%\((\w+)\)", text))
        lacking = asked - given - kinds.get(ast.unparse(call.func), set())
        if lacking and None not in given:  # None: the values that another error was made with
            wrong.append(f"{place}: no {sorted(lacking)}")
        for said in (text, catalogue.get(text).string) if asked or given else ():
            try:
                told = said % dict.fromkeys(asked, 7)
            except (KeyError, TypeError, ValueError) as error:
                wrong.append(f"{place}: {said!r}: {error!r}")
            else:
                assert told.count("7") >= len(asked) or not said
    assert wrong == []
