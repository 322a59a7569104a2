"""Goods written into a text with their quantity, and recipients with theirs.

"莲花清瘟胶囊（24粒装）13.5万盒" is one kind of goods, "医用口罩5万只、消毒液1000瓶" is two;
"仁爱医院1.6万、天佑医院1.6万" are two recipients. What cannot be told apart exactly raises a `CellError`.
"""

import re
import unicodedata
from dataclasses import dataclass

from ledger.exchange.cells import FIGURE, MULTIPLIERS, TIMES, count_of, decimal, text_of, tidy
from ledger.exchange.lines import Share
from ledger.exchange.messages import CellError

_COUNTERS = (
    "人份|小箱|大箱|中箱|小盒|大盒|小袋|大袋|小包|大包|公斤|千克|立方米|平方米|"
    "[个只支瓶箱盒件台套桶包袋副付片提罐条壶张份捆卷粒双对把块顶根枚床辆筒管组批架部本册斤吨升米板听打枝盏株具]"
)
"""Units that a quantity inside a text may have. Others (ml, mm, 装) belong to the name of the goods."""
_ENDING = re.compile(
    rf"(?P<item>.*?[^\d.,，])(?P<figure>{FIGURE})\s*(?P<times>{TIMES})?\s*(?P<measure>{_COUNTERS})(?P<extra>\([^()]*\))?",
    re.DOTALL,
)
_COUNTED = re.compile(rf"(?:{FIGURE})\s*(?:{TIMES})?\s*(?:{_COUNTERS})(?![/*×xX装])")
_IN_BRACKETS = re.compile(rf"(?P<item>[^()]+)\((?P<figure>{FIGURE})\s*(?P<times>{TIMES})?\s*(?P<measure>{_COUNTERS})\)")
_SEPARATORS = re.compile(r"[、,;\n]+(?![^(]*\))")
_BRACKETED = re.compile(r"\([^()]*\)")


_LONGEST, _SHOWN = 1000, 80
"""Characters of a text that is taken apart, and of one that is not when it is quoted."""


@dataclass(frozen=True, slots=True)
class Goods:
    """One kind of goods in a text: how many of what."""

    item: str
    count: int
    measure: str


def goods_in(given: str) -> list[Goods]:
    """Split a text into goods with quantities, exactly, or raise a `CellError`."""
    if len(given) > _LONGEST:
        raise CellError("several-goods", given=tidy(given[:_SHOWN]) + " …")
    text = _plain(given)
    parts = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
    try:
        return [_one(part, given) for part in parts]
    except CellError as error:
        if len(parts) > 1 or len(_COUNTED.findall(text)) > 1:
            code = (
                "several-quantities"
                if error.reason.code == "several-quantities" and len(parts) == 1
                else "several-goods"
            )
            raise CellError(code, given=tidy(given)) from None
        raise


def _plain(given: str) -> str:
    """Normalise widths but keep line breaks, which separate."""
    lines = unicodedata.normalize("NFKC", given).splitlines()
    return "\n".join(tidy(line) for line in lines).strip()


def _one(part: str, given: str) -> Goods:
    match = _ENDING.fullmatch(part)
    if match is not None:
        if _COUNTED.search(_BRACKETED.sub("", match["item"])):
            raise CellError("several-quantities", given=tidy(given))
    else:
        match = _IN_BRACKETS.fullmatch(part)
        if match is None:
            raise CellError("several-goods" if _COUNTED.search(part) else "no-quantity", given=tidy(given))
    measure = match["measure"]
    count = count_of(match["figure"], MULTIPLIERS[match["times"] or ""], measure, tidy(given))
    return Goods(match["item"].strip(), count, measure)


_RECIPIENT = re.compile(
    rf"(?P<name>.*?[^\d.,])\s*(?P<figure>{FIGURE})\s*(?P<times>{TIMES})?\s*(?P<measure>{_COUNTERS})?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Shares:
    """Who gets how much of one line; `assumed` lists (text, what it was read as) where a neighbour's 万 was lent."""

    shares: tuple[Share, ...]
    assumed: tuple[tuple[str, str], ...] = ()


def recipients_in(given: str) -> list[str]:
    """Split a cell into recipients, one a line or between 、 and ;."""
    return [part.strip() for part in _SEPARATORS.split(_plain(given)) if part.strip()]


def shares_in(given: str, count: int, measure: str, scale: int) -> Shares:
    """Read the recipients of `count` things, each with its share; raises `CellError` where the list leaves that open.

    A single recipient without a quantity gets everything. A bare figure with decimals that cannot be a number of whole
    things takes the multiplier (万) that its neighbours in the same cell state, if everything then fits into `count`;
    this is reported, never silent.
    """
    parts = recipients_in(given) if len(given) <= _LONGEST else []
    if len(parts) == 1 and _RECIPIENT.fullmatch(parts[0]) is None:
        return Shares((Share(parts[0], count),))
    matches = [_RECIPIENT.fullmatch(part) for part in parts]
    if not parts or any(match is None for match in matches):
        raise CellError("undivided", count=len(parts), given=f"{decimal(count, scale)}{measure}")
    found = [match for match in matches if match is not None]
    times = {match["times"] for match in found if match["times"]}
    shares, assumed = [], []
    for match in found:
        own = match["measure"]
        if own and own != measure:
            raise CellError("two-measures", given=own, other=measure)
        multiplier = match["times"] or ""
        lent = not (multiplier or own or scale) and "." in match["figure"] and len(times) == 1
        if lent:
            multiplier = next(iter(times))
        share = count_of(match["figure"], MULTIPLIERS[multiplier], measure, match[0])
        if lent:
            assumed.append((match[0], f"{match['figure']}{multiplier}{measure}"))
        shares.append(Share(match["name"].strip(), share))
    if (total := sum(share.quantity or 0 for share in shares)) > count:
        raise CellError(
            "over-issued",
            given=f"{decimal(total, scale)}{measure}",
            other=f"{decimal(count, scale)}{measure}",
        )
    return Shares(tuple(shares), tuple(assumed))


def measure_and_spec(cell: object) -> tuple[str, str]:
    """Split a unit such as 0.5g/支 into the unit and a specification; others stay as they are."""
    text = text_of(str(cell))
    head, slash, tail = unicodedata.normalize("NFKC", text).rpartition("/")
    if slash and any(letter.isdigit() for letter in head) and tail and not any(letter.isdigit() for letter in tail):
        return tail.strip(), text
    return text, ""
