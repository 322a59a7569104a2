"""The pins are whole: what is installed is what is written down."""

import re
from importlib.metadata import distributions

from ledger.config import ROOT

INSTALLERS = {"pip", "setuptools", "wheel"}


def pins(name):
    lines = (ROOT / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_requirement_is_pinned_exactly_once():
    every = pins("requirements.txt") + pins("requirements-dev.txt")
    assert [pin for pin in every if not re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", pin)] == []
    names = [canonical(re.split(r"[\[=]", pin)[0]) for pin in every]
    assert len(names) == len(set(names))


def test_whatever_is_installed_is_pinned_at_that_version():
    every = pins("requirements.txt") + pins("requirements-dev.txt")
    wanted = {canonical(re.split(r"[\[=]", pin)[0]): pin.split("==")[1] for pin in every}
    found = {canonical(d.metadata["Name"]): d.version for d in distributions()}
    assert {name: version for name, version in found.items() if name in wanted} == wanted
    assert set(found) - set(wanted) - INSTALLERS == set()
