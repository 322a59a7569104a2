"""Pages of lists of gifts: take one, say what its columns hold, check it, propose it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ledger.core.errors import LedgerError
from ledger.desk.forms import At, desk, looked, page, put, tell, tools
from ledger.extensions import db
from ledger.giving.intake import choices, commands, forms, reading, screen
from ledger.giving.intake import lists as files
from ledger.journal.engine import write_transaction
from ledger.reports import figures
from ledger.web import asked as address
from ledger.web import quantities
from ledger.web.access import allow
from ledger.web.actor import Role
from ledger.web.errors import say
from ledger.web.fields import today
from ledger.web.listing import Asked, Column, Listing
from ledger.web.locale import voice
from ledger.web.pages import YUAN, Quantity

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ledger.giving.intake.lists import Taken

blueprint = Blueprint("lists", __name__)

READERS = (Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR)
LISTS = (
    Column("name", _l("List")),
    Column("lines", _l("Lines"), "number"),
    Column("at", _l("Taken on"), "date"),
    Column("state", _l("State")),
)


@blueprint.get("/<book>/desk/lists")
@allow(*READERS)
def lists(book: str) -> ResponseReturnValue:
    """List the lists that were taken, and what became of them."""
    with desk(book) as at:
        asked = Asked(address.page(), "at", descending=True, words="", xlsx=False)
        pager = asked.pager(files.count_lists(at.connection, at.row.id))
        rows = files.lists_of(at.connection, at.row.id, pager.size, (pager.number - 1) * pager.size)
        if files.has_leftovers(at.connection):
            with write_transaction(db.engine) as connection:
                files.sweep(connection, tools().folder)
        listing = Listing(LISTS, rows, pager, asked)
        return page("giving/intake/lists.html", at, listing=listing, states=files.STATES, kept=files.KEPT)


@blueprint.route("/<book>/desk/lists/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_list(book: str) -> ResponseReturnValue:
    """Take a list: a file, or pasted rows; read it, and lead to its columns."""
    with desk(book) as at:
        draft = request.args.get("draft", "")
        code = files.list_of_proposal(at.connection, at.row.id, draft) if draft else None
        if code:
            return redirect(url_for("lists.gift_list", book=book, code=code, draft=draft))
        form = forms.UploadForm()
        saved = files.mappings_of(at.connection, at.row.id)
        if form.validate_on_submit():
            try:
                taken = _take(at, form, saved.get(request.form.get("mapping", ""), {}))
                return redirect(url_for("lists.gift_list", book=book, code=taken), 303)
            except LedgerError as error:
                form.file.errors = [*form.file.errors, say(error)]
        return page("giving/intake/new_list.html", at, form=form, saved=list(saved), most=files.MOST_SIZE // files.MIB)


def _take(at: At, form: forms.UploadForm, profile: dict[str, Any]) -> str:
    """Keep a list and read it for the first time."""
    upload, folder = form.file.data, tools().folder
    pasted = _("Pasted rows of %(day)s", day=today())
    name, data = (upload.filename or "", upload.stream.read(files.MOST_SIZE + 1)) if upload else (pasted, b"")
    with write_transaction(db.engine) as connection:
        code = files.take(
            connection, at.row.id, folder, at.actor.code, name, data or files.pasted(form.rows.data or "")
        )
        taken = files.find_list(connection, at.row.id, code)
    try:
        _read(at, taken, profile or taken.profile)
    except LedgerError:
        with write_transaction(db.engine) as connection:
            files.change(connection, at.row.id, code, state="discarded")
        raise
    return code


def _read(at: At, taken: Taken, profile: dict[str, Any]) -> None:
    """Read a list in some way, and keep what came of it."""
    report = screen.look(taken, tools().folder, profile, say)
    with write_transaction(db.engine) as connection:
        files.change(connection, at.row.id, taken.code, profile=profile, report=report)


@blueprint.get("/<book>/desk/lists/<code>")
@allow(*READERS)
def gift_list(book: str, code: str) -> ResponseReturnValue:
    """Show a list: its columns as they are read, where it goes, and what importing it would do."""
    with desk(book) as at:
        taken = files.find_list(at.connection, at.row.id, code)
        looked(at, "a list of gifts", f"list:{code}")
        return _list_page(at, taken, _terms_form(at, taken))


def _list_page(at: At, taken: Taken, form: forms.TermsForm) -> ResponseReturnValue:
    mapping = forms.MappingForm(formdata=None, data=screen.mapping_data(taken))
    return page(
        "giving/intake/list.html",
        at,
        it=taken,
        form=form,
        mapping=mapping,
        roles=[("", _("not read")), *((role, _(name)) for role, name in screen.ROLE_NAMES.items())],
        own=taken.by == at.actor.code and at.actor.has(at.code, Role.ACCOUNTANT),
        states=files.STATES,
    )


def _terms_form(at: At, taken: Taken) -> forms.TermsForm:
    said = dict(taken.terms)
    undated = said.pop("undated", None)
    form = forms.TermsForm(data=said | ({"undated": date.fromisoformat(undated)} if undated else {}))
    forms.offer(form, choices.known(at.connection, at.row.id))
    return form


@blueprint.post("/<book>/desk/lists/<code>")
@allow(Role.ACCOUNTANT)
def change_list(book: str, code: str) -> ResponseReturnValue:
    """Read a list in another way, check it, propose it, or discard it."""
    with desk(book) as at:
        taken = files.find_list(at.connection, at.row.id, code)
        if taken.by != at.actor.code or taken.state not in {"open", "returned"}:
            abort(403)
        form = _terms_form(at, taken)
        steps = {"read": _read_again, "check": _check, "propose": _propose, "discard": _discard}
        step = steps.get(request.form.get("what", ""))
        if step is None:
            abort(400)
        try:
            answer = step(at, taken, form)
        except LedgerError as error:
            form.form_errors.append(say(error))
            answer = None
        here = url_for("lists.gift_list", book=book, code=code, draft=request.args.get("draft"))
        return answer or (_list_page(at, taken, form) if form.errors or form.form_errors else redirect(here, 303))


def _read_again(at: At, taken: Taken, form: forms.TermsForm) -> ResponseReturnValue | None:
    """Read the list with the columns and settings that were chosen."""
    mapping = forms.MappingForm()
    if not mapping.validate():
        form.form_errors += [words for said in mapping.errors.values() for words in said]
        return None
    columns = [name for name in request.form if name.startswith("col-") and name[4:].isdecimal()]
    roles = {int(name[4:]): request.form[name] for name in columns}
    profile = screen.chosen_profile(taken, tools().folder, roles, mapping.data)
    if mapping.save_as.data:
        with write_transaction(db.engine) as connection:
            files.save_mapping(connection, at.row.id, at.actor.code, mapping.save_as.data, profile)
        flash(_("The mapping is kept as “%(name)s”.", name=mapping.save_as.data), "done")
    _read(at, taken, profile)
    return None


def _check(at: At, taken: Taken, form: forms.TermsForm) -> ResponseReturnValue | None:
    """Say where the list goes, import it and take it back: the report then says what it would bring."""
    if not form.validate_on_submit():
        return None
    terms = form.terms()
    report = screen.checked(db.engine, at.code, taken, tools(), terms, at.actor.code)
    with write_transaction(db.engine) as connection:
        files.change(connection, at.row.id, taken.code, terms=terms, report=report)
    return None


def _propose(at: At, taken: Taken, form: forms.TermsForm) -> ResponseReturnValue | None:
    """Put the list before those who approve it."""
    reading.check_new(taken.report.get("done") or {"already": None, "imported": 0})
    chosen = {name: form[name].labels.get(taken.terms.get(name, ""), "") for name in ("taker", "place", "campaign")}
    payload = screen.payload_of(taken) | {"named": chosen}
    outcome = put(at, commands.IMPORT, form, payload, title=_title(taken))
    if outcome is None:
        return None
    with write_transaction(db.engine) as connection:
        files.change(connection, at.row.id, taken.code, proposal=outcome.code)
    tell(outcome)
    return redirect(url_for("desk.proposal", book=at.code, code=outcome.code), 303)


def _title(taken: Taken) -> str:
    """Say what a list brings, without personal data."""
    done = taken.report["done"]
    gifts = ngettext("%(num)s gift", "%(num)s gifts", done["imported"])
    return f"{taken.name} · {gifts} · {quantities.quantity(Quantity(done['amount'], YUAN), voice())}"


def _discard(at: At, taken: Taken, _form: forms.TermsForm) -> ResponseReturnValue:
    """Drop a list that is not needed."""
    with write_transaction(db.engine) as connection:
        files.change(connection, at.row.id, taken.code, state="discarded")
        files.sweep(connection, tools().folder)
    flash(_("The list is discarded, and its file is deleted."), "done")
    return redirect(url_for("lists.lists", book=at.code), 303)


@blueprint.app_template_filter("list_reason")
def list_reason(said: dict[str, Any]) -> str:
    """Say a reason of a report in the language of the page."""
    return screen.reason_text(said, voice())


@blueprint.app_template_filter("list_gift")
def list_gift(said: dict[str, Any]) -> str:
    """Say how much a line of a list gives."""
    return quantities.quantity(screen.quantity_of(said), voice())


@blueprint.app_template_global("checked_name")
def checked_name(what: str) -> str:
    """Name what a list states a total of."""
    return str(_(screen.CHECKED[what]))


@blueprint.app_template_global("checked_figure")
def checked_figure(what: str, figure: int) -> str:
    """Write a total: yuan, or a plain number."""
    if what == "amount":
        return quantities.quantity(Quantity(figure, YUAN), voice())
    return figures.decimal(figure, 3 if what == "quantity" else 0, strip=True)
