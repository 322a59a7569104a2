"""Pages of the linkage: the overview, a community, a project; and the desk's, with what to act on."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request
from flask_babel import get_locale, get_translations
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from ledger.core.units import CNY, HOUR
from ledger.desk.forms import desk as at_desk
from ledger.desk.forms import page
from ledger.extensions import db
from ledger.programs.linkage import keeping, queries
from ledger.programs.linkage.chosen import Chosen, year_of
from ledger.programs.linkage.pictures import bars, said, scores, stages, tracks
from ledger.web import asked
from ledger.web.access import public, staff
from ledger.web.actor import FOUNDATION
from ledger.web.convert import unit_of
from ledger.web.fields import today
from ledger.web.reading import reading
from ledger.web.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask.typing import ResponseReturnValue

    from ledger.programs.linkage.pages import Warn
    from ledger.web.actor import Actor

blueprint = Blueprint("linkage", __name__)
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


def _chosen(*, organization: bool = False) -> Chosen:
    """Read what was asked: a year, or months from and until; a fund, a community; at the desk an organization too."""
    since, until = _month("since"), _month("until")
    year = asked.year()
    if year:
        since, until = year_of(f"{year:04}")
    if since and until and since > until:
        since, until = until, since
    return Chosen(
        since,
        until,
        asked.word("fund"),
        asked.word("community"),
        asked.word("organization") if organization else "",
    )


def _month(name: str) -> str:
    text = request.args.get(name, "").strip()
    if text and not _MONTH.fullmatch(text):
        raise BadRequest(_("“%(text)s” is not a month; write it like 2026-11.", text=text[:40]))
    return text


def _numbers() -> tuple[int, int]:
    return asked.page("communities"), asked.page("projects")


@blueprint.get("/<book>/linkage")
@public
def overview(book: str) -> ResponseReturnValue:
    """Show how the five parties of a book work together."""
    keeping.keep_up(db.engine, book)
    with reading() as connection:
        view = queries.linkage_page(connection, book, _chosen(), today(), unit=asked.word("unit"), numbers=_numbers())
    return render_template("programs/linkage/overview.html", view=view)


@blueprint.get("/<book>/linkage/communities/<path:code>")
@public
def community(book: str, code: str) -> ResponseReturnValue:
    """Show a community's year, and which parties are missing there."""
    keeping.keep_up(db.engine, book)
    with reading() as connection:
        view = queries.community_page(connection, book, code, _chosen())
    return render_template("programs/linkage/place.html", view=view)


@blueprint.get("/<book>/linkage/projects/<path:code>")
@public
def project(book: str, code: str) -> ResponseReturnValue:
    """Show a project's year, and which of its parties never met."""
    keeping.keep_up(db.engine, book)
    with reading() as connection:
        view = queries.project_page(connection, book, code, _chosen())
    return render_template("programs/linkage/place.html", view=view)


@blueprint.get("/<book>/desk/linkage")
@staff
def desk(book: str) -> ResponseReturnValue:
    """Show the same at the desk, with what to act on; whoever acts for a party is shown its own."""
    keeping.keep_up(db.engine, book)
    with at_desk(book) as at:
        view = queries.linkage_page(
            at.connection,
            book,
            _chosen(organization=True),
            today(),
            unit=asked.word("unit"),
            numbers=_numbers(),
        )
        warnings = _own(at.actor, book, view.warnings)
        return page("programs/linkage/desk.html", at, linkage=view, warnings=warnings)


def _own(actor: Actor, book: str, warnings: Iterable[Warn]) -> list[Warn]:
    """Leave out what concerns other parties; the foundation is concerned by all."""
    if actor.has(book, *FOUNDATION):
        return list(warnings)
    return [warn for warn in warnings if any(actor.sees(book, party) for party in warn.parties)]


@blueprint.context_processor
def _spoken() -> dict[str, Any]:
    """Give templates the pictures and the words of the linkage, in the language of the page."""
    translations, locale = get_translations(), get_locale()
    voice = Voice(translations.ugettext, translations.ungettext, locale is not None and locale.language == "zh")
    told = (said.month, said.lead, said.means, said.parties, said.of_mask)
    return {
        "draw_tracks": partial(tracks.draw, voice=voice),
        "draw_scores": partial(scores.draw, voice=voice),
        "draw_stages": partial(stages.draw, voice=voice),
        "draw_bars": partial(bars.draw, voice=voice),
        "aged": partial(stages.aged, voice=voice),
        "money": unit_of(CNY.code, None),
        "hours": unit_of(HOUR, None),
        "mean_score": said.mean,
        "people": said.people,
        "in_tenths": said.tenths,
        **{f"{function.__name__}_name": partial(function, voice=voice) for function in told},
    }
