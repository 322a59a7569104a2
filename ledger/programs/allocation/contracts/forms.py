"""Forms of contracts: the contract, its money, a claim, closing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, HiddenField
from wtforms.validators import Optional

from ledger.desk.forms import DeskForm
from ledger.programs.allocation.forms import NewCodeField, at_most, refuse, required
from ledger.web.fields import ChoiceField, DayField, MoneyField, RadiosField, TextField
from ledger.web.uploads import FilesField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.programs.allocation.contracts.queries import Bought

INTO = (
    ("own", _l("a restricted fund of its own")),
    ("fund", _l("a fund that is there")),
    ("grant", _l("straight to a grant: the organization got it")),
)


class ContractForm(DeskForm):
    """A contract of government purchase."""

    code = NewCodeField(_l("Code"))
    name = TextField(_l("Name"), [required(), at_most()])
    buyer = TextField(_l("Buyer"), [required(), at_most()])
    amount = MoneyField(_l("Amount (yuan)"), [required()])
    organization = ChoiceField(_l("Organization"), [Optional()])
    project = ChoiceField(_l("Project"), [Optional()])
    starts = DayField(_l("Begins"), [Optional()])
    ends = DayField(_l("Ends"), [Optional()])
    evidence = FilesField(_l("Contract"))

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "code": self.code.data,
            "name": self.name.data,
            "buyer": self.buyer.data,
            "amount": self.amount.data,
            "organization": self.organization.data or None,
            "project": self.project.data or None,
            "starts": self.starts.data.isoformat() if self.starts.data else None,
            "ends": self.ends.data.isoformat() if self.ends.data else None,
            "evidence": list(self.evidence.data or ()),
        }


class ReceiptForm(DeskForm):
    """Money of a contract, and where it came to."""

    contract = HiddenField()
    amount = MoneyField(_l("Amount (yuan)"), [required()])
    into = RadiosField(_l("Into"), choices=INTO, default="own")
    fund = ChoiceField(_l("Fund"), [Optional()])
    grant = ChoiceField(_l("Grant"), [Optional()])
    place = ChoiceField(_l("Came to"), [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the fund or the grant when it is one."""
        well = bool(super().validate(extra_validators))
        name = self.into.data
        if name in {"fund", "grant"} and not self[name].data:
            refuse(self[name], _("Choose one of the list."))
            well = False
        return well

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        into = self.into.data
        return {
            "contract": self.contract.data,
            "amount": self.amount.data,
            "into": into,
            "to": f"{into}:{self[into].data}" if into in {"fund", "grant"} else "",
            "place": "" if into == "grant" else self.place.data,
        }


class ClaimRow(Form):
    """What is claimed of one service."""

    service = HiddenField()
    amount = MoneyField(_l("Amount (yuan)"), [Optional()])


class ClaimForm(DeskForm):
    """A claim: which services the contract pays for."""

    contract = HiddenField()
    code = NewCodeField(_l("Code"))
    parts = FieldList(FormField(ClaimRow), label=_l("Services"))
    evidence = FilesField(_l("Evidence"))

    shares: list[tuple[str, int]]

    def propose(self, services: Iterable[Bought]) -> None:
        """Fill in all that can be claimed."""
        for service in services:
            self.parts.append_entry({"service": service.code, "amount": service.claimable.amount})

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the parts; at least one service has an amount."""
        well = bool(super().validate(extra_validators))
        self.shares = [(row.service.data, row.amount.data) for row in self.parts if row.amount.data]
        if well and not self.shares:
            self.form_errors.append(_("Write an amount beside at least one service."))
            well = False
        return well

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "contract": self.contract.data,
            "code": self.code.data,
            "parts": self.shares,
            "evidence": list(self.evidence.data or ()),
        }


class CloseContractForm(DeskForm):
    """Why a contract is closed."""

    contract = HiddenField()
    reason = TextField(_l("Reason"), [required(), at_most()])
