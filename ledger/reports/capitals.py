"""人民币大写: an amount as it is written on Chinese receipts and cheques.

Source: 中国人民银行《支付结算办法》附一《正确填写票据和结算凭证的基本规定》.
- 整 after 元 or 角, never after 分; 10 is 壹拾, not 拾.
- Zeros between figures are written as one 零, inside a group of four and between groups;
  角 zero and 分 not: 零 after 元 (16,409.02 → 壹万陆仟肆佰零玖元零贰分).
- Where 万 or 元 is zero but the next lower figure is not, 零 may be left out, and here it is:
  1,680.32 → 壹仟陆佰捌拾元叁角贰分; 107,000.53 → 壹拾万柒仟元伍角叁分.
"""

from __future__ import annotations

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("仟", "佰", "拾", "")
LIMIT = 10**18  # fen: below 壹亿亿元


def capitals(fen: int) -> str:
    """Write 0 ≤ `fen` < 10^18 in capitals, without 人民币: 12345 → `壹佰贰拾叁元肆角伍分`."""
    if not 0 <= fen < LIMIT:
        msg = f"{fen} fen cannot be written in capitals: give 0 to {LIMIT - 1}"
        raise ValueError(msg)
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    whole = _yuan(yuan) + "元" if yuan or not rest else ""
    if not rest:
        return whole + "整"
    if not jiao:
        return whole + ("零" if whole else "") + DIGITS[cents] + "分"
    return whole + DIGITS[jiao] + "角" + (DIGITS[cents] + "分" if cents else "整")


def _yuan(number: int) -> str:
    """Write 0 ≤ `number` < 10^16."""
    high, low = divmod(number, 10**8)
    if not high:
        return _below_yi(low)
    return _below_yi(high) + "亿" + _joined(low, 10**7, _below_yi(low))


def _below_yi(number: int) -> str:
    """Write 0 ≤ `number` < 10^8."""
    high, low = divmod(number, 10**4)
    if not high:
        return _group(low)
    return _group(high) + "万" + _joined(low, 10**3, _group(low))


def _joined(low: int, full: int, text: str) -> str:
    """Return a lower part behind a higher one: nothing, or after 零 when its first place is empty."""
    if not low:
        return ""
    return text if low >= full else "零" + text


def _group(number: int) -> str:
    """Write 0 ≤ `number` < 10^4; zero alone is 零."""
    if not number:
        return DIGITS[0]
    text, gap = "", False
    for digit, place in zip(f"{number:04d}", PLACES, strict=True):
        if digit == "0":
            gap = bool(text)
        else:
            text += ("零" if gap else "") + DIGITS[int(digit)] + place
            gap = False
    return text
