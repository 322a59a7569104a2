"""Lists of gifts of money: headers, titles, blanks, duplicates, notes."""

from datetime import date, datetime

import pytest

from ledger.exchange.errors import CurrencyError, EmptyListError, NoHeaderError, WrongListError
from ledger.exchange.lines import MoneyLine
from ledger.exchange.lists import read_gifts
from tests.exchange.making import csv_file, xlsx


def read(tmp_path, rows, **options):
    return read_gifts(csv_file(tmp_path / "list.csv", rows), **options)


def given(reading):
    return [(line.donor, line.amount) for line in reading.lines]


def codes(reading):
    return {note.code for note in reading.report.notes}


def test_a_list_with_title_footer_and_all_columns(tmp_path):
    rows = [
        ["某慈善会接收捐款明细", "", "", "", "", "", ""],
        ["", "", "", "", "", "", "单位：元"],
        ["序号", "捐赠日期", "捐赠（单位/姓名）", "捐赠金额（元）", "交易流水号", "渠道", "备注"],
        ["1", "2020.01.29", "**明", "1,000.50", "A1", "银行", "用于医院\t"],
        ["2", "2020-1-30", "某某有限公司", "￥20", "A2", "微信", ""],
        ["合计", "", "", "1020.5", "", "", ""],
    ]
    found = read(tmp_path, rows)
    assert list(found.lines) == [
        MoneyLine("", 4, date(2020, 1, 29), "**明", 100050, "用于医院", "A1", "银行", found.lines[0].key),
        MoneyLine("", 5, date(2020, 1, 30), "某某有限公司", 2000, "", "A2", "微信", found.lines[1].key),
    ]
    assert found.kind == "money"
    assert found.report.agrees
    assert found.report.amount == 102050
    assert [sheet.columns["donor"] for sheet in found.report.sheets] == ["捐赠（单位/姓名）"]


@pytest.mark.parametrize(
    "header",
    [
        ["姓名", "金额"],
        ["捐款人", "捐款金额(元)"],
        ["捐赠方", "到账金额"],
        ["单位名称", "捐赠资金"],
        ["名称", "善款"],
        ["爱心企业/个人", "捐款数额"],
        ["交款人姓名", "实收金额"],
        ["对方户名", "收入金额"],
        ["Donor", "Amount"],
        ["Donor name", "Amount (CNY)"],
        ["Name", "Donation"],
        ["捐赠单位\n（个人）", "捐 赠 金 额"],
    ],
)
def test_headers(tmp_path, header):
    assert given(read(tmp_path, [header, ["甲", "5"], ["乙", "7.5"]])) == [("甲", 500), ("乙", 750)]


def test_columns_in_any_order_and_unknown_ones(tmp_path):
    rows = [["联系电话", "金额", "备注", "身份证号", "姓名"], ["139", "5", "祝好", "42", "甲"]]
    found = read(tmp_path, rows)
    assert (found.lines[0].donor, found.lines[0].amount, found.lines[0].remark) == ("甲", 500, "祝好")
    note = next(note for note in found.report.notes if note.code == "ignored-columns")
    assert note.message.endswith("联系电话, 身份证号")


def test_a_header_over_two_rows(tmp_path):
    rows = [
        ["捐款公示", "", "", "", ""],
        ["序号", "捐赠人", "", "捐款", ""],
        ["", "名称", "联系地址", "金额", "时间"],
        ["1", "甲", "某地", "5", "2020-1-1"],
    ]
    found = read(tmp_path, rows)
    assert given(found) == [("甲", 500)]
    assert found.lines[0].dated == date(2020, 1, 1)


def test_tables_side_by_side(tmp_path):
    rows = [
        ["捐款名单", "", "", "", "", ""],
        ["序号", "姓名", "金额", "序号", "姓名", "金额"],
        ["1", "甲", "1", "3", "丙", "3"],
        ["2", "乙", "2", "4", "丁", "4"],
        ["5", "戊", "5", "", "", ""],
        ["合计", "", "15", "", "", ""],
    ]
    found = read(tmp_path, rows)
    assert given(found) == [("甲", 100), ("乙", 200), ("戊", 500), ("丙", 300), ("丁", 400)]
    assert found.report.agrees
    assert found.report.refusals == ()


