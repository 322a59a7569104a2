"""Whatever is in the cells, a list is read or refused by name, and no row vanishes without a word."""

import csv
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exchange.errors import ListError
from ledger.exchange.lists import read_gifts, read_issues

WORDS = [
    *["", "", "甲", "乙公司", "姓名", "金额", "捐赠单位", "品名", "数量", "单位", "接收单位", "日期", "序号", "备注"],
    *["合计", "小计", "5", "1.5", "10箱", "口罩", "口罩3万个", "2020-1-2", "截至28日", "1月2日-1月5日", "同上", "100"],
    *[
        "-3",
        "注：谢谢",
        "1",
        "2",
        "金额（万元）",
        "物资",
        "流向",
        "甲医院1.6\n乙医院1.6万",
        "现金",
        "共计3人次",
        "\u200b",
    ],
    *["0.1+0.2", "箱"],
]
HEADS = [
    ["序号", "日期", "姓名", "金额", "备注"],
    ["姓名", "金额", "姓名", "金额"],
    ["日期", "捐赠单位", "品名", "数量", "单位"],
    ["接收单位", "品名", "规格", "单位", "数量"],
    ["捐赠方", "物资", "折算金额(万元)", "流向"],
    ["捐赠单位", "捐款金额", "物资名称", "数量"],
]
cells = st.sampled_from(WORDS) | st.text(max_size=6) | st.integers(-5, 10**6).map(str)
grids = st.lists(st.lists(cells, min_size=1, max_size=6), max_size=12)


@given(st.sampled_from(HEADS), grids, grids, st.sampled_from([read_gifts, read_issues]))
def test_any_table_is_read_or_refused(head, above, below, read):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([*above[:3], head, *below])
        with suppress(ListError):
            reading = read(path, default_year=2020)
            report = reading.report
            assert report.lines == len(reading.lines) == sum(sheet.lines for sheet in report.sheets)
            assert len(report.refusals) == sum(sheet.refused for sheet in report.sheets)
            assert len({line.key for line in reading.lines}) == report.lines
            assert report.as_dict()["lines"] == report.lines
            assert all(refusal.message and refusal.cells for refusal in report.refusals)
            assert all(note.message for note in report.notes)


@given(
    st.lists(
        st.tuples(st.sampled_from(["甲", "乙", ""]), st.sampled_from(["5", "", "x", "-1", "0", "7.5"])), max_size=15
    )
)
def test_every_filled_row_of_a_plain_list_is_accounted_for(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["姓名", "金额", "备注"], *([*row, ""] for row in rows)])
        reading = read_gifts(path)
    report = reading.report
    seen = {line.row for line in reading.lines} | {refusal.row for refusal in report.refusals}
    seen |= {note.row for note in report.notes if note.code in {"not-a-line", "unlabelled-total"}}
    assert seen == {at for at, row in enumerate(rows, 2) if any(row)}
    assert report.amount == sum(line.amount for line in reading.lines)


HOSTILE = [
    "合计" + "1" * 30_000,
    "合计" + "1" * 60 + "x",
    "合计" + ":" * 30_000,
    *(part * 6_000 for part in ("截至", "1", "1,234", "口罩1个、", "（", "-", "1月", "壹", "2020.", "22 jan ")),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_cells_take_no_time(tmp_path, text):
    path = tmp_path / "list.csv"
    for head in HEADS:
        places = range(len(head))
        rows = [[text if at == hole else "甲" for at in places] for hole in places]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[text], head, ["甲"] * len(head), *rows])
        began = time.process_time()
        with suppress(ListError):
            read_gifts(path, default_year=2020)
        assert time.process_time() - began < 2
