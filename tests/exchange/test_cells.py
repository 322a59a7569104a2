"""Cells: exact amounts and quantities, or a reason."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exchange.cells import MAX_AMOUNT, amount_of, decimal, quantity_of, same_words, scaled, text_of
from ledger.exchange.messages import TEMPLATES, CellError
from ledger.exchange.numerals import read_numeral
from ledger.reports.capitals import capitals

fens = st.integers(1, MAX_AMOUNT)
small = st.integers(1, 10**13)
FULL = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


def code_of(call, *args):
    with pytest.raises(CellError) as caught:
        call(*args)
    assert caught.value.reason.text
    return caught.value.reason.code


@given(fens)
def test_amount_text_comes_back_exactly(fen):
    text = f"{fen // 100}.{fen % 100:02d}"
    assert amount_of(text) == fen
    assert amount_of(text.translate(FULL)) == fen
    assert amount_of(f"￥{fen // 100:,}.{fen % 100:02d}元") == fen
    assert amount_of(f" \u200b人民币 {text}\u00a0") == fen


@given(small)
def test_amount_number_cell_comes_back_exactly(fen):
    assert amount_of(fen / 100) == fen


@given(st.integers(1, 10**9))
def test_ten_thousands_column(fen):
    assert amount_of(decimal(fen, 6), 10**6) == fen
    assert amount_of(f"{decimal(fen, 6)}万元") == fen
    assert amount_of(decimal(fen, 2) + "元", 10**6) == fen


@given(st.integers(1, 10**12))
def test_amount_in_capitals_comes_back(fen):
    assert amount_of(capitals(fen)) == fen


@given(st.integers(1, 10**9), st.integers(3, 8), st.integers(1, 9))
def test_a_third_decimal_is_refused_never_rounded(fen, places, digit):
    text = f"{fen // 100}.{fen % 100:02d}".ljust(len(str(fen // 100)) + places, "0") + str(digit)
    assert code_of(amount_of, text) == "precision"


@given(st.text())
def test_any_text_is_an_amount_or_refused(text):
    with contextlib.suppress(CellError):
        assert 0 < amount_of(text) <= MAX_AMOUNT


@given(st.floats() | st.integers())
def test_any_number_is_an_amount_or_refused(number):
    with contextlib.suppress(CellError):
        assert 0 < amount_of(number) <= MAX_AMOUNT


@given(st.one_of(st.text(), st.floats(), st.integers()), st.sampled_from(["", "箱", "吨"]))
def test_anything_is_a_quantity_or_refused(cell, measure):
    with contextlib.suppress(CellError):
        count, own, _ = quantity_of(cell, measure)
        assert 0 < count <= MAX_AMOUNT
        assert own


def test_float_noise_is_what_the_cell_shows():
    assert amount_of(0.1 + 0.2) == 30
    assert amount_of(1.1 * 3) == 330
    assert code_of(amount_of, 1.005) == "precision"
    assert amount_of(12345678901234.56) == 1234567890123456


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "no-amount"),
        ("\u200b", "no-amount"),
        ("1,00", "bad-amount"),
        ("1.234,50", "bad-amount"),
        ("5000+3000", "bad-amount"),
        ("abc", "bad-amount"),
        ("一百五", "bad-amount"),
        (True, "bad-amount"),
        ("约100", "inexact"),
        ("100多元", "inexact"),
        ("100美元", "currency"),
        ("$5", "currency"),
        ("-5", "negative"),
        ("－５", "negative"),
        ("(100.00)", "negative"),
        ("100-", "negative"),
        (-3.0, "negative"),
        (0, "zero"),
        ("0.00", "zero"),
        (1e16, "too-large"),
        ("99999999999999999", "too-large"),
        (float("nan"), "bad-amount"),
        (float("inf"), "bad-amount"),
    ],
)
def test_refused_amounts(cell, code):
    assert code_of(amount_of, cell) == code


@pytest.mark.parametrize(
    ("cell", "column", "result"),
    [
        ("198箱", "", (198, "箱", "")),
        ("12000 支", "", (12000, "支", "")),
        ("1箱 ", "箱", (1, "箱", "")),
        (15.0, "件", (15, "件", "")),
        ("13.5万盒", "", (135000, "盒", "")),
        ("1.6万", "个", (16000, "个", "")),
        ("2亿", "只", (200000000, "只", "")),
        ("3千个", "", (3000, "个", "")),
        ("5千克", "", (5000, "千克", "")),
        ("2.5吨", "", (2500, "吨", "")),
        (0.25, "公斤", (250, "公斤", "")),
        ("8400人份", "", (8400, "人份", "")),
        ("五箱", "", (5, "箱", "")),
        ("１０箱", "", (10, "箱", "")),
        ("10箱（每箱50盒）", "", (10, "箱", "(每箱50盒)")),
    ],
)
def test_quantities(cell, column, result):
    assert quantity_of(cell, column) == result


@pytest.mark.parametrize(
    ("cell", "column", "code"),
    [
        ("3000", "", "no-measure"),
        (3000.0, "", "no-measure"),
        ("10箱", "盒", "two-measures"),
        ("2.5箱", "", "fraction"),
        (0.5, "台", "fraction"),
        ("2.5001吨", "", "fraction"),
        ("1400瓶60箱", "", "several-quantities"),
        ("80盒/件", "", "bad-quantity"),
        ("若干", "", "inexact"),
        ("一批", "", "inexact"),
        ("100余件", "", "inexact"),
        ("-3箱", "", "negative"),
        (-3, "箱", "negative"),
        (0.0, "箱", "zero"),
        ("0箱", "", "zero"),
    ],
)
def test_refused_quantities(cell, column, code):
    assert code_of(quantity_of, cell, column) == code


@given(st.integers(1, 10**9), st.sampled_from(["箱", "人份", "小盒", "吨", "公斤"]))
def test_quantity_text_comes_back_exactly(count, measure):
    scale = 3 if measure in {"吨", "公斤"} else 0
    assert quantity_of(f"{decimal(count, scale)}{measure}") == (count, measure, "")
    assert quantity_of(decimal(count, scale + 4) + "万" + measure) == (count, measure, "")


def test_text_is_tidied_but_not_changed():
    assert text_of("\u200b 张\u00a0 三\n李四\t\ufeff") == "张 三 李四"
    assert text_of(20191104.0) == "20191104"
    assert text_of("**华（个人）") == "**华（个人）"


def test_same_words_meet_and_different_ones_do_not():
    assert same_words("Ｎ95 口罩（绿色）") == same_words("n95口罩(绿色)")
    assert same_words("带阀口罩\u00a0\u00a0KN95") == same_words("带阀口罩KN95")
    assert same_words("face mask") != same_words("facemask")
    assert same_words("口罩 N95") != same_words("N95口罩")


def test_scaled_is_exact():
    assert scaled("1,234.5000", 100) == 123450
    with pytest.raises(CellError):
        scaled("0.001", 100)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("一亿二千万", 120000000),
        ("一万二千三百四十五", 12345),
        ("两", 2),
    ],
)
def test_numerals(text, value):
    assert read_numeral(text, 1) == value


@pytest.mark.parametrize("text", ["一二三", "三万五", "一百五", "万", "", "百"])
def test_loose_numerals_are_not_guessed(text):
    assert read_numeral(text, 1) is None


def test_every_message_can_be_filled_in():
    values = dict.fromkeys(
        ["given", "other", "measure", "row", "count", "date", "year", "repeated", "item", "left"], "x"
    )
    assert all(template.format_map(values) for template in TEMPLATES.values())
