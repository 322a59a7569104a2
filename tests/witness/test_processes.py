"""The log and three witnesses, each a process of its own: an honest one, a lying one, a dead one."""

import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from ledger.checkpoints import cosign
from ledger.checkpoints.cosign import WitnessAt, collect
from ledger.checkpoints.logs import Logs
from ledger.checkpoints.proofs import note_of
from ledger.config import ROOT
from ledger.core.note import COSIGNATURE, Signer, VerifierKey, open_checkpoint
from ledger.core.policy import Policy
from tests.support.small import Small

URL = "http://127.0.0.1:8000"
LIAR = """
import sys
from wsgiref.simple_server import make_server
from ledger.core.note import COSIGNATURE, Signer
signer = Signer("liar.example", bytes(32), COSIGNATURE)
def app(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [(str(signer.sign("another checkpoint\\n", 5)) + "\\n").encode()]
make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
"""


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    return request.param


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start(*command):
    """Start a process that listens on the port that is its last argument; wait until it does."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", int(command[-1])), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process
    process.kill()
    raise AssertionError("it does not listen")


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def logs(settings):
    return Logs(settings.instance, URL)


@pytest.fixture
def honest(tmp_path, logs):
    """An honest witness that watches the log of book `b`."""
    folder, port = tmp_path / "witness", str(free_port())
    made = subprocess.run(
        [sys.executable, "-m", "ledger.witness", "init", str(folder), "honest.example"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    key = str(logs.signer("b").key)
    subprocess.run([sys.executable, "-m", "ledger.witness", "watch", str(folder), key], cwd=ROOT, check=True)
    process = start("-m", "ledger.witness", "serve", str(folder), port)
    yield WitnessAt(VerifierKey.parse(made.stdout), f"http://127.0.0.1:{port}/")
    process.kill()
    process.wait()


@pytest.fixture
def liar():
    port = str(free_port())
    process = start("-c", LIAR, port)
    yield WitnessAt(Signer("liar.example", bytes(32), COSIGNATURE).key, f"http://127.0.0.1:{port}")
    process.kill()
    process.wait()


@pytest.fixture
def dead():
    return WitnessAt(Signer("dead.example", bytes(32), COSIGNATURE).key, f"http://127.0.0.1:{free_port()}")


def test_only_the_honest_one_counts_and_the_others_are_in_nobodys_way(engine, small, logs, honest, liar, dead):
    everyone = [honest, liar, dead]
    for _ in range(3):
        small.give(100)
        size = logs.sign(engine, "b").checkpoint.size
        asked = {each.witness.key.name: each for each in collect(engine, "b", everyone)}
        assert asked["honest.example"].line
        assert "does not hold" in asked["liar.example"].error
        assert "does not answer" in asked["dead.example"].error
    with engine.connect() as connection:
        note = note_of(connection, 1, size)
    _, _, cosigned = open_checkpoint(note, logs.signer("b").key, [each.key for each in everyone])
    assert set(cosigned) == {honest.key}
    assert Policy((honest.key, liar.key, dead.key), 1).met_by(cosigned)
    assert not Policy((honest.key, liar.key, dead.key), 2).met_by(cosigned)
    assert [each.witness for each in collect(engine, "b", everyone)] == [liar, dead]


def test_a_log_that_forgot_what_its_witness_saw_is_told(engine, small, logs, honest):
    logs.sign(engine, "b")
    collect(engine, "b", [honest])
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM cosignatures")
    small.give(5)
    logs.sign(engine, "b")
    (asked,) = collect(engine, "b", [honest])
    assert asked.line


def test_a_witness_may_not_send_us_elsewhere(engine, small, logs, honest, monkeypatch):
    logs.sign(engine, "b")
    (asked,) = collect(engine, "b", [WitnessAt(honest.key, "file:///etc")])
    assert "neither http nor https" in asked.error


def test_a_slow_witness_costs_its_time_out_only(engine, small, logs, honest, monkeypatch):
    monkeypatch.setattr(cosign, "TIMEOUT", 0.3)
    logs.sign(engine, "b")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        slow = WitnessAt(
            Signer("slow.example", bytes(32), COSIGNATURE).key, f"http://127.0.0.1:{silent.getsockname()[1]}"
        )
        began = time.monotonic()
        asked = collect(engine, "b", [slow, honest])
    assert time.monotonic() - began < 5
    assert [bool(each.line) for each in asked] == [False, True]


def test_the_witness_shows_its_key(honest):
    with urllib.request.urlopen(honest.url, timeout=5) as answer:  # noqa: S310  # our own
        assert answer.read().decode().strip() == str(honest.key)
