"""Pages of one project: its budget against what it used; opening, changing and closing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from ledger.desk.forms import desk, drafted, submit
from ledger.programs.allocation import words
from ledger.programs.allocation.codes import next_code
from ledger.programs.allocation.decisions.queries import listed, usable
from ledger.programs.allocation.forms import NONE, Choices, asked_code, grown, show
from ledger.programs.allocation.projects.commands import CHANGE, CLOSE, OPEN
from ledger.programs.allocation.projects.forms import CloseProjectForm, ProjectForm
from ledger.programs.allocation.projects.queries import project_object, project_page
from ledger.web.access import allow
from ledger.web.actor import FOUNDATION, Role
from ledger.web.convert import day, name_of
from ledger.web.fields import today
from ledger.web.labels import ELEMENTS

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ledger.desk.forms import At
    from ledger.journal.lookup import Object

blueprint = Blueprint("project", __name__)


@blueprint.get("/<book>/desk/projects/<code>")
@allow(*sorted(FOUNDATION), Role.ORG_STAFF, Role.SOCIAL_WORKER, Role.COMMUNITY)
def one(book: str, code: str) -> ResponseReturnValue:
    """Show one project."""
    with desk(book) as at:
        found = project_page(at.connection, at.row.id, code, today())
        money = at.actor.has(book, *FOUNDATION)
        return show("project.html", at, it=found, sees_grants=money)


@blueprint.route("/<book>/desk/projects/new", methods=["GET", "POST"])
@allow(*sorted(OPEN.prepares))
def new(book: str) -> ResponseReturnValue:
    """Open a project."""
    with desk(book) as at:
        form = drafted(at, ProjectForm, OPEN)
        more = grown(form)
        _offer(at, form)
        if request.method == "GET" and not form.code.data:
            form.code.data = next_code(at.connection, at.row.id, "project", "P", today())
            form.need.data = request.args.get("need", "")
        if not more and form.validate_on_submit():
            to = url_for("project.one", book=book, code=form.code.data)
            answer = submit(at, OPEN, form, form.payload(), title=form["name"].data, to=to)
            if answer:
                return answer
        return show("project_form.html", at, form=form, project=None)


@blueprint.route("/<book>/desk/projects/change", methods=["GET", "POST"])
@allow(*sorted(CHANGE.prepares))
def change(book: str) -> ResponseReturnValue:
    """Change a project."""
    with desk(book) as at:
        project = project_object(at.connection, at.row.id, request.args.get("code", ""))
        form = drafted(at, ProjectForm, CHANGE, data=_filled(project))
        more = grown(form)
        _offer(at, form)
        form.code.data = project.facts["code"]
        if not more and form.validate_on_submit():
            to = url_for("project.one", book=book, code=form.code.data)
            answer = submit(at, CHANGE, form, form.payload(), title=form["name"].data, to=to)
            if answer:
                return answer
        return show("project_form.html", at, form=form, project=project)


@blueprint.route("/<book>/desk/projects/close", methods=["GET", "POST"])
@allow(*sorted(CLOSE.prepares))
def close(book: str) -> ResponseReturnValue:
    """Close a project."""
    with desk(book) as at:
        form = drafted(at, CloseProjectForm, CLOSE)
        project = project_object(at.connection, at.row.id, asked_code(form, "project"))
        code = project.facts["code"]
        if form.validate_on_submit():
            payload = {"code": code, "reason": form.reason.data}
            to = url_for("project.one", book=book, code=code)
            answer = submit(at, CLOSE, form, payload, title=name_of(project.facts), to=to)
            if answer:
                return answer
        return show(
            "close.html",
            at,
            form=form,
            title=_("Close project %(name)s", name=name_of(project.facts)),
            lead=_("Nothing is spent or awarded for it any more. Its grants have to be closed before."),
            back=url_for("project.one", book=book, code=code),
            above=(_("Projects"), url_for("allocation.projects", book=book)),
        )


def _offer(at: At, form: ProjectForm) -> None:
    """Fill in what can be chosen."""
    offer = Choices(at.connection, at.row.id)
    form.organization.choices = offer.of("organization")
    form.communities.choices = offer.of("community")
    form.fund.choices = offer.of("fund", optional=True)
    form.lead_element.choices = [(key, _(label)) for key, label in ELEMENTS.items()]
    decisions = [(line.code, f"{line.code} {line.title}") for line in usable(at.connection, at.row.id)]
    kept = form.decision.data or ""
    form.decision.choices = [NONE, *decisions] + (
        [(kept, kept)] if kept and kept not in {code for code, _title in decisions} else []
    )
    for row in form.budget:
        row.category.choices = [(key, _(label)) for key, label in words.CATEGORIES.items()]


def _filled(project: Object) -> dict[str, object]:
    """Fill in a form with what a project says now."""
    facts = project.facts
    return {
        **{name: facts.get(name) for name in ("name", "organization", "fund", "plan", "decision")},
        "lead_element": facts.get("lead_element", "organization"),
        "communities": listed(facts.get("community")),
        "starts": day(facts["starts"]) if facts.get("starts") else None,
        "ends": day(facts["ends"]) if facts.get("ends") else None,
        "budget": [dict(line) for line in facts.get("budget", ())],
        "need": " ".join(listed(facts.get("need"))),
    }
