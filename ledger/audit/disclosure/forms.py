"""The forms of disclosure: what is published, and what is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from ledger.audit.disclosure.actions import MOST_NOTE, MOST_TITLE, Publication
from ledger.desk.forms import DeskForm
from ledger.web.fields import ChoiceField, DayField, RadiosField, TextField, today

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

CLOCK_WORDS = {
    "none": _l("of our own accord"),
    "quarterly": _l("the three-month report"),
    "emergency": _l("the five-day report of an emergency"),
    "final": _l("the final report"),
    "annual": _l("the annual report"),
}


class PublishForm(DeskForm):
    """About whom, for which clock, of which period."""

    subject = ChoiceField(_l("About"), [DataRequired(_l("Choose what it is about."))])
    clock = ChoiceField(_l("Published as"), choices=list(CLOCK_WORDS.items()), default="none")
    basis = RadiosField(
        _l("Figures"),
        choices=[("cumulative", _l("cumulative, all entries so far")), ("period", _l("of a period"))],
        default="cumulative",
    )
    since = DayField(_l("First day of the period"))
    until = DayField(_l("Last day of the period"))
    title = TextField(_l("Title"), [Length(max=MOST_TITLE)])
    size = HiddenField()

    def validate_since(self, field: DayField) -> None:
        """Ask for a first day of a period."""
        if self.basis.data == "period" and field.data is None:
            raise ValidationError(_("Say on which day the period begins."))

    def validate_until(self, field: DayField) -> None:
        """Ask for a last day of a period that has come, and not before its first."""
        if self.basis.data != "period":
            return
        if field.data is None:
            raise ValidationError(_("Say on which day the period ends."))
        if field.data > today():
            raise ValidationError(_("This day has not come yet."))
        if self.since.data and field.data < self.since.data:
            raise ValidationError(_("A period ends on its first day or later."))

    def cutoff(self, size: int) -> int:
        """Return the number of entries that were counted on the page sent, at most those there are."""
        text = str(self.size.data or "")
        return min(int(text), size) if text.isascii() and text.isdigit() and int(text[:15]) > 0 else size

    def publication(self, size: int, facts: Mapping[str, Any]) -> Publication:
        """Make what the form asks for; without a title of its own it gets one in both languages."""
        period = self.basis.data == "period"
        since = self.since.data if period else None
        until = (self.until.data if period else None) or today()
        title, title_en = titles(facts, since, until)
        own = str(self.title.data or "")
        return Publication(
            str(self.subject.data),
            own or title,
            str(self.basis.data),
            since.isoformat() if since else None,
            until.isoformat(),
            self.cutoff(size),
            str(self.clock.data),
            "" if own else title_en,
        )


def titles(facts: Mapping[str, Any], since: date | None, until: date) -> tuple[str, str]:
    """Write the title of a disclosure in Chinese, and in English when what it is about has an English name."""
    name = str(facts.get("name") or facts.get("code"))[: MOST_TITLE - 40]
    english = str(facts.get("name_en") or "")[: MOST_TITLE - 40]
    if since:
        return f"{name}：{since} 至 {until}", f"{english}: {since} to {until}" if english else ""
    return f"{name}：截至 {until} 累计", f"{english}: cumulative to {until}" if english else ""


class CorrectForm(DeskForm):
    """Why something that was published is corrected; the figures are those of the ledger today."""

    code = HiddenField(validators=[DataRequired()])
    size = HiddenField()
    title = TextField(_l("Title"), [DataRequired(_l("Give it a title.")), Length(max=MOST_TITLE)])
    note = TextAreaField(
        _l("Correction note"),
        [DataRequired(_l("Say what was wrong and why.")), Length(max=MOST_NOTE)],
        render_kw={"rows": 4},
    )
