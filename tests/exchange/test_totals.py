"""Totals that a list states, against what was read."""

import pytest

from ledger.exchange.footer import Scope, scope_of
from ledger.exchange.lists import read_gifts
from tests.exchange.making import csv_file


def checks(tmp_path, rows):
    report = read_gifts(csv_file(tmp_path / "list.csv", rows)).report
    return report, [(check.scope, check.what, check.stated, check.read, check.agrees) for check in report.checks]


HEAD = ["姓名", "金额", "备注"]
TWO = [["甲", "100.25", ""], ["乙", "200", ""]]


@pytest.mark.parametrize(
    "footer",
    [
        ["合计", "300.25", ""],
        ["总计", "￥300.25", ""],
        ["共计2人次", "总金额300.25", ""],
        ["合计：2笔 300.25元", "", ""],
        ["合计人民币：300.25元", "", ""],
        ["合计人民币（大写）叁佰元贰角伍分", "", ""],
        ["总金额", "300.25", "共2笔"],
        ["Total", "300.25", ""],
        ["Grand total:", "300.25", ""],
        ["", "合计：300.25", ""],
        ["累计", "300.25", ""],
        ["合 计", "300.25", ""],
        ["\u200b合计", "300.25", ""],
    ],
)
def test_footers(tmp_path, footer):
    report, found = checks(tmp_path, [HEAD, *TWO, footer])
    assert ("total", "amount", 30025, 30025, True) in found
    assert report.lines == 2
    assert report.agrees
    wrong, _ = checks(
        tmp_path, [HEAD, *TWO, [cell.replace("300.25", "300.26").replace("伍分", "陆分") for cell in footer]]
    )
    assert not wrong.agrees
    assert wrong.disagreements[0].difference == -1


def test_counts(tmp_path):
    _, found = checks(tmp_path, [HEAD, *TWO, ["共计3人次", "总金额300.25", ""]])
    assert found == [("total", "count", 3, 2, False), ("total", "amount", 30025, 30025, True)]


@pytest.mark.parametrize(
    "donor",
    [
        "合计划餐饮公司",
        "共和集团",
        "总参某部",
        "Total (China) Investment",
        "本页传媒",
        "金额科技",
        "小计然",
        "日计科技有限公司",
    ],
)
def test_donors_that_only_begin_like_a_total(tmp_path, donor):
    report, found = checks(tmp_path, [HEAD, [donor, "5", ""]])
    assert (report.lines, found) == (1, [])


def test_a_remark_about_totals_is_a_remark(tmp_path):
    report, found = checks(tmp_path, [HEAD, ["甲", "5", "共计3箱"]])
    assert (report.lines, found) == (1, [])


def test_subtotals_are_not_gifts(tmp_path):
    rows = [
        HEAD, ["甲", "1", ""], ["乙", "2", ""], ["小计", "3", ""], ["丙", "4", ""], ["本页小计", "4", ""],
        ["丁", "5", ""], ["本日合计", "5", ""], ["总计", "12", ""],
    ]  # fmt: skip
    report, found = checks(tmp_path, rows)
    assert report.lines == 4
    assert [(scope, stated, agrees) for scope, _, stated, _, agrees in found] == [
        ("part", 300, True),
        ("part", 400, True),
        ("part", 500, True),
        ("total", 1200, True),
    ]


def test_a_wrong_subtotal_is_found(tmp_path):
    report, _ = checks(tmp_path, [HEAD, ["甲", "1", ""], ["小计", "2", ""], ["乙", "2", ""], ["总计", "3", ""]])
    assert [check.row for check in report.disagreements] == [3]


def test_totals_per_section_and_carried_forward(tmp_path):
    rows = [
        HEAD,
        ["甲", "1", ""],
        ["合计", "1", ""],
        ["乙", "2", ""],
        ["合计", "2", ""],
        ["过次页", "3", ""],
        ["承前页", "3", ""],
    ]
    report, _ = checks(tmp_path, [*rows, ["丙", "4", ""], ["总计", "7", ""]])
    assert report.agrees
    assert report.lines == 3


def test_totals_above_the_table(tmp_path):
    report, found = checks(tmp_path, [["捐款名单"], ["合计：2笔，300.25元"], HEAD, *TWO])
    assert found == [("total", "count", 2, 2, True), ("total", "amount", 30025, 30025, True)]
    assert report.lines == 2


def test_a_rounded_total_is_compared_by_its_digits(tmp_path):
    rows = [HEAD, ["甲", "12345.67", ""], ["合计1.23万元", "", ""]]
    report, _ = checks(tmp_path, rows)
    assert report.agrees
    assert "rounded-total" in {note.code for note in report.notes}
    assert not checks(tmp_path, [HEAD, ["甲", "12345.67", ""], ["合计1.24万元", "", ""]])[0].agrees


def test_a_difference_says_what_refused_rows_explain(tmp_path):
    report, _ = checks(tmp_path, [HEAD, ["甲", "10", ""], ["乙", "-3", ""], ["丙", "1.005", ""], ["合计", "7", ""]])
    check = report.disagreements[0]
    assert (check.stated, check.read, check.refused) == (700, 1000, -300)


def test_totals_in_ten_thousands_columns(tmp_path):
    report, found = checks(tmp_path, [["姓名", "金额(万元)"], ["甲", "1.5"], ["乙", "0.5"], ["合计", "2"]])
    assert found == [("total", "amount", 2000000, 2000000, True)]
    assert report.agrees


def test_quantities_of_goods_are_added_up(tmp_path):
    rows = [
        ["捐赠单位", "品名", "数量", "单位"],
        ["甲", "口罩", "5", "箱"],
        ["乙", "大米", "2.5", "吨"],
        ["合计", "", "7.5", ""],
    ]
    report, found = checks(tmp_path, rows)
    assert found == [("total", "quantity", 7500, 7500, True)]
    assert report.lines == 2


def test_no_totals_is_said(tmp_path):
    report, found = checks(tmp_path, [HEAD, *TWO])
    assert found == []
    assert report.agrees
    assert "no-totals" in {note.code for note in report.notes}


def test_scopes():
    assert scope_of("合计") is Scope.TOTAL
    assert scope_of("第1页小计") is Scope.PART
    assert scope_of("1月24日合计") is Scope.PART
    assert scope_of("捐款总额") is Scope.TOTAL
    assert scope_of("共收到捐款") is Scope.TOTAL
    assert scope_of("1") is None
    assert scope_of("360公司") is None
    assert scope_of("本页小计：") is Scope.PART
    assert scope_of("当日合计") is Scope.PART
    assert scope_of("张三") is None
