"""Forms of accounts, and what their views share: who calls, where to go next, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from flask import current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, PasswordField
from wtforms.validators import DataRequired, EqualTo, Length, NumberRange, Optional, ValidationError

from ledger.people.accounts.login import Caller
from ledger.people.accounts.passwords import MOST
from ledger.people.accounts.queries import open_parties
from ledger.people.accounts.settings import IDLE_MINUTES, BookSettings
from ledger.people.accounts.words import POSTS, USER_STATES
from ledger.web.actor import PARTIES, STAFF, Post, Role
from ledger.web.convert import read_book
from ledger.web.fields import ChoiceField, MoneyField, TextField
from ledger.web.labels import TYPES
from ledger.web.listing import Column

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy import Connection

    from ledger.people.accounts.queries import UserLine
    from ledger.web.actor import Actor
    from ledger.web.pages import BookRef

UNPROCESSABLE = 422
IDLE = (5, 12 * 60)  # minutes

_filled = DataRequired(_l("This is needed."))


class LoginForm(FlaskForm):
    """Login and password."""

    login = TextField(_l("Login"), [_filled], render_kw={"autocomplete": "username", "autocapitalize": "none"})
    password = PasswordField(_l("Password"), [_filled], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class CodeForm(FlaskForm):
    """A code of the app, or a recovery code."""

    code = TextField(
        _l("Six figures, or a recovery code"),
        [_filled, Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"},
    )


class NewPasswordForm(FlaskForm):
    """A new password, twice."""

    new = PasswordField(_l("New password"), [_filled, Length(max=MOST)], render_kw={"autocomplete": "new-password"})
    again = PasswordField(
        _l("New password once more"),
        [_filled, EqualTo("new", message=_l("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


class PasswordForm(NewPasswordForm):
    """A new password, and the present one."""

    old = PasswordField(_l("Present password"), [_filled], render_kw={"autocomplete": "current-password"})


class ConfirmForm(FlaskForm):
    """The present password, before something that weakens an account."""

    password = PasswordField(_l("Present password"), [_filled], render_kw={"autocomplete": "current-password"})


class FirstForm(NewPasswordForm):
    """The first admin of an installation."""

    name = TextField(_l("Full name"), [_filled, Length(max=100)], render_kw={"autocomplete": "name"})
    login = TextField(_l("Login"), [_filled, Length(max=60)], render_kw={"autocomplete": "username"})


class PostForm(FlaskForm):
    """A post in a book: role, party, limit. The party is chosen by its address."""

    role = ChoiceField(_l("Role"), [_filled])
    party = ChoiceField(_l("On behalf of"))
    limit = MoneyField(_l("Approves up to"), [Optional()])

    def offer(self, connection: Connection, book_id: int) -> None:
        """Fill in the roles, and the parties the book has open now."""
        self.role.choices = [("", _("Choose")), *((role.value, _(POSTS[role])) for role in Role if role in STAFF)]
        parties = [
            (f"{kind}:{code}", f"{name} · {_(TYPES[kind])}")
            for role, kind in PARTIES.items()
            for code, name in open_parties(connection, book_id, role)
        ]
        self.party.choices = [("", _("the whole book")), *parties]

    def validate_party(self, field: Any) -> None:
        """Hold the party against the role."""
        kind = PARTIES.get(Role(self.role.data)) if self.role.data in list(Role) else None
        chosen = (field.data or "").partition(":")[0]
        if kind and not chosen:
            raise ValidationError(_("This role is held for one party. Choose which."))
        if chosen and chosen != kind:
            raise ValidationError(_("This role is not held for such a party."))

    def validate_limit(self, field: Any) -> None:
        """Keep limits to approvers."""
        if field.data is not None and self.role.data != Role.APPROVER:
            raise ValidationError(_("Only an approver has a limit."))

    def post(self) -> Post:
        """Return the post that was filled in."""
        return Post(Role(self.role.data), (self.party.data or "").partition(":")[2], self.limit.data)


class UserForm(PostForm):
    """Somebody new, and their first post."""

    name = TextField(_l("Full name"), [_filled, Length(max=100)])
    login = TextField(_l("Login"), [_filled, Length(max=60)], render_kw={"autocapitalize": "none"})


class PersonForm(FlaskForm):
    """Somebody new in the installation, without a post."""

    name = TextField(_l("Full name"), [_filled, Length(max=100)])
    login = TextField(_l("Login"), [_filled, Length(max=60)], render_kw={"autocapitalize": "none"})
    admin = BooleanField(_l("Admin of the installation: opens books, manages all users"))


class SettingsForm(FlaskForm):
    """What a book asks of those who work in it."""

    totp_required = BooleanField(_l("Approvers and admins need a second factor"))
    idle_minutes = IntegerField(
        _l("Sign out after minutes without use"),
        [_filled, NumberRange(*IDLE, message=_l("Between 5 minutes and 12 hours (720)."))],
        default=IDLE_MINUTES,
        render_kw={"inputmode": "numeric"},
    )
    two_above = MoneyField(_l("Two approvers above"), [Optional()])

    def settings(self) -> BookSettings:
        """Return what was filled in."""
        return BookSettings(bool(self.totp_required.data), self.idle_minutes.data, self.two_above.data)


USERS = (
    Column("name", _l("Full name"), sortable=True),
    Column("login", _l("Login"), sortable=True),
    Column("posts", _l("Roles")),
    Column("state", _l("State")),
    Column("factor", _l("Second factor")),
    Column("seen", _l("Last seen"), "date", sortable=True),
)


def user_cells(line: UserLine) -> dict[str, object]:
    """Return a user as cells of a workbook."""
    held = [f"{_(POSTS[it.post.role])} {it.party_name}".strip() for it in line.posts]
    state, factor = _(USER_STATES[line.state]), _("yes") if line.factor else _("no")
    return {**line._asdict(), "posts": "; ".join(held), "state": state, "factor": factor}


class View(NamedTuple):
    """What the base templates ask for on pages of a book."""

    book: BookRef


def caller() -> Caller:
    """Return where the request comes from."""
    return Caller(request.remote_addr or "", request.user_agent.string)


def key() -> bytes:
    """Return the installation's key, of which second factors are made."""
    return bytes(current_app.config["SECRET_KEY"])


def safe_next(target: str | None) -> str | None:
    """Return an address of ours to go on to; None for anything that might lead elsewhere."""
    if not target or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return None
    if "\\" in target or any(ord(letter) < 33 or ord(letter) == 127 for letter in target):  # noqa: PLR2004  # controls
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else request.script_root + target


def landing(who: Actor) -> str:
    """Return where somebody begins: the desk of their only book, their own gifts, else their account."""
    desks = [book for book in who.posts if who.has(book, *STAFF)]
    if len(desks) == 1 and not who.admin and "desk.queue" in current_app.view_functions:
        return url_for("desk.queue", book=desks[0])
    if not desks and not who.admin and "donor.mine" in current_app.view_functions:
        return url_for("donor.mine")
    return url_for("accounts.account")


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Make a page that no cache keeps; a form with problems answers 422."""
    form = values.get("form")
    if status == 200 and form is not None and (form.errors or form.form_errors):  # noqa: PLR2004
        status = UNPROCESSABLE
    response = make_response(render_template(template, **values), status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def book_page(template: str, connection: Connection, book: str, **values: Any) -> Response:
    """Make a page of the desk of a book."""
    return page(template, view=View(read_book(connection, book)[1]), **values)


def link_address(token: str) -> str:
    """Return a one-time link as it is handed over: whole, at the public address."""
    return str(current_app.config["SETTINGS"].public_url) + url_for("joining.link", token=token)
