"""`flask journal`: tampering is named, damage repaired, and what is exported proves itself."""

import csv
import io
import json
import shutil
import subprocess
from hashlib import sha256

import pytest
from sqlalchemy import text

from ledger.extensions import db
from tests.support.commands import a_book, asked, run, well
from tests.support.looking import balances, body, size
from tests.support.small import Small

HLEDGER = shutil.which("hledger")


@pytest.fixture
def book(app):
    with app.app_context():
        small = Small(db.engine)
        small.give(10_000)
        small.give(500, unit="N95口罩:个", value=250_000)
        small.grant("G1", 3_000)
        small.serve("S1", [("grant:G1", 1_200, "CNY"), ("fund:general", 20, "N95口罩:个")], confirm=("worker",))
        small.spend("fund:general", 300)
        yield app


def sql(statement, **values):
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def unguard():
    if db.engine.dialect.name == "sqlite":
        sql("DROP TRIGGER entries_no_update")
    else:
        sql("ALTER TABLE entries DISABLE TRIGGER USER")


@pytest.mark.parametrize("args", [[], ["verify"], ["replay"], ["export"]])
def test_help(app, args):
    assert "Usage:" in well(app, "journal", *args, "--help")


def test_a_whole_book_verifies(book):
    out = well(book, "journal", "verify", "--book", "b")
    assert f"b: {size(db.engine)} entries verified, nothing found. Root " in out
    said = asked(book, "journal", "verify")
    assert said["clean"] is True
    assert [(r["book"], r["entries"], r["findings"]) for r in said["books"]] == [("b", size(db.engine), [])]


def test_no_book_is_said(app):
    assert well(app, "journal", "verify") == well(app, "journal", "replay") == "There is no book.\n"


def test_what_books_that_are_gone_left_behind_is_found(app):
    with app.app_context():
        sql("INSERT INTO mentions (book_id, address, seq) VALUES (7, 'fund:x', 1)")
    status, out, err = run(app, "journal", "verify")
    assert (status, "Verification failed." in err) == (1, True)
    assert out.startswith("There is no book.\n[projections] mentions: it has rows of book number 7")
    status, out, _ = run(app, "journal", "verify", "--json")
    assert (status, json.loads(out)["clean"], len(json.loads(out)["findings"])) == (1, False, 1)


def test_a_tampered_entry_is_named(book):
    seq = size(db.engine) - 3
    unguard()
    forged = json.dumps(body(db.engine, seq) | {"by": "mallory"}, ensure_ascii=False, separators=(",", ":"))
    sql("UPDATE entries SET body = :body WHERE seq = :seq", body=forged.encode(), seq=seq)
    status, out, err = run(book, "journal", "verify", "--book", "b")
    assert (status, "Verification failed." in err) == (1, True)
    assert f"[log] entry {seq}: " in out
    status, out, _ = run(book, "journal", "verify", "--json")
    said = json.loads(out)
    assert (status, said["clean"]) == (1, False)
    found = said["books"][0]["findings"]
    assert ("log", seq) in {(f["pass"], f["entry"]) for f in found}
    assert all(f["difference"] for f in found)


def test_only_the_book_that_was_tampered_with_is_ill(book):
    well(book, "books", "open", "c", "--name", "另一本")
    sql("UPDATE axes SET received = received + 1 WHERE account = 'fund:general' AND unit = 'CNY'")
    assert run(book, "journal", "verify", "--book", "b")[0] == 1
    assert run(book, "journal", "verify", "--book", "c")[0] == 0
    assert run(book, "journal", "verify")[0] == 1


def test_an_entry_known_from_elsewhere(book):
    leaf = asked(book, "journal", "verify")["books"][0]["head"]
    last = size(db.engine) - 1
    well(book, "journal", "verify", "--book", "b", "--expect", f"{last}:{leaf.upper()}")
    status, out, _ = run(book, "journal", "verify", "--book", "b", "--expect", f"{last}:{'0' * 64}")
    assert (status, f"[head] entry {last}:" in out) == (1, True)
    status, out, _ = run(book, "journal", "verify", "--book", "b", "--expect", f"{last + 5}:{leaf}")
    assert (status, "[head]" in out) == (1, True)


