"""The page on which an admin of the installation opens a book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _

from ledger.books.opening.actions import open_new_book
from ledger.books.opening.forms import BookForm
from ledger.core.errors import LedgerError
from ledger.extensions import db
from ledger.people.accounts.forms import page
from ledger.people.accounts.settings import BookSettings
from ledger.web.access import actor, installation_admin
from ledger.web.errors import say
from ledger.web.fields import today

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("opening", __name__)


@blueprint.route("/installation/books/new", methods=["GET", "POST"])
@installation_admin
def new_book() -> ResponseReturnValue:
    """Open a book, then lead to its people."""
    form = BookForm()
    if form.validate_on_submit():
        try:
            open_new_book(
                db.engine,
                actor().code,
                form.code.data,
                form.name.data,
                dated=today(),
                foundation=form.foundation.data,
                credit_code=form.credit_code.data,
                rules=BookSettings(totp_required=bool(form.totp_required.data)),
            )
        except LedgerError as error:
            form.form_errors.append(say(error))
        else:
            flash(_("The book is open. Now add the people who work in it."), "done")
            return redirect(url_for("accounts.users", book=form.code.data), 303)
    return page("books/opening/new.html", form=form)
