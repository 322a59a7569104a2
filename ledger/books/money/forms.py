"""Forms of the accounts' desk."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from ledger.desk.forms import DeskForm
from ledger.web.fields import ChoiceField, CodeField, MoneyField, RadiosField, TextField
from ledger.web.uploads import FilesField

NEEDED = DataRequired(_l("This is needed."))
NAME = Length(max=100, message=_l("At most 100 characters."))
LONG = Length(max=400, message=_l("At most 400 characters."))


def amount() -> MoneyField:
    """Make the field of an amount that is needed."""
    return MoneyField(_l("Amount (yuan)"), [DataRequired(_l("Write the amount."))])


class FundForm(DeskForm):
    """Open or change a fund."""

    code = CodeField(_l("Code"), [NEEDED])
    name = TextField(_l("Name"), [NEEDED, NAME])
    restricted = RadiosField(
        _l("Kind"),
        choices=[("no", _l("unrestricted")), ("yes", _l("restricted to its purpose"))],
        default="no",
    )
    purpose = TextAreaField(_l("Purpose"), [Optional(), LONG], default="")

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "code": self.code.data,
            "name": self.name.data,
            "restricted": self.restricted.data == "yes",
            "purpose": " ".join((self.purpose.data or "").split()),
        }


class ReasonForm(DeskForm):
    """Close or reverse something."""

    reason = TextAreaField(_l("Reason"), [DataRequired(_l("Say why; it will stand on the ledger.")), LONG])

    def said(self) -> str:
        """Return the reason on one line."""
        return " ".join(self.reason.data.split())


class PlaceForm(DeskForm):
    """Open a place where money or goods are kept."""

    kind = ChoiceField(
        _l("Kind"),
        choices=[
            ("bank", _l("Bank account")),
            ("cash", _l("Cash box")),
            ("wallet", _l("Wallet")),
            ("inventory", _l("Store")),
            ("receivable", _l("Receivable")),
            ("payable", _l("Payable")),
        ],
    )
    code = CodeField(_l("Code"), [NEEDED])
    name = TextField(_l("Name"), [NEEDED, NAME])


class PartyForm(DeskForm):
    """Enter an organization, a community or a social worker."""

    kind = RadiosField(
        _l("Kind"),
        choices=[
            ("organization", _l("Social organization")),
            ("community", _l("Community")),
            ("worker", _l("Social worker")),
        ],
        default="organization",
    )
    code = CodeField(_l("Code"), [NEEDED])
    name = TextField(_l("Name"), [NEEDED, NAME])
    street = TextField(_l("Street or township (of a community)"), [Optional(), NAME], default="")
    organization = ChoiceField(_l("Organization (of a social worker)"), default="")

    def payload(self) -> dict[str, Any]:
        """Return what is asked for; a worker's name is personal data."""
        kind = self.kind.data
        name = {"private_name": self.name.data} if kind == "worker" else {"name": self.name.data}
        more = {"community": {"street": self.street.data}, "worker": {"organization": self.organization.data}}
        return {"kind": kind, "code": self.code.data, **name, **more.get(kind, {})}


class ExpenseForm(DeskForm):
    """Record an expense."""

    amount = amount()
    fund = ChoiceField(_l("Out of the fund"))
    category = ChoiceField(
        _l("What it is for"),
        choices=[
            ("direct", _l("Programme costs")),
            ("administration", _l("Administration")),
            ("fundraising", _l("Fundraising costs")),
        ],
    )
    place = ChoiceField(_l("Paid from"))
    project = ChoiceField(_l("Project and budget line"), default="")
    evidence = FilesField(_l("Invoices and receipts"))

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        project, _newline, line = (self.project.data or "").partition("\n")
        return {
            "amount": self.amount.data,
            "fund": self.fund.data,
            "category": self.category.data,
            "place": self.place.data,
            "project": project,
            "line": line,
            "evidence": self.evidence.data or [],
        }


class BetweenForm(DeskForm):
    """Move money between two funds or two places, or pay what is owed."""

    amount = amount()
    giver = ChoiceField(_l("From"))
    taker = ChoiceField(_l("To"))

    def validate_taker(self, field: Any) -> None:
        """Refuse to move something to where it is."""
        if field.data == self.giver.data:
            raise ValidationError(_("Choose two different ones."))


class TransferForm(BetweenForm):
    """Transfer between funds, with the reason."""

    reason = TextAreaField(_l("Reason"), [DataRequired(_l("Say why; it will stand on the ledger.")), LONG])


class IncomeForm(DeskForm):
    """Receive what is not a donation."""

    amount = amount()
    source = ChoiceField(_l("Source"))
    fund = ChoiceField(_l("Into the fund"))
    place = ChoiceField(_l("Received in"))


class ReverseForm(ReasonForm):
    """Reverse an entry."""

    seq = HiddenField()
