"""Canonical JSON: the bytes of the `rfc8785` package, one encoding a value, refusals that say where."""

import contextlib
import enum
import json
import unicodedata

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import canonical
from ledger.core.canonical import MAX_BODY, MAX_DEPTH, MAX_INT, CanonicalError, decode, encode

keys = st.from_regex(r"[a-z0-9_]{1,12}", fullmatch=True)
texts = st.text(max_size=30)  # no surrogates, all else
integers = st.integers(-MAX_INT, MAX_INT) | st.sampled_from([0, 1, -1, MAX_INT, -MAX_INT])
values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=25,
)
objects = st.dictionaries(keys, values, max_size=8)

BODY = {
    "_prev": "0" * 64, "book": "sunshine", "seq": 0, "recorded": "2026-11-23T13:00:00.000Z", "dated": "2026-11-23",
    "kind": "donation.received", "by": "u01", "approved_by": None, "ref": "r1", "memo": "“口罩”\n", "postings": [],
    "flows": [{"from": "source:individual", "out": 0, "to": "fund:general", "in": 0, "amount": 100, "unit": "CNY"}],
    "facts": {"private": {"name": "f" * 64}, "restricted": False, "first": True},
}  # fmt: skip


def fault(call, argument):
    with pytest.raises(CanonicalError) as refusal:
        call(argument)
    assert str(refusal.value) == f"{refusal.value.path}: {refusal.value.reason}"
    return refusal.value.path, refusal.value.reason


# ------------------------------------------------------------------ the bytes


def test_a_body_is_written_as_the_format_says():
    expected = json.dumps(BODY, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert encode(BODY) == expected == rfc8785.dumps(BODY)
    assert expected.startswith(b'{"_prev":"0000')


@given(values)
def test_bytes_equal_those_of_rfc8785(value):
    assert encode(value) == rfc8785.dumps(value)


@given(objects)
def test_decode_gives_back_what_was_encoded(value):
    again = decode(encode(value))
    assert again == value
    assert repr(again) == repr({key: again[key] for key in sorted(value)})  # True is not 1; keys in order


@given(objects, st.randoms())
def test_the_order_of_keys_does_not_matter(value, random):
    shuffled = list(value)
    random.shuffle(shuffled)
    assert encode({key: value[key] for key in shuffled}) == encode(value)


@pytest.mark.parametrize("start", range(0, 0x110000, 0x2000))
def test_every_character_is_written_as_rfc8785_does(start):
    block = [chr(point) for point in range(start, start + 0x2000) if not 0xD800 <= point < 0xE000]
    for chunk in range(0, len(block), 0x400):
        text = "".join(block[chunk : chunk + 0x400])
        data = encode({"t": text})
        assert data == rfc8785.dumps({"t": text})
        assert decode(data) == {"t": text}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\x00\x01\x1f", rb"\u0000\u0001\u001f"),
        ("\b\t\n\f\r", rb"\b\t\n\f\r"),
        ('"\\/', rb"\"\\/"),
        ("\x7f\u2028\u2029", "\x7f\u2028\u2029".encode()),
        ("𠮷e\u0301", "𠮷e\u0301".encode()),
    ],
)
def test_escapes(text, written):
    assert encode(text) == b'"' + written + b'"'


def test_text_is_not_normalised():
    assert encode(unicodedata.normalize("NFD", "é")) != encode(unicodedata.normalize("NFC", "é"))


# ------------------------------------------------------------------ refusals of encode


class Kind(enum.StrEnum):
    OPENED = "opened"


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({"flows": [{"amount": 1}, {"amount": 1.0}]}, "$.flows[1].amount", "1.0 is a float"),
        ({"a": float("nan")}, "$.a", "nan is a float"),
        ({"a": [0, float("-inf")]}, "$.a[1]", "-inf is a float"),
        ({"a": MAX_INT + 1}, "$.a", "beyond"),
        ({"a": {"b": -MAX_INT - 1}}, "$.a.b", "beyond"),
        ([10**5000], "$[0]", "beyond"),
        ({"a": {"B": 1}}, "$.a", "the key 'B'"),
        ({"": 1}, "$", "the key ''"),
        ({"a\n": 1}, "$", "the key"),
        ({"名": 1}, "$", "the key"),
        ({"a-b": 1}, "$", "the key"),
        ({1: 1}, "$", "the key 1"),
        ({"a": 1, 2: 1}, "$", "the key 2"),
        ({None: 1}, "$", "the key None"),
        ({"a": "\ud800"}, "$.a", "surrogate"),
        ({"a": ["x\udfffy"]}, "$.a[0]", "surrogate"),
        ({"\ud800": 1}, "$", "the key"),
        ({"a": (1, 2)}, "$.a", "is a tuple"),
        ({"a": b"x"}, "$.a", "is a bytes"),
        ({"a": {1}}, "$.a", "is a set"),
        ({"a": Kind.OPENED}, "$.a", "is a Kind"),
        (object, "$", "is a type"),
    ],
)
def test_encode_names_what_cannot_be_written(value, path, reason):
    where, why = fault(encode, value)
    assert where == path
    assert reason in why