def test_damaged_projections_are_compared_and_repaired(book):
    well(book, "journal", "replay", "--check")
    sql("UPDATE axes SET received = received + 1 WHERE account = 'bank:main'")
    sql("DELETE FROM objects WHERE address = 'service:S1'")
    status, out, err = run(book, "journal", "replay", "--check", "--book", "b")
    assert (status, "`flask journal replay` rebuilds them" in err) == (1, True)
    assert "b: [projections] objects: a row is missing: " in out
    assert "received is " in out
    assert f"{size(db.engine)} entries replayed, 2 differences." in out
    status, out, _ = run(book, "journal", "replay", "--check", "--json")
    said = json.loads(out)
    assert (status, said["clean"], len(said["books"][0]["findings"])) == (1, False, 2)
    assert "projections rebuilt" in well(book, "journal", "replay")
    assert asked(book, "journal", "replay", "--check")["clean"] is True
    well(book, "journal", "verify")
    assert asked(book, "journal", "replay", "--book", "b")["books"] == [{"book": "b", "entries": size(db.engine)}]


def test_a_log_that_cannot_be_replayed_changes_nothing(book):
    unguard()
    sql("UPDATE entries SET body = :body WHERE seq = 5", body=b"{}")
    status, _, err = run(book, "journal", "replay")
    assert (status, "entry 5 cannot be replayed" in err, "nothing was changed" in err) == (1, True, True)
    assert balances(db.engine)[("bank:main", "CNY")] == 6_700


def test_exported_lines_prove_the_chain_alone(book, tmp_path):
    said = asked(book, "journal", "export", "--book", "b", "--to", tmp_path / "deep" / "out")
    assert said["files"] == [str(tmp_path / "deep" / "out" / name) for name in ("b.jsonl", "b.journal")]
    lines = (tmp_path / "deep" / "out" / "b.jsonl").read_bytes().split(b"\n")
    assert (lines.pop(), len(lines)) == (b"", said["entries"])
    head = "0" * 64
    for seq, line in enumerate(lines):
        entry = json.loads(line)
        assert (entry["_prev"], entry["seq"]) == (head, seq)
        assert line == json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        head = sha256(b"\0" + line).hexdigest()
    assert head == asked(book, "journal", "verify")["books"][0]["head"]
    assert [path.name for path in (tmp_path / "deep" / "out").iterdir() if path.suffix == ".new"] == []


@pytest.mark.skipif(HLEDGER is None, reason="hledger is not installed")
def test_hledger_agrees_with_our_balances(book, tmp_path):
    well(book, "journal", "export", "--book", "b", "--to", tmp_path)
    command = [HLEDGER, "-f", str(tmp_path / "b.journal"), "bal", "--flat", "-N", "--layout=bare", "-O", "csv"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    scales, found = {"CNY": 2}, {}
    for account, unit, amount in list(csv.reader(io.StringIO(done.stdout)))[1:]:
        if account != "equity:funds":
            whole = round(float(amount.replace(",", "")) * 10 ** scales.get(unit, 0))
            found[(account.partition(":")[2], unit)] = whole
    assert found == balances(db.engine)


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["verify", "--book", "no"], 1, "NotFoundError"),
        (["replay", "--check", "--book", "no"], 1, "NotFoundError"),
        (["export", "--book", "no", "--to", "{}/x"], 1, "NotFoundError"),
        (["export", "--book", "b", "--to", "{}/file/x"], 1, "choose a folder that can be written"),
        (["export", "--book", "b"], 2, "Missing option '--to'"),
        (["verify", "--expect", f"1:{'0' * 64}"], 2, "name it with --book"),
        (["verify", "--book", "b", "--expect", "1:xyz"], 2, "is not an entry number, a colon and 64"),
        (["verify", "--book"], 2, "requires an argument"),
    ],
)
def test_refusals(app, tmp_path, args, status, said):
    a_book(app)
    (tmp_path / "file").touch()
    code, out, err = run(app, "journal", *[arg.replace("{}", str(tmp_path)) for arg in args])
    assert (code, out) == (status, "")
    assert said in err
