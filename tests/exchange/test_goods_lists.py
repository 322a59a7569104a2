"""Lists of goods given, and of goods issued."""

from datetime import date, datetime

import pytest

from ledger.exchange.errors import WrongListError
from ledger.exchange.lines import Share
from ledger.exchange.lists import read_gifts, read_issues
from tests.exchange.making import csv_file, xls, xlsx


def gifts(tmp_path, rows, **options):
    return read_gifts(csv_file(tmp_path / "list.csv", rows), **options)


def issues(tmp_path, rows):
    return read_issues(csv_file(tmp_path / "list.csv", rows))


def note(reading, code):
    return next(note for note in reading.report.notes if note.code == code)


FULL = ["日期", "捐赠单位", "品名", "规格", "单位", "数量", "价值(元)", "备注"]


def test_all_columns(tmp_path):
    found = gifts(tmp_path, [FULL, ["2020-1-29", "甲公司", "84 消毒液", "5L*4瓶", "箱", "41", "1,234.5", "急用"]])
    (line,) = found.lines
    assert (line.dated, line.donor, line.item, line.spec) == (date(2020, 1, 29), "甲公司", "84 消毒液", "5L*4瓶")
    assert (line.measure, line.quantity, line.scale, line.value, line.remark) == ("箱", 41, 0, 123450, "急用")
    assert line.unit == "84消毒液:箱"
    assert found.kind == "goods"


def test_quantity_and_unit_in_one_cell(tmp_path):
    rows = [["捐赠单位及个人", "品名", "", "数量"], ["甲", "口罩", "N95", "198箱"], ["乙", "试剂", "", "8400 人份"]]
    found = gifts(tmp_path, rows)
    assert [(line.quantity, line.measure, line.spec) for line in found.lines] == [
        (198, "箱", "N95"),
        (8400, "人份", ""),
    ]
    assert note(found, "spec-column").message.endswith("read as the specification")


def test_units_from_the_label(tmp_path):
    assert gifts(tmp_path, [["捐赠人", "物资名称", "数量（箱）"], ["甲", "口罩", "5"]]).lines[0].measure == "箱"


def test_weights_are_counted_in_thousandths(tmp_path):
    found = gifts(
        tmp_path, [["捐赠人", "物资", "数量", "单位"], ["甲", "大米", "2.5", "吨"], ["乙", "大米", "3", "吨"]]
    )
    assert [(line.quantity, line.scale) for line in found.lines] == [(2500, 3), (3000, 3)]
    assert len({line.unit for line in found.lines}) == 1


def test_a_column_without_label_that_holds_dates(tmp_path):
    day = datetime(2020, 1, 29)  # noqa: DTZ001
    rows = [
        ["", "捐赠单位", "品名", "计量单位", "数量总计"],
        [day, "甲", "口罩", "箱", 1],
        [day, "乙", "口罩", "箱", 2],
    ]
    found = read_gifts(xlsx(tmp_path / "a.xlsx", rows))
    assert [line.dated for line in found.lines] == [date(2020, 1, 29)] * 2
    assert note(found, "date-column").reason.values["given"] == "A"


def test_blank_donors_are_the_one_above_until_the_day_or_the_block_ends(tmp_path):
    rows = [
        ["日期", "捐赠单位", "品名", "数量"],
        ["2020-1-29", "甲", "口罩", "1箱"],
        ["2020-1-29", "", "手套", "2箱"],
        ["2020-1-30", "", "帽子", "3箱"],
        ["2020-1-30", "乙", "口罩", "4箱"],
        ["", "", "", ""],
        ["2020-1-30", "", "口罩", "5箱"],
    ]
    found = gifts(tmp_path, rows)
    assert [line.donor for line in found.lines] == ["甲", "甲", "", "乙", ""]
    assert note(found, "carried-blank").reason.values == {"count": 1, "given": "donor"}
    assert note(found, "anonymous").reason.values["count"] == 2


def test_merged_donors_items_and_units(tmp_path):
    rows = [
        ["捐赠单位", "品名", "规格", "单位", "数量"],
        ["甲", "口罩", "大", "箱", 1],
        ["", "", "小", "", 2],
        ["", "手套", "", "", 3],
    ]
    for path in (
        xlsx(tmp_path / "a.xlsx", rows, merges=["A2:A4", "B2:B3", "D2:D4"]),
        xls(tmp_path / "a.xls", rows, [(1, 3, 0, 0), (1, 2, 1, 1), (1, 3, 3, 3)]),
        csv_file(tmp_path / "a.csv", rows),
    ):
        found = read_gifts(path)
        assert [(line.donor, line.item, line.spec, line.measure) for line in found.lines] == [
            ("甲", "口罩", "大", "箱"),
            ("甲", "口罩", "小", "箱"),
            ("甲", "手套", "", "箱"),
        ]