def test_repeated_headers_and_a_second_table_below(tmp_path):
    rows = [
        ["姓名", "金额"],
        ["甲", "1"],
        ["姓名", "金额"],
        ["乙", "2"],
        [],
        ["第二批"],
        ["日期", "金额（万元）", "捐赠单位"],
        ["2020-02-01", "0.5", "丙公司"],
    ]
    found = read(tmp_path, rows)
    assert given(found) == [("甲", 100), ("乙", 200), ("丙公司", 500000)]
    assert found.lines[2].dated == date(2020, 2, 1)
    assert "page-header" in codes(found)


def test_ten_thousands_by_heading_or_label(tmp_path):
    assert given(read(tmp_path, [["单位：万元"], ["姓名", "金额"], ["甲", "1.2345"]])) == [("甲", 1234500)]
    assert given(read(tmp_path, [["单位：万元"], ["姓名", "金额（元）"], ["甲", "1.2"]])) == [("甲", 120)]
    assert given(read(tmp_path, [["姓名", "金额(万元)"], ["甲", "1.2"], ["乙", "500元"]])) == [
        ("甲", 1200000),
        ("乙", 50000),
    ]


def test_foreign_currency_is_refused_as_a_whole(tmp_path):
    with pytest.raises(CurrencyError, match="美元"):
        read(tmp_path, [["姓名", "金额（美元）"], ["甲", "5"]])


def test_refused_rows_say_where_why_and_what(tmp_path):
    rows = [
        ["序号", "姓名", "金额", "日期"],
        ["1", "甲", "-5", "2020-1-1"],
        ["2", "乙", "0", "2020-1-1"],
        ["3", "丙", "1.005", "2020-1-1"],
        ["4", "丁", "", "2020-1-1"],
        ["5", "戊", "约100", "2020-1-1"],
        ["6", "己", "5", "2020-13-45"],
        ["7", "庚", "5", "2020-1-1"],
    ]
    report = read(tmp_path, rows).report
    assert [(refusal.row, refusal.code) for refusal in report.refusals] == [
        (2, "negative"),
        (3, "zero"),
        (4, "precision"),
        (5, "no-amount"),
        (6, "inexact"),
        (7, "bad-date"),
    ]
    assert report.refusals[0].message.startswith("row 2: '-5' is negative")
    assert report.refusals[0].cells == ("1", "甲", "-5", "2020-1-1")
    assert report.lines == 1
    assert report.refused_by_reason()["zero"] == 1


def test_equal_lines_are_different_gifts_and_reported(tmp_path):
    found = read(tmp_path, [["姓名", "金额"], ["某某", "10"], ["某某", "10"], ["某某", "10"]])
    assert found.report.lines == 3
    assert found.report.repeated == 2
    assert len({line.key for line in found.lines}) == 3


def test_repeated_numbers_and_references_are_duplicates(tmp_path):
    rows = [
        ["编号", "姓名", "金额", "订单号"],
        ["1", "甲", "10", "T1"],
        ["2", "乙", "10", "T2"],
        ["2", "丙", "10", "T3"],
        ["3", "丁", "10", "T1"],
        ["4", "戊", "10", ""],
        ["5", "己", "10", ""],
    ]
    report = read(tmp_path, rows).report
    assert [(refusal.row, refusal.code) for refusal in report.refusals] == [
        (4, "repeated-number"),
        (5, "repeated-reference"),
    ]
    assert "row 3" in report.refusals[0].message


def test_numbering_that_starts_again(tmp_path):
    page = [["1", "甲", "10"], ["2", "乙", "20"]]
    other = [["1", "丙", "10"], ["2", "丁", "20"]]
    found = read(tmp_path, [["序号", "姓名", "金额"], *page, *other])
    assert found.report.lines == 4
    assert "number-restart" in codes(found)
    twice = read(tmp_path, [["序号", "姓名", "金额"], *page, *page])
    assert twice.report.lines == 2
    assert twice.report.refused_by_reason() == {"repeated-number": 2}


