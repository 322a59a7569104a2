"""Recognise rows that state totals, and read what they state.

A row is a total when a cell of it *is* one ("合计", "共计48740人次", "本页小计：", "合计人民币（大写）壹佰元整"),
that is, when its words are followed by nothing but figures and units; "合计划餐饮公司" is a donor.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ledger.exchange.cells import (
    FIGURE,
    MULTIPLIERS,
    TIMES,
    Cell,
    amount_of,
    is_blank,
    scaled,
    text_of,
)
from ledger.exchange.messages import CellError
from ledger.exchange.numerals import read_numeral
from ledger.exchange.roles import Role


class Scope(StrEnum):
    """What a total row adds up: all so far, or what came since the last such row."""

    TOTAL = "total"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Stated:
    """One figure of a total row: `what` is count, amount (fen) or quantity; `slack` is how far it is rounded."""

    what: str
    figure: int
    text: str
    slack: int = 0


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A row that states totals instead of a gift."""

    scope: Scope
    label: str
    stated: tuple[Stated, ...]


_DATED = r"(?:(?:(?:\d{4}年)?\d{1,2}月)?\d{1,2}[日号]|第.{1,3}页)"
_SUM = r"(?:合计|总计|小计|共计|总额|计)"
_PART = (
    rf"(?:(?:以上|捐款|捐赠|物资|资金)?小计|{_DATED}(?:捐款|捐赠|收入)?{_SUM}"
    rf"|(?:本|当|单|每|分)?(?:页|日|天|批次?|组|栏)(?:捐款|捐赠|收入)?{_SUM}"
    r"|sub-?totals?|page totals?|daily totals?)"
)
_WHOLE = (
    r"(?:(?:截[至止][^::]{0,16})?(?:本表|本次|全部|以上|累计|款项|捐款|捐赠|物资|资金|金额|人数|数量|收入)*"
    r"(?:合计|总计|共计|总合计|累计|汇总|总共|总金额|总额|总数量?|总人数|总人次|总笔数|总捐款|共收到|共接收|收到|共有)"
    r"|承前页|过次页|转次页|上页结转|接上页|(?:grand )?totals?(?: amount| sum| count| number)?|sum)"
)
# longer words before their beginnings: what follows is never tried again
_UNITS = (
    r"(?:人次|人民币|人|笔|条|项|户|份|单|家|位|元|圆|整|件|箱|个|RMB|CNY|¥|金额|总金额|捐款|捐赠|款|大写|小写|数量"
    r"|rows?|gifts?)"
)
# atomic and possessive: a long row of figures must not be tried in every partition
_TAIL = rf"(?>\s|[:()、,;。.=]|{_UNITS}|{FIGURE}|{TIMES}|[零〇壹贰叁肆伍陆柒捌玖拾佰仟万萬亿億元圆角分整正])*+"
_PART_CELL = re.compile(_PART + _TAIL, re.IGNORECASE)
_WHOLE_CELL = re.compile(_WHOLE + _TAIL, re.IGNORECASE)
_LONGEST = 120
"""Characters of a total's label; what is longer is not looked at."""

_MARKS = re.compile(r"[计额总收共承过转接汇]|total|sum", re.IGNORECASE)
"""What every such label has in it: a row without is passed quickly."""

_FIGURE_IN = re.compile(
    rf"(?P<before>金额|人民币|捐款|[¥￥]|RMB|CNY|额)?[:\s()大小写]*(?P<figure>{FIGURE})\s*(?P<times>{TIMES})?\s*"
    r"(?P<unit>人次|人|笔|条|项|户|份|单|家|位|元|圆|rows?|gifts?)?",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"[零〇壹贰叁肆伍陆柒捌玖拾佰仟万萬亿億]+[元圆][零壹贰叁肆伍陆柒捌玖角分整正]*")
_NAMING = (Role.NUMBER, Role.DATE, Role.DONOR, Role.RECIPIENT, Role.ITEM)
_COUNT_UNITS = frozenset(["人次", "人", "笔", "条", "项", "户", "份", "单", "家", "位", "row", "rows", "gift", "gifts"])


