"""The form of a new volunteer."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from ledger.web.fields import ChoiceField, CodeField, TextField


class VolunteerForm(FlaskForm):
    """A new volunteer."""

    name = TextField(
        _l("Full name"),
        [DataRequired(_l("Write the name.")), Length(max=60, message=_l("At most 60 characters."))],
        render_kw={"autocomplete": "off"},
    )
    code = CodeField(_l("Code"), [DataRequired(_l("Give a code."))])
    community = ChoiceField(_l("Community"), [Optional()])
    organization = ChoiceField(_l("Organization"), [Optional()])

    def validate_community(self, field: Any) -> None:
        """Ask for one of the two."""
        if not field.data and not self.organization.data:
            raise ValidationError(_("Choose a community or an organization."))
