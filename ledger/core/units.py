"""Units, and the only way between decimal text and integer amounts: exact, or refused.

CNY             money, scale 2: 12.34 is 1234 (fen)
N95口罩:个       goods `item:measure`, scale 0 (pieces) or more (3: thousandths)
volunteer-hour  hours, counted in minutes: 2.5 and 2:30 are 150
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, NamedTuple, NoReturn, Self

from ledger.core.entry import OFF_BOOK
from ledger.core.errors import MalformedError
from ledger.core.spans import MAX_AMOUNT as MAX_AMOUNT

UnitKind = Literal["money", "goods", "hours"]
Problem = Literal["form", "precision", "zero", "negative", "large"]

MAX_CODE = 100  # characters
MAX_SCALE = 6
HOUR = "volunteer-hour"

_MONEY = re.compile(r"[A-Z]{3}")
_WHOLE = r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)"
_DECIMAL = re.compile(rf"{_WHOLE}(?:\.([0-9]+))?")
_CLOCK = re.compile(rf"{_WHOLE}:([0-5][0-9])")
_EXAMPLES = {"money": "1234.50", "goods": "12", "hours": "2.5, 2:30"}
_SMALLEST = {"CNY": "fen", HOUR: "minutes"}
_LONGEST = 40  # characters of an amount; the largest has 16 digits
# Full-width forms only: NFKC would also turn the square sign of 10² into a digit.
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，：－−", "0123456789.,:--")


class UnitError(MalformedError):
    """Name a unit that the format does not have."""


class AmountError(MalformedError):
    """Write an amount that the unit cannot hold exactly; `problem` says in a word why."""

    def __init__(self, text: str, /, problem: Problem, **values: object) -> None:
        super().__init__(text, **values)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its code, the decimal places of its smallest part, and its kind, which the code determines."""

    code: str
    scale: int
    kind: UnitKind

    def __post_init__(self) -> None:
        kind = kind_of(self.code)
        if self.kind != kind:
            raise UnitError(
                "%(code)s is a unit of %(kind)s, not of %(said)s; leave the kind to Unit.of",
                code=self.code,
                kind=kind,
                said=self.kind,
            )
        if type(self.scale) is not int or not 0 <= self.scale <= MAX_SCALE:
            raise UnitError(
                "%(code)s has scale %(scale)s; give it 0 to %(most)s decimal places",
                code=self.code,
                scale=repr(self.scale),
                most=MAX_SCALE,
            )
        if kind == "hours" and self.scale:
            raise UnitError(
                "%(code)s has scale %(scale)s; it is counted in minutes, give it scale 0",
                code=self.code,
                scale=self.scale,
            )

    @classmethod
    def of(cls, code: str, scale: int) -> Self:
        """Make a unit of the kind that its code says."""
        return cls(code, scale, kind_of(code))

    @property
    def on_book(self) -> bool:
        """Tell whether the unit has a balance-sheet value and must be posted."""
        return self.code not in OFF_BOOK


def check_code(code: str) -> str:
    """Return a unit code, refusing what is empty, too long, or not plain visible text in NFKC."""
    if not 0 < len(code) <= MAX_CODE:
        raise UnitError(
            "a unit code has 1 to %(most)s characters, %(code)s has %(size)s; shorten it",
            most=MAX_CODE,
            code=ascii(code[:20]),
            size=len(code),
        )
    if not code.isprintable() or " " in code:
        raise UnitError(
            "unit code %(code)s holds a space or an invisible character; write - or _ instead", code=ascii(code)
        )
    plain = unicodedata.normalize("NFKC", code)
    if code != plain:
        raise UnitError("unit code %(code)s has a second spelling; write %(plain)s", code=repr(code), plain=repr(plain))
    return code


def kind_of(code: str) -> UnitKind:
    """Read the kind from a unit's code; UnitError when it is not one."""
    check_code(code)
    if code == HOUR:
        return "hours"
    if _MONEY.fullmatch(code):
        return "money"
    item, _, measure = code.rpartition(":")
    if not item or not measure or item.startswith(":"):
        raise UnitError(
            "unit code %(code)s is no currency (CNY), no goods (item:measure) and not volunteer-hour", code=repr(code)
        )
    return "goods"


