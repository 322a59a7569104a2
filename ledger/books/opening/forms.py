"""The form that opens a book."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import DataRequired, Length, ValidationError

from ledger.books.opening.actions import CODE
from ledger.web.fields import TextField
from ledger.web.typed import plain

CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


class BookForm(FlaskForm):
    """A new book: its code in addresses, its name, and the foundation that keeps it."""

    name = TextField(_l("Name of the book"), [DataRequired(_l("This is needed.")), Length(max=100)])
    code = TextField(
        _l("Code in addresses"),
        [DataRequired(_l("This is needed."))],
        render_kw={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"},
    )
    foundation = TextField(_l("Foundation"), [Length(max=100)])
    credit_code = TextField(_l("Unified social credit code"), [], render_kw={"autocomplete": "off"})
    totp_required = BooleanField(_l("Approvers and admins need a second factor"))

    def validate_code(self, field: Any) -> None:
        """Take lower-case letters, figures and dashes."""
        field.data = plain(field.data or "").lower()
        if not CODE.fullmatch(field.data):
            raise ValidationError(_("A code has at most 60 letters from a to z, figures or dashes."))

    def validate_credit_code(self, field: Any) -> None:
        """Take 18 letters and figures."""
        field.data = plain(field.data or "").upper()
        if field.data and not CREDIT_CODE.fullmatch(field.data):
            raise ValidationError(_("A credit code has 18 letters and figures, without I, O, S, V or Z."))
