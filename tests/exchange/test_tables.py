"""Opening files: by content, with limits, with clear errors."""

import zipfile

import pytest

from ledger.exchange.delimited import find_delimiter, find_encoding
from ledger.exchange.errors import EmptyListError, EncryptedListError, NotAListError, TooLargeListError
from ledger.exchange.lists import read_gifts
from ledger.exchange.merges import Merges
from ledger.exchange.tables import Limits, open_table
from tests.exchange.making import csv_file, text_of, xls, xlsx

ROWS = [["姓名", "金额"], ["张三", 100.5], ["李四", 200]]


def rows_of(path, **options):
    return [list(row) for row in open_table(path, **options).sheets[0].rows()]


def test_format_is_told_from_the_content(tmp_path):
    xlsx(tmp_path / "list.csv.xlsx", ROWS).rename(tmp_path / "list.csv")
    assert open_table(tmp_path / "list.csv").form == "xlsx"
    csv_file(tmp_path / "list.xlsx", ROWS)
    assert open_table(tmp_path / "list.xlsx").form == "csv"
    assert open_table(xls(tmp_path / "list", ROWS)).form == "xls"


def test_the_three_formats_give_the_same_lines(tmp_path):
    paths = [xlsx(tmp_path / "a.xlsx", ROWS), xls(tmp_path / "a.xls", ROWS), csv_file(tmp_path / "a.csv", ROWS)]
    found = [read_gifts(path) for path in paths]
    assert [[(line.donor, line.amount, line.row) for line in each.lines] for each in found] == [
        [("张三", 10050, 2), ("李四", 20000, 3)]
    ] * 3
    assert len({each.list_key for each in found}) == 1
    assert len({each.digest for each in found}) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path, encoding, delimiter):
    path = csv_file(tmp_path / "a.csv", [["捐款名单（第1批）"], *ROWS], encoding=encoding, delimiter=delimiter)
    assert find_delimiter(path, find_encoding(path)) == delimiter
    assert [line.donor for line in read_gifts(path).lines] == ["张三", "李四"]


def test_rows_and_columns_keep_their_places(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [[], [], ["", "", "姓名", "金额"], [], ["", "", "张三", 5]])
    assert rows_of(path)[2] == ["", "", "姓名", "金额"]
    assert read_gifts(path).lines[0].row == 5


def test_long_numbers_kept_as_text_by_a_formula(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('姓名,金额,流水号\n张三,5,="0012345678901234567"\n', encoding="utf-8")
    assert read_gifts(path).lines[0].reference == "0012345678901234567"


def locked(path):
    inner = xls(path, ROWS).read_bytes()
    return inner[:-200] + "EncryptedPackage".encode("utf-16-le") + inner[-168:]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyListError),
        (b"\xef\xbb\xbf\r\n \r\n", EmptyListError),
        (b"%PDF-1.7 ...", NotAListError),
        (b"\x89PNG\r\n", NotAListError),
        (b"<html><table><tr><td>1</td></tr></table>", NotAListError),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', NotAListError),
        (b"PK\x03\x04 but nothing else", NotAListError),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 but nothing else", NotAListError),
        (b"\x00\x01\x02\xff\xfe\xfd" * 50, NotAListError),
        ('姓名,金额\n"张三,5\n'.encode() + b"x" * 200_000, NotAListError),
    ],
)
def test_what_is_no_list(tmp_path, content, error):
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        read_gifts(path)
    assert "list.xlsx" in str(caught.value)


def test_a_locked_workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(locked(path))
    with pytest.raises(EncryptedListError, match="password"):
        open_table(path)


def test_an_archive_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(NotAListError, match="without an Excel workbook"):
        open_table(tmp_path / "a.xlsx")


def test_limits(tmp_path):
    path = csv_file(tmp_path / "a.csv", [["姓名", "金额"]] + [["张三", 1]] * 20)
    with pytest.raises(TooLargeListError, match="bytes"):
        open_table(path, Limits(size=100))
    with pytest.raises(TooLargeListError, match="rows"):
        read_gifts(path, limits=Limits(rows=10))
    book = xlsx(tmp_path / "a.xlsx", [["姓名", "金额"]] + [["张三", 1]] * 20)
    with pytest.raises(TooLargeListError, match="row 21"):
        open_table(book, Limits(rows=10))
    with pytest.raises(TooLargeListError, match="unpacks"):
        open_table(book, Limits(unpacked=1000))


def test_a_stray_cell_far_away_is_refused_before_it_costs_memory(tmp_path):
    path = tmp_path / "a.xlsx"
    xlsx(path, ROWS)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    far = b'<row r="1000000"><c r="XFD1000000" t="n"><v>1</v></c></row></sheetData>'
    parts[name] = parts[name].replace(b"</sheetData>", far)
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    with pytest.raises(TooLargeListError, match="16,384"):
        open_table(path)


def test_merges():
    merges = Merges([((0, 0), (0, 4)), ((2, 1), (5, 1)), ((7, 0), (8, 1)), ((10, 0), (1_000_000, 16_383))])
    assert merges.anchor(1, 3) == (1, 0)
    assert merges.wide(1, 0)
    assert merges.above(4, 1) == 3
    assert merges.above(3, 1) is None
    assert merges.above(9, 1) == 8
    assert merges.anchor(2, 0) is None
    assert merges.above(500, 3) == 11


def test_text_helper_writes_what_is_read(tmp_path):
    rows = [["a", 'b"c'], ["d\ne", "f,g"]]
    (tmp_path / "a.csv").write_text(text_of(rows), encoding="utf-8", newline="")
    assert rows_of(tmp_path / "a.csv") == rows
