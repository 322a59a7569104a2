"""What reading a list gives: typed lines, refusals, checks of totals, notes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from ledger.core.units import MAX_CODE, goods_unit
from ledger.exchange.cells import same_words
from ledger.exchange.messages import Reason

_LONGEST_MEASURE = 20
"""Characters of the measure that remain in a code that must be shortened."""


def unit_code(item: str, measure: str) -> str:
    """Return the unit code `<item>:<measure>` of goods: equal for equal words, whatever their width, case or spacing.

    Different words never meet: nothing but width, Latin case and idle spaces is evened out, and a name too long for a
    code keeps its beginning and a hash of the whole. Raises `UnitError` when nothing visible is left of either.
    """
    item, measure = same_words(item).lstrip(":"), same_words(measure).replace(":", "/")
    if len(item) + 1 + len(measure) > MAX_CODE:
        mark = "~" + hashlib.sha256(f"{item}:{measure}".encode()).hexdigest()[:12]
        measure = measure[:_LONGEST_MEASURE]
        item = item[: MAX_CODE - len(mark) - len(measure) - 1] + mark
    return goods_unit(item, measure).code


@dataclass(frozen=True, slots=True)
class Share:
    """A recipient, and how much of the line it gets; None when the list does not say."""

    name: str
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """A gift of money: `amount` in fen. An empty donor is anonymous. `key` identifies the line (see `keys`)."""

    sheet: str
    row: int
    dated: date | None
    donor: str
    amount: int
    remark: str = ""
    reference: str = ""
    channel: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """A gift of goods: `quantity` in the measure's smallest part (10^-scale); `value` in fen when the list says one."""

    sheet: str
    row: int
    dated: date | None
    donor: str
    item: str
    spec: str
    measure: str
    quantity: int
    scale: int
    value: int | None = None
    remark: str = ""
    recipients: tuple[Share, ...] = ()
    key: str = ""

    @property
    def unit(self) -> str:
        """Return the unit code of the goods."""
        return unit_code(self.item, self.measure)


@dataclass(frozen=True, slots=True)
class IssueLine:
    """Goods issued to a recipient. `donor` and `gift` (the key of the gift's line) when the list says whose goods."""

    sheet: str
    row: int
    dated: date | None
    recipient: str
    item: str
    spec: str
    measure: str
    quantity: int
    scale: int
    remark: str = ""
    donor: str = ""
    gift: str = ""
    key: str = ""

    @property
    def unit(self) -> str:
        """Return the unit code of the goods."""
        return unit_code(self.item, self.measure)


Line = MoneyLine | GoodsLine | IssueLine


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not imported: where, why and what to do, and its cells as they are."""

    sheet: str
    row: int
    reason: Reason
    cells: tuple[str, ...]

    @property
    def code(self) -> str:
        """Return the reason's code."""
        return self.reason.code

    @property
    def message(self) -> str:
        """Say where, what is wrong and what to do."""
        return f"{place(self.sheet, self.row)}: {self.reason.text}"


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader did or found."""

    sheet: str
    row: int | None
    reason: Reason

    @property
    def code(self) -> str:
        """Return the reason's code."""
        return self.reason.code

    @property
    def message(self) -> str:
        """Say where and what."""
        return f"{place(self.sheet, self.row)}: {self.reason.text}"


def place(sheet: str, row: int | None) -> str:
    """Name a place in the list."""
    names = [f"sheet '{sheet}'"] if sheet else []
    return ", ".join([*names, f"row {row}"] if row is not None else names) or "the list"


@dataclass(frozen=True, slots=True)
class Check:
    """A total that the list states against what was read.

    `what` is count, amount (fen) or quantity (thousandths, all measures together); `refused` is what the refused rows
    up to there amount to, where that is known: it often explains a difference.
    """

    sheet: str
    row: int
    scope: str
    what: str
    text: str
    stated: int
    read: int
    refused: int
    agrees: bool

    @property
    def difference(self) -> int:
        """Return what was read minus what is stated."""
        return self.read - self.stated


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What one sheet held."""

    name: str
    kind: str
    header_row: int
    columns: Mapping[str, str]
    rows: int
    blank: int
    lines: int
    refused: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one reading."""

    rows: int
    lines: int
    amount: int
    sheets: tuple[SheetReport, ...]
    refusals: tuple[Refusal, ...]
    checks: tuple[Check, ...]
    repeated: int
    notes: tuple[Note, ...]

    @property
    def agrees(self) -> bool:
        """Tell whether every stated total is what was read (true when none is stated)."""
        return all(check.agrees for check in self.checks)

    @property
    def disagreements(self) -> tuple[Check, ...]:
        """Return the totals that are not what was read."""
        return tuple(check for check in self.checks if not check.agrees)

    def refused_by_reason(self) -> dict[str, int]:
        """Count the refusals by code, the most frequent first."""
        counts: dict[str, int] = {}
        for refusal in self.refusals:
            counts[refusal.code] = counts.get(refusal.code, 0) + 1
        return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as values for JSON; amounts in fen, dates as 2020-01-29."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        for name in ("refusals", "notes"):
            for said, each in zip(found[name], getattr(self, name), strict=True):
                said |= {"code": each.code, "message": each.message}
                del said["reason"]
        return found | {"agrees": self.agrees, "refused_by_reason": self.refused_by_reason()}


@dataclass(frozen=True, slots=True)
class ListReading:
    """A list that has been read: its lines in file order, and the report.

    `digest` is the SHA-256 of the file; `list_key` that of the content alone (equal for the same list in another
    format). `kind` is money, goods, mixed or issues.
    """

    name: str
    form: str
    kind: str
    digest: str
    list_key: str
    lines: tuple[Line, ...]
    report: Report = field(repr=False)
