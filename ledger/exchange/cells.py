"""Read one cell: clean text, exact amounts in fen, quantities with their unit.

Everything is exact integer arithmetic on the digits as written. A number cell is read by its 15 significant digits,
which is what spreadsheet programs show and keep: 0.30000000000000004 is 0.3, and 1.005 stays 1.005 (and is refused
as an amount, not rounded).
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from ledger.exchange.messages import CellError
from ledger.exchange.numerals import read_numeral

Cell = str | int | float | bool | date | datetime | time | timedelta

MAX_AMOUNT = 2**53 - 1
_ALL_DIGITS = 10**12
FEN = 100
_LONGEST = 60
"""Fen in a yuan."""

ZERO_WIDTH = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_DIRTY = re.compile("[\\s\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_SPACES = re.compile("[\\s\x00-\x1f\x7f-\x9f]+")


def tidy(text: str) -> str:
    """Take out invisible characters, make every run of white space one space, strip."""
    if text.isalnum() or not _DIRTY.search(text):
        return text
    return _SPACES.sub(" ", ZERO_WIDTH.sub("", text)).strip()


def text_of(cell: Cell) -> str:
    """Return a cell as tidy text; whole numbers without a decimal point, dates as 2020-01-29."""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return number_text(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return str(cell)


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell shows nothing."""
    return isinstance(cell, str) and not (cell and (cell[0].isalnum() or tidy(cell)))


def number_text(value: float) -> str:
    """Write a number cell by its 15 significant digits; by all it has where those would cut off cents."""
    if value.is_integer() and abs(value) <= MAX_AMOUNT:
        return str(int(value))
    return format(value, ".15g") if abs(value) < _ALL_DIGITS else repr(value)


FIGURE = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d*)?|\.\d+"
MULTIPLIERS = {
    "": 1,
    "十": 10,
    "百": 100,
    "千": 1000,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
}
TIMES = r"[十百千]?万|亿|百(?!分)|千(?![克米瓦升卡])"
_MONEY = re.compile(
    rf"(?:人民币|RMB|CNY|[¥￥])?\s*(?P<sign>[-−–]?)\s*(?:[¥￥])?\s*(?P<figure>{FIGURE})\s*(?P<times>{TIMES})?\s*"
    r"(?P<yuan>元|圆|块|RMB|CNY|人民币)?\s*(?:整|正)?(?P<after>-?)",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"美元|美金|港币|港元|欧元|日元|英镑|澳元|加元|新币|韩元|台币|[$€£₩]|US|HK|EUR|JPY|GBP", re.IGNORECASE
)
_VAGUE = re.compile(r"约|大概|余|多|近|左右|以上|若干|一批|批$|\?")


def scaled(figure: str, factor: int) -> int:
    """Multiply a plain decimal figure by a whole factor, exactly; refuses what does not come out whole."""
    if len(figure) > _LONGEST:
        raise CellError("too-large", given=figure[:_LONGEST])
    whole, _, decimals = figure.replace(",", "").replace(" ", "").partition(".")
    decimals = decimals.rstrip("0")
    parts: int = 10 ** len(decimals)
    product, rest = divmod(int((whole + decimals) or "0") * factor, parts)
    if rest:
        raise CellError("precision", given=figure)
    if product > MAX_AMOUNT:
        raise CellError("too-large", given=figure)
    return product


def _positive(value: int, given: str) -> int:
    if value == 0:
        raise CellError("zero", given=given)
    return value


def amount_of(cell: Cell, factor: int = FEN) -> int:
    """Read an amount of money in fen; `factor` is the fen of the column's unit (万元: 1,000,000).

    A unit written in the cell itself goes before the column's.
    """
    if isinstance(cell, (float, int)) and not isinstance(cell, bool):
        text = number_text(float(cell)) if isinstance(cell, float) else str(cell)
        if "e" in text or "n" in text:  # an exponent, inf, nan
            raise CellError("too-large" if "e+" in text else "bad-amount", given=text)
        if text.startswith("-"):
            raise CellError("negative", given=text)
        return _positive(scaled(text, factor), text)
    return _amount_of_text(text_of(cell), factor)


def _amount_of_text(given: str, factor: int) -> int:
    text = unicodedata.normalize("NFKC", given).strip()
    if not text:
        raise CellError("no-amount")
    if len(text) > _LONGEST:
        raise CellError("bad-amount", given=given[:_LONGEST])
    bracketed = text.startswith("(") and text.endswith(")")
    match = _MONEY.fullmatch(text[1:-1].strip() if bracketed else text)
    if match is None:
        if _FOREIGN.search(text):
            raise CellError("currency", given=given)
        if _VAGUE.search(text):
            raise CellError("inexact", given=given)
        fen = read_numeral(text.removeprefix("人民币"), FEN)
        if fen is None:
            raise CellError("bad-amount", given=given)
        return _positive(fen, given)
    if match["yuan"] or match["times"]:
        factor = FEN * MULTIPLIERS[match["times"] or ""]
    try:
        fen = _positive(scaled(match["figure"], factor), given)
    except CellError as error:
        raise CellError(error.reason.code, given=given) from None
    if bracketed or match["sign"] or match["after"]:
        raise CellError("negative", given=given)
    return fen


