"""Identities of lines: the same list again, in another format, under another title."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.exchange.keys import Keys, list_key
from ledger.exchange.lines import MoneyLine
from ledger.exchange.lists import read_gifts
from tests.exchange.making import csv_file, xls, xlsx

HEAD = ["序号", "日期", "姓名", "金额", "备注"]
ROWS = [["1", "2020-01-29", "甲", 10, "用于口罩"], ["2", "2020-01-29", "乙", 10, ""], ["3", "2020-01-29", "乙", 10, ""]]


def keys(path):
    return [line.key for line in read_gifts(path).lines]


def test_keys_do_not_depend_on_format_title_or_place(tmp_path):
    first = keys(csv_file(tmp_path / "a.csv", [HEAD, *ROWS]))
    assert len(set(first)) == 3
    assert keys(csv_file(tmp_path / "b.csv", [HEAD, *ROWS], encoding="gb18030", delimiter=";")) == first
    assert keys(xlsx(tmp_path / "a.xlsx", [["另一个标题"], [], HEAD, *ROWS], name="公示")) == first
    assert keys(xls(tmp_path / "a.xls", [HEAD, *ROWS])) == first
    turned = [[row[4], row[3], row[2], row[1]] for row in [HEAD, *ROWS]]
    assert keys(csv_file(tmp_path / "c.csv", turned)) == first
    spelled = [["1", "2020.1.29", " 甲\u200b", "￥10.00元", "用于 口罩"], *ROWS[1:]]
    assert keys(csv_file(tmp_path / "d.csv", [HEAD, *spelled])) == first


def test_keys_do_depend_on_what_the_line_says(tmp_path):
    first = keys(csv_file(tmp_path / "a.csv", [HEAD, *ROWS]))[0]
    others = [
        ["1", "2020-01-30", "甲", 10, "用于口罩"],
        ["1", "2020-01-29", "丙", 10, "用于口罩"],
        ["1", "2020-01-29", "甲", 10.01, "用于口罩"],
        ["1", "2020-01-29", "甲", 10, "用于手套"],
    ]
    found = {keys(csv_file(tmp_path / "b.csv", [HEAD, row]))[0] for row in others}
    assert len(found) == 4
    assert first not in found


lines = st.lists(
    st.builds(MoneyLine, st.just("s"), st.integers(1, 9), st.none(), st.sampled_from("甲乙"), st.integers(1, 3))
)


@given(lines, st.randoms())
def test_equal_lines_are_numbered_and_order_does_not_matter_to_the_list(found, random):
    signing = Keys()
    signed = [signing.sign(line) for line in found]
    assert len({line.key for line in signed}) == len(found)
    assert signing.repeated == len(found) - len({(line.donor, line.amount) for line in found})
    shuffled = list(found)
    random.shuffle(shuffled)
    again = Keys()
    assert list_key(again.sign(line) for line in shuffled) == list_key(signed)
    assert {line.key for line in signed[: len(signed) // 2]} <= {line.key for line in signed}
