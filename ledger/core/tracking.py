"""Tracking codes: the bearer secret by which a donor finds a gift.

80 bits in Crockford's base 32 (16 symbols without I, L, O, U) and his check symbol: the number modulo 37,
with `*~$=U` for 32 … 36. Any one wrong symbol and any two neighbours exchanged are noticed. All four signs may
stand unescaped in the path of an address (RFC 3986 pchar).

The ledger keeps only `digest`. The code itself is derived from a key of the installation, the book and the
entry's ref, so that a confirmation can be printed again without the codes being kept anywhere: whoever has
the database but neither the key nor the paper has no code.
"""

import hmac
import re
import unicodedata
from hashlib import sha256
from typing import Literal
from urllib.parse import unquote

from ledger.core.errors import LedgerError, MalformedError

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = SYMBOLS + "*~$=U"
LENGTH = 16  # symbols before the check symbol
KEY_SIZE = 32  # bytes, at least

Problem = Literal["empty", "length", "symbol", "check"]

_DOMAIN = b"shanliu/code/v1\x00"
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}[0-9A-HJKMNP-TV-Z*~$=U]")
_PAIRS = tuple(a + b for a in SYMBOLS for b in SYMBOLS)  # 10 bits each
_LONGEST = 200  # characters of input looked at
_TILDES = str.maketrans({"\u301c": "~", "\u223c": "~", "\u02dc": "~", "\u2217": "*"})  # before NFKC and dashes
_ALIKE = str.maketrans("OIL", "011")
_NO_SYMBOLS = {"Cc", "Cf", "Pc", "Pd", "Zl", "Zp", "Zs"}  # controls, zero widths, underscores, dashes, spaces
_DASHES = ".·\u2212\u02d7\u30fc\u4e00"  # dots, minus signs, and what a Chinese keyboard gives for a dash


class TrackingCodeError(MalformedError):
    """Type something that cannot be a tracking code.

    `problem` is "empty", "length", "symbol" or "check"; `symbol` and `position` (from 1) say which symbol.
    """

    def __init__(self, text: str, /, problem: Problem, symbol: str = "", position: int = 0, **values: object) -> None:
        super().__init__(text, symbol=ascii(symbol), position=position, **values)
        self.problem = problem
        self.symbol = symbol
        self.position = position


class TrackingKeyError(LedgerError):
    """Derive a code from a key, book or ref that cannot make a safe one."""

    status = 500


def derive(key: bytes, book: str, ref: str) -> str:
    """Make the code of the donation `ref` of a book: 17 symbols, no separators.

    Its number is the first 80 bits of HMAC-SHA256(key, "shanliu/code/v1" ‖ 0x00 ‖ book ‖ 0x00 ‖ ref).
    """
    if len(key) < KEY_SIZE:
        raise TrackingKeyError(
            "the tracking key has %(size)s bytes; give it at least %(least)s", size=len(key), least=KEY_SIZE
        )
    if not book or not ref or "\0" in book:
        raise TrackingKeyError("a tracking code needs a book and a ref, and no NUL in the book's code")
    mac = hmac.digest(key, b"%b%b\x00%b" % (_DOMAIN, book.encode(), ref.encode()), "sha256")
    return encode(int.from_bytes(mac[:10], "big"))


def encode(number: int) -> str:
    """Write an 80-bit number as a code."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(70, -1, -10)]) + CHECKS[number % 37]


def parse(text: str) -> str:
    """Read a code as people type it; TrackingCodeError says what is wrong.

    Case, spaces, dashes, full-width forms, percent escapes and the look-alikes O/0, I/1, L/1 do not matter.
    """
    code = _clean(text) if len(text) <= _LONGEST else text
    if not code:
        raise TrackingCodeError(
            "the tracking code is empty; it is printed on the donation confirmation", problem="empty"
        )
    if len(code) != LENGTH + 1:
        raise TrackingCodeError(
            "a tracking code has %(length)s symbols, this one %(count)s; compare the confirmation",
            problem="length",
            length=LENGTH + 1,
            count=len(code),
        )
    for position, symbol in enumerate(code, start=1):
        if symbol not in (SYMBOLS if position <= LENGTH else CHECKS):
            raise TrackingCodeError(
                "symbol %(position)s, %(symbol)s, cannot occur there; compare the code with the confirmation",
                problem="symbol",
                symbol=symbol,
                position=position,
            )
    if CHECKS[_number(code[:LENGTH]) % 37] != code[LENGTH]:
        raise TrackingCodeError(
            "the check symbol does not fit: one symbol is probably mistyped; compare it with the confirmation",
            problem="check",
        )
    return code


def display(code: str) -> str:
    """Group a code for reading: XXXX-XXXX-XXXX-XXXX-C."""
    _check_canonical(code)
    return f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:16]}-{code[16]}"


def digest(code: str) -> str:
    """Give what the ledger stores of a code, in hexadecimal: SHA-256("shanliu/code/v1" ‖ 0x00 ‖ code)."""
    _check_canonical(code)
    return sha256(_DOMAIN + code.encode()).hexdigest()


def _check_canonical(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise TrackingCodeError("not a code in its canonical form; parse what people typed first", problem="symbol")


def _number(body: str) -> int:
    number = 0
    for symbol in body:
        number = number << 5 | SYMBOLS.index(symbol)
    return number


def _clean(text: str) -> str:
    """Give the symbols meant; a percent sign is none, so an address copied whole may be decoded here."""
    text = unicodedata.normalize("NFKC", unquote(text).translate(_TILDES))
    kept = [char for char in text if unicodedata.category(char) not in _NO_SYMBOLS and char not in _DASHES]
    return "".join(kept).upper().translate(_ALIKE)
