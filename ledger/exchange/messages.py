"""What a report says, by code. The edge may translate a template and fill in the same values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.core.errors import Word


@dataclass(frozen=True, slots=True)
class Reason:
    """Say something about the list: `text` is the template of `code`, filled in."""

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the message in English."""
        return TEMPLATES[self.code].format_map(self.values)


class CellError(ValueError):
    """Meet a cell that cannot be read as what its column says."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.reason = Reason(code, values)


REFUSALS = {
    "no-amount": Word("The row names a donor but no amount. Fill in the amount"),
    "lone-figure": Word(
        "The figure {given} stands alone at the end: is it a gift or a total? Write 匿名 or 合计 beside it"
    ),
    "bad-amount": Word("'{given}' is not an amount. Write it in figures, such as 1,234.50"),
    "inexact": Word("'{given}' is not an exact figure. Write the exact figure"),
    "currency": Word("'{given}' is not in yuan. Enter it in yuan, as it was credited"),
    "negative": Word("'{given}' is negative. Take it off the list and record it as a refund of the gift it belongs to"),
    "zero": Word("The figure is zero. Take the row off the list, or fill in what was given"),
    "precision": Word("'{given}' has more decimals than the unit has; it is not rounded. Correct the figure"),
    "too-large": Word("'{given}' is larger than what can be recorded exactly. Check the figure and its unit"),
    "bad-date": Word("'{given}' is not a date that can be understood. Write it as 2020-01-29"),
    "no-item": Word("The row says how much but not what. Fill in the name of the goods"),
    "no-quantity": Word("The row names goods but no quantity. Fill in the quantity"),
    "bad-quantity": Word("'{given}' is not a quantity. Write one figure, and its unit, such as 198箱"),
    "several-quantities": Word(
        "'{given}' holds more than one quantity. Keep the one that is counted, or split the row"
    ),
    "several-goods": Word(
        "'{given}' names several goods with one value or without a quantity for each. Split it into rows"
    ),
    "no-measure": Word("The quantity {given} has no unit. Fill in the unit (箱, 件, 个 …)"),
    "two-measures": Word("The quantity says {given}, the unit column says {other}. Keep the right one"),
    "fraction": Word("'{given}' is not a whole number of {measure}. Correct the figure, or give it in a smaller unit"),
    "money-and-goods": Word(
        "The row gives both money ({given}) and goods. Split it, or name the column 折算金额 if it is their value"
    ),
    "no-recipient": Word("The row says what was issued but not to whom. Fill in the recipient"),
    "undivided": Word("{count} recipients share {given}, and the list does not say how. Write each one's quantity"),
    "over-issued": Word(
        "The recipients get {given} together, more than the {other} that were given. Correct the quantities"
    ),
    "repeated-number": Word(
        "Number {given} is already used in row {row}. Take one of the two off, or correct the number"
    ),
    "repeated-reference": Word(
        "Reference {given} is already used in row {row}: the same transaction. Take one of the two off"
    ),
}
"""Why a row is not imported: what is wrong and what to do."""

NOTES = {
    "no-totals": Word("The list states no totals: there is nothing to compare with"),
    "total-note": Word("The heading says '{given}'; this is not compared"),
    "sheet-empty": Word("The sheet is empty and was skipped"),
    "sheet-hidden": Word("The sheet is hidden and was not read ({count} rows). Name it in a profile to read it"),
    "sheet-no-header": Word("No row of the sheet names its columns; it was skipped ({count} rows)"),
    "sheet-other-kind": Word("The sheet is another kind of list ({given}) and was skipped ({count} rows)"),
    "year-assumed": Word("The dates say no year; {year} was assumed because {given}"),
    "date-period": Word("The rows have no dates of their own: all are dated {date}, the last day of '{given}'"),
    "date-from-heading": Word("Rows without a date of their own are dated by the heading '{given}'"),
    "no-date": Word("{count} rows have no date, and the list says none"),
    "no-year": Word("'{given}' says no year, and the list does not either; the date is left open. Say which year"),
    "cut-off": Word(
        "{count} rows are dated '{given}': a cumulative section, not a day. {repeated} of them name a donor who is"
        " already listed above in the same sheet, so the section probably repeats those gifts. Check first"
    ),
    "cut-off-skipped": Word("{count} rows dated '{given}' were left out, as the profile asks"),
    "carried-merged": Word("{count} blank cells ({given}) belong to a merged cell above and take its value"),
    "carried-blank": Word("{count} blank cells ({given}) were read as 'the same as above'"),
    "carried-ditto": Word("{count} cells ({given}) say 'the same as above'"),
    "anonymous": Word("{count} gifts have no donor and are entered as anonymous"),
    "continued": Word(
        "{count} rows go on with the row above (their quantity or amount is merged with it): their text was added to it"
    ),
    "not-issued": Word("{count} rows name no recipient: nothing was issued from them"),
    "value-shared": Word(
        "{count} values are merged over several rows and cannot be divided; those goods are entered without a value"
    ),
    "zero-width": Word("{count} invisible characters were removed"),
    "not-a-line": Word("Read as a heading or note, not as a gift: '{given}'"),
    "unlabelled-total": Word("The figure {given} alone is the sum of the rows above; it was read as a total"),
    "page-header": Word("{count} repeated header rows were passed over"),
    "number-restart": Word("The numbering starts again from {given}"),
    "spec-column": Word("Column {given} has no name; it was read as the specification"),
    "date-column": Word("Column {given} has no name; it was read as the date"),
    "ignored-columns": Word("Columns not used: {given}"),
    "measure-split": Word("{count} units such as '{given}' were read as a specification and a unit"),
    "quantity-in-item": Word("{count} quantities were taken from the name of the goods"),
    "multiplier-shared": Word(
        "'{given}' cannot be a number of {measure}; it was read as {other}, with the multiplier of the other "
        "recipients in the same cell. Correct the list if that is wrong"
    ),
    "unissued": Word("Of {given} {measure} {item}, the list says where {other} went; {left} remain"),
    "rounded-total": Word("The total '{given}' is rounded; it was compared to the digits that it has"),
}
"""What the reader did or found, beside lines and refusals."""

TEMPLATES = REFUSALS | NOTES
