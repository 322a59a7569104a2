"""`flask funds`."""

import pytest

from ledger.extensions import db
from tests.support.commands import a_book, asked, run, well
from tests.support.looking import bodies


@pytest.fixture
def book(app):
    a_book(app)
    with app.app_context():
        yield app


@pytest.mark.parametrize("args", [["funds"], ["funds", "open"], ["funds", "balances"]])
def test_help(app, args):
    assert "Usage:" in well(app, *args, "--help")


def test_open(book):
    made = asked(book, "funds", "open", "b", "winter", "--name", "暖冬", "--restricted", "--purpose", "御寒")
    entry = bodies(db.engine, "fund.opened")[-1]
    assert (made["fund"], made["seq"]) == ("winter", entry["seq"])
    assert entry["facts"] == {"code": "winter", "name": "暖冬", "restricted": True, "purpose": "御寒"}
    assert entry["by"] == "cli"
    out = well(book, "funds", "open", "b", "free", "--name", "自由")
    assert f"Fund 'free' (自由) is open in book 'b' (entry {entry['seq'] + 1})" in out
    assert bodies(db.engine, "fund.opened")[-1]["facts"]["restricted"] is False


def test_the_same_command_again_opens_nothing(book):
    first = asked(book, "funds", "open", "b", "winter", "--name", "暖冬")
    assert asked(book, "funds", "open", "b", "winter", "--name", "暖冬") == first
    status, out, err = run(book, "funds", "open", "b", "winter", "--name", "另一个")
    assert (status, out) == (1, "")
    assert f"fund 'winter' was opened by entry {first['seq']}; choose another code" in err


def test_balances(book, tmp_path):
    (tmp_path / "list.csv").write_text("捐赠人,金额\n张三,1234.5\n", encoding="utf-8")
    well(book, "giving", "import", tmp_path / "list.csv", "--book", "b", "--fund", "general")
    rows = {row["account"]: row for row in asked(book, "funds", "balances", "--book", "b")["accounts"]}
    assert rows["fund:general"]["balance"] == rows["bank:main"]["balance"] == 123_450
    assert rows["source:individual"] == {
        "account": "source:individual", "unit": "CNY", "received": 0, "given": 123_450, "balance": -123_450,
    }  # fmt: skip
    assert "123,450" in well(book, "funds", "balances", "--book", "b", "--unit", "CNY")
    assert asked(book, "funds", "balances", "--book", "b", "--unit", "X") == {"book": "b", "accounts": []}


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["balances", "--book", "no"], 1, "NotFoundError: "),
        (["open", "no", "f", "--name", "x"], 1, "there is no book 'no'"),
        (["open", "b", "a b", "--name", "x"], 1, "MalformedError"),
        (["balances"], 2, "Missing option '--book'"),
        (["open", "b", "--name", "x"], 2, "Missing argument 'FUND'"),
    ],
)
def test_refusals(book, args, status, said):
    code, out, err = run(book, "funds", *args)
    assert (code, out) == (status, "")
    assert said in err
