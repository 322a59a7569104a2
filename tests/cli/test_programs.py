"""`flask programs`."""

import pytest

from ledger.extensions import db
from tests.exchange.making import csv_file
from tests.support.commands import a_book, asked, run, well
from tests.support.looking import balance, size

GIFTS = [["捐赠人", "品名", "数量"], ["甲公司", "N95口罩", "100个"], ["乙公司", "N95口罩", "100个"]]
ISSUES = [["接收单位", "品名", "数量"], ["协和医院", "N95口罩", "150个"], ["同济医院", "N95口罩", "80个"]]


@pytest.fixture
def book(app, tmp_path):
    a_book(app)
    well(app, "giving", "import", csv_file(tmp_path / "in.csv", GIFTS), "--book", "b", "--fund", "general")
    with app.app_context():
        yield app


@pytest.fixture
def issuing(tmp_path):
    return ["programs", "import-issues", csv_file(tmp_path / "out.csv", ISSUES), "--book", "b"]


@pytest.mark.parametrize("args", [["programs"], ["programs", "import-issues"], ["programs", "sources"]])
def test_help(app, args):
    assert "Usage:" in well(app, *args, "--help")


def test_issues_for_people(book, issuing):
    out = well(book, *issuing)
    assert "out.csv: a list of issues, 2 rows read, 2 lines." in out
    assert "1 beyond what was received:" in out
    assert "row 3: 同济医院 N95口罩:个: 80 asked, 50 there, 30 short" in out
    assert "This list was imported before" in well(book, *issuing)


def test_issues_for_programs(book, issuing):
    dry = asked(book, *issuing, "--dry-run")
    before = size(db.engine)
    said = asked(book, *issuing)
    assert (dry["imported"], dry["entry"], said["imported"]) == (2, None, 2)
    assert size(db.engine) == before + 2 + 2 + 1
    assert [(s["recipient"], s["short"]) for s in said["short"]] == [("同济医院", 30)]
    assert balance(db.engine, "inventory:main", "N95口罩:个") == 0
    again = asked(book, *issuing)
    assert (again["imported"], again["duplicates"], again["already"]) == (0, 2, said["entry"])


def test_sources(book, issuing):
    well(book, *issuing)
    said = asked(book, "programs", "sources", "协和医院", "--book", "b")
    assert said["account"] == "outcome:recipient/协和医院"
    (masks,) = said["sources"]
    assert (masks["unit"], masks["amount"]) == ("N95口罩:个", 150)
    assert [(g["donor"], g["amount"]) for g in masks["given"]] == [("甲公司", 100), ("乙公司", 50)]
    out = well(book, "programs", "sources", "协和医院", "--book", "b", "--limit", "1")
    assert "150 个 out of 2 gifts" in out
    assert "甲公司" in out
    assert "乙公司" not in out
    assert "and 1 more gifts, 50 个 together" in out
    assert asked(book, "programs", "sources", "协和医院", "--book", "b", "--search", "手套")["sources"] == []


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["sources", "无名医院", "--book", "b"], 1, "the book has no service or recipient '无名医院'"),
        (["sources", "协和", "--book", "b"], 1, "did you mean outcome:recipient/协和医院"),
        (["sources", "协和医院", "--book", "no"], 1, "NotFoundError"),
        (["sources", "协和医院"], 2, "Missing option '--book'"),
        (["import-issues", "/no/such.csv", "--book", "b"], 2, "does not exist"),
    ],
)
def test_refusals(book, issuing, args, status, said):
    well(book, *issuing)
    code, out, err = run(book, "programs", *args)
    assert (code, out) == (status, "")
    assert said in err


def test_a_list_of_gifts_is_no_list_of_issues(book, tmp_path):
    status, _, err = run(book, "programs", "import-issues", csv_file(tmp_path / "in.csv", GIFTS), "--book", "b")
    assert (status, "import it as gifts" in err) == (1, True)
