"""Forms of the application stage: a service reported against a grant, one given out of a fund, a dispute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ledger.core.errors import LedgerError
from ledger.core.units import Unit as CoreUnit
from ledger.core.units import parse_amount
from ledger.desk.forms import DeskForm
from ledger.programs.delivery.actions import MOST_REASON, minutes_of
from ledger.web.errors import say
from ledger.web.fields import ChoiceField, HoursField, MoneyField, QuantityField, TextField
from ledger.web.labels import ELEMENTS, SERVICES
from ledger.web.typed import plain
from ledger.web.uploads import FilesField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.programs.delivery.offers import Chosen, Holding, Party
    from ledger.web.pages import Quantity

MOST_TEXT = 2000
MOST_MINUTES = 1000 * 60  # of one volunteer in one service
GIFTS = 5  # rows of goods and money given out of funds
_STAYED = re.compile(r"(\S+)\s+(.+)")
NOTHING: tuple[str, str] = ("", "–")


def picked(parties: Sequence[Party], *, empty: bool = False) -> list[tuple[str, str]]:
    """Make choices of parties: their names, and their codes where two have the same."""
    names = [party.ref.name for party in parties]
    shown = [
        (ref.code, ref.name if ref.name and names.count(ref.name) == 1 else f"{ref.name} {ref.code}".strip())
        for ref in (party.ref for party in parties)
    ]
    return [NOTHING, *shown] if empty else shown


class HoursText(TextAreaField):
    """Volunteers' hours, a line each: code, space, time. `data` is the minutes by code."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the lines; what is wrong is said by line."""
        self.text = valuelist[0] if valuelist else ""
        self.data, rows, wrong = {}, [], []
        for number, line in enumerate(filter(str.strip, self.text.splitlines()), 1):
            try:
                rows.append(self._row(line.strip()))
            except ValueError as error:
                wrong.append(_("Line %(number)s: %(problem)s", number=number, problem=error))
        if wrong:
            raise ValueError(" ".join(wrong))
        self.data = minutes_of(rows)

    def _row(self, line: str) -> tuple[str, int]:
        found = _STAYED.fullmatch(line.replace("，", " ").replace(",", " ").replace("\t", " "))
        if not found:
            raise ValueError(_("write the code of the volunteer, a space, and the time: v01 2:30"))
        minutes = HoursField.parse(self._reader, plain(found[2]))
        if minutes > MOST_MINUTES:
            raise ValueError(_("This is more than can be counted."))
        return found[1], minutes

    @property
    def _reader(self) -> Any:
        reader = object.__new__(HoursField)  # its own __new__ gives a field that waits for its form
        reader.scale = 2
        return reader

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(f"{code} {minutes // 60}:{minutes % 60:02}" for code, minutes in (self.data or {}).items())


class ServiceForm(DeskForm):
    """What every service says of itself."""

    title = TextField(_l("What was done"), [DataRequired(_l("Say in a few words what was done.")), Length(max=100)])
    kind = ChoiceField(_l("Kind"), [DataRequired(_l("Choose one of the list."))])
    community = ChoiceField(_l("Community"), [DataRequired(_l("Choose one of the list."))])
    worker = ChoiceField(_l("Responsible social worker"), [DataRequired(_l("Choose one of the list."))])
    project = ChoiceField(_l("Project"), default="")
    need = ChoiceField(_l("Need it serves"), default="")
    lead_element = ChoiceField(_l("Led by"), default="")
    residents = QuantityField(_l("Number of residents"), [Optional()])
    description = TextAreaField(_l("Description"), [Length(max=MOST_TEXT)])
    shifts = SelectMultipleField(
        _l("Closed shifts"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), choices=[]
    )
    hours = HoursText(_l("Further volunteers’ hours"))
    evidence = FilesField(_l("Evidence"))

    def offer(self) -> None:
        """Fill in the choices that do not depend on the book."""
        self.kind.choices = [NOTHING, *((code, _(words)) for code, words in SERVICES.items())]
        self.lead_element.choices = [NOTHING, *((code, _(words)) for code, words in ELEMENTS.items())]

    def said(self) -> dict[str, Any]:
        """Return what the fields say that both forms share."""
        return {
            "title": self.title.data,
            "kind": self.kind.data,
            "community": self.community.data,
            "worker": self.worker.data,
            "need": self.need.data or "",
            "lead_element": self.lead_element.data or "",
            "residents": self.residents.data or 0,
            "description": " ".join((self.description.data or "").split()),
            "shifts": list(self.shifts.data or ()),
            "hours": [{"volunteer": code, "minutes": n} for code, n in sorted((self.hours.data or {}).items())],
            "evidence": list(self.evidence.data or ()),
        }