_BY_WEIGHT = frozenset({"吨", "公斤", "千克", "斤", "市斤", "升", "公升", "立方米", "立方", "方", "KG", "T", "L", "M3"})
"""Measures that are counted in thousandths; every other thing is counted whole."""

_COUNT = re.compile(
    rf"(?P<figure>{FIGURE})\s*(?P<times>{TIMES})?\s*(?P<measure>[^\d\s()*×+/,、;。]*)\s*(?P<extra>\(.*\))?"
)
_LEADING_NUMERAL = re.compile(r"(?P<numeral>[零一二两三四五六七八九十百千万]+)(?P<measure>[^\d\s()*×+/,、;。]*)")
_COUNTED = re.compile(rf"(?:{FIGURE})\s*(?:{TIMES})?\s*[^\d\s()*×+/,、;。.]")


def scale_of(measure: str) -> int:
    """Return the decimals that a measure is counted with: 3 for weights and volumes, 0 for things."""
    return 3 if unicodedata.normalize("NFKC", measure).upper() in _BY_WEIGHT else 0


def quantity_of(cell: Cell, measure: str = "") -> tuple[int, str, str]:
    """Read a quantity: (count in the measure's smallest part, measure, text in brackets after it).

    `measure` is what the list's unit column says; a unit in the cell itself must agree with it.
    """
    if isinstance(cell, (float, int)) and not isinstance(cell, bool):
        text = number_text(float(cell))
        if "e" in text or "n" in text:
            raise CellError("bad-quantity", given=text)
        if text.startswith("-"):
            raise CellError("negative", given=text)
        return count_of(text, 1, measure, text), measure, ""
    given = text_of(cell)
    text = unicodedata.normalize("NFKC", given).strip()
    if len(text) > _LONGEST:
        raise CellError("bad-quantity", given=given[:_LONGEST])
    match = _COUNT.fullmatch(text)
    if match is None:
        return _quantity_in_words(given, text, measure)
    own = match["measure"].strip()
    if own and measure and own.upper() != unicodedata.normalize("NFKC", measure).upper():
        raise CellError("two-measures", given=own, other=measure)
    if _VAGUE.search(own):
        raise CellError("inexact", given=given)
    measure = measure or own
    return (
        count_of(match["figure"], MULTIPLIERS[match["times"] or ""], measure, given),
        measure,
        match["extra"] or "",
    )


def _quantity_in_words(given: str, text: str, measure: str) -> tuple[int, str, str]:
    """Read 五箱; say what is wrong with anything else."""
    if _VAGUE.search(text):
        raise CellError("inexact", given=given)
    if re.match(r"[-−–]\s*\d", text):
        raise CellError("negative", given=given)
    match = _LEADING_NUMERAL.fullmatch(text)
    count = read_numeral(match["numeral"], 1) if match else None
    if match is None or count is None:
        raise CellError("several-quantities" if len(_COUNTED.findall(text)) > 1 else "bad-quantity", given=given)
    own = match["measure"]
    if own and measure and own != measure:
        raise CellError("two-measures", given=own, other=measure)
    measure = own or measure
    return count_of(str(count), 1, measure, given), measure, ""


def count_of(figure: str, times: int, measure: str, given: str) -> int:
    """Count in the measure's smallest part; refuses a fraction of a thing, zero, and no measure at all."""
    if not measure:
        raise CellError("no-measure", given=given)
    try:
        return _positive(scaled(figure, times * 10 ** scale_of(measure)), given)
    except CellError as error:
        if error.reason.code == "precision":
            raise CellError("fraction", given=given, measure=measure) from None
        raise


_BESIDE_CJK = re.compile(
    r"(?<=[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]) | (?=[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef])"
)


def same_words(text: str) -> str:
    """Return the form in which two spellings of the same words are equal: width, case and idle spaces vanish."""
    plain = tidy(unicodedata.normalize("NFKC", text)).upper()
    return _BESIDE_CJK.sub("", plain)


def decimal(amount: int, scale: int) -> str:
    """Write an amount in decimal, with all the places of its scale."""
    whole, part = divmod(abs(amount), 10**scale)
    return f"{'-' if amount < 0 else ''}{whole}" + (f".{part:0{scale}d}" if scale else "")
