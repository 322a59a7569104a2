"""Chinese numerals, lower case and the capitals of cheques: 一万二千, 壹仟贰佰叁拾肆元伍角陆分."""

import re

_DIGITS = {digit: value for row in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖") for value, digit in enumerate(row)}
_DIGITS |= {"两": 2, "貳": 2, "參": 3, "陸": 6, "弍": 2, "叄": 3}
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MONEY = re.compile(r"(?:(?P<yuan>[^元圆角分整正]+)(?:[元圆]|$))?零?(?:(?P<jiao>.)角)?零?(?:(?P<fen>.)分)?[整正]?")


def read_numeral(text: str, unit: int) -> int | None:
    """Read a numeral as a count of 1/`unit`: 100 for money in fen (元角分 understood), 1 for whole things."""
    if unit == 1:
        return _whole(text)
    match = _MONEY.fullmatch(text.replace(" ", ""))
    if match is None or not any(match.groups()):
        return None
    yuan = _whole(match["yuan"]) if match["yuan"] else 0
    jiao, fen = (_DIGITS.get(match[name]) if match[name] else 0 for name in ("jiao", "fen"))
    return None if yuan is None or jiao is None or fen is None else yuan * 100 + jiao * 10 + fen


def _whole(text: str) -> int | None:
    """Read a whole number; None for anything that is not one, such as 一二三 or 万, or is loose, such as 三万五."""
    if not text or (text[-1] in _DIGITS and text[-2:-1] not in {"", "零", "〇", "十", "拾"}):
        return None
    total = group = digit = 0
    for mark, before in zip(text, " " + text, strict=False):
        if mark in _DIGITS and (before not in _DIGITS or before in "零〇"):
            digit = _DIGITS[mark]
        elif mark in _PLACES and (digit or (mark in "十拾" and not group)):
            group, digit = group + (digit or 1) * _PLACES[mark], 0
        elif mark in "万萬" and (group or digit):
            total, group, digit = total + (group + digit) * 10**4, 0, 0
        elif mark in "亿億" and (total or group or digit):
            total, group, digit = (total + group + digit) * 10**8, 0, 0
        else:
            return None
    return total + group + digit