def scope_of(text: str) -> Scope | None:
    """Tell whether a tidy text is the label of a total."""
    if not _MARKS.search(text) or len(text) > _LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", "".join(text.split()) if not text.isascii() else text)
    if _PART_CELL.fullmatch(plain):
        return Scope.PART
    return Scope.TOTAL if _WHOLE_CELL.fullmatch(plain) else None


def total_row(row: Sequence[Cell], columns: Mapping[Role, int], factor: int) -> TotalRow | None:
    """Read a row as one of totals, or return None. `factor` is the fen of the money column's unit."""
    scope, label = _labelled(row, columns)
    if scope is None:
        return None
    stated: list[Stated] = []
    kinds = {
        columns.get(Role.AMOUNT): "amount",
        columns.get(Role.VALUE): "amount",
        columns.get(Role.QUANTITY): "quantity",
        columns.get(Role.NUMBER): "count",
        columns.get(Role.DONOR): "count",
    }
    for place, cell in enumerate(row):
        if not is_blank(cell):
            stated += _stated(cell, kinds.get(place, ""), factor)
    seen: dict[str, Stated] = {}
    for each in stated:
        seen.setdefault(each.what, each)
    return TotalRow(scope, label, tuple(seen.values()))


def _labelled(row: Sequence[Cell], columns: Mapping[Role, int]) -> tuple[Scope | None, str]:
    """Look for the label in the first filled cell and in the columns that name someone or something."""
    likely = [place for place, cell in enumerate(row) if isinstance(cell, str) and _MARKS.search(cell)]
    if not likely:
        return None, ""
    first = next(place for place, cell in enumerate(row) if not is_blank(cell))
    places = {first, *(columns.get(role) for role in _NAMING)}
    for place in likely:
        text = text_of(row[place])
        scope = scope_of(text) if place in places else None
        if scope is not None:
            return scope, text
    return None, ""


def _stated(cell: Cell, kind: str, factor: int) -> list[Stated]:
    text = text_of(cell)
    if not isinstance(cell, str) or re.fullmatch(rf"[¥￥]?\s*(?:{FIGURE})", text):
        return _figure(cell, kind, factor, text)
    return _figures_in(unicodedata.normalize("NFKC", text[:_LONGEST]), kind, factor)


def _figure(cell: Cell, kind: str, factor: int, text: str) -> list[Stated]:
    """Read a cell that is nothing but a figure: its column says what it counts."""
    try:
        if kind == "amount":
            return [Stated(kind, amount_of(cell, factor), text)]
        if kind == "quantity":
            return [Stated(kind, scaled(text, 1000), text)]
        if kind == "count":
            return [Stated(kind, scaled(text, 1), text)]
    except CellError:
        return []
    return []


def _figures_in(text: str, kind: str, factor: int) -> list[Stated]:
    """Read the figures in a text such as 共计48740人次 or 合计人民币：1.2万元; capitals only where no figures are."""
    found: list[Stated] = []
    for match in _FIGURE_IN.finditer(text):
        unit, times = (match["unit"] or "").lower(), match["times"] or ""
        if unit in _COUNT_UNITS:
            what, parts = "count", MULTIPLIERS[times]
        elif unit or match["before"] or kind == "amount":
            what, parts = "amount", 100 * MULTIPLIERS[times] if unit or times else factor
        elif kind == "quantity":
            what, parts = "quantity", 1000 * MULTIPLIERS[times]
        else:
            continue
        decimals = len(match["figure"].partition(".")[2])
        try:
            figure = scaled(match["figure"], parts)
        except CellError:
            continue
        found.append(Stated(what, figure, match[0].strip(), parts // 10**decimals // 2 if times else 0))
    if not any(each.what == "amount" for each in found):
        capitals = _CAPITALS.search(text)
        fen = read_numeral(capitals[0], 100) if capitals else None
        if fen is not None and capitals is not None:
            found.append(Stated("amount", fen, capitals[0]))
    return found
