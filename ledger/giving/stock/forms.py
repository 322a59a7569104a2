"""Forms of the store. What can be chosen is filled in by the views; a field a lot is made for the lots at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from ledger.desk.forms import DeskForm
from ledger.web.fields import ChoiceField, QuantityField, RadiosField, TextField
from ledger.web.uploads import FilesField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.giving.stock.queries import LotLine
    from ledger.web.pages import Quantity, Unit

RULES = (
    ("expires", _l("what expires first goes first")),
    ("first", _l("what came first goes first")),
    ("chosen", _l("the lots written below")),
)
TARGETS = (
    ("grant", _l("an organization, for its services")),
    ("recipient", _l("a recipient outside")),
    ("service", _l("a service that is on the ledger")),
)
REASONS = (("expired", _l("expired")), ("broken", _l("broken")), ("lost", _l("lost")))
MOST_NOTE = 500


class HeldForm(FlaskForm):
    """Which goods: those of one item that one fund holds."""

    held = HiddenField()


class CountStoreForm(FlaskForm):
    """Which store is counted."""

    store = HiddenField()


class LotsForm(DeskForm):
    """Goods to be taken out, by lot; the fields `lot_<entry>` are added by `with_lots`."""

    held = HiddenField()
    store = ChoiceField(_l("Out of the store"))
    lots: tuple[LotLine, ...] = ()

    def chosen(self) -> list[tuple[int, int]]:
        """Return (lot, how much) as written in the fields of the lots."""
        written = ((line.lot.seq, self[f"lot_{line.lot.seq}"].data) for line in self.lots)
        return [(seq, amount) for seq, amount in written if amount]

    def check_left(self) -> bool:
        """Say beside a lot when more is asked of it than is left."""
        fits = True
        for line in self.lots:
            field = self[f"lot_{line.lot.seq}"]
            if field.data and field.data > line.lot.left:
                field.errors = [*field.errors, _("No more than what is left.")]
                fits = False
        return fits


class IssueForm(LotsForm):
    """To whom goods go, and which of them."""

    amount = QuantityField(_l("How many"), [Optional()])
    rule = RadiosField(_l("Which of them"), choices=RULES, default="expires")
    to = RadiosField(_l("To"), choices=TARGETS, default="grant")
    grant = ChoiceField(_l("Grant of the organization"), [Optional()])
    service = ChoiceField(_l("Service"), [Optional()])
    recipient = TextField(_l("Recipient outside"), [Length(max=200, message=_l("At most 200 characters."))], default="")

    @property
    def target(self) -> str:
        """Return the code of the grant or service, or the name of the recipient."""
        return str(self[self.to.data].data or "")

    def validate_to(self, field: Any) -> None:
        """Ask for the one that was chosen."""
        if field.data in {"grant", "service", "recipient"} and not self.target:
            raise ValidationError(_("Say which one."))


class WriteOffForm(LotsForm):
    """Why goods are written off."""

    reason = RadiosField(_l("Reason"), choices=REASONS, default="expired")
    note = TextField(
        _l("What happened"),
        [
            DataRequired(_l("Say in a few words what happened.")),
            Length(max=MOST_NOTE, message=_l("At most 500 characters.")),
        ],
    )
    evidence = FilesField(_l("Evidence"))


class CountForm(DeskForm):
    """What was counted in a store; fields of the items are added by `with_items`."""

    store = HiddenField()
    other = ChoiceField(_l("Found, though the ledger has none here"), [Optional()])
    other_counted = QuantityField(_l("How many were found"), [Optional()], scale=3)
    taker = ChoiceField(_l("Goes to the fund"), [Optional()])
    evidence = FilesField(_l("Signed count sheet"))
    items: tuple[tuple[Unit, Quantity], ...] = ()


def with_lots(base: type[LotsForm], lots: Sequence[LotLine], preset: dict[int, int]) -> type[Any]:
    """Add a field a lot to a form; `preset`: how much to propose of which."""
    fields: dict[str, Any] = {
        f"lot_{line.lot.seq}": QuantityField(
            _("How many of lot #%(number)s", number=line.lot.seq),
            [Optional()],
            scale=line.unit.scale,
            default=preset.get(line.lot.seq),
        )
        for line in lots
    }
    if lots and base is IssueForm:
        fields["amount"] = QuantityField(_("How many"), [Optional()], scale=lots[0].unit.scale)
    return type(base.__name__, (base,), {**fields, "lots": tuple(lots)})


def with_items(items: Iterable[tuple[Unit, Quantity]]) -> type[Any]:
    """Add a field an item to the count sheet, and what the ledger said when the sheet was opened."""
    listed = tuple(items)
    fields: dict[str, Any] = {}
    for number, (unit, held) in enumerate(listed):
        fields[f"counted_{number}"] = CountedField(unit.name, [Optional()], scale=unit.scale)
        fields[f"expected_{number}"] = HiddenField(default=f"{held.amount} {unit.code}")
    return type("CountForm", (CountForm,), {**fields, "items": listed})


class CountedField(QuantityField):
    """How many were counted: also none."""

    def parse(self, text: str) -> int:
        """Read a quantity; nought is one here."""
        return 0 if not text.strip("0.") else super().parse(text)
