"""Proof files and slips, checked by the core as anybody can."""

import json

import pytest

from ledger.checkpoints.heads import Heads
from ledger.checkpoints.keys import signer
from ledger.checkpoints.proofs import NotCoveredError, consistency_of, make_slip, note_of, proof_of, sizes
from ledger.checkpoints.sign import make_checkpoint
from ledger.checkpoints.tables import cosignatures
from ledger.core.merkle import verify_consistency
from ledger.core.note import COSIGNATURE, Checkpoint, Signer, parse
from ledger.core.slip import Slip, SlipError, check_slip, parse_slip
from tests.support.small import Small

WITNESS = Signer("witness.example", bytes(32), COSIGNATURE)


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def log(tmp_path):
    return signer(tmp_path, "shanliu.example/b", "b"), Heads(tmp_path)


@pytest.fixture
def given(engine, small, log):
    """A gift with a donor's name in a checkpoint that a witness has cosigned."""
    seq = small.give(1_000, donor="赵甲", remark="给孩子们")
    small.give_many(300)
    head = make_checkpoint(engine, "b", *log)
    line = WITNESS.sign(parse(head.note).text, 1_790_000_000)
    with engine.begin() as connection:
        row = {"book_id": 1, "size": head.checkpoint.size, "witness": str(WITNESS.key), "line": str(line), "at": ""}
        connection.execute(cosignatures.insert(), row)
    return seq


def slip_of(engine, log, seq, **more):
    with engine.connect() as connection:
        return make_slip(connection, 1, [seq], log[0].key, [str(WITNESS.key)], **more)


def failed(slip, key=None):
    return [step.name for step in check_slip(slip, key) if not step.passed]


def test_a_slip_holds_and_opens_what_is_the_donors(engine, given, log):
    slip = parse_slip(str(slip_of(engine, log, given, private=[given])))
    steps = list(check_slip(slip, log[0].key))
    assert all(step.passed for step in steps)
    assert [step.name for step in steps] == ["form", "path", "log", "witness", "opening", "opening"]
    assert {opening.value for opening in slip.entries[0].openings} == {"赵甲", "给孩子们"}


def test_a_slip_for_everybody_has_nothing_personal(engine, given, log):
    assert "赵甲" not in str(slip_of(engine, log, given))


def change(slip, **entry):
    data = json.loads(str(slip))
    data["entries"][0].update(entry)
    return parse_slip(json.dumps(data))


def test_every_forgery_fails_at_its_step(engine, given, log):
    slip = slip_of(engine, log, given, private=[given])
    entry = slip.entries[0]
    assert failed(change(slip, body=entry.body.replace("1000", "9000"))) == ["path"]
    assert failed(change(slip, body=entry.body.replace(":", ": ", 1))) == ["form"]
    assert failed(change(slip, seq=given + 1)) == ["form"]
    assert failed(change(slip, proof=entry.proof.replace(f"index {given}", f"index {given + 1}"))) == ["form"]
    other = parse(entry.proof.partition("\n\n")[2]).text
    longer = entry.proof.replace(other, Checkpoint.parse(other)._replace(size=10_000).text)
    assert failed(change(slip, proof=longer)) in (["path"], ["log"])
    opening = {"field": "donor", "salt": entry.openings[0].salt.hex(), "value": "钱乙"}
    assert failed(change(slip, openings=[opening])) == ["opening"]
    assert failed(slip, Signer("shanliu.example/b", bytes(32)).key) == ["log"]
    assert failed(Slip("other.example/b", slip.key, (), slip.entries)) == ["log"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format":"x"}', '{"format":"shanliu-slip/1"}', "{" * 9_999])
def test_what_is_no_slip_is_refused(text):
    with pytest.raises(SlipError):
        parse_slip(text)


def test_an_entry_without_a_checkpoint_has_no_proof_yet(engine, small, log):
    make_checkpoint(engine, "b", *log)
    seq = small.give(5)
    with engine.connect() as connection, pytest.raises(NotCoveredError):
        proof_of(connection, 1, seq)
    with pytest.raises(NotCoveredError):
        slip_of(engine, log, seq)


def test_the_log_only_grew(engine, small, log):
    first = make_checkpoint(engine, "b", *log).checkpoint
    small.give_many(300)
    second = make_checkpoint(engine, "b", *log).checkpoint
    with engine.connect() as connection:
        proof = consistency_of(connection, 1, first.size, second.size)
        assert list(sizes(connection, 1, 5)) == [second.size, first.size]
        assert parse(note_of(connection, 1, first.size)).text == first.text
    verify_consistency(first.size, second.size, first.root, second.root, proof)


def test_a_proof_takes_as_many_statements_whatever_the_size(engine, given, log, query_count):
    with engine.connect() as connection, query_count(engine) as few:
        proof_of(connection, 1, given)
    assert len(few) <= 8
