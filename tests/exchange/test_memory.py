"""Long lists: memory grows with the lines only, and by little."""

import tracemalloc

import pytest

from ledger.exchange.lists import read_gifts
from tests.exchange.making import csv_file


@pytest.mark.parametrize("count", [5_000])
def test_a_long_list_costs_little_memory(tmp_path, count):
    rows = [["序号", "日期", "姓名", "金额", "备注"]] + [
        [n, "2020-01-29", f"人{n}", n / 100, "x" * 200] for n in range(1, count)
    ]
    path = csv_file(tmp_path / "long.csv", rows)
    del rows
    tracemalloc.start()
    found = read_gifts(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.report.lines == count - 1
    assert peak / count < 2000
