"""What the forms of this room share: rows that grow, amounts of any unit, lists of codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound
from wtforms import FieldList, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from ledger.core import units
from ledger.core.units import CNY, AmountError, parse_amount
from ledger.desk.forms import page
from ledger.journal import lookup
from ledger.programs.allocation import words
from ledger.web.convert import name_of, unit_of
from ledger.web.errors import say
from ledger.web.fields import CodeField, QuantityField, TextField
from ledger.web.typed import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from flask_wtf import FlaskForm
    from sqlalchemy import Connection
    from werkzeug.wrappers import Response

    from ledger.desk.forms import At
    from ledger.journal.lookup import Object
    from ledger.web.pages import Unit

NONE = ("", "—")
GROWS_BY = 3  # rows
MOST_ROWS = 60
LONG = 2000  # characters


def required() -> DataRequired:
    """Make the validator of a field that has to be filled in."""
    return DataRequired(_l("Fill this in."))


def at_most(count: int = 200) -> Length:
    """Make the validator of a text with a limit."""
    return Length(max=count, message=_l("At most %(most)s characters.", most=count))


class CountField(QuantityField):
    """A number of people or votes: 0 or more."""

    def parse(self, text: str) -> int:
        """Read a whole number."""
        return 0 if text.strip("0") == "" else super().parse(text)


class CodesField(TextField):
    """Codes of objects, written one after the other; `data` is the text, `codes` the list."""

    @property
    def codes(self) -> list[str]:
        """Return the codes, each once."""
        return list(dict.fromkeys(code for code in re.split(r"[\s,，、;；]+", self.data or "") if code))


class LongField(TextAreaField):
    """A text of several lines."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the text, without what is invisible around it."""
        self.data = valuelist[0].replace("\r\n", "\n").strip() if valuelist else ""


class NewCodeField(CodeField):
    """The code of something new, which has to be there."""

    def __init__(self, label: Any = None, **more: Any) -> None:
        super().__init__(label, [required(), at_most(60)], **more)


def amount_of(field: Any, unit: Unit) -> int | None:
    """Read a text as an amount of a unit; ValidationError in our words; None for no text."""
    text = plain(field.data or "").removeprefix("¥")
    if not text:
        return None
    try:
        return parse_amount(text, units.Unit(unit.code, unit.scale, unit.kind))
    except AmountError as error:
        raise ValidationError(say(error)) from None


def read_amount(field: Any, unit: Unit) -> int | None:
    """Read a text as an amount; None with the reason beside the field when it is none."""
    try:
        return amount_of(field, unit)
    except ValidationError as error:
        refuse(field, str(error))
        return None


def refuse(field: Any, problem: str) -> None:
    """Say beside a field what is wrong with it."""
    field.errors = [*field.errors, problem]


def judged(form: FlaskForm, *, well: bool) -> bool:
    """Return whether a form is well, having said so above it when only lines of a list are wrong."""
    if not well and not form.errors:
        form.form_errors.append(_("Look again at the lines marked below."))
    return well


def grown(form: FlaskForm) -> bool:
    """Add rows to the list that the button `more` names; tell whether it was pressed."""
    rows = form._fields.get(request.form.get("more", ""))  # asking the form itself raises
    if not isinstance(rows, FieldList):
        return False
    for _row in range(min(GROWS_BY, MOST_ROWS - len(rows))):
        rows.append_entry()
    return True


def asked_code(form: FlaskForm, name: str) -> str:
    """Return the code of the object a form is about: of the form as sent or drafted, else of the address."""
    code = form[name].data or request.args.get(name, "")
    if not code:
        raise NotFound
    form[name].data = code
    return str(code)


class Choices(NamedTuple):
    """What forms of this room offer, read from the book."""

    connection: Connection
    book_id: int

    def of(self, kind: str, *, optional: bool = False, own: Collection[str] | None = None) -> list[tuple[str, str]]:
        """List the open objects of a type with few of them, by name; only one's own, if there are such."""
        found = [
            each for each in lookup.objects_of(self.connection, self.book_id, kind).values() if _offered(each, own)
        ]
        pairs = sorted(((f.facts["code"], name_of(f.facts) or f.facts["code"]) for f in found), key=lambda p: p[1])
        return [NONE, *pairs] if optional else pairs

    def places(self, unit: str) -> list[tuple[str, str]]:
        """List the places where a unit can be kept: banks, cash and wallets for money, stores for goods."""
        kinds = ("inventory",) if ":" in unit else ("bank", "wallet", "cash")
        return [
            (each.address, name_of(each.facts) or each.address)
            for kind in kinds
            for each in lookup.objects_of(self.connection, self.book_id, kind).values()
            if each.closed is None
        ]

    def units(self) -> dict[str, Unit]:
        """Read the open units: money first, then hours, then goods by name."""
        found = lookup.objects_of(self.connection, self.book_id, "unit").values()
        known = [unit_of(each.facts["code"], each.facts) for each in found if each.closed is None]
        order = sorted(known, key=lambda u: (("money", "hours", "goods").index(u.kind), u.name))
        return {unit.code: unit for unit in order}


def _offered(each: Object, own: Collection[str] | None) -> bool:
    return each.closed is None and (own is None or each.facts["code"] in own)


def unit_choices(known: Mapping[str, Unit]) -> list[tuple[str, str]]:
    """Offer units: by name and measure."""
    named = {"CNY": _("Money (yuan)"), "volunteer-hour": _("Volunteer hours")}
    return [(code, named.get(code) or f"{unit.name} ({unit.measure or code})") for code, unit in known.items()]


def unit_for(known: Mapping[str, Unit], code: str) -> Unit:
    """Return a unit that was chosen; yuan when it is none of them."""
    return known.get(code) or unit_of(CNY.code, None)


def show(template: str, at: At, **values: Any) -> Response:
    """Make a page of this room."""
    return page(f"programs/allocation/{template}", at, words=words, **values)
