"""Forms of projects."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, HiddenField, SelectMultipleField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ledger.desk.forms import DeskForm
from ledger.programs.allocation.forms import (
    LONG,
    CodesField,
    LongField,
    NewCodeField,
    at_most,
    judged,
    refuse,
    required,
)
from ledger.web.fields import ChoiceField, DayField, MoneyField, TextField


class TicksField(SelectMultipleField):
    """Several of some choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class BudgetRow(Form):
    """A line of the budget."""

    line = TextField(_l("Line"), [Optional(), at_most(40)])
    name = TextField(_l("What for"), [Optional(), at_most()])
    category = ChoiceField(_l("Kind"), [Optional()])
    amount = MoneyField(_l("Amount (yuan)"), [Optional()])


class ProjectForm(DeskForm):
    """A project."""

    code = NewCodeField(_l("Code"))
    name = TextField(_l("Name"), [required(), at_most()])
    organization = ChoiceField(_l("Organization"), [required()])
    communities = TicksField(_l("Communities"), [Optional()], choices=[])
    fund = ChoiceField(_l("Fund"), [Optional()])
    lead_element = ChoiceField(_l("Led by"), [required()], default="organization")
    starts = DayField(_l("Begins"), [Optional()])
    ends = DayField(_l("Ends"), [Optional()])
    plan = LongField(_l("Plan"), [at_most(LONG)])
    budget = FieldList(FormField(BudgetRow), label=_l("Budget"), min_entries=4)
    need = CodesField(_l("Needs it answers"), [at_most(LONG)])
    decision = ChoiceField(_l("Decision"), [Optional()])

    lines: list[dict[str, Any]]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the budget too."""
        well = bool(super().validate(extra_validators))
        self.lines = []
        for number, row in enumerate(self.budget, 1):
            if not (row["name"].data or row.amount.data or row.line.data):
                continue
            if row.amount.data is None:
                if not row.amount.errors:
                    refuse(row.amount, _("Say how much."))
                well = False
                continue
            line = {"line": row.line.data or str(number), "name": row["name"].data or row.line.data}
            self.lines.append(line | {"category": row.category.data, "amount": row.amount.data})
        return judged(self, well=well)

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "code": self.code.data,
            "name": self.name.data,
            "organization": self.organization.data,
            "communities": list(self.communities.data or ()),
            "fund": self.fund.data or None,
            "lead_element": self.lead_element.data,
            "starts": self.starts.data.isoformat() if self.starts.data else None,
            "ends": self.ends.data.isoformat() if self.ends.data else None,
            "plan": self.plan.data or "",
            "budget": self.lines,
            "need": self.need.codes,
            "decision": self.decision.data or None,
        }


class CloseProjectForm(DeskForm):
    """Why a project is closed."""

    project = HiddenField()
    reason = TextField(_l("Reason"), [required(), at_most()])
