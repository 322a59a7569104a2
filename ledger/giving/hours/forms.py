"""Forms of volunteers' time; what can be chosen is filled in by the views."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import TextInput

from ledger.desk.forms import At, DeskForm
from ledger.giving.hours.actions import MOST, Plan
from ledger.giving.hours.pasted import stretch
from ledger.web.fields import ChoiceField, DayField, TextField, today
from ledger.web.typed import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.h]?([0-5]\d)")
LINE = Length(max=120, message=_l("At most 120 characters."))


class ClockInput(TextInput):
    """A time of the day."""

    input_type = "time"


class ClockField(StringField):
    """A time of the day: 9:00, 0900 or 09.00 in, `09:00` out."""

    widget = ClockInput()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read a time."""
        text = plain(valuelist[0]) if valuelist else ""
        found = _CLOCK.fullmatch(text)
        if text and not found:
            raise ValueError(_("“%(text)s” is not a time of the day; write it like 09:00.", text=text[:20]))
        self.data = f"{int(found[1]):02}:{found[2]}" if found else ""


class ShiftForm(FlaskForm):
    """What a shift is to be."""

    title = TextField(_l("What is done"), [DataRequired(_l("Say in a few words.")), LINE])
    kind = ChoiceField(_l("Kind of service"))
    community = ChoiceField(_l("Community"))
    organization = ChoiceField(_l("Organization"), [Optional()])
    worker = ChoiceField(_l("Social worker"), [Optional()])
    place = TextField(_l("Place"), [DataRequired(_l("Say where.")), LINE])
    day = DayField(_l("Date"), [DataRequired(_l("Say on which day."))], default=today)
    begins = ClockField(_l("Starts"), [DataRequired(_l("Say when."))], default="09:00")
    ends = ClockField(_l("Ends"), [DataRequired(_l("Say when."))], default="12:00")
    slots = IntegerField(
        _l("Volunteers wanted"),
        [
            InputRequired(_l("Write a number.")),
            NumberRange(1, MOST, _l("From 1 to %(most)s.", most=MOST)),
        ],
        default=5,
        render_kw={"inputmode": "numeric"},
    )

    def plan(self) -> Plan:
        """Return what was written."""
        starts, ends = stretch((self.day.data or today()).isoformat(), self.begins.data, self.ends.data)
        return Plan(
            community=self.community.data,
            title=self.title.data,
            kind=self.kind.data,
            place=self.place.data,
            starts=starts,
            ends=ends,
            slots=self.slots.data,
            organization=self.organization.data or "",
            worker=self.worker.data or "",
        )

    def validate_ends(self, field: Any) -> None:
        """Refuse a shift that ends when it begins."""
        if field.data and field.data == self.begins.data:
            raise ValidationError(_("A shift ends after it starts."))


class SignUpForm(FlaskForm):
    """Who is to come."""

    volunteers = SelectMultipleField(_l("Volunteers"), validate_choice=False, choices=[])


class ListForm(FlaskForm):
    """A list of who was there for how long."""

    text = TextAreaField(
        _l("Volunteers and times"), [DataRequired(_l("Write or paste at least one line.")), Length(max=40_000)]
    )


class CloseForm(FlaskForm):
    """That the times are right."""

    long_ok = BooleanField(_l("More than 12 hours in one shift is right"))


class DonateForm(DeskForm):
    """Into which fund the hours of a shift go."""

    shift = HiddenField()
    fund = ChoiceField(_l("Fund"))


def preset_only(*fields: Any) -> None:
    """Choose the only party there is to choose."""
    for field in fields:
        given = [choice.value for choice in field.choices if choice.value]
        if len(given) == 1 and not field.data:
            field.data = given[0]


def is_own(at: At, form: Any) -> bool:
    """Refuse to write for parties none of which is the actor's own."""
    named = [f"{name}:{form[name].data}" for name in ("community", "organization", "worker") if name in form]
    if any(at.actor.sees(at.code, one) for one in named):
        return True
    form.form_errors.append(_("Choose your own community or organization, or yourself."))
    return False
