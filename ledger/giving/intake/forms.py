"""Forms of what comes in. Personal data (a donor's name, a remark) is erased with the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from ledger.core.units import CNY, HOUR, AmountError, UnitError, format_amount, parse_amount
from ledger.core.units import Unit as Counting
from ledger.desk.forms import DeskForm
from ledger.exchange.cells import scale_of
from ledger.exchange.lines import unit_code
from ledger.giving.imports import source_of
from ledger.giving.intake.actions import MOST_WORDS
from ledger.giving.intake.choices import CHANNELS
from ledger.web import labels
from ledger.web.errors import say
from ledger.web.fields import (
    ChoiceField,
    CodeField,
    DayField,
    HoursField,
    MoneyField,
    QuantityField,
    RadiosField,
    TextField,
    today,
)
from ledger.web.locale import voice
from ledger.web.pages import YUAN, Unit
from ledger.web.uploads import FilesField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.giving.intake.choices import Known

FINEST = 3  # decimal places in which a quantity of goods is read
NEEDED = DataRequired(_l("Fill this in."))
SHORT = Length(max=60, message=_l("At most 60 characters."))
LONG = Length(max=200, message=_l("At most 200 characters."))
WORDS = Length(max=MOST_WORDS, message=_l("At most 300 characters."))


def _kinds() -> list[tuple[str, Any]]:
    return [("money", _l("Money")), ("goods", _l("Goods")), ("hours", _l("Hours"))]


class GiftForm(DeskForm):
    """One gift of money, goods or hours. `known`: by code, the scale of the units that the book has."""

    resource = RadiosField(_l("What is given"), choices=_kinds(), default="money")
    amount = MoneyField(_l("Amount (yuan)"))
    hours = HoursField(_l("Time"))
    volunteer = TextField(_l("Volunteer’s code"), [Length(max=100)], default="")
    item = TextField(_l("Goods"), [Length(max=60, message=_l("At most 60 characters."))], default="")
    measure = TextField(_l("Counted in"), [Length(max=20, message=_l("At most 20 characters."))], default="")
    quantity = QuantityField(_l("Quantity"), scale=FINEST)
    value = MoneyField(_l("Fair value (yuan)"))
    new_unit = BooleanField(_l("Yes, these goods are new to the book"))
    lot = TextField(_l("Lot"), [SHORT], default="")
    expires = DayField(_l("Expires"), [Optional()])
    taker = ChoiceField(_l("Fund"), [DataRequired(_l("Choose the fund."))])
    purpose = TextField(_l("Purpose, if the donor named one"), [LONG], default="")
    place = ChoiceField(_l("Received in"))
    store = ChoiceField(_l("Stored in"))
    donor = TextField(_l("Donor"), [Length(max=120, message=_l("At most 120 characters."))], default="")
    source = ChoiceField(_l("Kind of donor"))
    publish = BooleanField(_l("The donor agrees that the name is published"))
    campaign = ChoiceField(_l("Campaign"))
    channel = ChoiceField(_l("Channel"), default="")
    remark = TextField(_l("Donor’s words"), [WORDS], default="")
    receipt_code = TextField(_l("Receipt code"), [Length(max=40)], default="")
    receipt_number = TextField(_l("Receipt number"), [Length(max=40)], default="")
    receipt_check = TextField(_l("Check code"), [Length(max=40)], default="")
    known: Mapping[str, int] = {}  # set for each form by the view

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("amount", "hours", "item", "measure", "quantity", "value"):
            self[name].flags.required = True  # when it is shown: that depends on the kind of gift

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields by themselves, then what the kind of resource asks for."""
        fine = super().validate(extra_validators)
        checks = {"money": self._check_money, "goods": self._check_goods, "hours": self._check_hours}
        checks.get(self.resource.data, self._check_money)()
        if (self.receipt_code.data or self.receipt_check.data) and not self.receipt_number.data:
            _say(self.receipt_number, _("A receipt has a number; give it, or leave the other fields out too."))
        if self.publish.data and not self.donor.data:
            _say(self.publish, _("There is no name to publish: the donor is not named."))
        return fine and not self.errors

    def _check_money(self) -> None:
        _ask(self.amount, _("Say how much."))
        if not self.place.data:
            _say(self.place, _("Say where the money lies now."))

    def _check_hours(self) -> None:
        _ask(self.hours, _("Say how long, like 2:30."))

    def _check_goods(self) -> None:
        if ":" in self.item.data and not self.measure.data:
            self.item.data, _colon, self.measure.data = self.item.data.rpartition(":")
        _ask(self.item, _("Say what is given."))
        _ask(self.measure, _("Say in what it is counted: boxes, bags, kilograms."))
        _ask(self.quantity, _("Say how many."))
        _ask(self.value, _("Goods need a fair value: what they would have cost."))
        if not self.store.data:
            _say(self.store, _("Say where the goods lie now."))
        if not self.item.errors and not self.measure.errors:
            self._check_unit()

    def _check_unit(self) -> None:
        code = self.unit_code()
        if not code:
            _say(self.item, _("Goods are named by a word and counted in a measure without a colon."))
            return
        if code not in self.known and not self.new_unit.data:
            said = {"item": self.item.data, "measure": self.measure.data}
            _say(
                self.new_unit,
                _("The book does not count “%(item)s” in “%(measure)s” yet. Tick this if that is right.", **said),
            )
        if self.quantity.data and self.quantity.data % 10 ** (FINEST - self.scale):
            _say(self.quantity, _("This is counted in whole pieces; write no decimals."))

    def unit_code(self) -> str:
        """Return the code of the goods' unit; empty when the form names none."""
        item, measure = self.item.data or "", self.measure.data or ""
        if ":" in item and not measure:
            item, _colon, measure = item.rpartition(":")
        try:
            return unit_code(item, measure) if self.resource.data == "goods" else ""
        except UnitError:
            return ""

    @property
    def scale(self) -> int:
        """Return the decimal places of the goods' unit: as the book has it, else by its measure."""
        return self.known.get(self.unit_code(), scale_of(self.measure.data))

    def payload(self) -> dict[str, Any]:
        """Return what was asked for."""
        donor = self.donor.data
        said: dict[str, Any] = {
            "resource": self.resource.data,
            "taker": self.taker.data,
            "purpose": self.purpose.data,
            "source": self.source.data or self._source(),
            "donor": donor,
            "publish": bool(self.publish.data and donor),
            "campaign": self.campaign.data,
            "channel": self.channel.data,
            "remark": self.remark.data,
        }
        if self.receipt_number.data:
            names = {"code": self.receipt_code, "number": self.receipt_number, "check": self.receipt_check}
            said["receipt"] = {name: field.data for name, field in names.items()}
        own = {"money": self._money, "goods": self._goods, "hours": self._hours}
        return said | own[self.resource.data]()

    def _source(self) -> str:
        if self.resource.data == "hours":
            return "source:volunteer"
        return source_of(self.donor.data) if self.donor.data else "source:individual"

    def _money(self) -> dict[str, Any]:
        return {"amount": self.amount.data, "place": self.place.data}

    def _hours(self) -> dict[str, Any]:
        return {"amount": self.hours.data, "place": None, "volunteer": self.volunteer.data}

    def _goods(self) -> dict[str, Any]:
        return {
            "amount": self.quantity.data // 10 ** (FINEST - self.scale),
            "item": self.item.data,
            "measure": self.measure.data,
            "scale": self.scale,
            "new_unit": bool(self.new_unit.data),
            "value": self.value.data,
            "place": self.store.data,
            "lot": self.lot.data,
            "expires": self.expires.data.isoformat() if self.expires.data else "",
        }


