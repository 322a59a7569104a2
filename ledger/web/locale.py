"""The language of a page: `?lang=`, else the cookie, else what the browser asks for, else Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from babel import Locale, UnknownLocaleError
from flask import current_app, redirect, request
from flask_babel import get_locale, get_translations

from ledger.extensions import babel
from ledger.web.language import CHINESE, ENGLISH, speak
from ledger.web.voice import Voice

if TYPE_CHECKING:
    from flask import Flask, Response
    from werkzeug.wrappers import Response as BaseResponse

DEFAULT = "zh_Hans_CN"
LOCALES = {"zh": DEFAULT, "en": "en"}
HTML = {"zh": "zh-Hans", "en": "en"}
COOKIE = "lang"
A_YEAR = 365 * 24 * 3600  # seconds


def voice() -> Voice:
    """Return the language of the request as pages speak it."""
    translations, locale = get_translations(), get_locale()
    return Voice(translations.ugettext, translations.ungettext, locale is not None and locale.language == "zh")


def init_app(app: Flask) -> None:
    """Choose the language of every request and tell templates which it is."""
    babel.init_app(
        app,
        default_locale=DEFAULT,
        default_timezone="Asia/Shanghai",
        locale_selector=choose,
    )
    app.before_request(_speak)
    app.before_request(_remember_choice)
    app.teardown_request(lambda _error: speak(CHINESE))
    app.after_request(_vary)
    app.context_processor(lambda: {"html_lang": html_lang(), "lang_links": lang_links})


def choose() -> str:
    """Return the locale of this request."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen not in LOCALES:
        chosen = _accepted()
    return LOCALES[chosen]


def html_lang() -> str:
    """Return the value of the `lang` attribute: `zh-Hans` or `en`."""
    locale = get_locale()
    return HTML["en" if locale is not None and locale.language == "en" else "zh"]


def lang_links() -> dict[str, str]:
    """Return the address of this page in each language, by its short name."""
    query = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return {short: _here([*query, ("lang", short)]) for short in LOCALES}


def _accepted() -> str:
    """Return the language among ours that the browser likes best; Chinese when it says nothing of use."""
    for tag, quality in request.accept_languages:
        try:
            language = Locale.parse(tag, sep="-").language
        except (UnknownLocaleError, ValueError, TypeError):
            continue
        if quality > 0 and language in LOCALES:
            return language
    return "zh"


def _speak() -> None:
    """Let what is read for this request be read in its language."""
    speak(ENGLISH if choose() == "en" else CHINESE)


def _remember_choice() -> BaseResponse | None:
    """Keep `?lang=` in a cookie and send the reader to the same address without it."""
    if request.method not in {"GET", "HEAD"} or "lang" not in request.args:
        return None
    query = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    response = redirect(_here(query), 303)
    chosen = request.args["lang"]
    if chosen in LOCALES:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(COOKIE, chosen, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure)
    return response


def _here(query: list[tuple[str, str]]) -> str:
    """Return this page's own address with `query`; one leading slash, so that it never names another host."""
    path = quote(request.script_root + "/" + request.path.lstrip("/\\"))
    return path + ("?" + urlencode(query) if query else "")


def _vary(response: Response) -> Response:
    """Tell caches that a page differs by language; static files do not."""
    if request.endpoint != "static":
        response.vary.update(["Accept-Language", "Cookie"])
    return response
