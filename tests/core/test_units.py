"""Units and amounts: exact, or refused by name."""

import contextlib
from dataclasses import FrozenInstanceError
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.units import (
    CNY,
    HOURS,
    MAX_AMOUNT,
    AmountError,
    Unit,
    UnitError,
    check_code,
    format_amount,
    goods_unit,
    kind_of,
    parse_amount,
)

PIECES = Unit.of("N95口罩:个", 0)
KILOS = Unit.of("大米:千克", 3)
UNITS = [CNY, Unit.of("JPY", 0), PIECES, KILOS, HOURS]

amounts = st.integers(1, MAX_AMOUNT)
units = st.sampled_from(UNITS)


def problem(text, unit):
    with pytest.raises(AmountError) as refusal:
        parse_amount(text, unit)
    assert unit.code in str(refusal.value)
    return refusal.value.problem


# ------------------------------------------------------------------ units


@pytest.mark.parametrize(
    ("code", "kind", "on_book"),
    [
        ("CNY", "money", True),
        ("USD", "money", True),
        ("N95口罩:个", "goods", True),
        ("mask-n95:piece", "goods", True),
        ("消毒液:500ml:瓶", "goods", True),
        ("volunteer-hour", "hours", False),
    ],
)
def test_the_code_says_the_kind(code, kind, on_book):
    unit = Unit.of(code, 0)
    assert (unit.kind, kind_of(code), unit.on_book) == (kind, kind, on_book)
    assert unit == Unit(code, 0, kind)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x" * 101,
        "口 罩:个",
        "口罩:\u3000个",
        "口\u200b罩:个",
        "口罩:个\n",
        "a\x7f:b",
        "Ｎ95:个",
        "㎏:袋",
        "口罩：个",
        "e\u0301:个",
    ],
)
def test_codes_are_visible_normalised_text(code):
    with pytest.raises(UnitError):
        check_code(code)
    with pytest.raises(UnitError):
        Unit(code, 0, "goods")


@pytest.mark.parametrize("code", ["cny", "CN", "CNYX", "口罩", ":个", "口罩:", ":", "::个", "volunteer-hours"])
def test_codes_of_no_kind_are_refused(code):
    with pytest.raises(UnitError, match="no currency"):
        Unit.of(code, 0)


@pytest.mark.parametrize("code", ["CNY", "x" * 98 + ":y", "N95口罩:个"])
def test_good_codes_are_returned(code):
    assert check_code(code) == code


@pytest.mark.parametrize("scale", [-1, 7, True, 2.0, "2", None])
def test_scales(scale):
    with pytest.raises(UnitError, match="scale"):
        Unit.of("CNY", scale)


def test_hours_are_counted_in_minutes():
    with pytest.raises(UnitError, match="minutes"):
        Unit.of("volunteer-hour", 2)


def test_kind_and_code_agree():
    with pytest.raises(UnitError, match="unit of money, not of goods"):
        Unit("CNY", 2, "goods")


def test_units_are_frozen():
    with pytest.raises(FrozenInstanceError):
        CNY.scale = 3


@pytest.mark.parametrize(
    ("item", "measure", "code"),
    [
        ("Ｎ95口罩", "个", "N95口罩:个"),
        (" 3M  口罩 ", "盒", "3M_口罩:盒"),
        ("防护\u200b服（大）", "件", "防护服(大):件"),
        ("消毒液：500ml", "瓶", "消毒液:500ml:瓶"),
    ],
)
def test_goods_as_people_write_them(item, measure, code):
    assert goods_unit(item, measure) == Unit(code, 0, "goods")
    assert goods_unit(item, measure, 3).scale == 3


@pytest.mark.parametrize(
    ("item", "measure"), [("", "个"), ("口罩", " "), ("口罩", "个:箱"), ("口罩", "个：箱"), ("\u200b", "个")]
)
def test_goods_need_an_item_and_a_measure(item, measure):
    with pytest.raises(UnitError, match="item and a measure"):
        goods_unit(item, measure)


@given(st.text(max_size=60), st.text(max_size=20))
def test_goods_make_a_valid_code_or_a_named_error(item, measure):
    with contextlib.suppress(UnitError):
        assert Unit.of(goods_unit(item, measure).code, 0).kind == "goods"