@given(objects, st.data())
def test_encode_refuses_a_float_wherever_it_is(value, data):
    key = data.draw(keys)
    value[key] = data.draw(st.floats() | st.floats().map(lambda number: [number]))
    assert fault(encode, value)[0].startswith(f"$.{key}")


def test_keys_may_be_of_a_str_class_first_and_again():
    assert encode({Kind.OPENED: 1}) == encode({"opened": 1}) == encode({Kind.OPENED: 1}) == b'{"opened":1}'


def nested(depth):
    value = 1
    for level in range(depth):
        value = {"a": value} if level % 2 else [value]
    return value


def test_depth():
    assert encode(nested(MAX_DEPTH)) == rfc8785.dumps(nested(MAX_DEPTH))
    path, reason = fault(encode, nested(MAX_DEPTH + 1))
    assert path.count("a") + path.count("[0]") == MAX_DEPTH
    assert "more than 16" in reason


def test_what_holds_itself_is_too_deep():
    value = {}
    value["a"] = value
    assert "more than 16" in fault(encode, value)[1]


def test_size():
    most = {"a": "x" * (MAX_BODY - len('{"a":""}'))}
    assert len(encode(most)) == MAX_BODY
    assert decode(encode(most)) == most
    assert "65536 bytes" in fault(encode, {"a": most["a"] + "x"})[1]
    assert "65536 bytes" in fault(decode, encode(most) + b" ")[1]


def test_remembered_shapes_are_bounded():
    before = len(canonical._shapes)
    for number in range(1500):
        assert encode({f"k{number}": 1}) == f'{{"k{number}":1}}'.encode()
    assert before <= len(canonical._shapes) <= canonical._SHAPES


# ------------------------------------------------------------------ refusals of decode


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a":}', "not JSON"),
        (b'{"a":1}x', "something follows"),
        (b'{"a":1}\n', "something follows"),
        (b'{"a":1}{}', "something follows"),
        (b' {"a":1}', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"a":"\xff"}', "not JSON"),
        (b'{"a":"\xed\xa0\x80"}', "not JSON"),
        ('{"a":1}'.encode("utf-16"), "not JSON"),
        (b'{"a":"\n"}', "not JSON"),
        (b"{'a':1}", "not JSON"),
        (b"[" * 65_000, "not JSON"),
        (b'{"a":' * 13_000, "not JSON"),
        (b'{"a":' + b"9" * 5_000 + b"}", "not JSON"),
        (b"[]", "not an object"),
        (b"1", "not an object"),
        (b"null", "not an object"),
        (b'{"a":1.0}', "1.0 is not an integer"),
        (b'{"a":1e2}', "1e2 is not an integer"),
        (b'{"a":-0.0}', "-0.0 is not an integer"),
        (b'{"a":NaN}', "NaN is not an integer"),
        (b'{"a":[-Infinity]}', "-Infinity is not an integer"),
        (b'{"a":-0}', "not canonical"),
        (b'{"a": 1}', "not canonical"),
        (b'{"b":1,"a":1}', "not canonical"),
        (rb'{"a":"\u0041"}', "not canonical"),
        (rb'{"a":"\/"}', "not canonical"),
        (rb'{"a":"\u000A"}', "not canonical"),
        (rb'{"a":"\u000a"}', "not canonical"),
        (rb'{"\u0061":1}', "not canonical"),
        (b'{"a":1,"a":1}', "the key 'a' is there twice"),
        (b'{"a":{"b":1,"b":2}}', "the key 'b' is there twice"),
        (rb'{"a":"\ud800"}', "surrogate"),
        (b'{"A":1}', "the key 'A'"),
        (b'{"a":9007199254740992}', "beyond"),
    ],
)
def test_decode_refuses(data, reason):
    assert reason in fault(decode, data)[1]


def test_decode_names_the_path():
    assert fault(decode, b'{"flows":[{"amount":9007199254740992}]}')[0] == "$.flows[0].amount"


@given(objects, st.data())
def test_no_other_bytes_decode_to_the_same_value(value, data):
    """Change one byte anywhere: it is refused, or it says something else."""
    encoded = bytearray(encode(value))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))
    try:
        other = decode(bytes(encoded))
    except CanonicalError:
        return
    assert other != value
    assert encode(other) == encoded


@given(objects, st.sampled_from([b" ", b"\n", b"\t", b"\r"]), st.data())
def test_white_space_is_refused_between_and_kept_within_strings(value, blank, data):
    encoded = encode(value)
    place = data.draw(st.integers(0, len(encoded)))
    try:
        other = decode(encoded[:place] + blank + encoded[place:])
    except CanonicalError:
        return
    assert other != value


@given(st.binary(max_size=200))
def test_decode_never_fails_otherwise(data):
    with contextlib.suppress(CanonicalError):
        assert encode(decode(data)) == data
