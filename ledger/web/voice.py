"""The language in which a page speaks: translation and word order, free of any framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
        return Markup(text) % values  # noqa: S704  # texts are ours: msgids and their translations

    def join(self, parts: Iterable[str]) -> Markup:
        """Join clauses with a comma: `，` or `, `."""
        return (CHINESE_COMMA if self.chinese else COMMA).join(parts)

    def enumerate(self, parts: Iterable[str]) -> Markup:
        """Join names: `、` or `, `."""
        return (CHINESE_PAUSE if self.chinese else COMMA).join(parts)


def plain_plural(singular: str, plural: str, n: int, /) -> str:
    """Choose between two English texts."""
    return singular if n == 1 else plural


ENGLISH = Voice(gettext=lambda text: text, ngettext=plain_plural, chinese=False)
