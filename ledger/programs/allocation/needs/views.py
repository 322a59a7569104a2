"""Pages of one need: what could meet it, raising, changing and closing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from ledger.desk.forms import desk, drafted, submit
from ledger.programs.allocation import words
from ledger.programs.allocation.codes import next_code
from ledger.programs.allocation.forms import NONE, Choices, asked_code, grown, show, unit_choices
from ledger.programs.allocation.grants.forms import written
from ledger.programs.allocation.needs.commands import CHANGE, CLOSE, PREPARES, RAISE
from ledger.programs.allocation.needs.forms import CloseNeedForm, NeedForm
from ledger.programs.allocation.needs.matching import matching
from ledger.programs.allocation.needs.queries import lines, need_object
from ledger.web.access import allow, own, staff
from ledger.web.actor import Role
from ledger.web.convert import day, unit_of
from ledger.web.fields import today
from ledger.web.labels import SERVICES

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ledger.desk.forms import At
    from ledger.journal.lookup import Object

blueprint = Blueprint("need", __name__)

ANY_COMMUNITY = (Role.ACCOUNTANT, Role.ORG_STAFF, Role.SOCIAL_WORKER)
"""Roles that raise needs for any community; a community's own people only for their own."""


@blueprint.get("/<book>/desk/needs/<code>")
@staff
def one(book: str, code: str) -> ResponseReturnValue:
    """Show one need: what it has got, what is unmet, what could meet it."""
    with desk(book) as at:
        need = need_object(at.connection, at.row.id, code)
        line = lines(at.connection, at.row.id, [need], today())[0]
        could = matching(at.connection, at.row.id, need) if line.is_open else None
        mine = _own_communities(at)
        return show("need.html", at, line=line, could=could, ours=mine is None or line.community.code in mine)


@blueprint.route("/<book>/desk/needs/new", methods=["GET", "POST"])
@allow(*sorted(PREPARES))
def new(book: str) -> ResponseReturnValue:
    """Raise a need."""
    with desk(book) as at:
        form = drafted(at, NeedForm, RAISE)
        more = grown(form)
        _offer(at, form)
        if request.method == "GET" and not form.code.data:
            form.code.data = next_code(at.connection, at.row.id, "need", "N", today())
            form.community.data = request.args.get("community", form.community.data)
        if not more and form.validate_on_submit():
            to = url_for("need.one", book=book, code=form.code.data)
            answer = submit(at, RAISE, form, form.payload(), title=form.title.data or "", to=to)
            if answer:
                return answer
        return show("need_form.html", at, form=form, line=None)


@blueprint.route("/<book>/desk/needs/change", methods=["GET", "POST"])
@allow(*sorted(PREPARES))
def change(book: str) -> ResponseReturnValue:
    """Change a need."""
    with desk(book) as at:
        need = need_object(at.connection, at.row.id, request.args.get("code", ""))
        _own(at, need)
        form = drafted(at, NeedForm, CHANGE, data=_filled(at, need))
        more = grown(form)
        _offer(at, form)
        form.code.data = need.facts["code"]
        if not more and form.validate_on_submit():
            to = url_for("need.one", book=book, code=form.code.data)
            answer = submit(at, CHANGE, form, form.payload(), title=form.title.data or "", to=to)
            if answer:
                return answer
        return show("need_form.html", at, form=form, line=lines(at.connection, at.row.id, [need], today())[0])


@blueprint.route("/<book>/desk/needs/close", methods=["GET", "POST"])
@allow(*sorted(PREPARES))
def close(book: str) -> ResponseReturnValue:
    """Close a need."""
    with desk(book) as at:
        form = drafted(at, CloseNeedForm, CLOSE)
        need = need_object(at.connection, at.row.id, asked_code(form, "need"))
        _own(at, need)
        line = lines(at.connection, at.row.id, [need], today())[0]
        if form.validate_on_submit():
            payload = {"code": line.code, "community": line.community.code, "outcome": form.outcome.data}
            payload["reason"] = form.reason.data
            to = url_for("need.one", book=book, code=line.code)
            answer = submit(at, CLOSE, form, payload, title=line.title, to=to)
            if answer:
                return answer
        return show("need_close.html", at, form=form, line=line)


def _own_communities(at: At) -> frozenset[str] | None:
    """Tell for which communities the reader may raise needs; None: any."""
    if at.actor.has(at.code, *ANY_COMMUNITY):
        return None
    return at.actor.parties(at.code, Role.COMMUNITY)


def _own(at: At, need: Object) -> None:
    """Answer 404 for the need of a community that is not the reader's."""
    if _own_communities(at) is not None:
        own(at.code, f"community:{need.facts['community']}")


def _offer(at: At, form: NeedForm) -> None:
    """Fill in what can be chosen."""
    offer = Choices(at.connection, at.row.id)
    form.units = offer.units()
    form.category.choices = sorted(((key, _(label)) for key, label in SERVICES.items()), key=lambda pair: pair[1])
    form.community.choices = offer.of("community", own=_own_communities(at))
    form.raised_by.choices = [(key, _(label)) for key, label in words.RAISERS.items()]
    for row in form.wanted:
        row.unit.choices = [NONE, *unit_choices(form.units)]


def _filled(at: At, need: Object) -> dict[str, object]:
    """Fill in a form with what a need says now; the number of a small group is not shown, and asked for again."""
    facts, units = need.facts, Choices(at.connection, at.row.id).units()
    return {
        **{name: facts.get(name) for name in ("title", "category", "community", "raised_by", "description")},
        "raised": day(facts["raised"]),
        "residents": facts.get("residents") or None,
        "wanted": [
            {
                "unit": want["unit"],
                "amount": written(want["amount"], units.get(want["unit"]) or unit_of(want["unit"], None)),
            }
            for want in facts["wanted"]
        ],
    }
