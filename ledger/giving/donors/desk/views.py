"""The foundation's page of donors, requests to be erased, and the public list of thanks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ledger.core.errors import LedgerError
from ledger.desk.forms import desk, page, put, told
from ledger.extensions import db
from ledger.giving.donors import actions, forms, known
from ledger.giving.donors.commands import ERASE
from ledger.giving.donors.erasing import cut_journal
from ledger.giving.donors.forms import private_page
from ledger.giving.donors.thanks import thanks_page
from ledger.giving.intake.search import Cursor
from ledger.journal import lookup
from ledger.journal.engine import write_transaction
from ledger.people.accounts import trail
from ledger.web import asked as address
from ledger.web.access import actor, allow, public
from ledger.web.actor import Role
from ledger.web.convert import read_book
from ledger.web.labels import N_
from ledger.web.listing import Column, Listing, ask, xlsx_response
from ledger.web.pages import YUAN, Quantity
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ledger.desk.commands import Payload
    from ledger.desk.forms import At
    from ledger.giving.donors.known import Asked, Known

blueprint = Blueprint("donors", __name__)

FORBIDDEN = 403
DONORS = (
    Column("login", _l("Account"), sortable=True),
    Column("names", _l("Gave under the name")),
    Column("gifts", _l("Gifts"), "number", sortable=True),
    Column("money", _l("Money"), "amount"),
    Column("newest", _l("Newest claim"), "date", sortable=True),
)
TRAIL = (
    N_("looked at donors"),
    N_("looked at a request to be erased"),
    N_("joined as a donor"),
    N_("deleted the account"),
    N_("asked to be erased"),
    N_("refused to erase"),
    N_("erased personal data"),
    N_("set consent to publish a name"),
)
"""What this room notes in the trail."""


@blueprint.get("/<book>/desk/donors", endpoint="desk")
@allow(Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR, Role.ADMIN)
def donors(book: str) -> ResponseReturnValue:
    """List the donors known by the gifts they hold, and what they ask for."""
    asked = ask(DONORS, "-newest")
    if asked.xlsx and not actor().has(book, Role.ADMIN):
        abort(FORBIDDEN, _("Only an admin of the book may take the list of donors away."))
    with desk(book) as at:
        pager = asked.pager(known.count_known(at.connection, at.row.id, asked.words))
        offset = (pager.number - 1) * pager.size
        part = known.Listed(asked.words, asked.sort, asked.descending, asked.limit, offset)
        rows = known.list_known(at.connection, at.row.id, part)
        if rows:
            _looked(at, "looked at donors", detail="xlsx" if asked.xlsx else None)
        if asked.xlsx:
            return xlsx_response(DONORS, [_cells(row) for row in rows], f"{book}-donors")
        requests = known.open_requests(at.connection, at.row.id)
        listing = Listing(DONORS, rows, pager, asked)
        return page("giving/donors/desk.html", at, listing=listing, requests=requests)


def _looked(at: At, what: str, about: str | None = None, detail: str | None = None) -> None:
    """Note that somebody looked at who gave; once an hour is enough, each time for what is taken away."""
    with write_transaction(db.engine) as connection:
        if detail:
            trail.note(connection, at.actor.code, what, book=at.code, object=about, detail=detail)
        else:
            trail.note_once(connection, at.actor.code, what, book=at.code, object=about)


def _cells(row: Known) -> dict[str, object]:
    return {
        "login": row.login,
        "names": "; ".join(row.names),
        "gifts": row.gifts,
        "money": Quantity(row.money, YUAN),
        "newest": row.newest,
    }


@blueprint.route("/<book>/desk/donors/requests/<code>", methods=["GET", "POST"], endpoint="request")
@allow(Role.ADMIN)
def decide(book: str, code: str) -> ResponseReturnValue:
    """Show what a donor asks to be erased, and carry it out or refuse it."""
    with desk(book) as at:
        asked = known.find_request(at.connection, at.row.id, code)
        form = forms.EraseForm()
        gifts = known.concerned(at.connection, at.row.id, asked.entries)
        if request.method == "GET":
            _looked(at, "looked at a request to be erased", f"erasure:{code}")
        done = form.validate_on_submit() and (_refused if form.deed.data == "refuse" else _erased)(at, form, asked)
        if not done:
            return page("giving/donors/request.html", at, form=form, asked=asked, gifts=gifts)
    return _back(book)


def _back(book: str) -> ResponseReturnValue:
    """Lead back to the list; here nothing is read any more, so that what was erased can leave the files too."""
    cut_journal(db.engine)
    return redirect(url_for("donors.desk", book=book), 303)


def _refused(at: At, form: forms.EraseForm, asked: Asked) -> bool:
    try:
        with write_transaction(db.engine) as connection:
            actions.refuse_erasure(connection, at.actor.code, (at.row.id, at.code), asked.code, form.answer.data)
    except LedgerError as error:
        form.form_errors.append(told(at, error))
        return False
    flash(_("The request is refused; the donor reads your answer."), "done")
    return True


def _erased(at: At, form: forms.EraseForm, asked: Asked) -> bool:
    payload = {"entries": list(asked.entries), "request": asked.code}
    return _erase(at, form, payload, len(asked.entries))


def _erase(at: At, form: object, payload: Payload, gifts: int) -> bool:
    """Erase at once; the form says why when it is refused."""
    title = ngettext("Erase the personal data of %(num)s gift", "Erase the personal data of %(num)s gifts", gifts)
    outcome = put(at, ERASE, form, payload, title=title)
    if outcome is None:
        return False
    if outcome.seqs:
        flash(_("The personal data is erased; entry #%(number)s says so.", number=outcome.seqs[0]), "done")
    else:
        flash(_("Nothing personal was kept of these gifts any more; what was beside them is gone."), "done")
    return True


@blueprint.route("/<book>/desk/donors/erase", methods=["GET", "POST"])
@allow(Role.ADMIN)
def erase(book: str) -> ResponseReturnValue:
    """Erase the personal data of one gift for somebody who asked by letter: choose it, see it, confirm."""
    with desk(book) as at:
        form, gift = forms.GiftForm(request.values), None
        if form.gift.raw_data and form.gift.validate(form):
            found = known.concerned(at.connection, at.row.id, [form.gift.data])
            gift = found[0] if found else None
            if gift is None:
                words = _("Entry %(number)s of this book is not a gift.", number=form.gift.data)
                form.gift.errors = [*form.gift.errors, words]
        sure = gift is not None and request.method == "POST" and form.validate_on_submit()
        if not (sure and gift and _erase(at, form, {"entries": [gift.seq], "request": ""}, 1)):
            return page("giving/donors/erase_gift.html", at, form=form, gift=gift)
    return _back(book)


@blueprint.get("/<book>/thanks")
@public
def thanks(book: str) -> ResponseReturnValue:
    """Thank those who gave: newest first, by name only where they agreed."""
    fund, words = address.word("fund"), address.word("search", 40)
    cursor = Cursor.read(request.args.get("after", ""))
    with reading() as connection:
        row, ref = read_book(connection, book)
        if fund and f"fund:{fund}" not in lookup.objects(connection, row.id, {f"fund:{fund}"}):
            abort(404)
        view = thanks_page(connection, (row, ref), "" if words else fund, words, cursor)
    return private_page("giving/donors/thanks.html", view=view)
