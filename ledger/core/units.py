"""Units, and the only way between decimal text and integer amounts: exact, or refused."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from ledger.core.entry import OFF_BOOK
from ledger.core.errors import MalformedError
from ledger.core.spans import MAX_AMOUNT

UnitKind = Literal["money", "goods", "hours"]
MAX_CODE = 100
MAX_SCALE = 6
_DECIMAL = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")
_CLOCK = re.compile(r"(\d+):([0-5]\d)")


class AmountError(MalformedError):
    """Write an amount that the unit cannot hold exactly."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: `CNY` in fen (scale 2), `N95口罩:个` in pieces (scale 0), `volunteer-hour` in minutes."""

    code: str
    scale: int
    kind: UnitKind

    @property
    def on_book(self) -> bool:
        """Tell whether the unit has a balance-sheet value and must be posted."""
        return self.code not in OFF_BOOK


CNY = Unit("CNY", 2, "money")
HOURS = Unit("volunteer-hour", 0, "hours")


def goods_unit(item: str, measure: str, scale: int = 0) -> Unit:
    """Make the unit of an item counted in a measure; the names are normalised (NFKC, single spaces)."""
    code = f"{_plain(item)}:{_plain(measure)}".replace(" ", "_")
    return Unit(check_code(code), scale, "goods")


def check_code(code: str) -> str:
    """Return a unit code, refusing what is empty, too long, or not plain printable text."""
    if not 0 < len(code) <= MAX_CODE or code != _plain(code) or not code.isprintable() or " " in code:
        raise MalformedError(f"unit code {code!r}: 1 to {MAX_CODE} printable characters without space, NFKC")
    return code


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def parse_amount(text: str, unit: Unit) -> int:
    """Read decimal text ('1,234.5') as an integer of the unit's smallest part; hours also as '2:30'."""
    plain = _plain(text)
    clock = _CLOCK.fullmatch(plain) if unit.kind == "hours" else None
    if clock:
        return _bounded(int(clock[1]) * 60 + int(clock[2]), text, unit)
    match = _DECIMAL.fullmatch(plain)
    if not match:
        raise AmountError(f"{text!r} is not an amount; write digits, with a point for decimals")
    whole, fraction = int(match[1].replace(",", "")), match[2] or ""
    if unit.kind == "hours":
        minutes, rest = divmod(int(f"{whole}{fraction}") * 60, 10 ** len(fraction))
        if rest:
            raise AmountError(f"{text!r} hours are not a whole number of minutes; write hours:minutes, as in 2:20")
        return _bounded(minutes, text, unit)
    if len(fraction.rstrip("0")) > unit.scale:
        raise AmountError(f"{text!r} has more than {unit.scale} decimals, the most that {unit.code} has")
    return _bounded(int(f"{whole}{fraction[: unit.scale].ljust(unit.scale, '0')}"), text, unit)


def _bounded(amount: int, text: str, unit: Unit) -> int:
    if not 0 < amount <= MAX_AMOUNT:
        raise AmountError(f"{text!r} {unit.code} is out of range: more than nothing, at most {MAX_AMOUNT} in all")
    return amount


def format_amount(amount: int, unit: Unit, *, grouping: bool = False) -> str:
    """Write an amount as decimal text, exactly; hours as hours:minutes."""
    sign, size = "-" if amount < 0 else "", abs(amount)
    if unit.kind == "hours":
        return f"{sign}{size // 60}:{size % 60:02d}"
    whole, fraction = divmod(size, 10**unit.scale)
    head = f"{whole:,}" if grouping else str(whole)
    return f"{sign}{head}.{fraction:0{unit.scale}d}" if unit.scale else f"{sign}{head}"
