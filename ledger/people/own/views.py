"""One's own account: password, second factor, recovery codes, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from ledger.core.errors import LedgerError
from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.people.accounts import forms, passwords, second, sessions, throttle, users
from ledger.people.accounts.forms import key, landing, page, safe_next
from ledger.people.accounts.trail import note
from ledger.web.access import actor, signed_in
from ledger.web.errors import say
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

blueprint = Blueprint("own", __name__)


@blueprint.route("/account/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    """Change one's own password; all other sessions end."""
    form = forms.PasswordForm()
    if form.validate_on_submit():
        try:
            _change(form.old.data, form.new.data)
        except LedgerError as error:
            form.form_errors.append(say(error))
        else:
            flash(_("Your password is changed. You were signed out everywhere else."), "done")
            return redirect(url_for("accounts.account"), 303)
    return page("accounts/password.html", form=form)


def _change(old: str, new: str) -> None:
    me = actor().code
    _check_password(old)
    with reading() as connection:
        passwords.check_new(new, users.find_user(connection, me).login)
    kept = passwords.hash_password(new)  # slow: no transaction is open meanwhile
    with write_transaction(db.engine) as connection:
        users.change_password(connection, me, kept, session=current_user.session)


@blueprint.route("/account/second-factor", methods=["GET", "POST"])
@signed_in
def second_factor() -> ResponseReturnValue:
    """Set up the second factor: show the secret once, take a code of it, tell the recovery codes."""
    me = actor()
    with reading() as connection:
        mine = users.find_user(connection, me.code)
    if mine.has_factor:
        return redirect(url_for("accounts.account"), 303)
    salt = session.setdefault("factor", second.new_salt())  # no secret: it takes the installation's key to make it one
    form = forms.CodeForm()
    if form.validate_on_submit():
        try:
            with write_transaction(db.engine) as connection:
                codes = second.set_up(connection, me.code, key(), salt, form.code.data)
                sessions.end_all(connection, me.code, "second factor", but=current_user.session)
                note(connection, me.code, "set up the second factor", object=f"user:{me.code}")
        except second.WrongCodeError as error:
            form.form_errors.append(say(error))
        else:
            session.pop("factor")
            return page(
                "accounts/recovery.html", codes=codes, target=safe_next(request.args.get("next")) or landing(me)
            )
    return page(
        "accounts/second.html",
        form=form,
        picture=second.picture(second.address_of(key(), salt, mine.login)),
        secret=second.secret_of(key(), salt),
        required=current_user.must_set_up,
    )


@blueprint.route("/account/recovery-codes", methods=["GET", "POST"])
@signed_in
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes, after the password; the old ones stop holding."""
    form, me = forms.ConfirmForm(), actor()
    with reading() as connection:
        if not users.find_user(connection, me.code).has_factor:
            return redirect(url_for("own.second_factor"), 303)
    if form.validate_on_submit():
        try:
            _check_password(form.password.data)
            with write_transaction(db.engine) as connection:
                codes = second.new_recovery_codes(connection, me.code)
                note(connection, me.code, "made new recovery codes", object=f"user:{me.code}")
        except LedgerError as error:
            form.form_errors.append(say(error))
        else:
            return page("accounts/recovery.html", codes=codes, target=url_for("accounts.account"))
    return page("accounts/confirm_recovery.html", form=form)


@blueprint.route("/account/second-factor/off", methods=["GET", "POST"])
@signed_in
def no_factor() -> ResponseReturnValue:
    """Turn one's own second factor off, after the password; refused where a book requires it."""
    form, me = forms.ConfirmForm(), actor()
    if form.validate_on_submit():
        try:
            _check_password(form.password.data)
            with write_transaction(db.engine) as connection:
                users.turn_own_factor_off(connection, me)
        except LedgerError as error:
            form.form_errors.append(say(error))
        else:
            flash(_("The second factor is off."), "done")
            return redirect(url_for("accounts.account"), 303)
    return page("accounts/confirm_off.html", form=form)


def _check_password(typed: str) -> None:
    """Hold what was typed against one's own password, counting attempts."""
    code = actor().code
    with write_transaction(db.engine) as connection:
        throttle.take(connection, f"own:{code}", throttle.FACTOR)
    with reading() as connection:
        users.check_password(connection, code, typed)
    with write_transaction(db.engine) as connection:
        throttle.forget(connection, f"own:{code}")


@blueprint.post("/account/sessions")
@signed_in
def end_sessions() -> ResponseReturnValue:
    """End one of one's own sessions, or all but this one."""
    me, chosen = actor().code, request.form.get("session", "")
    with write_transaction(db.engine) as connection:
        ended = _end(connection, me, chosen)
    if not ended:
        flash(_("This session had ended already."), "done")
    else:
        flash(ngettext("%(number)s session is ended.", "%(number)s sessions are ended.", ended, number=ended), "done")
    return redirect(url_for("accounts.account"), 303)


def _end(connection: Connection, me: str, chosen: str) -> int:
    if chosen == "others":
        note(connection, me, "ended all other sessions", object=f"user:{me}")
        return sessions.end_all(connection, me, "revoked", but=current_user.session)
    note(connection, me, "ended a session", object=f"user:{me}")
    return int(sessions.end(connection, me, chosen, "revoked"))
