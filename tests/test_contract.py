"""The direction of imports, and that no part of the house escapes it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ledger.config import ROOT

# Those that may know Flask whole; of every other part only the views and forms may.
EDGE = {"app", "api", "cli", "web", "extensions", "logs", "config", "keys"}


@pytest.fixture(scope="module")
def contracts():
    with (ROOT / "pyproject.toml").open("rb") as file:
        found = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract for contract in found}


def parts():
    """Return the packages and modules of ledger/ that exist, by name."""
    names = {path.stem for path in (ROOT / "ledger").glob("*.py")}
    return (names | {path.parent.name for path in (ROOT / "ledger").glob("*/__init__.py")}) - {"__init__"}


def test_imports_go_down_only():
    # In a process of its own: the linter configures logging for the whole process.
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_part_has_its_place_in_the_layers(contracts):
    layers = " ".join(contracts["layers"]["layers"])
    named = {word.strip("()").removeprefix("ledger.") for word in layers.split() if word != "|"}
    assert parts() - named == set(), "add these to the layers in pyproject.toml"


def test_every_part_below_the_edge_is_kept_from_flask(contracts):
    named = {name.removeprefix("ledger.") for name in contracts["flask"]["source_modules"]}
    assert parts() - EDGE - named == set(), "add these to source_modules of the contract `flask`"
