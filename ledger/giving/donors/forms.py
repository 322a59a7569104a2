"""Forms of donors, and what their views share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, make_response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, PasswordField, TextAreaField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, NumberRange, ValidationError

from ledger.giving.donors.actions import MOST_REASON
from ledger.people.accounts.passwords import MOST
from ledger.web.fields import ChoiceField, RadiosField, TextField

if TYPE_CHECKING:
    from flask import Response

MOST_CODES = 20  # at once
LONGEST_CODE = 200  # characters of a line; the address of a trace page is among what people paste

_filled = DataRequired(_l("This is needed."))


class CodesField(TextAreaField):
    """Tracking codes, one a line; an address of a trace page is taken for its code."""

    def codes(self) -> list[str]:
        """Return what stands on each line, each once."""
        lines = (line.strip() for line in (self.data or "").splitlines())
        return list(dict.fromkeys(code_in(line) for line in lines if line))


def code_in(text: str) -> str:
    """Return the code in what somebody pasted: of an address of a trace page, what follows /trace/."""
    return text.rpartition("/trace/")[2].partition("/")[0].partition("?")[0].strip()


class JoinForm(FlaskForm):
    """An account: a login, a password, and a tracking code that opens it."""

    code = TextField(
        _l("Tracking code"),
        [_filled, Length(max=LONGEST_CODE)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    login = TextField(
        _l("Login"), [_filled, Length(max=60)], render_kw={"autocomplete": "username", "autocapitalize": "none"}
    )
    new = PasswordField(_l("Password"), [_filled, Length(max=MOST)], render_kw={"autocomplete": "new-password"})
    again = PasswordField(
        _l("Password once more"),
        [_filled, EqualTo("new", message=_l("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


class ClaimForm(FlaskForm):
    """Tracking codes of further gifts."""

    codes = CodesField(
        _l("Tracking codes, one a line"),
        [_filled],
        render_kw={"rows": 3, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )

    def validate_codes(self, field: CodesField) -> None:
        """Refuse more than are looked up at once."""
        if len(field.codes()) > MOST_CODES or len(field.data or "") > MOST_CODES * LONGEST_CODE:
            raise ValidationError(_("At most %(most)s codes at once.", most=MOST_CODES))


class SureForm(FlaskForm):
    """A step that is confirmed by its button alone."""


class LeaveForm(FlaskForm):
    """The present password, before an account is deleted."""

    password = PasswordField(_l("Present password"), [_filled], render_kw={"autocomplete": "current-password"})


class AskForm(FlaskForm):
    """Which foundation should erase, and why, for whoever wants to say so."""

    book = ChoiceField(_l("At which foundation"), [_filled])
    reason = TextAreaField(_l("Reason"), [Length(max=MOST_REASON)], render_kw={"rows": 3})
    sure = BooleanField(_l("I have read what goes and what stays"), [InputRequired(_l("Tick this first."))])


class EraseForm(FlaskForm):
    """What an admin does with a request."""

    deed = RadiosField(_l("Decision"), choices=[("erase", _l("Erase now")), ("refuse", _l("Refuse, with a reason"))])
    answer = TextAreaField(_l("Answer to the donor"), [Length(max=MOST_REASON)], render_kw={"rows": 3})

    def validate_answer(self, field: TextAreaField) -> None:
        """Ask for a reason when the request is refused."""
        if self.deed.data == "refuse" and not (field.data or "").strip():
            raise ValidationError(_("Say why; the donor will read it."))


class GiftForm(FlaskForm):
    """The number of a gift's entry; anything but a number is none."""

    gift = IntegerField(
        _l("Entry of the gift"), [_filled, NumberRange(1, 2**53, message=_l("This is not the number of an entry."))]
    )


def code_key() -> bytes:
    """Return the installation's key of tracking codes."""
    return bytes(current_app.config["CODE_KEY"])


def site() -> str:
    """Return the public address of this installation."""
    return str(current_app.config["SETTINGS"].public_url)


def private_page(template: str, status: int = 200, **values: object) -> Response:
    """Make a page that no cache keeps and no search engine lists."""
    response = make_response(render_template(template, **values), status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
