"""The witness: each status as the specification gives it, and a memory that only grows."""

import io
import threading
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import merkle
from ledger.core.note import COSIGNATURE, Checkpoint, Note, Signer, parse
from ledger.core.request import Request, RequestError, parse_request, write_request
from ledger.witness.app import Witness, create
from ledger.witness.store import Seen, Store

LOG = Signer("log.example/b", bytes(range(32)))
OTHER = Signer("log.example/b", bytes(32))
KEY = Signer("witness.example", bytes(range(1, 33)), COSIGNATURE)
LEAVES = [sha256(bytes([n])).digest() for n in range(20)]
FORKED = [*LEAVES[:3], *reversed(LEAVES[3:])]


@pytest.fixture
def witness(tmp_path):
    return Witness(KEY, [LOG.key], Store(tmp_path / "state.sqlite3"))


def note(size, leaves=LEAVES, signer=LOG, origin="log.example/b"):
    text = Checkpoint(origin, size, merkle.root(leaves[:size])).text
    return str(Note(text, (signer.sign(text),)))


def proof(old, size, leaves=LEAVES):
    return merkle.consistency_proof(leaves[:size], old, size) if 0 < old < size else ()


def ask(witness, old, size, leaves=LEAVES, **more):
    return witness.add_checkpoint(
        write_request(old, proof(old, size, leaves), note(size, leaves, **more)), 1_790_000_000
    )


def test_it_cosigns_what_grows_and_the_line_holds(witness):
    for old, size in ((0, 3), (3, 3), (3, 8), (8, 20)):
        answer = ask(witness, old, size)
        assert answer.status == 200
        signed = Note(parse(note(size)).text, parse(f"-\n\n{answer.text}").signatures)
        assert signed.signed_by([KEY.key])[KEY.key].time == 1_790_000_000
    assert witness.store.seen("log.example/b") == Seen(20, merkle.root(LEAVES))


def test_another_size_than_seen_is_a_conflict_that_names_it(witness):
    ask(witness, 0, 5)
    for old, size in ((0, 8), (3, 8), (6, 8)):
        answer = ask(witness, old, size)
        assert (answer.status, answer.text, answer.media) == (409, "5\n", "text/x.tlog.size")


def test_a_forked_log_is_never_cosigned(witness):
    ask(witness, 0, 5)
    assert ask(witness, 5, 5, FORKED).status == 409
    assert ask(witness, 5, 9, FORKED).status == 422
    assert witness.add_checkpoint(write_request(5, (), note(9)), 0).status == 422
    assert witness.store.seen("log.example/b") == Seen(5, merkle.root(LEAVES[:5]))


def test_unknown_logs_strange_signatures_and_nonsense(witness):
    assert ask(witness, 0, 5, origin="log.example/c").status == 404
    assert ask(witness, 0, 5, signer=OTHER).status == 403
    assert witness.add_checkpoint(write_request(9, (), note(5)), 0).status == 400
    assert witness.add_checkpoint(write_request(0, (bytes(32),), note(5)), 0).status == 422
    for data in (b"", b"old x\n\nx", b"old 0\nAAAA\n\n" + note(5).encode(), b"\xff", b"old 0\n\nnot a note"):
        assert witness.add_checkpoint(data, 0).status == 400
    assert witness.store.seen("log.example/b").size == 0


def test_two_at_once_do_not_both_move_it(witness):
    ask(witness, 0, 5)
    statuses, start = [], threading.Barrier(2)

    def one(size):
        start.wait()
        statuses.append(ask(witness, 5, size).status)

    threads = [threading.Thread(target=one, args=(size,)) for size in (7, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) in ([200, 409], [200, 200])
    assert witness.store.seen("log.example/b").size in {7, 9}


def test_what_was_replaced_meanwhile_is_a_conflict(tmp_path):
    store = Store(tmp_path / "s")
    assert store.replace("x", Seen(0, b""), Seen(3, b"a")) is None
    assert store.replace("x", Seen(0, b""), Seen(5, b"b")) == Seen(3, b"a")
    assert Store(tmp_path / "s").seen("x") == Seen(3, b"a")


@given(st.integers(0, 2**53 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_requests_are_read_as_they_were_written(old, hashes):
    assert parse_request(write_request(old, hashes, note(3))) == Request(old, tuple(hashes), note(3))


@pytest.mark.parametrize("data", [b"old 01\n\nx", b"old -1\n\nx", b"new 1\n\nx", b"old 1\nx\n\nx", b"old 1"])
def test_other_requests_are_refused(data):
    with pytest.raises(RequestError):
        parse_request(data)


def call(app, method, path, body=b"", length=None):
    seen = {}
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body) if length is None else length),
        "wsgi.input": io.BytesIO(body),
    }
    data = b"".join(app(environ, lambda status, headers: seen.update(status=status, headers=dict(headers))))
    return int(seen["status"][:3]), data.decode(), seen["headers"]


def test_over_wsgi(tmp_path):
    (tmp_path / "key").write_bytes(bytes(range(1, 33)))
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "name").write_text("witness.example\n")
    (tmp_path / "logs").write_text(f"# ours\n{LOG.key}\n")
    app = create(str(tmp_path), clock=lambda: 5)
    assert call(app, "GET", "/")[1] == f"{KEY.key}\n"
    assert call(app, "POST", "/w/add-checkpoint", write_request(0, (), note(5)))[0] == 200
    assert call(app, "POST", "/add-checkpoint", b"", 200_000)[0] == 413
    assert call(app, "GET", "/add-checkpoint")[0] == 405
    assert call(app, "POST", "/elsewhere")[0] == 404
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(Exception, match="open to others"):
        create(str(tmp_path))
