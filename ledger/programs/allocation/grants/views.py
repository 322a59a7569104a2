"""Pages of one grant: awarding, paying, taking back and closing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from ledger.desk.forms import desk, drafted, submit
from ledger.programs.allocation.codes import next_code
from ledger.programs.allocation.decisions.queries import listed, usable
from ledger.programs.allocation.forms import (
    NONE,
    Choices,
    asked_code,
    grown,
    show,
    unit_choices,
    unit_for,
)
from ledger.programs.allocation.grants.commands import AWARD, CLOSE, PAY, RETURN
from ledger.programs.allocation.grants.forms import AwardForm, CloseGrantForm, PayForm, ReturnForm, written
from ledger.programs.allocation.grants.queries import read_grant
from ledger.programs.allocation.grants.services import entries_of, services_of
from ledger.programs.allocation.grants.split import propose_split
from ledger.programs.allocation.projects.queries import project_object
from ledger.web import asked as address
from ledger.web.access import allow, own
from ledger.web.actor import FOUNDATION, Role
from ledger.web.convert import Names
from ledger.web.fields import today

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from ledger.desk.forms import At
    from ledger.programs.allocation.grants.queries import GrantLine
    from ledger.programs.allocation.grants.split import Giver
    from ledger.web.pages import Unit

blueprint = Blueprint("grant", __name__)


@blueprint.get("/<book>/desk/grants/<code>")
@allow(*sorted(FOUNDATION), Role.ORG_STAFF)
def one(book: str, code: str) -> ResponseReturnValue:
    """Show one grant; an organization's people see their own."""
    with desk(book) as at:
        line = read_grant(at.connection, at.row.id, code, today())
        own(book, line.organization.address)
        unit, grant = line.sums.awarded.unit, f"grant:{code}"
        services, pager = services_of(at.connection, at.row.id, grant, unit.code, address.page("services"))
        entries, turned = entries_of(at.connection, at.row.id, grant, address.page("entries"))
        needs = [f"need:{need}" for need in listed(line.facts.get("need"))]
        decision = f"decision:{line.facts['decision']}" if line.facts.get("decision") else ""
        names = Names(at.connection, at.row.id, {*needs, decision} - {""})
        return show(
            "grant.html",
            at,
            it=line,
            services=services,
            services_pager=pager,
            entries=entries,
            entries_pager=turned,
            needs=[names.ref(need) for need in needs],
            decision=names.ref(decision) if decision else None,
        )


@blueprint.route("/<book>/desk/grants/new", methods=["GET", "POST"])
@allow(*sorted(AWARD.prepares))
def new(book: str) -> ResponseReturnValue:
    """Award a grant."""
    with desk(book) as at:
        form = drafted(at, AwardForm, AWARD)
        more = grown(form)
        if request.method == "GET" and not form.code.data:
            _begin(at, form)
        _offer(at, form)
        if not more and form.validate_on_submit():
            title = _(
                "%(code)s to %(name)s", code=form.code.data, name=form.organization.labels[form.organization.data]
            )
            answer = submit(at, AWARD, form, form.payload(), title=title)
            if answer:
                return answer
        return show("grant_form.html", at, form=form)


def _begin(at: At, form: AwardForm) -> None:
    """Fill in what the address says: the project, the need or the decision one comes from."""
    form.code.data = next_code(at.connection, at.row.id, "grant", "G", today())
    form.need.data = request.args.get("need", "")
    form.decision.data = request.args.get("decision", "")
    project = request.args.get("project", "")
    if project:
        facts = project_object(at.connection, at.row.id, project).facts
        form.project.data, form.organization.data = project, facts.get("organization")
        form.fund.data = facts.get("fund")
        form.decision.data = form.decision.data or facts.get("decision", "")
        form.need.data = form.need.data or " ".join(listed(facts.get("need")))


def _offer(at: At, form: AwardForm) -> None:
    """Fill in what can be chosen."""
    offer = Choices(at.connection, at.row.id)
    form.units = offer.units()
    form.organization.choices = offer.of("organization")
    form.fund.choices = offer.of("fund")
    form.unit.choices = unit_choices(form.units)
    form.project.choices = offer.of("project", optional=True)
    form.decision.choices = [NONE, *((d.code, f"{d.code} {d.title}") for d in usable(at.connection, at.row.id))]
    if request.method == "GET" and form.decision.data not in form.decision.labels:
        form.decision.data = ""


