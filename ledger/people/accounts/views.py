"""Signing in and out, one's own account at a glance; people, rules and access trail of a book."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import UserMixin, current_user, login_user

from ledger.extensions import db
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.accounts import clock, forms, login, queries, second, sessions, throttle, users
from ledger.people.accounts.forms import book_page, caller, key, landing, page, safe_next
from ledger.people.accounts.settings import book_settings, set_book_settings
from ledger.people.accounts.trail import note, note_once
from ledger.people.accounts.words import DOES, POSTS, USER_STATES, browser, details
from ledger.web import asked as address
from ledger.web.access import PUBLIC, actor, allow, book_admin, current_actor, declared, public, signed_in
from ledger.web.actor import Role
from ledger.web.errors import say
from ledger.web.listing import Column, Listing, ask, xlsx_response
from ledger.web.locale import voice
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as BaseResponse

    from ledger.people.accounts.login import Entered
    from ledger.web.actor import Actor

blueprint = Blueprint("accounts", __name__)

UNAUTHORIZED = 401
UNHINDERED = frozenset({"own.second_factor", "accounts.logout"})
"""What somebody may use who has to set up a second factor before anything else."""


class SignedIn(UserMixin):  # type: ignore[misc]  # the package has no types
    """What Flask-Login keeps of a request: `actor`, and the session behind it."""

    def __init__(self, token: str, signed: sessions.Signed) -> None:
        self.id = token  # the cookie holds the token, never a user
        self.actor: Actor = signed.actor
        self.session, self.must_set_up = signed.id, signed.must_set_up


def load_user(token: str) -> SignedIn | None:
    """Return who holds the token of a cookie; write at most once a minute that the session is in use."""
    with db.engine.connect() as connection:
        signed = sessions.load(connection, token)
    if signed is not None and signed.stale:
        with write_transaction(db.engine) as connection:
            sessions.touch(connection, signed.id)
    return SignedIn(token, signed) if signed else None


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    """Give templates the words of roles and states."""
    return {
        "post_name": lambda role: _(POSTS.get(role, role)),
        "post_deeds": lambda: [(role, _(words)) for role, words in DOES.items()],
        "user_state_name": lambda state: _(USER_STATES[state]),
        "trail_details": lambda detail: details(detail, voice()),
    }


blueprint.add_app_template_filter(browser)


@blueprint.before_app_request
def _lead_to_second_factor() -> ResponseReturnValue | None:
    """Let whoever needs a second factor set it up before anything else; public pages stay open."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in UNHINDERED or declared(current_app.view_functions.get(endpoint)) == PUBLIC:
        return None
    if getattr(current_user, "must_set_up", False):
        onward = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("own.second_factor", next=onward), 303)
    return None


@blueprint.after_app_request
def _keep_from_caches(response: Response) -> Response:
    """Let no cache keep a page that was made for somebody signed in."""
    if getattr(g, "_login_user", None) is not None and current_user.is_authenticated:
        response.headers["Cache-Control"] = "private, no-store"
    return response


# Signing in and out.


@blueprint.route("/login", methods=["GET", "POST"], endpoint="login")
@public
def sign_in() -> ResponseReturnValue:
    """Ask for login and password."""
    who = current_actor()
    if request.method == "GET" and _is_new():
        return redirect(url_for("joining.setup"), 303)
    form = forms.LoginForm(next=request.args.get("next", ""))
    if who is not None:
        return redirect(safe_next(form.next.data) or landing(who), 303)
    status, wait = 200, 0
    if form.validate_on_submit():
        try:
            entered = login.enter(db.engine, form.login.data, form.password.data, caller())
        except (login.RefusedError, throttle.TooManyAttemptsError) as error:
            form.form_errors.append(say(error))
            status, wait = (UNAUTHORIZED, 0) if isinstance(error, login.RefusedError) else (429, error.wait)
        else:
            return _go_on(entered, safe_next(form.next.data))
    return _maybe_later(page("accounts/login.html", status, form=form), wait)


def _is_new() -> bool:
    with reading() as connection:
        return not users.anybody(connection)


def _go_on(entered: Entered, target: str | None) -> BaseResponse:
    """Put the token of a session that was just begun into a fresh cookie."""
    session.clear()  # nothing that was in the cookie before lives on
    if entered.half:
        session["half"], session["next"] = entered.token, target
        return redirect(url_for("accounts.code"), 303)
    with db.engine.connect() as connection:
        signed = sessions.load(connection, entered.token)
    if signed is None:
        raise login.RefusedError("This took too long. Begin again with your password.")
    login_user(SignedIn(entered.token, signed))
    return redirect(target or landing(signed.actor), 303)


def _maybe_later(response: Response, wait: int) -> Response:
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


@blueprint.route("/login/code", methods=["GET", "POST"])
@public
def code() -> ResponseReturnValue:
    """Ask for the second factor."""
    token = session.get("half", "")
    with reading() as connection:
        user = login.waiting_for_factor(connection, token)
    if user is None:
        return redirect(url_for("accounts.login"), 303)
    form, status, wait = forms.CodeForm(), 200, 0
    if form.validate_on_submit():
        target = session.get("next")
        try:
            return _go_on(login.give_factor(db.engine, token, form.code.data, key(), caller()), target)
        except (login.RefusedError, throttle.TooManyAttemptsError) as error:
            form.form_errors.append(say(error))
            status, wait = (UNAUTHORIZED, 0) if isinstance(error, login.RefusedError) else (429, error.wait)
    return _maybe_later(page("accounts/code.html", status, form=form), wait)


