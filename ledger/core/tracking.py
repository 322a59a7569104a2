"""Tracking codes: the bearer secret by which a donor finds a gift.

80 bits in Crockford base32 (16 symbols) and Crockford's check symbol (modulo 37). Only a digest is stored. The code
itself is derived from a key of the installation and the donation's `ref`, so that a confirmation can be printed again
without the codes being kept anywhere: whoever has the database but not the key has no code.
"""

import hmac
import re
import unicodedata
from hashlib import sha256
from urllib.parse import unquote

from ledger.core.errors import MalformedError

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = SYMBOLS + "*~$=U"
LENGTH = 16
_PREFIX = b"shanliu/code/v1\x00"
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212\u00ad\u200b-\u200d\ufeff_·.]+")
_ALIKE = str.maketrans("OIL", "011")


class TrackingCodeError(MalformedError):
    """Type something that cannot be a tracking code; `problem` is 'empty', 'length', 'symbol' or 'check'."""

    def __init__(self, problem: str, message: str) -> None:
        super().__init__(message)
        self.problem = problem


def derive(key: bytes, book: str, ref: str) -> str:
    """Return the code of the donation `ref` of a book: 16 symbols and the check symbol, no separators."""
    mac = hmac.digest(key, b"%b%b\x00%b" % (_PREFIX, book.encode(), ref.encode()), "sha256")
    return encode(int.from_bytes(mac[:10], "big"))


def encode(number: int) -> str:
    """Write an 80-bit number as a code."""
    body = "".join(SYMBOLS[number >> shift & 31] for shift in range(75, -1, -5))
    return body + CHECKS[number % 37]


def parse(text: str) -> str:
    """Read a code as people type it; raise TrackingCodeError that says what is wrong.

    Case, spaces, dashes, full-width letters and the look-alikes O/0, I/1 and L/1 do not matter.
    """
    typed = _SEPARATORS.sub("", unicodedata.normalize("NFKC", unquote(text)).upper())
    if not typed:
        raise TrackingCodeError("empty", "the tracking code is empty; it is printed on the donation confirmation")
    if len(typed) != LENGTH + 1:
        raise TrackingCodeError("length", f"a tracking code has {LENGTH + 1} symbols, this one {len(typed)}")
    body, check = typed[:LENGTH].translate(_ALIKE), typed[LENGTH].translate(_ALIKE)
    for symbol in body:
        if symbol not in SYMBOLS:
            raise TrackingCodeError("symbol", f"'{symbol}' cannot occur in a tracking code")
    if check not in CHECKS:
        raise TrackingCodeError("symbol", f"'{check}' cannot be the last symbol of a tracking code")
    number = 0
    for symbol in body:
        number = number << 5 | SYMBOLS.index(symbol)
    if CHECKS[number % 37] != check:
        raise TrackingCodeError("check", "the check symbol does not fit: a symbol is probably mistyped")
    return body + check


def display(code: str) -> str:
    """Group a code for reading: XXXX-XXXX-XXXX-XXXX-C."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH + 1, 4))


def digest(code: str) -> str:
    """Return what the ledger stores of a code: 64 hexadecimal digits."""
    return sha256(_PREFIX + code.encode()).hexdigest()
