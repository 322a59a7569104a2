"""The yearly statement: what it says in both languages, that it adds up, and that it is always the same bytes."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ledger.reports.statement import Became, Foundation, Stated, Statement, statement_pdf

CHINESE = "zh_Hans_CN"
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MONEY = Stated(
    dated=date(2026, 3, 2),
    fund="通用基金",
    purpose="助餐",
    kind="money",
    amount=100_000,
    scale=2,
    item="",
    measure="",
    value=None,
    code_end="HN4R-W",
    entry=412,
    became=(Became("service", 64_000), Became("fund", 36_000)),
)
GOODS = replace(
    MONEY, kind="goods", amount=1_500, scale=3, item="大米", measure="千克", value=62_500, entry=413, code_end=""
)
HOURS = replace(MONEY, kind="hours", amount=150, entry=414, became=(Became("service", 150),))
UNDONE = replace(MONEY, amount=999_900, entry=415, became=(Became("other", 999_900),), undone=True)
ONE = Foundation("青禾社区基金会", "53110000MJ0000000X", "青禾账本", AT, (MONEY, GOODS, HOURS, UNDONE))
TWO = Foundation("远山慈善基金会", "", "远山账本", AT, (replace(MONEY, amount=3_05, became=(Became("fund", 3_05),)),))
YEAR = Statement(2026, ("李明",), (ONE, TWO), "https://ledger.example.org")


def text_of(pdf, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here")
    (tmp_path / "s.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "s.pdf", "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode())


def test_sums_leave_out_what_was_taken_back():
    assert (YEAR.money, YEAR.value, YEAR.minutes, YEAR.gifts) == (100_305, 62_500, 150, 4)
    assert (ONE.money, TWO.money) == (100_000, 305)


def test_it_says_everything_in_chinese(fonts, tmp_path):
    text = text_of(statement_pdf(YEAR, CHINESE, fonts), tmp_path)
    for words in (
        "李明 2026 年捐赠 4 笔",
        "¥1,003.05",
        "人民币壹仟零叁元零伍分",
        "人民币陆佰贰拾伍元整",
        "青禾社区基金会",
        "53110000MJ0000000X",
        "远山慈善基金会",
        "¥640.00",
        "¥360.00",
        "HN4R-W",
        "#412",
        "1.5 千克",
        "2 小时 30 分",
        "不计入",
        "不是公益事业捐赠统一票据",
        "2026-11-23 16:00",
    ):
        assert words.replace(" ", "") in text.replace(" ", "").replace("\N{NO-BREAK SPACE}", ""), words


def test_it_says_everything_in_english_and_names_nobody_unasked(fonts, tmp_path):
    text = text_of(statement_pdf(replace(YEAR, donors=()), "en", fonts), tmp_path)
    for words in (
        "Statement of giving 2026",
        "a well-wisher made 4 gifts",
        "Became services",
        "not an official receipt",
    ):
        assert words in text
    assert "李明" not in text


def test_the_same_statement_is_the_same_bytes(fonts):
    assert statement_pdf(YEAR, "en", fonts) == statement_pdf(YEAR, "en", fonts)
    assert statement_pdf(YEAR, "en", fonts) != statement_pdf(replace(YEAR, year=2025), "en", fonts)


def test_many_gifts_go_on_over_pages(fonts, tmp_path):
    many = replace(ONE, gifts=tuple(replace(MONEY, entry=n) for n in range(120)))
    text = text_of(statement_pdf(replace(YEAR, foundations=(many,)), "en", fonts), tmp_path)
    assert all(f"#{n}" in text for n in range(120))
    assert "¥120,000.00" in text
