"""Forms of grants: award, payment, return, closing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, HiddenField
from wtforms.validators import Optional

from ledger.desk.forms import DeskForm
from ledger.programs.allocation.forms import (
    LONG,
    CodesField,
    LongField,
    NewCodeField,
    at_most,
    judged,
    read_amount,
    refuse,
    required,
    unit_for,
)
from ledger.reports import figures
from ledger.web.fields import ChoiceField, DayField, TextField
from ledger.web.uploads import FilesField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.programs.allocation.grants.split import Giver
    from ledger.web.pages import Unit


class InstalmentRow(Form):
    """An instalment of a grant."""

    amount = TextField(_l("Amount"), [Optional()])
    due = DayField(_l("Due"), [Optional()])
    condition = TextField(_l("Condition"), [Optional(), at_most()])


class AwardForm(DeskForm):
    """A grant as agreed."""

    code = NewCodeField(_l("Code"))
    organization = ChoiceField(_l("Organization"), [required()])
    fund = ChoiceField(_l("Out of the fund"), [required()])
    unit = ChoiceField(_l("Counted in"), [Optional()], default="CNY")
    amount = TextField(_l("Amount"), [required()])
    project = ChoiceField(_l("Project"), [Optional()])
    decision = ChoiceField(_l("Under the decision"), [Optional()])
    need = CodesField(_l("Needs it answers"), [at_most(LONG)])
    starts = DayField(_l("Begins"), [Optional()])
    ends = DayField(_l("Ends"), [Optional()])
    instalments = FieldList(FormField(InstalmentRow), label=_l("Instalments"), min_entries=3)
    conditions = LongField(_l("Conditions of the agreement"), [at_most(LONG)])
    evidence = FilesField(_l("Agreement"))

    units: Mapping[str, Unit]
    total: int | None
    rows: list[dict[str, Any]]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the amounts too; the instalments add up to the grant."""
        well = bool(super().validate(extra_validators))
        unit = unit_for(self.units, self.unit.data or "")
        self.total = read_amount(self.amount, unit)
        self.rows = []
        for row in self.instalments:
            if not (row.amount.data or row.due.data or row.condition.data):
                continue
            amount = read_amount(row.amount, unit)
            if amount is None and not row.amount.errors:
                refuse(row.amount, _("Say how much."))
            if row.due.data is None and not row.due.errors:
                refuse(row.due, _("Say on which day."))
            well = well and amount is not None and row.due.data is not None
            self.rows.append({"amount": amount, "due": row.due.data, "condition": row.condition.data or ""})
        return judged(self, well=well and not self.amount.errors and self._adds_up())

    def _adds_up(self) -> bool:
        total = sum(row["amount"] or 0 for row in self.rows)
        if self.rows and total != self.total:
            refuse(self.amount, _("The instalments do not add up to this amount."))
        return not self.amount.errors

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "code": self.code.data,
            "organization": self.organization.data,
            "fund": self.fund.data,
            "unit": self.unit.data or "CNY",
            "amount": self.total,
            "project": self.project.data or None,
            "decision": self.decision.data or None,
            "need": self.need.codes,
            "starts": self.starts.data.isoformat() if self.starts.data else None,
            "ends": self.ends.data.isoformat() if self.ends.data else None,
            "instalments": [row | {"due": row["due"].isoformat()} for row in self.rows],
            "conditions": self.conditions.data or "",
            "evidence": list(self.evidence.data or ()),
        }


class PartRow(Form):
    """What one fund or earmark gives of a payment."""

    account = HiddenField()
    amount = TextField(_l("Amount"), [Optional()])


class PayForm(DeskForm):
    """A payment on a grant, and out of what it is made."""

    grant = HiddenField()
    unit = ChoiceField(_l("Counted in"), [Optional()])
    instalment = ChoiceField(_l("Instalment"), [Optional()])
    amount = TextField(_l("Amount"), [required()])
    met = TextField(_l("How the condition was met"), [Optional(), at_most(500)])
    place = ChoiceField(_l("Out of the place"), [required()])
    parts = FieldList(FormField(PartRow), label=_l("Out of"))

    units: Mapping[str, Unit]
    condition = False
    total: int | None = None
    shares: list[tuple[str, int]]

    def propose(self, givers: Sequence[Giver]) -> None:
        """Fill in a proposal of what the payment is made of."""
        while len(self.parts):
            self.parts.pop_entry()
        unit = unit_for(self.units, self.unit.data or "")
        for giver in givers:
            self.parts.append_entry({"account": giver.ref.address, "amount": written(giver.proposed, unit)})

    def read(self) -> int | None:
        """Read the amount to be paid."""
        self.total = read_amount(self.amount, unit_for(self.units, self.unit.data or ""))
        return self.total

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the parts too; they add up to the payment."""
        well = bool(super().validate(extra_validators))
        self.read()
        unit = unit_for(self.units, self.unit.data or "")
        self.shares = []
        for row in self.parts:
            amount = read_amount(row.amount, unit)
            well = well and not row.amount.errors
            if amount:
                self.shares.append((row.account.data, amount))
        if self.condition and not self.met.data:
            refuse(self.met, _("This instalment has a condition; say how it was met."))
            well = False
        if well and self.total is not None and sum(amount for _, amount in self.shares) != self.total:
            refuse(self.amount, _("What the funds give does not add up to this amount."))
        return judged(self, well=well and not self.amount.errors)

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        number = self.instalment.data
        return {
            "grant": self.grant.data,
            "unit": self.unit.data or "CNY",
            "amount": self.total,
            "instalment": int(number) if number else None,
            "met": self.met.data or "",
            "place": self.place.data,
            "parts": self.shares,
        }


def written(amount: int, unit: Unit) -> str:
    """Write an amount as people type it; nothing for 0."""
    if not amount:
        return ""
    return f"{amount // 60}:{amount % 60:02}" if unit.kind == "hours" else figures.decimal(amount, unit.scale)


class ReturnForm(DeskForm):
    """What comes back of a grant."""

    grant = HiddenField()
    amount = TextField(_l("Amount that comes back"), [required()])
    fund = ChoiceField(_l("To the fund"), [required()])
    place = ChoiceField(_l("Into the place"), [required()])

    unit: Unit
    total: int | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the amount too."""
        well = bool(super().validate(extra_validators))
        self.total = read_amount(self.amount, self.unit)
        return well and self.total is not None

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "grant": self.grant.data,
            "unit": self.unit.code,
            "amount": self.total,
            "to": self.fund.data,
            "place": self.place.data,
        }


class CloseGrantForm(DeskForm):
    """Why a grant is closed."""

    grant = HiddenField()
    reason = TextField(_l("Reason"), [required(), at_most()])

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {"grant": self.grant.data, "reason": self.reason.data}