# ------------------------------------------------------------------ amounts


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("0.01", CNY, 1),
        ("1", CNY, 100),
        ("1.5", CNY, 150),
        ("1.50", CNY, 150),
        ("1.5000", CNY, 150),
        (" 1234.56\n", CNY, 123456),
        ("1,234,567.80", CNY, 123456780),
        ("１，２３４．５０", CNY, 123450),
        ("007", CNY, 700),
        ("90071992547409.91", CNY, MAX_AMOUNT),
        ("198", PIECES, 198),
        ("198.0", PIECES, 198),
        ("0.001", KILOS, 1),
        ("2.5", HOURS, 150),
        ("2.25", HOURS, 135),
        ("2", HOURS, 120),
        ("2:30", HOURS, 150),
        ("0:01", HOURS, 1),
        ("２：３０", HOURS, 150),
        ("1,000:59", HOURS, 60059),
        ("0.05", HOURS, 3),
    ],
)
def test_amounts_are_read_exactly(text, unit, amount):
    assert parse_amount(text, unit) == amount


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("", CNY, "form"),
        ("一百", CNY, "form"),
        ("1.", CNY, "form"),
        (".5", CNY, "form"),
        ("1e3", CNY, "form"),
        ("+1", CNY, "form"),
        ("1 000", CNY, "form"),
        ("1,23", CNY, "form"),
        ("12,34,567", CNY, "form"),
        ("1,2345", CNY, "form"),
        ("1.5.2", CNY, "form"),
        ("¥1", CNY, "form"),
        ("NaN", CNY, "form"),
        ("10²", CNY, "form"),
        ("½", CNY, "form"),
        ("٣", CNY, "form"),
        ("①", CNY, "form"),
        ("1_000", CNY, "form"),
        ("2:30", CNY, "form"),
        ("2:5", HOURS, "form"),
        ("2:60", HOURS, "form"),
        ("2:30:00", HOURS, "form"),
        (":30", HOURS, "form"),
        ("0" * 41 + "1", CNY, "form"),
        ("9" * 5000, CNY, "form"),
        ("0.001", CNY, "precision"),
        ("1.999", CNY, "precision"),
        ("1.5", PIECES, "precision"),
        ("2.33", HOURS, "precision"),
        ("0.0001", KILOS, "precision"),
        ("0", CNY, "zero"),
        ("0.00", CNY, "zero"),
        ("0:00", HOURS, "zero"),
        ("-1", CNY, "negative"),
        ("−1", CNY, "negative"),
        ("－１", CNY, "negative"),
        ("90071992547409.92", CNY, "large"),
        ("9007199254740992", PIECES, "large"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused_by_name(text, unit, why):
    assert problem(text, unit) == why


@given(amounts, units, st.booleans())
def test_what_is_written_is_read_back(amount, unit, grouping):
    text = format_amount(amount, unit, grouping=grouping)
    assert parse_amount(text, unit) == amount
    assert format_amount(-amount, unit, grouping=grouping) == "-" + text


@given(st.from_regex(r"[0-9]{1,14}(\.[0-9]{1,6})?", fullmatch=True), units)
def test_decimals_are_never_rounded(text, unit):
    exact = Fraction(text) * (60 if unit is HOURS else 10**unit.scale)
    if exact.denominator == 1 and 0 < exact <= MAX_AMOUNT:
        assert parse_amount(text, unit) == exact
    else:
        assert problem(text, unit) in {"precision", "zero", "large"}


@given(st.text(max_size=50), units)
def test_parse_never_fails_otherwise(text, unit):
    with contextlib.suppress(AmountError):
        assert 0 < parse_amount(text, unit) <= MAX_AMOUNT


@pytest.mark.parametrize(
    ("amount", "unit", "plain", "grouped"),
    [
        (0, CNY, "0.00", "0.00"),
        (5, CNY, "0.05", "0.05"),
        (-5, CNY, "-0.05", "-0.05"),
        (123456789, CNY, "1234567.89", "1,234,567.89"),
        (-100000, CNY, "-1000.00", "-1,000.00"),
        (198000, PIECES, "198000", "198,000"),
        (1500, KILOS, "1.500", "1.500"),
        (150, HOURS, "2:30", "2:30"),
        (-61, HOURS, "-1:01", "-1:01"),
        (60060, HOURS, "1001:00", "1,001:00"),
        (3 * MAX_AMOUNT, CNY, "270215977642229.73", "270,215,977,642,229.73"),
    ],
)
def test_amounts_are_written(amount, unit, plain, grouped):
    assert format_amount(amount, unit) == plain
    assert format_amount(amount, unit, grouping=True) == grouped
