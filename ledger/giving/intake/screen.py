"""A list of gifts on screen: looked at, its columns chosen, checked, and made into a request; words for its report."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ledger.core.errors import MalformedError
from ledger.exchange.errors import ListError
from ledger.exchange.messages import TEMPLATES
from ledger.exchange.roles import Role
from ledger.giving.intake import reading as r
from ledger.web.labels import N_
from ledger.web.pages import YUAN, Quantity, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sqlalchemy import Engine

    from ledger.core.errors import LedgerError
    from ledger.desk.commands import Tools
    from ledger.giving.intake.lists import Taken
    from ledger.web.voice import Voice

ROLE_NAMES = {
    Role.DATE.value: N_("Date"),
    Role.DONOR.value: N_("Donor"),
    Role.AMOUNT.value: N_("Amount of money"),
    Role.REMARK.value: N_("Remark or purpose"),
    Role.ITEM.value: N_("Goods"),
    Role.SPEC.value: N_("Specification"),
    Role.MEASURE.value: N_("Measure"),
    Role.QUANTITY.value: N_("Quantity"),
    Role.VALUE.value: N_("Value of goods"),
    Role.CHANNEL.value: N_("Channel"),
    Role.REFERENCE.value: N_("Transaction number"),
    Role.NUMBER.value: N_("Serial number"),
    Role.RECIPIENT.value: N_("Recipient"),
}
"""What a column may be said to hold, in the order of the choice."""

CHECKED = {"count": N_("number of lines"), "amount": N_("sum of money"), "quantity": N_("sum of quantities")}
ABOVE = ("date", "donor", "recipient", "item", "measure")  # columns whose blanks may mean what stands above
NOT_SHOWN = {"columns", "sheet", "header_row"}  # parts of a report that are no use to who approves


def look(taken: Taken, folder: Path, profile: Mapping[str, Any], say: Callable[[LedgerError], str]) -> dict[str, Any]:
    """Read a list; a list that cannot be read this way still shows its columns. ListError: it is no list at all."""
    try:
        reading = r.read(taken, folder, profile)
        report = r.report_of(reading)
    except ListError as error:
        reading, report = None, {"problem": say(error)}
    shown = r.columns_of(taken, folder, reading, None if reading else profile.get("header_row"))
    return report | {"sheet": shown.sheet, "header_row": shown.header_row, "columns": [list(c) for c in shown.columns]}


def columns(taken: Taken) -> list[r.Column]:
    """Return the columns of a list as they were read last."""
    return [r.Column(*each) for each in taken.report.get("columns", ())]


def chosen_profile(taken: Taken, folder: Path, roles: Mapping[int, str], said: Mapping[str, Any]) -> dict[str, Any]:
    """Make the profile that a person chose; left as it was found, the list goes on being recognised by itself."""
    known, header = columns(taken), said.get("header_row")
    header = taken.report.get("header_row", 0) if header is None else header
    moved = header != taken.report.get("header_row", 0)
    if moved:
        known = r.columns_of(taken, folder, None, header).columns
    same = all(roles.get(column.number, "") == column.role for column in columns(taken))
    profile: dict[str, Any] = {"header_row": header} if moved and same else {}
    if not same or (taken.profile.get("columns") and not moved):
        profile = r.profile_of(known, roles, header)
    if said.get("year"):
        profile["year"] = said["year"]
    if said.get("money_unit"):
        profile["money_unit"] = said["money_unit"]
    if said.get("blanks"):
        profile["carry"] = list(ABOVE) if said["blanks"] == "above" else []
    return profile


def mapping_data(taken: Taken) -> dict[str, Any]:
    """Return what the form of the mapping begins with."""
    profile, carry = taken.profile, taken.profile.get("carry")
    return {
        "header_row": taken.report.get("header_row", 0),
        "year": profile.get("year"),
        "money_unit": profile.get("money_unit", ""),
        "blanks": "" if carry is None else "above" if carry else "blank",
    }


def checked(engine: Engine, book: str, taken: Taken, tools: Tools, terms: Mapping[str, Any], by: str) -> dict[str, Any]:
    """Import a list and take it back; return its report with what that would have brought."""
    reading = r.read(taken, tools.folder, taken.profile)
    if reading.report.disagreements and not terms.get("accept"):
        raise MalformedError(
            "the totals that the list states are not those of its rows; correct the list, or say why they differ"
        )
    given = r.terms_of(terms, by, date.fromisoformat(terms["undated"]))
    return {**taken.report, "done": r.rehearse(engine, book, reading, given, tools.code_key)}


def payload_of(taken: Taken) -> dict[str, Any]:
    """Make the request to import a list that was checked."""
    report = {name: value for name, value in taken.report.items() if name not in NOT_SHOWN}
    done = report["done"]
    return {
        "list": taken.code,
        "name": taken.name,
        "sha256": taken.sha256,
        "profile": taken.profile,
        "terms": {name: value for name, value in taken.terms.items() if name != "undated"},
        "undated": taken.terms["undated"],
        "gifts": done["imported"],
        "worth": done["amount"] + report.get("value", 0),
        "report": report,
    }


def reason_text(said: Mapping[str, Any], voice: Voice) -> str:
    """Say why a row was refused, or what was noted."""
    values = dict(said["values"])
    role = ROLE_NAMES.get(values.get("given", ""))
    if role is not None:
        values["given"] = voice.gettext(role)
    return voice.gettext(TEMPLATES[said["code"]]).format_map(values)


def quantity_of(said: Mapping[str, Any]) -> Quantity:
    """Return what a line of a report gives."""
    if "amount" in said:
        return Quantity(said["amount"], YUAN)
    unit = Unit(said["unit"], said["item"], said["measure"], said["scale"], "goods")
    return Quantity(said["quantity"], unit)
