"""The names whose first argument is a text to translate; `python -m tests.support.keywords` gives them to pybabel.

Errors are found by their classes, so that a new one needs no list.
"""

import ast
import sys

from ledger.config import ROOT

MARKS = (
    "_",
    "N_",
    "_l",
    "gettext",
    "lazy_gettext",
    "Word",
    "__init__",
)  # __init__: an error's own super().__init__("…")
SECOND = {"looked": (2,), "_looked": (2,)}  # looked(at, "what was looked at"), which the access trail shows
PLURALS = {"ngettext": (1, 2), "lazy_ngettext": (1, 2)}


def error_names():
    """Return the names of LedgerError and all classes under it, read from the code."""
    bases = {}
    for path in (ROOT / "ledger").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    names, found = set(), {"LedgerError"}
    while found:
        names |= found
        found = {name for name, of in bases.items() if of & names} - names
    return names


KEYWORDS = dict.fromkeys([*MARKS, *sorted(error_names())]) | SECOND | PLURALS

if __name__ == "__main__":
    known = [f"--keyword={name}" for name in KEYWORDS if name not in SECOND | PLURALS]
    sys.stdout.write(" ".join(known + [f"--keyword={name}:2" for name in SECOND]))
