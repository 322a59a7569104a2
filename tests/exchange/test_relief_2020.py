"""The published lists of the 2020 relief effort, read where they lie beside the repository; never copied into it."""

from datetime import date
from pathlib import Path

import pytest

from ledger.exchange.lines import Share
from ledger.exchange.lists import read_gifts, read_issues
from ledger.exchange.profiles import PROFILES

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "data" / "relief-2020"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the real lists (../shared/data/relief-2020 beside the repository) are not here"
)


@pytest.fixture(scope="module")
def alipay():
    return read_gifts(FOLDER / "cash-alipay-0122-0128.xlsx", default_year=2020)


@pytest.fixture(scope="module")
def received():
    return read_gifts(FOLDER / "goods-received-0124-0211.xlsx")


@pytest.fixture(scope="module")
def issued():
    return [read_issues(FOLDER / f"goods-issued-{day}.xlsx") for day in ("0130", "0201")]


def notes(reading, code):
    return [note for note in reading.report.notes if note.code == code]


def test_alipay_agrees_with_its_footer(alipay):
    report = alipay.report
    assert (report.lines, report.amount, report.refusals) == (48740, 1027281033, ())
    assert [(check.what, check.stated, check.agrees) for check in report.checks] == [
        ("count", 48740, True),
        ("amount", 1027281033, True),
    ]
    assert len({line.key for line in alipay.lines}) == 48740
    assert {line.dated for line in alipay.lines} == {date(2020, 1, 28)}
    assert len(notes(alipay, "sheet-empty")) == 2


def test_earmarked_agrees_with_its_footer():
    found = read_gifts(FOLDER / "cash-earmarked-0129.xlsx")
    assert (found.report.lines, found.report.amount, found.report.refusals) == (6661, 8051659300, ())
    assert [(check.stated, check.agrees) for check in found.report.checks] == [(8051659300, True)]
    assert {line.dated for line in found.lines} == {date(2020, 1, 29)}
    assert sum(bool(line.remark) for line in found.lines) == 49
    assert not any("\t" in line.donor + line.remark for line in found.lines)


def test_goods_received(received):
    report = received.report
    assert [sheet.lines for sheet in report.sheets] == [406, 1015, 1483]
    assert report.refusals == ()
    assert (report.sheets[0].first, report.sheets[-1].last) == (date(2020, 1, 24), date(2020, 2, 11))
    assert all(line.donor and line.dated for line in received.lines)
    assert notes(received, "carried-blank") == []
    merged = notes(received, "carried-merged")
    assert sum(note.reason.values["count"] for note in merged if note.reason.values["given"] == "donor") == 1731
    assert sum(note.reason.values["count"] for note in notes(received, "continued")) == 21
    (cut_off,) = notes(received, "cut-off")
    assert (cut_off.reason.values["count"], cut_off.reason.values["repeated"]) == (209, 132)


def test_goods_received_by_day_only():
    found = read_gifts(FOLDER / "goods-received-0124-0211.xlsx", profile=PROFILES["days-only"])
    assert found.report.lines == 2904 - 209


def test_quantity_and_unit_are_split(received):
    first = received.lines[0]
    assert (first.quantity, first.measure, first.scale) == (198, "箱", 0)


def test_rows_that_share_a_quantity(received):
    line = next(line for line in received.lines if (line.sheet, line.row) == ("Sheet2", 83))
    assert (line.donor, line.quantity, line.measure) == ("上海第二医科大学校友会", 10, "箱")
    assert line.remark.startswith("定向捐赠; 1.")


def test_goods_issued(issued):
    assert [(len(each.lines), each.report.refusals) for each in issued] == [(202, ()), (219, ())]
    assert [{line.dated for line in each.lines} for each in issued] == [{date(2020, 1, 30)}, {date(2020, 2, 1)}]
    assert all(line.recipient for each in issued for line in each.lines)
    carried = [note.reason.values["count"] for each in issued for note in notes(each, "carried-merged")]
    assert sum(carried) == 186 + 203


def test_issued_goods_meet_received_ones(received, issued):
    stock = {line.unit for line in received.lines}
    out = [line for each in issued for line in each.lines]
    assert len({line.unit for line in out}) == 79
    assert len({line.unit for line in out} & stock) == 42
    assert sum(line.unit in stock for line in out) == 203


def test_from_donor_to_recipient():
    path = FOLDER / "goods-donor-to-recipient.csv"
    given, out = read_gifts(path), read_issues(path)
    assert given.report.lines == 10
    assert given.report.refused_by_reason() == {"several-goods": 5, "no-quantity": 1, "several-quantities": 1}
    masks = next(line for line in given.lines if line.quantity == 36000)
    assert [share.quantity for share in masks.recipients] == [16000, 16000]
    assert given.lines[0].value == 500000000
    assert out.report.lines == 11
    assert [line.recipient for line in out.lines if line.gift == masks.key] == ["武汉仁爱医院", "武汉天佑医院"]
    (left,) = notes(out, "unissued")
    assert left.reason.values["left"] == "4000"
    assert [note.row for note in notes(out, "multiplier-shared")] == [masks.row]
    assert any(Share("徐家棚社区", 72) in line.recipients for line in given.lines)
