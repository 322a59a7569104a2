"""Pages of disclosure: public ones, and the desk where figures are prepared."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _

from ledger.audit.disclosure import queries
from ledger.audit.disclosure.actions import Publication, publication_of, told_figures
from ledger.audit.disclosure.commands import CORRECT, PUBLISH
from ledger.audit.disclosure.describe import figure_rows, named_in
from ledger.audit.disclosure.desk import STATES, desk_page, done_in, running_clocks
from ledger.audit.disclosure.figures import SUBJECTS, figures_of
from ledger.audit.disclosure.forms import CorrectForm, PublishForm
from ledger.audit.disclosure.residuals import residuals_of
from ledger.core.errors import NotFoundError
from ledger.desk.forms import desk, drafted, page, submit
from ledger.journal import lookup
from ledger.journal.read import find_book
from ledger.web import asked
from ledger.web.access import actor, allow, public
from ledger.web.actor import Role
from ledger.web.convert import Names, name_of
from ledger.web.fields import today
from ledger.web.labels import TYPES
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ledger.audit.disclosure.clocks import Clock
    from ledger.audit.disclosure.figures import Figure
    from ledger.audit.disclosure.pages import FigureRow
    from ledger.audit.disclosure.residuals import Residual
    from ledger.desk.forms import At
    from ledger.journal.lookup import Object

blueprint = Blueprint("disclosure", __name__)


class Prepared(NamedTuple):
    """Figures as they would be published, and where they do not add up."""

    made: Publication
    figures: list[dict[str, Any]]
    rows: tuple[FigureRow, ...]
    residuals: list[Residual]


@blueprint.get("/<book>/disclosures")
@public
def disclosures(book: str) -> ResponseReturnValue:
    """Show what was published."""
    kind = asked.choice("kind", SUBJECTS) or ""
    sort = asked.choice("sort", queries.SORTS) or queries.SORTS[0]
    with reading() as connection:
        view = queries.disclosures_page(connection, book, kind, asked.word("search"), sort, asked.page())
    return render_template("audit/disclosure/list.html", view=view)


@blueprint.get("/<book>/disclosures/<path:code>")
@public
def disclosure(book: str, code: str) -> ResponseReturnValue:
    """Show one disclosure beside the figures of today."""
    with reading() as connection:
        view = queries.disclosure_page(connection, book, code)
    return render_template("audit/disclosure/disclosure.html", view=view)


@blueprint.get("/<book>/desk/disclosure", endpoint="desk")
@allow(Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR, Role.ADMIN)
def desk_view(book: str) -> ResponseReturnValue:
    """Show the clocks, and whether what is public adds up."""
    with desk(book) as at:
        it = desk_page(at.connection, at.row, today(), asked.page(), asked.choice("state", STATES) or "")
        return page("audit/disclosure/desk.html", at, it=it)


@blueprint.route("/<book>/desk/disclosure/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def publish(book: str) -> ResponseReturnValue:
    """Compute figures and put them forward to be published."""
    with desk(book) as at:
        known = _subjects(at)
        form = drafted(at, PublishForm, PUBLISH)
        form.subject.choices = [("", "—"), *((one.address, _called(one)) for one in known.values())]
        prepared = _asked(at, form, known)
        if prepared and "send" in request.form and not prepared.residuals:
            payload = prepared.made.facts() | {"figures": prepared.figures}
            answer = submit(at, PUBLISH, form, payload, title=prepared.made.title)
            if answer:
                return answer
        return page("audit/disclosure/publish.html", at, form=form, prepared=prepared, known=known)


def _asked(at: At, form: PublishForm, known: dict[str, Object]) -> Prepared | None:
    """Compute the figures that a form asks for, at the end of the book or, when it is sent, where it was shown."""
    if request.method == "POST" and not form.validate():
        return None
    if request.method == "GET" and "draft" not in request.args:
        _suggest(at, form, known)
    subject = str(form.subject.data or "")
    if subject not in known or (form.basis.data == "period" and not (form.since.data and form.until.data)):
        return None
    if "send" not in request.form:
        form.size.data = str(at.row.size)
    return _prepared(at, form.publication(at.row.size, known[subject].facts))


@blueprint.route("/<book>/desk/disclosure/correct", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def correct(book: str) -> ResponseReturnValue:
    """Put forward a correction of what was published."""
    with desk(book) as at:
        form = drafted(at, CorrectForm, CORRECT)
        code = str(form.code.data or request.args.get("of", ""))
        bodies = queries.versions_of(at.connection, at.row.id, f"disclosure:{code}") if code else []
        if not bodies:
            raise NotFoundError("book '%(book)s' has no %(object)s", book=book, object=f"disclosure:{code}")
        old = publication_of(bodies[0]["facts"])
        if request.method == "GET" and "draft" not in request.args:
            form.code.data, form.title.data = code, old.title
        until = old.until if old.basis == "period" else today().isoformat()
        title = str(form.title.data or old.title)
        made = Publication(
            old.subject,
            title,
            old.basis,
            old.since,
            until,
            at.row.size,
            old.clock,
            old.title_en if title == old.title else "",
        )
        prepared = _prepared(at, made, [body["facts"]["figures"] for body in bodies])
        form.size.data = str(made.size)
        if form.validate_on_submit() and not prepared.residuals:
            payload = made.facts() | {"code": code, "note": form.note.data, "figures": prepared.figures}
            answer = submit(at, CORRECT, form, payload, title=title)
            if answer:
                return answer
        return page("audit/disclosure/correct.html", at, form=form, prepared=prepared, old=old, code=code)


def _subjects(at: At) -> dict[str, Object]:
    """Read all that can be published about."""
    kinds = [lookup.objects_of(at.connection, at.row.id, kind) for kind in SUBJECTS]
    return {address: one for found in kinds for address, one in found.items()}


def _called(known: Object) -> str:
    kind, _colon, code = known.address.partition(":")
    return f"{name_of(known.facts) or code} · {_(TYPES[kind])} {code}"


def _suggest(at: At, form: PublishForm, known: dict[str, Object]) -> None:
    """Fill in what a clock asks for: a period since the last publication, a year, or all time."""
    subject = request.args.get("subject", "")
    clock = asked.choice("clock", form.clock.labels) or "none"
    form.clock.data = clock
    if subject not in known:
        return
    form.subject.data = subject
    now = today()
    if clock == "annual":
        form.basis.data, form.since.data, form.until.data = (
            "period",
            date(now.year - 1, 1, 1),
            date(now.year - 1, 12, 31),
        )
    elif clock == "quarterly":
        done = max((one.until for one in done_in(at.connection, at.row.id) if one.subject == subject), default=None)
        if done is not None and done < now:
            form.basis.data, form.since.data, form.until.data = "period", done + timedelta(days=1), now


def _prepared(at: At, made: Publication, before: list[list[dict[str, Any]]] | None = None) -> Prepared:
    """Compute figures and name what they are made of."""
    if not at.row.size:
        abort(404)
    figures: list[Figure] = figures_of(at.connection, at.row, made.subject, made.span)
    told = told_figures(figures)
    names = Names(at.connection, at.row.id, named_in(told) | {made.subject})
    residuals = residuals_of(made.subject, figures)
    return Prepared(made, told, figure_rows(told, before or [], None, names), residuals)


@blueprint.app_template_global("clocks_running_out")
def _clocks_running_out(book: str) -> list[Clock]:
    """Tell the queue of those who prepare and approve which clocks have run out or soon will."""
    if not actor().has(book, Role.ACCOUNTANT, Role.APPROVER):
        return []
    with reading() as connection:
        found = running_clocks(connection, find_book(connection, book).id, today())
    return [clock for clock in found if clock.state in {"late", "soon"}]