def _say(field: Any, words: str) -> None:
    field.errors = [*field.errors, words]


def _ask(field: Any, words: str) -> None:
    """Ask for a field that this kind of gift needs."""
    if not field.data and not field.errors:
        _say(field, words)


class ReceiptForm(FlaskForm):
    """The official receipt of a gift that is on the ledger; all empty takes it away."""

    code = TextField(_l("Receipt code"), [Length(max=40)], default="")
    number = TextField(_l("Receipt number"), [Length(max=40)], default="")
    check = TextField(_l("Check code"), [Length(max=40)], default="")

    def validate_number(self, field: TextField) -> None:
        """Ask for the number when there is anything."""
        if (self.code.data or self.check.data) and not field.data:
            raise ValidationError(_("A receipt has a number; give it, or leave the other fields out too."))


class PartForm(DeskForm):
    """A part of a gift, in the gift's own unit, which the view gives before the form is validated."""

    gift = HiddenField()
    amount = TextField(_l("How much"), [DataRequired(_l("Say how much."))])
    unit: Counting = CNY
    units = 0

    def validate_amount(self, field: TextField) -> None:
        """Read the amount as its unit is written."""
        try:
            self.units = parse_amount(field.data, self.unit)
        except AmountError as error:
            raise ValidationError(say(error)) from None

    def fill(self, amount: int) -> None:
        """Propose an amount."""
        self.amount.data = format_amount(amount, self.unit)


class RefundForm(PartForm):
    """Give a gift back, as far as it still lies in funds."""

    place = ChoiceField(_l("Paid from"))
    reason = TextField(_l("Why"), [NEEDED, WORDS])


class RedirectForm(PartForm):
    """Redirect an earmarked gift, with the donor's consent."""

    taker = ChoiceField(_l("To which fund"), [DataRequired(_l("Choose the fund."))])
    purpose = TextField(_l("For which purpose"), [LONG], default="")
    reason = TextField(_l("Why"), [NEEDED, WORDS])
    agreed = DayField(_l("The donor agreed on"), [DataRequired(_l("Say on which day."))], default=today)
    how = TextField(_l("How the donor agreed"), [NEEDED, WORDS])
    evidence = FilesField(_l("Record of the consent"), count=3)

    def validate_agreed(self, field: DayField) -> None:
        """Refuse a consent that has not been given yet."""
        if field.data and self.dated.data and field.data > self.dated.data:
            raise ValidationError(_("The gift cannot be redirected before the donor agreed."))


