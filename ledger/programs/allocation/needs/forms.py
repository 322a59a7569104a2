"""Forms of needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, HiddenField
from wtforms.validators import Optional

from ledger.desk.forms import DeskForm
from ledger.programs.allocation.forms import (
    LONG,
    CountField,
    LongField,
    NewCodeField,
    at_most,
    judged,
    read_amount,
    refuse,
    required,
)
from ledger.web.fields import ChoiceField, DayField, RadiosField, TextField, today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.web.pages import Unit


class WantRow(Form):
    """How much of what is wanted."""

    unit = ChoiceField(_l("What"), [Optional()])
    amount = TextField(_l("How much"), [Optional()])


class NeedForm(DeskForm):
    """A need of a community."""

    code = NewCodeField(_l("Code"))
    title = TextField(_l("What is needed"), [required(), at_most()])
    category = ChoiceField(_l("Kind of service"), [required()])
    community = ChoiceField(_l("Community"), [required()])
    raised_by = ChoiceField(_l("Raised by"), [required()])
    raised = DayField(_l("Raised on"), [required()], default=today)
    residents = CountField(_l("Residents concerned"), [Optional()])
    wanted = FieldList(FormField(WantRow), label=_l("Quantities"), min_entries=3)
    description = LongField(_l("Description"), [at_most(LONG)])

    units: Mapping[str, Unit]
    wants: list[tuple[str, int]]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the quantities too."""
        well = bool(super().validate(extra_validators))
        self.wants = []
        for row in self.wanted:
            unit = self.units.get(row.unit.data or "")
            if unit is None:
                if row.amount.data:
                    refuse(row.amount, _("Say what this is a quantity of."))
                    well = False
                continue
            amount = read_amount(row.amount, unit)
            if amount is None:
                well = False
                if not row.amount.errors:
                    refuse(row.amount, _("Say how much."))
            else:
                self.wants.append((unit.code, amount))
        return judged(self, well=well)

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "code": self.code.data,
            "title": self.title.data,
            "category": self.category.data,
            "community": self.community.data,
            "raised_by": self.raised_by.data,
            "raised": str(self.raised.data),
            "residents": self.residents.data or 0,
            "wanted": self.wants,
            "description": self.description.data or "",
        }


class CloseNeedForm(DeskForm):
    """Why a need is closed."""

    need = HiddenField()
    outcome = RadiosField(
        _l("How it ended"), choices=[("met", _l("It was met")), ("withdrawn", _l("It was withdrawn"))], default="met"
    )
    reason = TextField(_l("Reason"), [required(), at_most()])
