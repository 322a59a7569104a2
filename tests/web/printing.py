"""Templates printed without an application: they speak from the catalogue itself, so that nothing need be compiled."""

import io
from functools import cache

import jinja2
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from ledger.config import ROOT
from ledger.web import format as formats
from ledger.web.addresses import Addresses
from ledger.web.voice import Voice

CATALOGUE = ROOT / "ledger" / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"


@cache
def catalogue(lang):
    if lang == "en":
        return NullTranslations()
    with CATALOGUE.open("rb") as file:
        messages = read_po(file, locale="zh_Hans_CN")
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)


def chinese_voice():
    return voice("zh")


def voice(lang):
    words = catalogue(lang)
    return Voice(words.ugettext, words.ungettext, chinese=lang == "zh")


@cache
def environment(lang):
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    words = catalogue(lang)
    env.install_gettext_callables(words.ugettext, words.ungettext, newstyle=True)
    formats.install(
        env, lambda: voice(lang), Addresses, dict, lambda path: f"/static/{path}", lambda: "https://ledger.example"
    )
    env.globals.update(
        html_lang="zh-Hans" if lang == "zh" else "en", lang_links=lambda: {"zh": "?lang=zh", "en": "?lang=en"}
    )
    return env
