"""One-time links to set a password, and the first admin of an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, session, url_for
from flask_babel import gettext as _

from ledger.core.errors import LedgerError, NotFoundError
from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.people.accounts import forms, links, passwords, throttle, users
from ledger.people.accounts.forms import page
from ledger.web.access import public
from ledger.web.errors import say
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("joining", __name__)


@blueprint.route("/account/link/<token>", methods=["GET", "POST"])
@public
def link(token: str) -> ResponseReturnValue:
    """Let whoever has a one-time link set the password of its account."""
    with reading() as connection:
        found = links.find(connection, token)
    if found.user is None:
        return redirect(url_for("joining.first", token=token), 303)
    form = forms.NewPasswordForm()
    if form.validate_on_submit():
        try:
            passwords.check_new(form.new.data, found.login or "")
            kept = passwords.hash_password(form.new.data)
            with write_transaction(db.engine) as connection:
                users.set_password_by_link(connection, token, kept)
                throttle.forget(connection, throttle.of_login(found.login or ""))
        except passwords.WeakPasswordError as error:
            form.form_errors.append(say(error))
        else:
            session.clear()
            flash(_("Your password is set. Sign in with it."), "done")
            return redirect(url_for("accounts.login"), 303)
    return page("accounts/link.html", form=form, link=found)


@blueprint.get("/setup")
@public
def setup() -> ResponseReturnValue:
    """Say how the first admin of an installation is made."""
    _check_empty()
    return page("accounts/setup.html", form=None)


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
@public
def first(token: str) -> ResponseReturnValue:
    """Make the first admin of an installation, with the token that `flask people setup` printed."""
    _check_empty()
    with reading() as connection:
        if links.find(connection, token).user is not None:
            raise links.DeadLinkError
    form = forms.FirstForm()
    if form.validate_on_submit():
        try:
            passwords.check_new(form.new.data, form.login.data)
            kept = passwords.hash_password(form.new.data)
            with write_transaction(db.engine) as connection:
                users.make_first(connection, token, form.login.data, form.name.data, kept)
        except LedgerError as error:
            form.form_errors.append(say(error))
        else:
            flash(_("The first admin is made. Sign in, then open a book."), "done")
            return redirect(url_for("accounts.login"), 303)
    return page("accounts/setup.html", form=form)


def _check_empty() -> None:
    with reading() as connection:
        if users.any_admin(connection):
            raise NotFoundError("This installation is set up already.")
