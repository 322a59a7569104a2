"""Pages of one decision, and recording one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request
from flask_babel import gettext as _

from ledger.desk.forms import desk, drafted, submit
from ledger.programs.allocation import words
from ledger.programs.allocation.codes import next_code
from ledger.programs.allocation.decisions.commands import RECORD
from ledger.programs.allocation.decisions.forms import DecisionForm
from ledger.programs.allocation.decisions.queries import decision_page
from ledger.programs.allocation.forms import Choices, show, unit_choices
from ledger.web.access import allow
from ledger.web.actor import FOUNDATION, Role
from ledger.web.fields import today

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("decision", __name__)


@blueprint.get("/<book>/desk/decisions/<code>")
@allow(*sorted(FOUNDATION), Role.COMMUNITY)
def one(book: str, code: str) -> ResponseReturnValue:
    """Show one decision and what was given under it."""
    with desk(book) as at:
        return show("decision.html", at, it=decision_page(at.connection, at.row.id, code))


@blueprint.route("/<book>/desk/decisions/new", methods=["GET", "POST"])
@allow(*sorted(RECORD.prepares))
def new(book: str) -> ResponseReturnValue:
    """Record a decision."""
    with desk(book) as at:
        form = drafted(at, DecisionForm, RECORD)
        offer = Choices(at.connection, at.row.id)
        form.units = offer.units()
        form.body.choices = [(key, _(label)) for key, label in words.BODIES.items()]
        form.fund.choices = offer.of("fund", optional=True)
        form.unit.choices = unit_choices(form.units)
        if request.method == "GET" and not form.code.data:
            form.code.data = next_code(at.connection, at.row.id, "decision", "D", today())
            form.need.data, form.project.data = request.args.get("need", ""), request.args.get("project", "")
        if form.validate_on_submit():
            answer = submit(at, RECORD, form, form.payload(), title=form.title.data or "")
            if answer:
                return answer
        return show("decision_form.html", at, form=form)
