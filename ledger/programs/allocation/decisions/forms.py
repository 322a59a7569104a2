"""The form of a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import InputRequired, Optional

from ledger.desk.forms import DeskForm
from ledger.programs.allocation.decisions.actions import doubts
from ledger.programs.allocation.decisions.commands import VOTES
from ledger.programs.allocation.forms import (
    LONG,
    CodesField,
    CountField,
    LongField,
    NewCodeField,
    at_most,
    read_amount,
    refuse,
    required,
    unit_for,
)
from ledger.web.fields import ChoiceField, DayField, TextField, today
from ledger.web.uploads import FilesField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.web.pages import Unit


def _count(label: Any) -> CountField:
    return CountField(label, [InputRequired(_l("Write a number, 0 or more."))])


class DecisionForm(DeskForm):
    """A decision with its minutes."""

    code = NewCodeField(_l("Code"))
    title = TextField(_l("What was decided"), [required(), at_most()])
    held = DayField(_l("Meeting held on"), [required()], default=today)
    body = ChoiceField(_l("Who decided"), [required()])
    members = _count(_l("Members"))
    present = _count(_l("Present"))
    quorum = _count(_l("Quorum"))
    agreed = _count(_l("Votes for"))
    against = _count(_l("Votes against"))
    abstained = _count(_l("Abstained"))
    summary = LongField(_l("Summary"), [at_most(LONG)])
    supervisor = LongField(_l("Opinion of the supervisor"), [at_most(LONG)])
    need = CodesField(_l("Needs concerned"), [at_most(LONG)])
    project = CodesField(_l("Projects concerned"), [at_most(LONG)])
    fund = ChoiceField(_l("Out of the fund"), [Optional()])
    unit = ChoiceField(_l("Counted in"), [Optional()], default="CNY")
    amount = TextField(_l("Amount it allows"), [Optional()])
    evidence = FilesField(_l("Minutes"))
    anyway = BooleanField(_l("Record it as it was held all the same"))

    units: Mapping[str, Unit]
    doubts: tuple[str, ...] = ()
    allowed: int | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that the votes can be, and have what departs from the rules confirmed."""
        well = bool(super().validate(extra_validators))
        counts = {name: self[name].data for name in VOTES}
        if well and counts["present"] > counts["members"]:
            refuse(self.present, _("More cannot be present than are members."))
            well = False
        if well and counts["agreed"] + counts["against"] + counts["abstained"] > counts["present"]:
            refuse(self.agreed, _("More cannot vote than are present."))
            well = False
        self.allowed = read_amount(self.amount, unit_for(self.units, self.unit.data or ""))
        well = well and not self.amount.errors
        if well:
            self.doubts = doubts(self.body.data, self.members.data or 0, self.supervisor.data or "")
            if self.doubts and not self.anyway.data:
                refuse(self.anyway, _("Confirm that it was held like this."))
                well = False
        return well

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "code": self.code.data,
            "title": self.title.data,
            "held": str(self.held.data),
            "body": self.body.data,
            **{name: self[name].data for name in VOTES},
            "summary": self.summary.data or "",
            "supervisor": self.supervisor.data or "",
            "need": self.need.codes,
            "project": self.project.codes,
            "fund": self.fund.data or None,
            "unit": self.unit.data or "CNY",
            "amount": self.allowed,
            "evidence": list(self.evidence.data or ()),
        }
