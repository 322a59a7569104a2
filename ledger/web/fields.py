"""Form fields in which people write amounts, hours and days as they do on paper.

Data are integers of the smallest part (fen, a unit's smallest part, minutes), as the ledger counts them. Full-width
digits and Chinese punctuation are taken as their plain forms.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from wtforms import DateField, Field, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from ledger.core.spans import MAX_AMOUNT
from ledger.reports import figures
from ledger.reports.figures import CHINA
from ledger.web.typed import in_years, line_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")
_CLOCK = re.compile(r"(\d+)[:h](\d{1,2})m?")
_CODE = re.compile(r"[^\W_][\w.-]{0,59}")
MANY = 12  # choices beyond which a list is searched by typing


def today() -> date:
    """Return the day it is in China."""
    return datetime.now(CHINA).date()


class QuantityField(Field):
    """An amount of a unit: text such as 1,234.50 in, an integer of the unit's smallest parts out; 1 or more."""

    widget = TextInput()

    def __init__(self, label: Any = None, validators: Any = None, scale: int = 0, **more: Any) -> None:
        more.setdefault("render_kw", {}).setdefault("inputmode", "decimal" if scale else "numeric")
        more["render_kw"].setdefault("autocomplete", "off")
        super().__init__(label, validators, **more)
        self.scale = scale

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else figures.decimal(self.data, self.scale, strip=self.scale != 2)  # noqa: PLR2004

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed."""
        self.data = None
        text = plain(valuelist[0]).removeprefix("¥").removeprefix("￥") if valuelist else ""
        if text:
            self.data = self.parse(text)

    def parse(self, text: str) -> int:
        """Turn plain text into an integer, or say what is wrong with it."""
        found = _NUMBER.fullmatch(text)
        if not found:
            raise ValueError(_("“%(text)s” is not an amount; write it like 1,234.50.", text=text[:40]))
        whole, part = found[1].replace(",", ""), found[2] or ""
        if len(part.rstrip("0")) > self.scale:
            raise ValueError(
                _("This is counted with %(places)s decimal places; write no more.", places=self.scale)
                if self.scale
                else _("This is counted in whole pieces; write no decimals.")
            )
        amount = int(whole + part[: self.scale].ljust(self.scale, "0"))
        if not 0 < amount <= MAX_AMOUNT:
            raise ValueError(_("Write an amount above zero.") if not amount else _("This is more than can be counted."))
        return amount


class MoneyField(QuantityField):
    """An amount of money: yuan as text in, fen out."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, scale=2, **more)


class HoursField(QuantityField):
    """A length of time: 2:30, 2.5 or 2h30 in, minutes out."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, scale=2, **more)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 60}:{self.data % 60:02}"

    def parse(self, text: str) -> int:
        """Turn hours and minutes, or hours with decimals, into minutes."""
        clock = _CLOCK.fullmatch(text)
        if clock and int(clock[2]) < 60:  # noqa: PLR2004  # minutes of an hour
            minutes = int(clock[1]) * 60 + int(clock[2])
        elif _NUMBER.fullmatch(text):
            minutes = super().parse(text) * 60 // 100
        else:
            raise ValueError(_("“%(text)s” is not a length of time; write it like 2:30 or 2.5.", text=text[:40]))
        if not minutes:
            raise ValueError(_("Write a time above zero."))
        if minutes > MAX_AMOUNT:
            raise ValueError(_("This is more than can be counted."))
        return minutes


class DayField(DateField):
    """A day, in China, today when nothing else is known."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read 2026-11-23, also as 2026/11/23 or 2026年11月23日."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        text = re.sub(r"[年月/.]", "-", plain(valuelist[0])).rstrip("日")
        try:
            self.data = in_years(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=CHINA).date())
        except ValueError:
            self.data = None
            raise ValueError(_("“%(text)s” is not a date; write it like 2026-11-23.", text=valuelist[0][:40])) from None


class TextField(StringField):
    """A line of text, its spaces put in order, without control characters or what turns the words after it round."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read a line."""
        self.data = line_of(valuelist[0]) if valuelist else ""


class CodeField(StringField):
    """The code of something new: letters, digits, points and dashes; it cannot be changed later."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read a code in plain forms."""
        self.data = plain(valuelist[0]) if valuelist else ""
        if self.data and not _CODE.fullmatch(self.data):
            raise ValueError(_("A code has 1 to 60 letters, digits, points, dashes or underscores, a letter first."))


def _choices(pairs: Iterable[Any]) -> list[SelectChoice]:
    """Make choices of (value, label) pairs."""
    return [pair if isinstance(pair, SelectChoice) else SelectChoice(*pair) for pair in pairs]


class _Pairs(SelectField):
    """Choices given as (value, label) pairs, and a refusal of anything else in our words."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        more["choices"] = _choices(more.get("choices", ()))
        super().__init__(label, validators, **more)

    @property
    def choices(self) -> list[SelectChoice]:
        """Return the choices."""
        return list(super().choices)

    @choices.setter
    def choices(self, pairs: Iterable[Any]) -> None:
        SelectField.choices.fset(self, _choices(pairs))

    @property
    def labels(self) -> dict[str, str]:
        """Return the label of each choice by its value."""
        return {str(choice.value): str(choice.label) for choice in self.choices}

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # as WTForms calls it
        """Refuse what is not among the choices, in our words."""
        if str(self.data) not in self.labels:
            raise ValidationError(_("Choose one of the list."))


class ChoiceField(_Pairs):
    """One of some choices; with many of them the page lets one search by typing."""

    @property
    def searchable(self) -> bool:
        """Tell whether there are too many to look through."""
        return len(self.choices) > MANY


class RadiosField(_Pairs, RadioField):
    """One of a few choices, all of them in view."""