def test_donors_with_line_breaks_and_blank_rows_and_notes(tmp_path):
    rows = [
        ["姓名", "金额", "备注"],
        ["张三\n李四", "5", ""],
        ["", "", ""],
        ["王五", "６．５", ""],
        ["", "", ""],
        ["注：以上名单如有错漏请联系我们", "", ""],
        ["制表人：赵某", "", "审核：钱某"],
        ["某慈善会", "", ""],
        ["2020年2月3日", "", ""],
    ]
    found = read(tmp_path, rows)
    assert given(found) == [("张三 李四", 500), ("王五", 650)]
    assert found.report.refusals == ()
    assert sum(note.code == "not-a-line" for note in found.report.notes) == 4


def test_a_lone_name_between_gifts_is_not_lost(tmp_path):
    found = read(tmp_path, [["姓名", "金额"], ["甲", "1"], ["乙", ""], ["丙", "3"]])
    assert [(refusal.row, refusal.code) for refusal in found.report.refusals] == [(3, "no-amount")]


def test_a_missing_donor_is_anonymous_and_counted(tmp_path):
    found = read(tmp_path, [["姓名", "金额"], ["甲", "1"], ["", "2"], ["爱心人士", "3"]])
    assert given(found) == [("甲", 100), ("", 200), ("爱心人士", 300)]
    assert next(note for note in found.report.notes if note.code == "anonymous").reason.values["count"] == 1


def test_merged_donors_are_carried_down_by_the_merge_only(tmp_path):
    rows = [["姓名", "金额"], ["甲", 1], ["", 2], ["", 4], ["丙", 5]]
    found = read_gifts(xlsx(tmp_path / "a.xlsx", rows, merges=["A2:A3"]))
    assert given(found) == [("甲", 100), ("甲", 200), ("", 400), ("丙", 500)]
    assert {"carried-merged", "anonymous"} <= codes(found)


def test_ditto_marks(tmp_path):
    found = read(tmp_path, [["日期", "姓名", "金额"], ["2020-1-2", "甲", "1"], ["同上", "〃", "2"]])
    assert given(found) == [("甲", 100), ("甲", 200)]
    assert found.lines[1].dated == date(2020, 1, 2)


def test_dates_by_serial_number_cell_and_text(tmp_path):
    rows = [["日期", "姓名", "金额"], [43859, "甲", 1], [datetime(2020, 1, 30), "乙", 1], ["20200131", "丙", 1]]  # noqa: DTZ001
    found = read_gifts(xlsx(tmp_path / "a.xlsx", rows))
    assert [line.dated for line in found.lines] == [date(2020, 1, 29), date(2020, 1, 30), date(2020, 1, 31)]


def test_blank_dates_are_carried_down_and_sections_date_their_rows(tmp_path):
    rows = [["日期", "姓名", "金额"], ["2020-1-2", "甲", "1"], ["", "乙", "1"]]
    assert [line.dated for line in read(tmp_path, rows).lines] == [date(2020, 1, 2)] * 2
    rows = [["2020年捐款"], ["姓名", "金额"], ["1月24日"], ["甲", "1"], ["1月25日"], ["乙", "1"]]
    assert [line.dated for line in read(tmp_path, rows).lines] == [date(2020, 1, 24), date(2020, 1, 25)]


def test_periods_and_years_from_elsewhere(tmp_path):
    rows = [["接收捐款明细"], ["1月22日 --  1月28日"], ["姓名", "金额"], ["甲", "1"]]
    open_ = read(tmp_path, rows)
    assert open_.lines[0].dated is None
    assert "no-year" in codes(open_)
    found = read(tmp_path, rows, default_year=2020)
    assert found.lines[0].dated == date(2020, 1, 28)
    assert {"year-assumed", "date-period"} <= codes(found)
    titled = read(tmp_path, [["2019年捐款明细"], *rows[1:]], default_year=2020)
    assert titled.lines[0].dated == date(2019, 1, 28)
    assert "year-assumed" not in codes(titled)


