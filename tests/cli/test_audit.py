"""`flask audit`: logs are signed, published, verified by a program of its own, and their keys rotated."""

import json
import subprocess
import sys

import pytest

from ledger.config import ROOT
from ledger.extensions import db
from tests.support.commands import asked, run, well
from tests.support.looking import size
from tests.support.small import Small


@pytest.fixture
def small(app):
    with app.app_context():
        made = Small(db.engine)
        made.give(10_000, donor="赵甲")
        made.grant("G1", 3_000)
        yield made


def offline(folder, key):
    command = [sys.executable, "-m", "ledger.verifier", str(folder), "--key", key, "--quiet"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_what_has_grown_is_signed_once(app, small):
    count = size(db.engine)
    assert asked(app, "audit", "checkpoint")["signed"] == [{"book": "b", "size": count}]
    assert asked(app, "audit", "checkpoint")["signed"] == []
    assert "Nothing new" in well(app, "audit", "checkpoint")
    small.give(5)
    assert asked(app, "audit", "checkpoint")["signed"] == [{"book": "b", "size": count + 1}]


def test_a_published_log_is_verified_without_this_program(app, small, tmp_path):
    told = asked(app, "audit", "publish", tmp_path / "log", "--book", "b")
    done = offline(tmp_path / "log", told["key"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{told['size']} entries" in done.stdout.replace(",", "")
    small.give(5)
    again = asked(app, "audit", "publish", tmp_path / "log", "--book", "b")
    assert again["size"] == told["size"] + 1
    assert offline(tmp_path / "log", told["key"]).returncode == 0
    for path in (tmp_path / "log").rglob("*"):
        assert path.is_dir() or "赵甲".encode() not in path.read_bytes()


def test_a_slip_is_verified_without_this_program(app, small, client, tmp_path):
    well(app, "audit", "checkpoint")
    slip = tmp_path / "slip.json"
    slip.write_bytes(client.get("/b/ledger/3/slip.json").data)
    key = json.loads(slip.read_text())["key"]
    assert offline(slip, key).returncode == 0
    slip.write_text(slip.read_text().replace('\\"by\\"', '\\"By\\"'))
    assert offline(slip, key).returncode == 1


def test_a_rotated_key_is_endorsed_and_both_verify(app, small, tmp_path):
    old = asked(app, "audit", "publish", tmp_path / "log", "--book", "b")["key"]
    assert run(app, "audit", "rotate", "--book", "b")[0] == 1  # nobody said yes
    told = well(app, "audit", "rotate", "--book", "b", "--yes")
    new = asked(app, "audit", "publish", tmp_path / "log", "--book", "b")["key"]
    assert new in told
    assert new != old
    for key in (old, new):
        done = offline(tmp_path / "log", key)
        assert done.returncode == 0, done.stdout
    assert asked(app, "journal", "verify")["clean"]


def test_verification_covers_what_was_signed(app, small, settings):
    well(app, "audit", "checkpoint")
    assert asked(app, "journal", "verify")["clean"]
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE checkpoints SET root = " + ("X'00'" if db.engine.name == "sqlite" else "'\\x00'")
        )
    status, out, _ = run(app, "journal", "verify", "--json")
    found = json.loads(out[: out.rindex("}") + 1])
    assert status == 1
    assert {each["pass"] for each in found["books"][0]["findings"]} == {"checkpoint"}


def test_a_log_that_was_cut_is_not_signed(app, small, settings):
    well(app, "audit", "checkpoint")
    head = settings.instance / "heads" / "b.note"
    small.give(5)
    well(app, "audit", "checkpoint")
    newer = head.read_text()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)")
    head.write_text(newer.replace(f"\n{size(db.engine)}\n", f"\n{size(db.engine) + 7}\n"))
    status, _, err = run(app, "audit", "checkpoint")
    assert status == 1
    assert "entries are missing" in err
