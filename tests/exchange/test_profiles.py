"""Profiles: named, from a file, and what they change."""

import json
from datetime import date

import pytest

from ledger.exchange.errors import ProfileError
from ledger.exchange.lists import read_gifts
from ledger.exchange.profiles import PROFILES, find_profile, profile_from
from ledger.exchange.roles import Role
from tests.exchange.making import csv_file, xlsx


def profile(tmp_path, **said):
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"shanliu-profile": 1, **said}, ensure_ascii=False), encoding="utf-8")
    return find_profile(str(path))


def test_named_profiles():
    assert find_profile("auto") is PROFILES["auto"]
    with pytest.raises(ProfileError, match="blank-is-above"):
        find_profile("nonsense")


def test_columns_by_label_and_number(tmp_path):
    own = profile(tmp_path, name="某行", columns={"donor": "摘要", "amount": 3})
    rows = [["摘要", "余额", "贷方"], ["甲", "900", "5"]]
    found = read_gifts(csv_file(tmp_path / "a.csv", rows), profile=own)
    assert (found.lines[0].donor, found.lines[0].amount) == ("甲", 500)
    assert own.name == "某行"


def test_a_list_without_header(tmp_path):
    own = profile(tmp_path, header_row=0, columns={"donor": 1, "amount": 2})
    found = read_gifts(csv_file(tmp_path / "a.csv", [["甲", "5"], ["乙", "6"]]), profile=own)
    assert [(line.row, line.donor, line.amount) for line in found.lines] == [(1, "甲", 500), (2, "乙", 600)]
    with pytest.raises(ProfileError, match="columns"):
        read_gifts(csv_file(tmp_path / "a.csv", [["甲", "5"]]), profile=profile(tmp_path, header_row=0))


def test_sheets_year_unit_and_carry(tmp_path):
    rows = [["1月2日捐款"], ["姓名", "金额"], ["甲", 1], ["", 2]]
    path = xlsx(tmp_path / "a.xlsx", [["姓名", "金额"], ["丙", 1]], more={"藏": rows}, hidden=["藏"])
    own = profile(tmp_path, sheets=["藏"], year=2020, money_unit="万元", carry=["donor"])
    found = read_gifts(path, profile=own)
    assert [(line.donor, line.amount, line.dated) for line in found.lines] == [
        ("甲", 1000000, date(2020, 1, 2)),
        ("甲", 2000000, date(2020, 1, 2)),
    ]
    with pytest.raises(ProfileError, match="无"):
        read_gifts(path, profile=profile(tmp_path, sheets=["无"]))


def test_measure_and_days_only(tmp_path):
    rows = [["日期", "捐赠单位", "品名", "数量"], ["2020-1-2", "甲", "口罩", "5"], ["截至3日", "甲", "口罩", "5"]]
    path = csv_file(tmp_path / "a.csv", rows)
    found = read_gifts(path, profile=profile(tmp_path, measure="件", skip_cut_off=True))
    assert [(line.quantity, line.measure) for line in found.lines] == [(5, "件")]
    assert "cut-off-skipped" in {note.code for note in found.report.notes}
    assert len(read_gifts(path, profile=profile(tmp_path, measure="件")).lines) == 2


def test_encoding_of_a_profile(tmp_path):
    path = csv_file(tmp_path / "a.csv", [["姓名", "金额"], ["張三", "5"]], encoding="utf-16-le")
    assert read_gifts(path, profile=profile(tmp_path, encoding="utf-16-le")).lines[0].donor == "張三"


@pytest.mark.parametrize(
    "said",
    [
        [],
        {"name": "x"},
        {"shanliu-profile": 2},
        {"shanliu-profile": 1, "colums": {}},
        {"shanliu-profile": 1, "columns": {"giver": 1}},
        {"shanliu-profile": 1, "columns": {"donor": 1.5}},
        {"shanliu-profile": 1, "columns": []},
        {"shanliu-profile": 1, "sheets": "x"},
        {"shanliu-profile": 1, "carry": ["giver"]},
        {"shanliu-profile": 1, "year": "2020"},
        {"shanliu-profile": 1, "skip_cut_off": 1},
        {"shanliu-profile": 1, "money_unit": "dollars"},
        {"shanliu-profile": 1, "measure": 5},
        {"shanliu-profile": 1, "encoding": "nonsense"},
    ],
)
def test_wrong_profiles_are_named(said):
    with pytest.raises(ProfileError, match="own"):
        profile_from(said, "own")


def test_a_file_that_is_no_json(tmp_path):
    (tmp_path / "p.json").write_text("{", encoding="utf-8")
    with pytest.raises(ProfileError, match="not JSON"):
        find_profile(str(tmp_path / "p.json"))


def test_columns_that_are_not_there(tmp_path):
    path = csv_file(tmp_path / "a.csv", [["姓名", "金额"], ["甲", "5"]])
    with pytest.raises(ProfileError, match="column 7"):
        read_gifts(path, profile=profile(tmp_path, columns={"donor": 7}))
    with pytest.raises(ProfileError, match="汇款人"):
        read_gifts(path, profile=profile(tmp_path, columns={"donor": "汇款人"}))


def test_roles_a_profile_may_name():
    assert profile_from({"shanliu-profile": 1, "columns": {"remark": 3}}, "x").columns == {Role.REMARK: 3}
