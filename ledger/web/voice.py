"""The language in which a page speaks: translation and word order, free of any framework."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PLACEHOLDER = re.compile(r"%\((?P<name>\w+)\)s")
CJK = "\u2e80"  # the first of the Chinese letters and their punctuation
COMMA = Markup(", ")
CHINESE_COMMA = Markup("，")
CHINESE_PAUSE = Markup("、")


class Plural(Protocol):
    """Translate by number."""

    def __call__(self, singular: str, plural: str, n: int, /) -> str:
        """Return the translation of one of the two, as it is for `n`."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """Translations without interpolation, and whether the words are Chinese."""

    gettext: Callable[[str], str]
    ngettext: Plural
    chinese: bool

    def say(self, text: str, **values: object) -> Markup:
        """Fill a translated text, escaping every value that is not markup."""
        if self.chinese:
            text = _snug(text, values)
        return Markup(text) % values  # noqa: S704  # texts are ours: msgids and their translations

    def fill(self, text: str, values: Mapping[str, object]) -> str:
        """Fill a translated text without any markup."""
        return (_snug(text, values) if self.chinese else text) % values

    def join(self, parts: Iterable[str]) -> Markup:
        """Join clauses with a comma: `，` or `, `."""
        return (CHINESE_COMMA if self.chinese else COMMA).join(parts)

    def enumerate(self, parts: Iterable[str]) -> Markup:
        """Join names: `、` or `, `."""
        return (CHINESE_PAUSE if self.chinese else COMMA).join(parts)


def _snug(text: str, values: Mapping[str, object]) -> str:
    """Take out a space between a placeholder and a Chinese letter when the value's edge is Chinese too.

    Chinese sets a space beside figures and Latin words, none beside Chinese ones: 已变成 23 次, but 在通用基金里.
    """
    result, end = "", 0
    for match in PLACEHOLDER.finditer(text):
        plain = escape(values[match["name"]]).striptags()
        before = result + text[end : match.start()]
        if before[-1:] == " " and _chinese(before[-2:-1]) and _chinese(plain[:1]):
            before = before[:-1]
        end = match.end()
        if text[end : end + 1] == " " and _chinese(plain[-1:]) and _chinese(text[end + 1 : end + 2]):
            end += 1
        result = before + match[0]
    return result + text[end:]


def _chinese(letter: str) -> bool:
    return letter >= CJK


def plain_plural(singular: str, plural: str, n: int, /) -> str:
    """Choose between two English texts."""
    return singular if n == 1 else plural


ENGLISH = Voice(gettext=lambda text: text, ngettext=plain_plural, chinese=False)