def test_dates_without_a_year_take_it_from_the_title(tmp_path):
    rows = [["2020年捐款"], ["日期", "姓名", "金额"], ["1月24日", "甲", "1"], ["1.25", "乙", "1"]]
    assert [line.dated for line in read(tmp_path, rows).lines] == [date(2020, 1, 24), date(2020, 1, 25)]


def test_hidden_and_empty_sheets_and_sheets_without_header(tmp_path):
    rows = [["姓名", "金额"], ["甲", 1]]
    more = {"旧": [["姓名", "金额"], ["乙", 2]], "空": [], "说明": [["本表由某会公布"], ["谢谢"]], "二": rows}
    found = read_gifts(xlsx(tmp_path / "a.xlsx", rows, more=more, hidden=["旧"]))
    assert [(line.sheet, line.donor) for line in found.lines] == [("Sheet1", "甲"), ("二", "甲")]
    assert {"sheet-hidden", "sheet-empty", "sheet-no-header"} <= codes(found)
    assert found.report.repeated == 1


def test_files_without_a_list(tmp_path):
    with pytest.raises(NoHeaderError, match=r"list\.csv"):
        read(tmp_path, [["今天天气很好"], ["一", "二"]])
    with pytest.raises(EmptyListError):
        read_gifts(xlsx(tmp_path / "a.xlsx", []))
    with pytest.raises(WrongListError, match="issues"):
        read(tmp_path, [["接收单位", "品名", "数量", "单位"], ["某医院", "口罩", "5", "箱"]])


def test_invisible_characters_are_counted(tmp_path):
    found = read(tmp_path, [["姓名", "金额"], ["\u200b甲\u200b", "\ufeff5"]])
    assert given(found) == [("甲", 500)]
    assert next(note for note in found.report.notes if note.code == "zero-width").reason.values["count"] == 3


def test_the_report_as_json_values(tmp_path):
    report = read(tmp_path, [["姓名", "金额"], ["甲", "-1"], ["乙", "2"]]).report.as_dict()
    assert report["agrees"] is True
    assert report["refusals"][0]["code"] == "negative"
    assert report["refusals"][0]["message"].startswith("row 2")
    assert report["sheets"][0]["columns"] == {"donor": "姓名", "amount": "金额"}


def test_one_number_for_two_tables_side_by_side(tmp_path):
    rows = [["序号", "姓名", "金额", "姓名", "金额"], ["1", "甲", "1", "乙", "2"], ["2", "丙", "3", "丁", "4"]]
    assert given(read(tmp_path, rows)) == [("甲", 100), ("丙", 300), ("乙", 200), ("丁", 400)]


def test_a_figure_alone_is_a_total_when_it_is_the_sum(tmp_path):
    found = read(tmp_path, [["姓名", "金额"], ["甲", "1"], ["乙", "2"], ["", "3"]])
    assert given(found) == [("甲", 100), ("乙", 200)]
    assert "unlabelled-total" in codes(found)
    assert found.report.agrees


def test_a_figure_alone_at_the_end_that_is_no_sum_is_refused(tmp_path):
    found = read(tmp_path, [["姓名", "金额"], ["甲", "1"], ["乙", "2"], ["", "4"]])
    assert given(found) == [("甲", 100), ("乙", 200)]
    assert found.report.refused_by_reason() == {"lone-figure": 1}
    before = read(tmp_path, [["姓名", "金额"], ["甲", "1"], ["乙", "2"], ["", "4"], ["合计", "7"]])
    assert before.report.refused_by_reason() == {"lone-figure": 1}
    assert not before.report.agrees


def test_a_day_of_publishing_is_no_date_of_gifts(tmp_path):
    rows = [
        ["捐款明细（2020年1月29日-2月3日）"],
        ["发布时间：2020年2月5日"],
        ["2020年2月6日"],
        ["姓名", "金额"],
        ["甲", "1"],
    ]
    assert read(tmp_path, rows).lines[0].dated == date(2020, 2, 3)


@pytest.mark.parametrize("label", ["捐赠数量（元）", "折合人民币", "价值（元）"])
def test_other_words_for_the_amount(tmp_path, label):
    assert given(read(tmp_path, [["捐赠人", label], ["甲", "5"]])) == [("甲", 500)]