def goods_unit(item: str, measure: str, scale: int = 0) -> Unit:
    """Make the unit of an item counted in a measure, from words as people write them.

    The words are normalised (NFKC), lose invisible characters, and have `_` for white space.
    """
    words = [_word(item), _word(measure)]
    if not all(words) or ":" in words[1]:
        raise UnitError(
            "goods need an item and a measure without colon, not %(item)s and %(measure)s",
            item=f"{item!r:.60}",
            measure=f"{measure!r:.60}",
        )
    return Unit(":".join(words), scale, "goods")


def _word(text: str) -> str:
    visible = [char for char in unicodedata.normalize("NFKC", text) if char.isprintable() or char.isspace()]
    return "_".join("".join(visible).split())


class Counted(NamedTuple):
    """So many of a unit's smallest part, in an error: `12300 fen` in its English, ¥123.00 on pages."""

    amount: int
    unit: str = "CNY"

    def __str__(self) -> str:
        return f"{self.amount} {_SMALLEST.get(self.unit, self.unit)}"


CNY = Unit("CNY", 2, "money")
HOURS = Unit(HOUR, 0, "hours")


def parse_amount(text: str, unit: Unit) -> int:
    """Read decimal text ('1,234.5') as an integer of the unit's smallest part; hours also as '2:30'.

    Digits may be full-width; zeros beyond the scale do no harm; nothing is ever rounded.
    """
    shown = f"{text[:_LONGEST].strip()!r} {unit.code}"
    plain = text.strip().translate(_FULL_WIDTH) if len(text) <= _LONGEST else ""
    if plain.startswith("-"):
        raise AmountError(
            "%(amount)s is negative; write how much, and say the direction elsewhere", problem="negative", amount=shown
        )
    clock = _CLOCK.fullmatch(plain) if unit.kind == "hours" else None
    number = clock or _DECIMAL.fullmatch(plain)
    if not number:
        raise AmountError(
            "%(amount)s is not an amount; write it like %(example)s",
            problem="form",
            amount=shown,
            example=_EXAMPLES[unit.kind],
        )
    whole, fraction = number[1].replace(",", ""), number[2] or ""
    amount, rest = (int(whole) * 60 + int(fraction), 0) if clock else _scaled(whole, fraction, unit)
    if rest:
        _refuse_finer(shown, unit)
    if not amount:
        raise AmountError(
            "%(amount)s is nothing; write more than 0 or leave the line out", problem="zero", amount=shown
        )
    if amount > MAX_AMOUNT:
        raise AmountError(
            "%(amount)s is more than %(most)s; check the figure",
            problem="large",
            amount=shown,
            most=format_amount(MAX_AMOUNT, unit),
        )
    return amount


def _refuse_finer(shown: str, unit: Unit) -> NoReturn:
    if unit.kind == "hours":
        raise AmountError(
            "%(amount)s is finer than a minute; write what it is exactly", problem="precision", amount=shown
        )
    raise AmountError(
        "%(amount)s is finer than %(scale)s decimal places; write what it is exactly",
        problem="precision",
        amount=shown,
        scale=unit.scale,
    )


def _scaled(whole: str, fraction: str, unit: Unit) -> tuple[int, int]:
    """Give how many of the smallest part a decimal number is, and what remains of it (0: exact)."""
    return divmod(int(whole + fraction) * _parts(unit), _power(len(fraction)))


def _parts(unit: Unit) -> int:
    """Give how many of the smallest part make one."""
    return 60 if unit.kind == "hours" else _power(unit.scale)


def _power(places: int) -> int:
    return int("1" + "0" * places)


def format_amount(amount: int, unit: Unit, *, grouping: bool = False) -> str:
    """Write an amount as decimal text, exactly; hours as hours:minutes. Balances may be 0 or negative.

    Every decimal place is written, so that columns align; `parse_amount` reads it back.
    """
    sign, size = ("-", -amount) if amount < 0 else ("", amount)
    whole, part = divmod(size, _parts(unit))
    head = f"{sign}{whole:,}" if grouping else f"{sign}{whole}"
    if unit.kind == "hours":
        return f"{head}:{part:02}"
    return f"{head}.{part:0{unit.scale}}" if unit.scale else head
