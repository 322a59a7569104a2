"""Tracking codes: as people type them, and every slip of the pen noticed."""

import contextlib
import hmac
from hashlib import sha256
from itertools import pairwise
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.tracking import (
    CHECKS,
    SYMBOLS,
    TrackingCodeError,
    TrackingKeyError,
    derive,
    digest,
    display,
    encode,
    parse,
)

KEY = bytes(range(32))
codes = st.integers(0, 2**80 - 1).map(encode)
ENDINGS = [encode(number) for number in range(37)]  # one with each check symbol


def problem(text):
    with pytest.raises(TrackingCodeError) as refusal:
        parse(text)
    return refusal.value.problem


# ------------------------------------------------------------------ derivation


def test_a_known_code():
    code = derive(KEY, "sunshine", "import:1")
    number = int.from_bytes(hmac.new(KEY, b"shanliu/code/v1\0sunshine\0import:1", sha256).digest()[:10])
    symbols = ["0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * place & 31] for place in reversed(range(16))]
    assert code == "".join(symbols) + "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"[number % 37]
    assert code == "KCVK6A4Q6JP14VKT0"
    assert digest(code) == sha256(b"shanliu/code/v1\0" + code.encode()).hexdigest()


def test_key_book_and_ref_all_count():
    one = derive(KEY, "a", "b")
    assert derive(KEY, "a", "b") == one
    assert (
        len({one, derive(bytes(32), "a", "b"), derive(KEY, "b", "b"), derive(KEY, "a", "a"), derive(KEY, "ab", "b")})
        == 5
    )


@pytest.mark.parametrize(
    ("key", "book", "ref"), [(bytes(31), "a", "b"), (KEY, "", "b"), (KEY, "a", ""), (KEY, "a\0", "b")]
)
def test_weak_inputs_are_refused(key, book, ref):
    with pytest.raises(TrackingKeyError):
        derive(key, book, ref)


def test_the_known_check_symbols_of_crockford():
    assert {code[16] for code in ENDINGS} == set(CHECKS)
    assert encode(0) == "0" * 17
    assert encode(2**80 - 1) == "Z" * 16 + CHECKS[(2**80 - 1) % 37]


# ------------------------------------------------------------------ tolerance


def full_width(text):
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


@given(codes)
def test_what_is_displayed_is_read(code):
    assert parse(display(code)) == parse(code) == code
    assert parse(display(code).lower()) == code
    assert parse(full_width(display(code))) == code
    assert parse(full_width(display(code).lower())) == code
    assert parse(quote(display(code), safe="")) == code


@pytest.mark.parametrize("code", ENDINGS)
def test_every_check_symbol_survives_an_address(code):
    path = urlsplit(f"https://example.org/trace/{display(code)}").path
    assert parse(path.removeprefix("/trace/")) == code
    assert parse(full_width(code)) == code


@given(
    codes,
    st.lists(
        st.tuples(
            st.integers(0, 17), st.sampled_from(" -_.·\t\n\u00a0\u3000\u2002\u200b\ufeff\u00ad‐‑‒–—―−－﹣﹘ー一")
        ),
        max_size=6,
    ),
)
def test_spaces_and_dashes_of_all_kinds_do_not_matter(code, blanks):
    typed = list(code)
    for place, blank in sorted(blanks, reverse=True):
        typed.insert(place, blank)
    assert parse("".join(typed)) == code


@given(codes, st.sampled_from(["Oo", "oO"]), st.sampled_from(["Il", "lI", "iL", "Li"]))
def test_look_alikes(code, zeros, ones):
    typed = "".join(zeros[n % 2] if c == "0" else ones[n % 2] if c == "1" else c for n, c in enumerate(code))
    assert parse(typed) == code


@pytest.mark.parametrize("tilde", "~～〜∼˜")
def test_tildes_of_all_kinds_are_the_check_symbol(tilde):
    code = ENDINGS[33]
    assert parse(display(code)[:-1] + tilde) == code


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize("text", ["", " ", "----", "\u200b"])
def test_empty(text):
    assert problem(text) == "empty"


@given(codes, st.integers(1, 16))
def test_a_wrong_length_is_named(code, count):
    assert problem(code[:count]) == "length"
    assert problem(code + SYMBOLS[count]) == "length"


def test_very_long_text_is_not_read():
    assert problem(ENDINGS[3] + " " * 200) == "length"
    assert problem("A" * 1_000_000) == "length"


@given(codes, st.integers(0, 15), st.sampled_from("UuÀ*~$=中?"))
def test_a_symbol_that_cannot_occur_is_named_with_its_place(code, place, symbol):
    with pytest.raises(TrackingCodeError) as refusal:
        parse(code[:place] + symbol + code[place + 1 :])
    assert refusal.value.problem == "symbol"
    assert (refusal.value.symbol, refusal.value.position) == (symbol.upper(), place + 1)


def test_a_check_symbol_that_cannot_occur():
    assert problem(ENDINGS[0][:16] + "#") == "symbol"


@given(codes)
def test_any_single_substitution_is_noticed(code):
    for place in range(17):
        for symbol in set(SYMBOLS if place < 16 else CHECKS) - {code[place]}:
            assert problem(code[:place] + symbol + code[place + 1 :]) == "check"


@given(codes)
def test_any_exchange_of_neighbours_is_noticed(code):
    for place, (one, other) in enumerate(pairwise(code)):
        if one != other:
            assert problem(code[:place] + other + one + code[place + 2 :]) in {"check", "symbol"}


@given(st.text(max_size=60))
def test_parse_never_fails_otherwise(text):
    with contextlib.suppress(TrackingCodeError):
        assert parse(parse(text)) == parse(text)


@pytest.mark.parametrize("call", [display, digest])
@pytest.mark.parametrize(
    "code", ["", "0" * 16, "0" * 18, "o" * 17, "0" * 17 + "\n", "0000-0000-0000-0000-0", "U" + "0" * 16]
)
def test_only_canonical_codes_are_displayed_and_digested(call, code):
    with pytest.raises(TrackingCodeError):
        call(code)
