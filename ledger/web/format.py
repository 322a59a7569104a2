"""What templates can use: filters and globals, given to Jinja.

`install` is free of any framework (previews and tests use it); `register` is for the application.

Filters: figure, amount, quantity, headline, day, short_day, clock, instant, residents, groups, short_hash, code,
called (a Ref), role.
Globals: addresses(), asset(path), site(), here(**changes), money(fen), chinese(), bar_pieces(shares),
page_numbers(number, last), sankey(picture, narrow=), words for codes (`WORDS`, kind_name, name, unit_name), and the
sentences.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from ledger.reports import figures
from ledger.web import labels, quantities, sankey, sentences
from ledger.web.addresses import Addresses
from ledger.web.pages import YUAN, Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask
    from jinja2 import Environment

    from ledger.web.voice import Voice


SPOKEN: Mapping[str, Callable[..., Any]] = {
    "amount": quantities.amount,
    "called": labels.name,
    "day": quantities.day,
    "figure": quantities.figure,
    "headline": quantities.headline_markup,
    "quantity": quantities.quantity,
    "role": labels.role,
}
SILENT: Mapping[str, Callable[..., Any]] = {
    "clock": figures.clock,
    "code": figures.group_code,
    "groups": quantities.groups,
    "instant": quantities.instant,
    "residents": quantities.residents,
    "short_day": quantities.short_day,
    "short_hash": quantities.short_hash,
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "bucket_name": labels.BUCKETS,
    "element_name": labels.ELEMENTS,
    "mark_name": labels.MARKS,
    "role_name": labels.ROLES,
    "service_name": labels.SERVICES,
    "state_name": labels.STATES,
    "type_name": labels.TYPES,
}


def install(
    env: Environment,
    voice: Callable[[], Voice],
    addresses: Callable[[], Addresses],
    query: Callable[[], Mapping[str, str]],
    asset: Callable[[str], str],
    site: Callable[[], str],
) -> None:
    """Give filters and globals to `env`; the callables are asked each time a page is made."""
    env.filters.update({name: _in_voice(function, voice) for name, function in SPOKEN.items()})
    env.filters.update(SILENT)
    env.globals.update({name: _words(table, voice) for name, table in WORDS.items()})
    told: tuple[Callable[..., Any], ...] = (
        labels.kind_name,
        labels.name,
        labels.unit_name,
        quantities.is_short,
        *sentences.SENTENCES,
    )
    env.globals.update({function.__name__: _in_voice(function, voice) for function in told})
    env.globals.update(
        Quantity=Quantity,
        addresses=addresses,
        asset=asset,
        bar_pieces=quantities.bar,
        chinese=lambda: voice().chinese,
        here=lambda **changes: _here(query(), changes),
        money=lambda fen: Quantity(fen, YUAN),
        page_numbers=quantities.page_numbers,
        site=site,
        sankey=lambda picture, **options: sankey.draw(picture, voice(), **options),
    )


def register(app: Flask) -> None:
    """Give filters and globals to the application's templates, in the language of each request."""
    from flask import request  # noqa: PLC0415  # only here: the rest knows no framework

    from ledger.web.locale import voice  # noqa: PLC0415

    public = urlsplit(app.config["SETTINGS"].public_url)
    origin = f"{public.scheme}://{public.netloc}"
    folder = Path(app.static_folder or "")
    versions: dict[str, str] = {}

    def asset(path: str) -> str:
        if path not in versions:
            versions[path] = hashlib.sha256((folder / path).read_bytes()).hexdigest()[:12]
        return f"{request.script_root}{app.static_url_path}/{path}?v={versions[path]}"

    install(
        app.jinja_env,
        voice,
        lambda: Addresses(request.script_root),
        lambda: request.args.to_dict(),  # noqa: PLW0108  # a proxy: asked anew for each page
        asset,
        lambda: origin,
    )


def _in_voice(function: Callable[..., Any], voice: Callable[[], Voice]) -> Callable[..., Any]:
    return lambda *args: function(*args, voice())


def _words(table: Mapping[str, str], voice: Callable[[], Voice]) -> Callable[[str], str]:
    return lambda code: labels.word(table, code, voice())


def _here(query: Mapping[str, str], changes: Mapping[str, object]) -> str:
    """Return a reference to this very page with some of its query changed; None takes a part out."""
    merged = {**query, **changes}
    kept = {name: value for name, value in merged.items() if value not in {None, ""}}
    return "?" + urlencode(kept)
