"""The language in which names are read, known below the pages without a framework; Chinese where nobody says."""

from contextvars import ContextVar

CHINESE, ENGLISH = "zh", "en"
_language = ContextVar("language", default=CHINESE)


def speak(language: str) -> None:
    """Say the language of what this context reads from now on: `zh` or `en`."""
    _language.set(language)


def in_english() -> bool:
    """Tell whether names that have an English form are to be read in it."""
    return _language.get() == ENGLISH
