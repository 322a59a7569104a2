"""人民币大写: the examples of the rule, and every amount read back as itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.reports.capitals import DIGITS, LIMIT, capitals

PLACES = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (1000, "壹拾元整"),
        (10000, "壹佰元整"),
        (140_950, "壹仟肆佰零玖元伍角整"),  # the rule's own examples from here
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (1_000_500, "壹万零伍元整"),
        (10_000_000_000, "壹亿元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (1_000_000_000_000_00, "壹万亿元整"),
        (1_000_000_000_100_00, "壹万亿零壹佰元整"),
        (12_345_678_90, "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角整"),
    ],
)
def test_known_amounts(fen, words):
    assert capitals(fen) == words


@given(st.one_of(st.integers(0, LIMIT - 1), st.integers(0, 10**9), st.integers(0, 10**6).map(lambda n: n * 10**6)))
def test_every_amount_reads_back(fen):
    assert value(capitals(fen)) == fen


@given(st.integers(0, LIMIT - 1))
def test_the_form_is_that_of_the_rule(fen):
    words = capitals(fen)
    assert words.endswith(("整", "分"))
    assert "零零" not in words
    assert not re.search(r"零[万亿整角分]", words)
    assert not re.match(r"[拾佰仟万亿]", words), "拾 never stands without its 壹"
    assert fen == 0 or not words.startswith("零")


@pytest.mark.parametrize("fen", [-1, LIMIT])
def test_what_cannot_be_written_is_refused(fen):
    with pytest.raises(ValueError, match="capitals"):
        capitals(fen)


def value(words):
    """Read capitals: slowly, by the meaning of each letter."""
    whole, rest = words.split("元") if "元" in words else ("", words)
    fen = number(whole) * 100
    for letter, unit in re.findall(rf"([{DIGITS}])([角分])", rest):
        fen += DIGITS.index(letter) * (10 if unit == "角" else 1)
    return fen


def number(words):
    """Read whole yuan: 亿 and 万 multiply everything read before them in their group."""
    if "亿" in words:
        high, low = words.rsplit("亿", 1)
        return number(high) * 10**8 + number(low)
    if "万" in words:
        high, low = words.split("万")
        return number(high) * 10**4 + number(low)
    total, digit = 0, 0
    for letter in words:
        if letter in PLACES:
            total += digit * PLACES[letter]
            digit = 0
        else:
            digit = DIGITS.index(letter)
    return total + digit