@blueprint.route("/<book>/desk/grants/pay", methods=["GET", "POST"])
@allow(*sorted(PAY.prepares))
def pay(book: str) -> ResponseReturnValue:
    """Pay a grant: money given for such a purpose first, then the fund's; the proposal can be edited."""
    with desk(book) as at:
        form = drafted(at, PayForm, PAY)
        line = read_grant(at.connection, at.row.id, asked_code(form, "grant"), today())
        if line.state != "open":
            raise NotFound
        form.units = Choices(at.connection, at.row.id).units()
        unit = _begin_payment(form, line)
        _offer_payment(at, form, line, unit)
        again = request.form.get("again") == "split"
        givers = propose_split(at.connection, at.row.id, line.facts, form.read() or 0, unit.code)
        if again or not len(form.parts):
            form.propose(givers)
        if not again and form.validate_on_submit():
            title = _("%(code)s to %(name)s", code=line.code, name=line.organization.name)
            answer = submit(at, PAY, form, form.payload(), title=title)
            if answer:
                return answer
        known = {giver.ref.address: giver for giver in givers}
        return show("grant_pay.html", at, form=form, it=line, givers=known, unit=unit, open=_left_open(form, givers))


def _begin_payment(form: PayForm, line: GrantLine) -> Unit:
    """Fill in the next instalment, and choose the unit of the award."""
    form.unit.data = form.unit.data or request.args.get("unit", "") or line.sums.awarded.unit.code
    unit = unit_for(form.units, form.unit.data)
    if request.method == "GET" and not form.amount.data and unit == line.sums.awarded.unit:
        number = request.args.get("instalment", type=int)
        named = next((each for each in line.instalments if each.number == number), line.next)
        form.instalment.data = str(named.number) if named else ""
        form.amount.data = written((named.left if named else line.sums.open).amount, unit)
    return unit


def _offer_payment(at: At, form: PayForm, line: GrantLine, unit: Unit) -> None:
    form.unit.choices = unit_choices(form.units)
    form.place.choices = Choices(at.connection, at.row.id).places(unit.code)
    waiting = [each for each in line.instalments if each.state != "paid"]
    form.instalment.choices = [
        *(() if line.instalments and unit == line.sums.awarded.unit else (NONE,)),
        *((str(each.number), _("%(number)s, due %(due)s", number=each.number, due=each.due)) for each in waiting),
    ]
    form.condition = any(str(e.number) == form.instalment.data and e.condition for e in line.instalments)


def _left_open(form: PayForm, givers: Sequence[Giver]) -> int:
    """Tell what the proposal could not find money for."""
    return (form.total or 0) - sum(giver.proposed for giver in givers)


@blueprint.route("/<book>/desk/grants/return", methods=["GET", "POST"])
@allow(*sorted(RETURN.prepares))
def take_back(book: str) -> ResponseReturnValue:
    """Take back what an organization did not spend."""
    with desk(book) as at:
        form = drafted(at, ReturnForm, RETURN)
        line = read_grant(at.connection, at.row.id, asked_code(form, "grant"), today())
        form.unit, offer = line.sums.held.unit, Choices(at.connection, at.row.id)
        form.fund.choices = [(f"fund:{code}", name) for code, name in offer.of("fund")]
        form.place.choices = offer.places(form.unit.code)
        if request.method == "GET" and not form.amount.data:
            form.amount.data, form.fund.data = written(line.sums.held.amount, form.unit), line.fund.address
        if form.validate_on_submit():
            title = _("%(code)s from %(name)s", code=line.code, name=line.organization.name)
            answer = submit(at, RETURN, form, form.payload(), title=title)
            if answer:
                return answer
        return show("grant_return.html", at, form=form, it=line)


@blueprint.route("/<book>/desk/grants/close", methods=["GET", "POST"])
@allow(*sorted(CLOSE.prepares))
def close(book: str) -> ResponseReturnValue:
    """Close a grant that holds nothing any more."""
    with desk(book) as at:
        form = drafted(at, CloseGrantForm, CLOSE)
        line = read_grant(at.connection, at.row.id, asked_code(form, "grant"), today())
        if form.validate_on_submit():
            title = _("%(code)s of %(name)s", code=line.code, name=line.organization.name)
            answer = submit(at, CLOSE, form, form.payload(), title=title)
            if answer:
                return answer
        return show(
            "close.html",
            at,
            form=form,
            title=_("Close grant %(name)s", name=line.code),
            lead=_("What was not paid is not paid any more. What is unspent has to come back before."),
            back=url_for("grant.one", book=book, code=line.code),
            above=(_("Grants"), url_for("allocation.grants", book=book)),
        )