class UploadForm(FlaskForm):
    """A list as a file, or its rows as pasted text."""

    file = FileField(_l("File"))
    rows = TextAreaField(_l("Or paste the rows"))

    def validate_file(self, field: FileField) -> None:
        """Ask for one of both."""
        if not field.data and not (self.rows.data or "").strip():
            raise ValidationError(_("Choose a file, or paste the rows with their header."))


class MappingForm(FlaskForm):
    """How a list is read. The columns themselves are read from the request: there are as many as the file has."""

    header_row = IntegerField(_l("Row with the names of the columns"), [Optional(), NumberRange(min=0, max=60)])
    year = IntegerField(_l("Year of dates that name none"), [Optional(), NumberRange(min=1990, max=2100)])
    money_unit = ChoiceField(
        _l("Amounts are in"),
        choices=[("", _l("what the list says, else yuan")), ("元", _l("yuan")), ("万元", _l("ten thousand yuan"))],
        default="",
    )
    blanks = ChoiceField(
        _l("Blank cells of date, donor and goods mean"),
        choices=[("", _l("what is customary")), ("above", _l("the same as above")), ("blank", _l("nothing"))],
        default="",
    )
    save_as = TextField(_l("Keep this mapping under the name"), [SHORT], default="")


class TermsForm(FlaskForm):
    """Where a list goes."""

    taker = ChoiceField(_l("Fund"), [DataRequired(_l("Choose the fund."))])
    place = ChoiceField(_l("Money was received in"), [NEEDED])
    source = ChoiceField(_l("Kind of donor"))
    campaign = ChoiceField(_l("Campaign"))
    undated = DayField(_l("Date of rows without one"), [DataRequired(_l("Say on which day."))], default=today)
    origin = TextField(_l("Name of a list that grows"), [SHORT], default="")
    accept = TextField(_l("Why the totals differ"), [WORDS], default="")

    def terms(self) -> dict[str, Any]:
        """Return what was chosen."""
        names = ("taker", "place", "source", "campaign", "origin", "accept")
        return {name: self[name].data or "" for name in names} | {"undated": str(self.undated.data)}


class CampaignForm(DeskForm):
    """A call for gifts."""

    code = CodeField(_l("Code"), [NEEDED])
    name = TextField(_l("Name"), [NEEDED, LONG])
    fund = ChoiceField(_l("Fund"), [DataRequired(_l("Choose the fund."))])
    starts = DayField(_l("Begins"), [DataRequired(_l("Say on which day."))], default=today)
    ends = DayField(_l("Ends"), [Optional()])
    target = MoneyField(_l("Target (yuan)"))
    emergency = BooleanField(_l("For an emergency: what came in is published every 5 days"))
    description = TextField(_l("What it is for"), [Length(max=500, message=_l("At most 500 characters."))], default="")

    def validate_ends(self, field: DayField) -> None:
        """Refuse a campaign that ends before it begins."""
        if field.data and self.starts.data and field.data < self.starts.data:
            raise ValidationError(_("The campaign would end before it begins."))

    def payload(self) -> dict[str, Any]:
        """Return what was asked for."""
        days = {name: self[name].data.isoformat() if self[name].data else None for name in ("starts", "ends")}
        plain = {name: self[name].data for name in ("code", "name", "fund", "target", "description")}
        return plain | days | {"emergency": bool(self.emergency.data)}


class CloseForm(DeskForm):
    """The end of a campaign."""

    code = HiddenField()
    reason = TextField(_l("Why"), [NEEDED, WORDS])


# ------------------------------------------------------------------ what views need of forms


def offer(form: Any, known: Known) -> None:
    """Give the choices of a book to a form that has some of these fields."""
    here = voice()
    named = [(value, labels.word(labels.SOURCES, value.partition(":")[2], here, name)) for value, name in known.sources]
    offered: dict[str, list[tuple[str, str]]] = {
        "taker": known.funds,
        "place": known.places,
        "store": known.stores,
        "source": [("", _("told from the name")), *named],
        "campaign": [("", _("none")), *known.campaigns],
        "channel": [("", _("not said")), *((code, _(words)) for code, words in CHANNELS.items())],
    }
    for name, pairs in offered.items():
        if name in form:
            form[name].choices = pairs or [("", _("none"))]
            if form[name].data is None:
                form[name].data = form[name].choices[0].value


def unit_of_payload(payload: Mapping[str, Any]) -> Unit:
    """Return the unit of a gift that was asked for."""
    if payload["resource"] == "money":
        return YUAN
    if payload["resource"] == "hours":
        return Unit(HOUR, "", "", 0, "hours")
    code = unit_code(payload["item"], payload["measure"])
    return Unit(code, payload["item"], payload["measure"], payload["scale"], "goods")


def counting(unit: Unit) -> Counting:
    """Return a unit as amounts of it are read and written."""
    return Counting(unit.code, unit.scale, unit.kind)
