"""The rules of the disclosure clocks, read from `clocks.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.core.errors import CorruptError
from ledger.web.convert import told

if TYPE_CHECKING:
    from datetime import date

FILE = Path(__file__).with_name("clocks.toml")
CLOCKS = ("quarterly", "emergency", "final", "annual", "none")
"""What a disclosure may say it was published for; `none`: of one's own accord."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: see the head of the data file."""

    key: str
    subjects: tuple[str, ...]
    when: str
    longer: int
    months: int
    days: int
    by: str
    amber: int
    facts: dict[str, object]  # article, source: with `_en`
    effective: date
    checked: bool

    @property
    def article(self) -> str:
        """Return the article, in the language of the page."""
        return told(self.facts, "article")

    @property
    def source(self) -> str:
        """Return what the source says, in the language of the page."""
        return told(self.facts, "source")


@cache
def rules() -> tuple[Rule, ...]:
    """Read all rules; raise CorruptError for a file that does not have their shape."""
    return parse(FILE.read_text(encoding="utf-8"))


def parse(text: str) -> tuple[Rule, ...]:
    """Read rules from the text of a data file."""
    try:
        return tuple(
            Rule(
                key=one["key"],
                subjects=tuple(one["subjects"]),
                when=one["when"],
                longer=int(one["longer"]),
                months=int(one.get("every", {}).get("months", 0)),
                days=int(one.get("every", {}).get("days", 0)),
                by=one.get("by", ""),
                amber=int(one["amber"]),
                facts={name: one[name] for name in ("article", "article_en", "source", "source_en")},
                effective=one["effective"],
                checked=bool(one["checked"]),
            )
            for one in tomllib.loads(text)["rule"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptError("the rules of disclosure cannot be read: %(problem)s", problem=repr(error)) from error
