"""Canonical JSON: one value, one sequence of bytes.

RFC 8785 restricted so that every implementation agrees without effort: keys match `[a-z0-9_]+`; values are
strings, integers within ±(2^53 − 1), true, false, null, arrays and objects, at most 16 deep and 65,535 bytes.
Keys are ASCII, so code point order and the UTF-16 order of RFC 8785 are the same.
"""

import json
import re
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any, NoReturn

from ledger.core.errors import LedgerError, MalformedError

MAX_BODY = 65_535  # bytes: the length prefix of a C2SP entry bundle has 16 bits
MAX_INT = 2**53 - 1  # what JavaScript reads exactly
MAX_DEPTH = 16  # containers inside one another; an entry body needs 4
KEY = re.compile(r"[a-z0-9_]+")

_SHAPES = 1024  # remembered sets of keys; a book has some dozens
_CONSTANTS = {None: "null", True: "true", False: "false"}
_EXCERPT = 40  # characters of an offending value shown in a message


class CanonicalError(MalformedError):
    """Hold what the canonical form does not have; `path` says where, as in `$.flows[0].amount`."""

    def __init__(self, text: str, path: str = "$", /, **values: object) -> None:
        reason = LedgerError(text, **values)
        super().__init__("%(path)s: %(reason)s", path=path, reason=reason)
        self.reason = str(reason)
        self.path = path


def encode(value: object) -> bytes:
    """Write a value in its canonical form; CanonicalError names the path of what has none."""
    try:
        data = _value(value, MAX_DEPTH).encode()
    except (CanonicalError, TypeError, UnicodeEncodeError):
        _explain(value)
    if len(data) > MAX_BODY:
        raise CanonicalError(
            "%(size)s bytes, more than %(most)s; split the entry into several", size=len(data), most=MAX_BODY
        )
    return data


def decode(data: bytes) -> dict[str, Any]:
    """Read an object from its canonical bytes; CanonicalError unless exactly these bytes encode it."""
    value, text, end = _read(data)
    if encode(value) != data:
        _explain_bytes(text, end)
    return value


def parse(data: bytes) -> dict[str, Any]:
    """Read an object from bytes that are known, or checked elsewhere, to be canonical."""
    return _read(data)[0]


def _read(data: bytes) -> tuple[dict[str, Any], str, int]:
    """Return the object, the text it was read from, and where it ends there."""
    if len(data) > MAX_BODY:
        raise CanonicalError("%(size)s bytes, more than %(most)s; not an entry body", size=len(data), most=MAX_BODY)
    try:
        text = data.decode()
        value, end = _decoder.raw_decode(text)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise CanonicalError("not JSON: %(error)s", error=error) from None
    if type(value) is not dict:
        raise CanonicalError("not an object; an entry body is one JSON object")
    return value, text, end


def _refuse_number(text: str) -> NoReturn:
    raise CanonicalError(
        "%(number)s is not an integer; amounts are counts of the smallest unit", number=text[:_EXCERPT]
    )


_decoder = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)


class _Shapes(dict[tuple[str, ...], tuple[tuple[str, str], ...]]):
    """Remember the keys of an object in canonical order, each with the text before its value."""

    def __missing__(self, keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        plain = sorted(map(str.__str__, keys))
        if not all(map(KEY.fullmatch, plain)):
            raise CanonicalError("a key is not allowed")
        shape = tuple((key, f'{"," if place else ""}"{key}":') for place, key in enumerate(plain))
        if len(self) < _SHAPES:
            self[keys] = shape
        return shape


_shapes = _Shapes()


def _object(value: dict[str, Any], room: int) -> str:
    # The hot path of import and replay: checks and writes in one pass, as fast as json.dumps writes alone.
    if not room:
        raise CanonicalError("too deep")
    parts = ["{"]
    add = parts.append
    for key, head in _shapes[tuple(value)]:
        item = value[key]
        kind = type(item)
        if kind is str:
            add(head)
            add(encode_basestring(item))
        elif kind is int and -MAX_INT <= item <= MAX_INT:
            add(f"{head}{item}")
        elif item is None:
            add(head)
            add("null")
        else:
            add(head)
            add(_value(item, room - 1))
    add("}")
    return "".join(parts)


def _value(value: Any, room: int) -> str:
    """Write any value; `room` is how many more containers may be entered."""
    kind = type(value)
    if kind is dict:
        return _object(value, room)
    if kind is list and room:
        return "[" + ",".join([_value(item, room - 1) for item in value]) + "]"
    if kind is str:
        return encode_basestring(value)
    if kind is int and -MAX_INT <= value <= MAX_INT:
        return f"{value}"
    if value is None or kind is bool:
        return _CONSTANTS[value]
    raise CanonicalError("not allowed")


def _explain(value: object) -> NoReturn:
    """Raise for the first thing that has no canonical form, naming its path."""
    for fault in _faults(value, "$", MAX_DEPTH):
        raise fault
    raise AssertionError(value)  # _faults and _value disagree


def _faults(value: object, path: str, room: int) -> Iterator[CanonicalError]:
    if type(value) is dict or type(value) is list:
        if not room:
            yield CanonicalError("more than %(most)s objects and arrays inside one another", path, most=MAX_DEPTH)
            return
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in pairs:
            if isinstance(value, list):
                yield from _faults(item, f"{path}[{key}]", room - 1)
            elif isinstance(key, str) and KEY.fullmatch(key):
                yield from _faults(item, f"{path}.{key}", room - 1)
            else:
                yield CanonicalError("the key %(key)s is not made of a-z, 0-9 and _", path, key=_excerpt(key))
    else:
        yield from _plain_faults(value, path)


def _plain_faults(value: object, path: str) -> Iterator[CanonicalError]:
    """Say what is wrong with a value that holds no others."""
    if type(value) is str:
        if re.search("[\ud800-\udfff]", value):
            yield CanonicalError("a lone surrogate is not a character", path)
    elif type(value) is int:
        if abs(value) > MAX_INT:
            yield CanonicalError("the integer is beyond ±(2^53 − 1)", path)
    elif value is not None and type(value) is not bool:
        yield CanonicalError(
            "%(value)s is a %(type)s; only str, int, bool, None, list and dict are written",
            path,
            value=_excerpt(value),
            type=type(value).__name__,
        )


def _explain_bytes(text: str, end: int) -> NoReturn:
    """Raise for text that parses but is not canonical."""
    if end != len(text):
        raise CanonicalError("something follows the object at character %(end)s", end=end)
    json.loads(text, object_pairs_hook=_refuse_repeats)
    raise CanonicalError("not canonical: white space, order of keys or an escape differs from RFC 8785")


def _refuse_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    seen = set[str]()
    for key, _ in pairs:
        if key in seen:
            raise CanonicalError("the key %(key)s is there twice", key=_excerpt(key))
        seen.add(key)
    return dict(pairs)


def _excerpt(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"