def test_rows_that_share_a_quantity_go_on_with_the_one_above(tmp_path):
    rows = [
        ["捐赠单位", "品名", "规格", "数量"],
        ["甲", "折叠式口罩", "", "4箱"],
        ["定向捐赠某医院", "自吸过滤式", "600只/箱", ""],
        ["乙", "面罩", "", "1箱"],
    ]
    found = read_gifts(xlsx(tmp_path / "a.xlsx", rows, merges=["D2:D3"]))
    assert [(line.donor, line.item, line.spec, line.remark) for line in found.lines] == [
        ("甲", "折叠式口罩 自吸过滤式", "600只/箱", "定向捐赠某医院"),
        ("乙", "面罩", "", ""),
    ]
    assert note(found, "continued").reason.values["count"] == 1


def test_a_donor_on_a_row_of_its_own_is_a_heading(tmp_path):
    rows = [["捐赠单位", "品名", "数量"], ["甲公司", "", ""], ["", "口罩", "1箱"], ["", "手套", "2箱"]]
    found = gifts(tmp_path, rows)
    assert [line.donor for line in found.lines] == ["甲公司", "甲公司"]
    assert found.report.refusals == ()


def test_refused_rows(tmp_path):
    rows = [
        ["捐赠单位", "品名", "数量", "单位"],
        ["甲", "口罩", "若干", "箱"],
        ["甲", "口罩", "5", ""],
        ["乙", "口罩", "5", ""],
        ["丙", "口罩", "", "箱"],
        ["丁", "", "5", "箱"],
        ["戊", "手套", "2.5", "箱"],
        ["己", "手套", "-2", "箱"],
        ["庚", "手套", "5盒", "箱"],
    ]
    found = gifts(tmp_path, rows)
    assert [refusal.code for refusal in found.report.refusals] == [
        "inexact", "no-measure", "no-measure", "no-quantity", "no-item", "fraction", "negative", "two-measures",
    ]  # fmt: skip
    assert found.lines == ()


def test_cumulative_sections_are_pointed_out(tmp_path):
    rows = [
        ["日期", "捐赠单位", "品名", "数量"],
        ["2020-1-24", "甲", "口罩", "1箱"],
        ["截至28日", "甲", "口罩", "1箱"],
        ["截至28日", "乙", "口罩", "2箱"],
    ]
    found = gifts(tmp_path, rows)
    assert [line.dated for line in found.lines] == [date(2020, 1, 24), date(2020, 1, 28), date(2020, 1, 28)]
    assert note(found, "cut-off").reason.values == {"count": 2, "given": "截至28日", "repeated": 1}


def test_values_of_several_rows_are_not_divided(tmp_path):
    rows = [
        ["捐赠单位", "品名", "数量", "价值"],
        ["甲", "口罩", "1箱", 500],
        ["甲", "手套", "1箱", ""],
        ["乙", "帽", "1箱", 7],
    ]
    found = read_gifts(xlsx(tmp_path / "a.xlsx", rows, merges=["D2:D3"]))
    assert [line.value for line in found.lines] == [None, None, 700]
    assert note(found, "value-shared").reason.values["count"] == 1


def test_money_and_goods_in_one_list(tmp_path):
    rows = [
        ["捐赠单位", "捐赠资金(元)", "物资名称", "数量"],
        ["甲", "5000", "", ""],
        ["乙", "", "口罩", "5箱"],
        ["丙", "100", "手套", "1箱"],
    ]
    found = gifts(tmp_path, rows)
    assert [(type(line).__name__, line.donor) for line in found.lines] == [("MoneyLine", "甲"), ("GoodsLine", "乙")]
    assert found.report.refused_by_reason() == {"money-and-goods": 1}
    assert found.kind == "mixed"


def test_several_goods_of_one_gift_share_its_number(tmp_path):
    rows = [
        ["序号", "捐赠单位", "品名", "数量"],
        ["1", "甲", "口罩", "1箱"],
        ["1", "甲", "手套", "2箱"],
        ["2", "乙", "帽", "1箱"],
    ]
    assert gifts(tmp_path, rows).report.lines == 3
    again = [*rows, ["1", "甲", "口罩", "1箱"]]
    assert gifts(tmp_path, again).report.refused_by_reason() == {"repeated-number": 1}


def test_issues_with_blank_recipients(tmp_path):
    rows = [
        ["某会发放物资一览表"],
        ["2020年1月30日"],
        ["接收单位", "品名", "规格", "计量单位", "数量"],
        ["甲医院", "口罩", "", "箱", "1"],
        ["", "手套", "", "箱", "2"],
        ["", "", "", "", ""],
        ["", "帽子", "", "箱", "3"],
        ["乙医院", "口罩", "", "箱", "4"],
        ["某会", "", "", "", ""],
    ]
    found = issues(tmp_path, rows)
    assert [(line.recipient, line.item, line.quantity) for line in found.lines] == [
        ("甲医院", "口罩", 1),
        ("甲医院", "手套", 2),
        ("甲医院", "帽子", 3),
        ("乙医院", "口罩", 4),
    ]
    assert {line.dated for line in found.lines} == {date(2020, 1, 30)}
    assert found.kind == "issues"


