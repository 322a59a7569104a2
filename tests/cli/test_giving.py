"""`flask giving`."""

import pytest

from ledger.extensions import db
from tests.exchange.making import csv_file, xlsx
from tests.support.commands import a_book, asked, run, well
from tests.support.looking import balance, bodies, size

ROWS = [
    ["序号", "捐赠人", "金额", "备注"],
    ["1", "张三", "100.50", ""],
    ["2", "某某有限公司", "2000", "定向捐赠协和医院"],
    ["3", "李四", "abc", ""],
]
GOOD = [*ROWS[:3], ["合计", "", "2100.50", ""]]


@pytest.fixture
def book(app):
    a_book(app)
    with app.app_context():
        yield app


@pytest.fixture
def importing(tmp_path):
    def args(rows, *more, name="list.csv", write=csv_file, fund="general"):
        return ["giving", "import", write(tmp_path / name, rows), "--book", "b", "--fund", fund, *more]

    return args


@pytest.mark.parametrize("args", [["giving"], ["giving", "import"], ["giving", "trace"], ["giving", "code"]])
def test_help(app, args):
    assert "Usage:" in well(app, *args, "--help")


def test_import_for_people(book, importing):
    out = well(book, *importing(ROWS))
    assert "list.csv: a list of money, 3 rows read, 2 lines." in out
    assert "2 imported, 0 were there already" in out
    assert "1 are earmarked, for 1 new purposes" in out
    assert "1 refused:" in out
    assert "row 4:" in out
    again = well(book, *importing(ROWS))
    assert "This list was imported before, by entry" in again
    assert "first new gift" not in again


def test_import_for_programs(book, importing):
    said = asked(book, *importing(GOOD, "--place", "wallet:alipay"))
    assert (said["imported"], said["amount"], said["earmarked"], said["from_organizations"]) == (2, 210_050, 1, 1)
    assert (said["kind"], said["dry_run"], said["already"], said["report"]["agrees"]) == ("money", False, None, True)
    assert [check["stated"] for check in said["report"]["checks"]] == [210_050]
    assert balance(db.engine, "wallet:alipay") == 210_050
    again = asked(book, *importing(GOOD, name="saved.xlsx", write=xlsx))
    assert (again["imported"], again["duplicates"], again["already"]) == (0, 2, said["entry"])


def test_dry_run(book, importing):
    before = size(db.engine)
    out = well(book, *importing(GOOD, "--dry-run"))
    assert "2 would be imported" in out
    assert "✓ row 4 states amount 210050, read 210050" in out
    assert "can be followed" not in out
    said = asked(book, *importing(GOOD, "--dry-run"))
    assert (said["dry_run"], said["imported"], said["entry"], said["first_code"]) == (True, 2, None, None)
    assert size(db.engine) == before


def test_totals_that_disagree(book, importing):
    rows = [*GOOD[:3], ["合计", "", "2100.49", ""]]
    before = size(db.engine)
    status, out, err = run(book, *importing(rows))
    assert (status, out, size(db.engine)) == (1, "", before)
    assert "TotalsDisagreeError" in err
    assert "Nothing was imported" in err
    out = well(book, *importing(rows, "--accept-difference", "a fen was rounded away"))
    assert "✗ row 4 states amount 210049, read 210050" in out
    assert bodies(db.engine, "import.completed")[0]["facts"]["reason"] == "a fen was rounded away"


def test_origin_date_year_source_profile(book, importing, tmp_path):
    rows = [["捐赠人", "金额"], ["张三", "5"]]
    options = ["--date", "2025-12-31", "--source", "source:public", "--origin", "box"]
    said = asked(book, *importing(rows, *options))
    (gift,) = bodies(db.engine, "donation.received")
    assert (gift["dated"], gift["flows"][0]["from"]) == ("2025-12-31", "source:public")
    grown = asked(book, *importing([*rows, ["李四", "6"]], *options))
    assert (said["imported"], grown["imported"], grown["duplicates"]) == (1, 1, 1)
    dated = [["日期", "捐赠人", "金额"], ["1月5日", "王五", "7"]]
    asked(book, *importing(dated, "--year", "2024", "--profile", "auto", name="dated.csv"))
    assert bodies(db.engine, "donation.received")[-1]["dated"] == "2024-01-05"


def test_trace(book, importing):
    code = asked(book, *importing(GOOD[:3]))["first_code"]
    out = well(book, "giving", "trace", code)
    assert code in out
    assert "100.50 元 given on" in out
    assert "互助基金 (fund:general)" in out
    assert "recomputed and found unchanged" in out
    said = asked(book, "giving", "trace", f"  {code.lower().replace('0', 'o').replace('-', ' ')} ")
    assert (said["book"], said["code"], said["amount"], said["fund"]) == ("b", code, 10_050, "fund:general")
    assert said["intact"] is True
    assert sum(row["amount"] for row in said["rows"]) == sum(s["amount"] for s in said["shares"]) == 10_050


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["trace", "0000-0000-0000-0000-0"], 1, "Error: "),
        (["trace", "0000-0000-0000-0000-1"], 1, "the check symbol does not fit"),
        (["trace", "abc"], 1, "a tracking code has 17 symbols, this one 3"),
        (["trace"], 2, "Missing argument 'CODE'"),
        (["import", "/no/such/file.csv", "--book", "b", "--fund", "general"], 2, "does not exist"),
    ],
)
def test_refusals(book, args, status, said):
    code, out, err = run(book, "giving", *args)
    assert (code, out) == (status, "")
    assert said in err


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        (["--book", "no", "--fund", "general"], 1, "there is no book 'no'"),
        (["--book", "b", "--fund", "no"], 1, "fund:no is not in book 'b'"),
        (["--book", "b", "--fund", "general", "--place", "bank:no"], 1, "bank:no is not in book"),
        (["--book", "b", "--fund", "general", "--profile", "no"], 1, "ProfileError"),
        (["--book", "b", "--fund", "general", "--date", "soon"], 2, "Invalid value for '--date'"),
        (["--book", "b", "--fund", "general", "--year", "20"], 2, "Invalid value for '--year'"),
        (["--book", "b"], 2, "Missing option '--fund'"),
    ],
)
def test_imports_refused(book, tmp_path, more, status, said):
    before = size(db.engine)
    code, out, err = run(book, "giving", "import", csv_file(tmp_path / "a.csv", GOOD), *more)
    assert (code, out, size(db.engine)) == (status, "", before)
    assert said in err


def test_what_is_no_list(book, tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    status, _, err = run(book, "giving", "import", tmp_path / "a.csv", "--book", "b", "--fund", "general")
    assert (status, "ListError" in err) == (1, True)


def test_the_code_of_a_donation_is_made_again(book, importing):
    said = asked(book, *importing(GOOD[:3]))
    first = bodies(db.engine, "donation.received")[0]["seq"]
    assert asked(book, "giving", "code", first, "--book", "b") == {
        "book": "b",
        "entry": first,
        "code": said["first_code"],
    }
    assert well(book, "giving", "code", first, "--book", "b") == said["first_code"] + "\n"
    book.config["CODE_KEY"] = b"another key, also of 32 bytes at least"
    assert "was made with another key" in run(book, "giving", "code", first, "--book", "b")[2]
    for entry, status, word in (("0", 1, "entry 0 is not a donation"), ("999", 1, "no entry 999"), ("x", 2, "Invalid")):
        code, out, err = run(book, "giving", "code", entry, "--book", "b")
        assert (code, out, word in err) == (status, "", True)