class ReportForm(ServiceForm):
    """A service of an organization; fields for the lines and goods of one grant are added by `report_form`."""

    grant = HiddenField()
    chosen: Chosen | None = None

    @property
    def money_fields(self) -> list[MoneyField]:
        """Return the fields of money: one a budget line, or one for all."""
        return [self[name] for name in self._fields if name.startswith("money-")]

    @property
    def goods_fields(self) -> list[QuantityField]:
        """Return the fields of goods, in the order of the grant's."""
        return [self[name] for name in self._fields if name.startswith("goods-")]

    @property
    def money(self) -> int:
        """Return the money entered, in fen."""
        return sum(field.data or 0 for field in self.money_fields)

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse more than the grant has left, and a service made of nothing."""
        right: bool = super().validate(extra_validators)
        if self.chosen is not None:
            right = self._within(self.chosen) and right
        if right and not (self.money or any(f.data for f in self.goods_fields) or self.hours.data or self.shifts.data):
            self.form_errors.append(_("Say what the service used: money, goods or hours."))
            return False
        return right

    def _within(self, chosen: Chosen) -> bool:
        left = chosen.grant.money
        over = [field for field in self.money_fields if field.data] if self.money > left else []
        for field in over[-1:]:
            field.errors = [*field.errors, _("The grant does not have so much left.")]
        for field, part in zip(self.goods_fields, chosen.grant.goods, strict=True):
            if (field.data or 0) > part.amount:
                field.errors = [*field.errors, _("The grant does not have so much left.")]
                over.append(field)
        return not over

    def payload(self, organization: str) -> dict[str, Any]:
        """Return what is asked for."""
        chosen = self.chosen
        grant = chosen.grant.code if chosen else ""
        account = f"grant:{grant}"
        gives = [{"from": account, "unit": "CNY", "amount": self.money}] if self.money else []
        goods = zip(self.goods_fields, chosen.grant.goods if chosen else (), strict=True)
        gives += [{"from": account, "unit": part.unit.code, "amount": f.data} for f, part in goods if f.data]
        planned = [line for line in chosen.budget.lines if line.planned] if chosen else []
        amounts = zip(planned, self.money_fields, strict=False)
        project = chosen.grant.project.code if chosen and chosen.grant.project else self.project.data or ""
        return self.said() | {
            "organization": organization,
            "grant": grant,
            "project": project,
            "gives": gives,
            "lines": [{"line": line.code, "amount": f.data} for line, f in amounts if f.data] if planned else [],
        }


def report_form(chosen: Chosen | None) -> type[ReportForm]:
    """Make the form of a grant: a field a budget line (else one for the money), a field a kind of goods."""
    fields: dict[str, Any] = {"chosen": chosen}
    if chosen is not None and chosen.grant.money:
        planned = [line for line in chosen.budget.lines if line.planned]
        for number, line in enumerate(planned):
            fields[f"money-{number}"] = MoneyField(line.name, [Optional()])
        if not planned:
            fields["money-0"] = MoneyField(_l("Money"), [Optional()])
    for number, part in enumerate(chosen.grant.goods if chosen else ()):
        fields[f"goods-{number}"] = QuantityField(part.unit.name, [Optional()], scale=part.unit.scale)
    return type("GrantReportForm", (ReportForm,), fields)


class GiveForm(ServiceForm):
    """A service that the foundation gives out of its own funds."""

    organization = ChoiceField(_l("Organization"), [DataRequired(_l("Choose one of the list."))])
    bank = ChoiceField(_l("Money is paid from"), default="")
    store = ChoiceField(_l("Goods leave"), default="")

    holdings: dict[str, Quantity]

    @property
    def rows(self) -> list[tuple[ChoiceField, TextField]]:
        """Return the rows: out of what, how much."""
        return [(self[f"give-{n}"], self[f"amount-{n}"]) for n in range(GIFTS)]

    def offer_holdings(self, holdings: Sequence[tuple[Holding, str]]) -> None:
        """Let each row choose of what funds hold; each with its words."""
        keyed = [(f"{held.account.address} {held.quantity.unit.code}", held, words) for held, words in holdings]
        self.holdings = {key: held.quantity for key, held, _words in keyed}
        for choice, _amount in self.rows:
            choice.choices = [NOTHING, *((key, words) for key, _held, words in keyed)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the amounts in the units of what was chosen; refuse more than is held."""
        right: bool = super().validate(extra_validators)
        self.gifts: list[dict[str, Any]] = []
        for choice, amount in self.rows:
            right = self._read(choice, amount) and right
        for field, wanted in ((self.bank, "CNY"), (self.store, ":")):
            if not field.data and any(wanted in gift["unit"] for gift in self.gifts):
                field.errors = [*field.errors, _("Choose one of the list.")]
                right = False
        if right and not (self.gifts or self.hours.data or self.shifts.data):
            self.form_errors.append(_("Say what the service used: money, goods or hours."))
            return False
        return right

    def _read(self, choice: ChoiceField, amount: TextField) -> bool:
        held = self.holdings.get(choice.data or "")
        if held is None:
            if amount.data:
                choice.errors = [*choice.errors, _("Choose one of the list.")]
            return not amount.data
        try:
            number = parse_amount(plain(amount.data or ""), CoreUnit(held.unit.code, held.unit.scale, held.unit.kind))
        except LedgerError as error:
            amount.errors = [*amount.errors, say(error)]
            return False
        if number > held.amount:
            amount.errors = [*amount.errors, _("There is not so much of it.")]
            return False
        place = self.store.data if held.unit.kind == "goods" else self.bank.data
        account = choice.data.partition(" ")[0]
        self.gifts.append({"from": account, "unit": held.unit.code, "amount": number, "place": place})
        return True

    def payload(self) -> dict[str, Any]:
        """Return what is asked for."""
        more = {"organization": self.organization.data, "project": self.project.data or "", "grant": "", "lines": []}
        return self.said() | more | {"gives": self.gifts}


_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}
for _n in range(GIFTS):
    setattr(GiveForm, f"give-{_n}", ChoiceField(_l("Out of"), default=""))
    setattr(GiveForm, f"amount-{_n}", TextField(_l("How much"), default="", render_kw=dict(_DECIMAL)))


class ConfirmForm(FlaskForm):
    """The last step of a confirmation: a remark for all of them."""

    memo = TextField(_l("Remark"), [Length(max=200, message=_l("At most 200 characters."))])


class DisputeForm(FlaskForm):
    """Why a service is disputed, or why it is not any more."""

    reason = TextAreaField(_l("Reason"), [DataRequired(_l("Say why.")), Length(max=MOST_REASON)])