@pytest.mark.parametrize(
    "label", ["发放单位", "领用单位", "受赠方", "流向", "单位名称", "Recipient", "使用单位（科室）"]
)
def test_labels_of_recipients(tmp_path, label):
    assert issues(tmp_path, [[label, "品名", "数量"], ["甲医院", "口罩", "5箱"]]).lines[0].recipient == "甲医院"


def test_an_issue_without_recipient_is_refused(tmp_path):
    found = issues(tmp_path, [["接收单位", "品名", "数量"], ["", "口罩", "5箱"], ["甲医院", "口罩", "5箱"]])
    assert [refusal.code for refusal in found.report.refusals] == ["no-recipient"]


def test_gifts_are_no_issues(tmp_path):
    with pytest.raises(WrongListError, match="gifts"):
        issues(tmp_path, [["捐赠单位", "品名", "数量"], ["甲", "口罩", "5箱"]])
    with pytest.raises(WrongListError, match="gifts"):
        issues(tmp_path, [["姓名", "金额"], ["甲", "5"]])


def test_received_and_issued_meet_in_the_unit(tmp_path):
    got = gifts(tmp_path, [["捐赠单位", "品名", "规格", "数量"], ["甲", "N95 口罩（白）", "大", "5箱"]]).lines[0]
    out = issues(tmp_path, [["接收单位", "品名", "规格", "单位", "数量"], ["乙", "n95口罩(白)", "", "箱", "3"]]).lines[
        0
    ]
    assert got.unit == out.unit


BOTH = [
    ["捐赠方", "物资", "折算金额(万元)", "流向"],
    ["甲公司", "N95口罩36000个", "36", "仁医院1.6\n佑医院1.6万"],
    ["乙公司", "护目镜144个", "0.36", "甲社区72个\n医疗队72"],
    ["丙公司", "口罩3万个", "", "荣医院"],
    ["丁公司", "消毒仪10台", "5", "东站\n西站"],
    ["戊公司", "医用口罩5万只、消毒液1000瓶", "3.46", "铁路局"],
    ["己公司", "医用口罩5万只、消毒液1000瓶", "", "铁路局"],
    ["庚公司", "口罩100只", "", ""],
]


def test_from_donor_to_recipient_as_gifts(tmp_path):
    found = gifts(tmp_path, BOTH)
    assert [(line.donor, line.item, line.quantity, line.value) for line in found.lines] == [
        ("甲公司", "N95口罩", 36000, 36000000),
        ("乙公司", "护目镜", 144, 360000),
        ("丙公司", "口罩", 30000, None),
        ("丁公司", "消毒仪", 10, 5000000),
        ("己公司", "医用口罩", 50000, None),
        ("己公司", "消毒液", 1000, None),
        ("庚公司", "口罩", 100, None),
    ]
    assert found.lines[0].recipients == (Share("仁医院", 16000), Share("佑医院", 16000))
    assert found.lines[3].recipients == (Share("东站"), Share("西站"))
    assert found.report.refused_by_reason() == {"several-goods": 1}


def test_from_donor_to_recipient_as_issues(tmp_path):
    given = gifts(tmp_path, BOTH)
    found = issues(tmp_path, BOTH)
    assert [(line.recipient, line.item, line.quantity) for line in found.lines] == [
        ("仁医院", "N95口罩", 16000),
        ("佑医院", "N95口罩", 16000),
        ("甲社区", "护目镜", 72),
        ("医疗队", "护目镜", 72),
        ("荣医院", "口罩", 30000),
        ("铁路局", "医用口罩", 50000),
        ("铁路局", "消毒液", 1000),
    ]
    assert found.lines[0].gift == given.lines[0].key
    assert found.lines[0].donor == "甲公司"
    assert [refusal.code for refusal in found.report.refusals] == ["undivided", "several-goods"]
    assert note(found, "unissued").reason.values["left"] == "4000"
    assert note(found, "multiplier-shared").row == 2
    assert note(found, "not-issued").reason.values["count"] == 1


def test_cash_among_goods(tmp_path):
    rows = [["捐赠单位", "捐赠内容", "数量", "金额（元）"], ["甲", "现金", "", "500"], ["乙", "口罩", "5箱", "80"]]
    found = gifts(tmp_path, rows)
    assert (found.lines[0].amount, found.lines[1].value) == (50000, 8000)


@pytest.mark.parametrize("label", ["物资名称及数量", "捐赠物资（数量）", "品名、数量", "捐赠物资"])
def test_goods_and_quantity_in_one_column(tmp_path, label):
    found = gifts(tmp_path, [["捐赠单位", label, "备注"], ["甲", "医用口罩3万个", ""]])
    assert [(line.item, line.quantity, line.measure) for line in found.lines] == [("医用口罩", 30000, "个")]


def test_groups_of_columns(tmp_path):
    rows = [
        ["序号", "捐赠方", "", "捐赠物资", "", "", "价值"],
        ["", "名称", "联系人", "名称", "数量", "单位", "金额（万元）"],
        ["1", "甲公司", "某", "口罩", "5", "箱", "0.5"],
    ]
    (line,) = gifts(tmp_path, rows).lines
    assert (line.donor, line.item, line.quantity, line.measure, line.value) == ("甲公司", "口罩", 5, "箱", 500000)