@blueprint.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """End the session, here and in the table."""
    who = current_actor()
    if who is not None:
        with write_transaction(db.engine) as connection:
            sessions.end(connection, who.code, current_user.session, "signed out")
            note(connection, who.code, "signed out", address=caller().address)
    session.clear()
    flash(_("You are signed out."), "done")
    return redirect(url_for("accounts.login"), 303)


# One's own account.


@blueprint.get("/account")
@signed_in
def account() -> ResponseReturnValue:
    """Show one's own account: posts, sessions, password, second factor."""
    me = actor()
    with reading() as connection:
        return page(
            "accounts/account.html",
            me=users.find_user(connection, me.code),
            held=queries.own_posts(connection, me.code),
            open_sessions=sessions.open_sessions(connection, me.code),
            this=current_user.session,
            codes_left=second.recovery_codes_left(connection, me.code),
            form=None,
        )


# The people and rules of a book.

TRAIL = (
    Column("at", _l("Moment"), sortable=True),
    Column("who", _l("Who")),
    Column("what", _l("Event")),
    Column("about", _l("Concerns")),
    Column("detail", _l("Detail")),
    Column("address", _l("Network address")),
)


@blueprint.get("/<book>/desk/users", endpoint="users")
@book_admin
def users_of_book(book: str) -> ResponseReturnValue:
    """List the people of a book and their posts."""
    asked = ask(forms.USERS, "name")
    with reading() as connection:
        row = find_book(connection, book)
        pager = asked.pager(queries.count_users(connection, row.id, asked.words))
        part = queries.Slice(asked.limit, (pager.number - 1) * pager.size, asked.sort, asked.descending)
        lines = queries.users_page(connection, row.id, asked.words, part)
        _seen("looked at people and roles", book)
        if asked.xlsx:
            return xlsx_response(forms.USERS, [forms.user_cells(line) for line in lines], f"{book}-users")
        listing = Listing(forms.USERS, lines, pager, asked)
        new = url_for("users.new_user", book=book)
        return book_page("accounts/users.html", connection, book, book_code=book, listing=listing, new=new)


def _seen(what: str, book: str, about: str | None = None) -> None:
    """Note that somebody looked at personal data; once an hour is enough."""
    with write_transaction(db.engine) as connection:
        note_once(connection, actor().code, what, book=book, object=about, address=caller().address)


@blueprint.route("/<book>/desk/settings", methods=["GET", "POST"])
@book_admin
def settings(book: str) -> ResponseReturnValue:
    """Show and change what a book asks of those who work in it."""
    with reading() as connection:
        row = find_book(connection, book)
        present = book_settings(connection, row.id)
        form = forms.SettingsForm(data=present._asdict())
        if not form.validate_on_submit():
            return book_page("accounts/settings.html", connection, book, form=form)
    new = form.settings()
    told = " ".join(f"{name}={value}" for name, value in new._asdict().items() if value != getattr(present, name))
    with write_transaction(db.engine) as connection:
        set_book_settings(connection, row.id, new)
        note(connection, actor().code, "changed the rules of the book", book=book, detail=told)
    flash(_("The rules of this book are changed."), "done")
    return redirect(url_for("accounts.settings", book=book), 303)


@blueprint.get("/<book>/desk/trail")
@allow(Role.ADMIN, Role.AUDITOR)
def trail(book: str) -> ResponseReturnValue:
    """Show who signed in, who changed roles, and who looked at personal data, in a book."""
    asked, look = ask(TRAIL, "-at"), _look()
    with reading() as connection:
        pager = asked.pager(queries.count_trail(connection, book, look))
        lines = queries.trail_page(connection, book, look, asked.limit, (pager.number - 1) * pager.size)
        if asked.xlsx:
            _seen("looked at the access trail", book)
            rows = [
                {
                    **line._asdict(),
                    "at": f"{line.at:%Y-%m-%d %H:%M:%S} UTC",
                    "what": _(line.what),
                    "detail": details(line.detail, voice()),
                }
                for line in lines
            ]
            return xlsx_response(TRAIL, rows, f"{book}-trail")
        return book_page(
            "accounts/trail.html",
            connection,
            book,
            listing=Listing(TRAIL, lines, pager, asked),
            look=look,
            counted=queries.COUNTED,
            kinds=[(what, _(what)) for what in queries.kinds_of_trail(connection, book)],
        )


def _look() -> queries.Look:
    """Read what is looked for; days are Chinese days."""
    since, until = address.day("since"), address.day("until")
    return queries.Look(
        what=address.word("what"),
        words=address.word("search"),
        since=clock.stamp(clock.begin_of(since)) if since else "",
        until=clock.stamp(clock.begin_of(until + timedelta(days=1))) if until else "",
    )
