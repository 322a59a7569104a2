"""Attacks by somebody who has the database, the server and even the log's key, and what finds each of them out.

| attack | detector |
|---|---|
| tail cut off, old backup restored | head (outside the database), checkpoint |
| whole chain rewritten with the log's own key | head, checkpoint, a witness |
| split view: two logs for two clients | a witness, the consistency proof between two checkpoints |
| back-dated entry | time |
| a checkpoint, cosignature, timestamp, node changed | the pass of that name |

Edits of every projection, swapped evidence and changed personal data are in tests/journal/test_verify*.py.
"""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import select, update

from ledger.checkpoints.logs import Logs
from ledger.checkpoints.tables import checkpoints, cosignatures, nodes, timestamps
from ledger.checkpoints.verify import verify_proofs
from ledger.core import canonical, merkle
from ledger.core.chain import leaf_hash, link
from ledger.core.merkle import Frontier, ProofError, verify_consistency
from ledger.core.note import COSIGNATURE, Checkpoint, Note, Signer, parse
from ledger.core.request import write_request
from ledger.journal import guards
from ledger.journal import tables as t
from ledger.journal.append import writing
from ledger.journal.read import find_book, scan, snapshot
from ledger.journal.replay import rebuild
from ledger.journal.verify import verify_book
from ledger.witness.app import Witness
from ledger.witness.store import Store
from tests.support.small import Small

WITNESS = Signer("witness.example", bytes(32), COSIGNATURE)
E = t.entries.c


@pytest.fixture
def small(engine):
    made = Small(engine)
    made.give(1_000)
    made.give_many(600)
    return made


@pytest.fixture
def logs(settings, engine, small):
    made = Logs(settings.instance, settings.public_url)
    made.sign(engine, "b")
    small.give(2_000)
    small.spend("fund:general", 500)
    made.sign(engine, "b")
    return made


def found(engine, logs):
    with snapshot(engine) as connection:
        return {finding.name for finding in verify_proofs(connection, find_book(connection, "b"), logs)}


def whole(engine):
    with snapshot(engine) as connection:
        return verify_book(connection, find_book(connection, "b")).clean


def bodies(engine):
    with snapshot(engine) as connection:
        row = find_book(connection, "b")
        return [canonical.decode(stored.body) for batch in scan(connection, row.id) for stored in batch]


def replace_log(engine, changed):
    """Put another log in the place of the book's, with all hashes, head and projections to match."""
    with engine.begin() as connection:
        for statement in guards.statements(engine.dialect.name, install=False):
            connection.exec_driver_sql(statement)
        connection.execute(sa.delete(t.entries))
        head, leaves, rows = None, [], []
        for seq, body in enumerate(changed):
            data = canonical.encode({**body, "_prev": link(head), "seq": seq})
            head = leaf_hash(data)
            leaves.append(head)
            rows.append({"book_id": 1, "seq": seq, "leaf": head, "body": data})
        connection.execute(t.entries.insert(), rows)
        frontier = Frontier().extend(leaves).encode()
        connection.execute(
            update(t.books).values(size=len(rows), head=head, frontier=frontier, recorded=changed[-1]["recorded"])
        )
        for statement in guards.statements(engine.dialect.name, install=True):
            connection.exec_driver_sql(statement)
        rebuild(connection, find_book(connection, "b"), lambda _: None)
    return leaves


def another_amount(engine):
    changed = bodies(engine)
    gift = next(body for body in changed if body["kind"] == "donation.received")
    gift["flows"][0]["amount"] = gift["postings"][0]["amount"] = 900
    for body in changed:  # everything after it moves along the axes
        for flow in body["flows"]:
            if body["seq"] > gift["seq"]:
                flow["in"] -= 100 if flow["to"] == "fund:general" else 0
                flow["out"] -= 100 if flow["from"] == "source:individual" else 0
    return changed


def test_an_honest_log_has_no_findings(engine, logs):
    assert found(engine, logs) == set()


def test_a_tail_cut_off_with_everything_to_match(engine, logs):
    replace_log(engine, bodies(engine)[:-1])
    assert whole(engine)  # nothing in the database can tell
    assert found(engine, logs) == {"head", "checkpoint"}


def test_an_old_backup_restored(engine, logs):
    """The checkpoints table is of the backup too: only what is outside the database tells."""
    replace_log(engine, bodies(engine)[:-2])
    with engine.begin() as connection:
        size = find_book(connection, "b").size
        connection.execute(sa.delete(checkpoints).where(checkpoints.c.size > size))
    assert whole(engine)
    assert found(engine, logs) == {"head"}


def resign(engine, logs, leaves):
    """Sign the forged log with the log's own key, as if nothing had been signed before."""
    signer = logs.signer("b")
    text = Checkpoint(signer.key.name, len(leaves), merkle.root(leaves)).text
    note = str(Note(text, (signer.sign(text),)))
    values = {"book_id": 1, "size": len(leaves), "root": merkle.root(leaves), "note": note}
    with engine.begin() as connection:
        connection.execute(sa.delete(checkpoints))
        connection.execute(sa.delete(nodes))
        connection.execute(checkpoints.insert(), values | {"at": "2026-03-01T00:00:00.000Z"})
    return note


def test_the_whole_chain_rewritten(engine, logs):
    replace_log(engine, another_amount(engine))
    assert whole(engine)
    assert {"head", "checkpoint", "nodes"} <= found(engine, logs)


def test_the_whole_chain_rewritten_and_signed_with_the_logs_own_key(engine, logs, tmp_path):
    witness = Witness(WITNESS, [logs.signer("b").key], Store(tmp_path / "w"))
    with engine.connect() as connection:
        before = connection.scalar(select(checkpoints.c.note).order_by(checkpoints.c.size.desc()))
    assert witness.add_checkpoint(write_request(0, (), before), 5).status == 200
    leaves = replace_log(engine, another_amount(engine))
    note = resign(engine, logs, leaves)
    assert whole(engine)
    assert "head" in found(engine, logs)
    assert witness.add_checkpoint(write_request(len(leaves), (), note), 6).status == 409
    (logs.instance / "heads" / "b.note").write_text(note)  # even that file is his
    assert found(engine, logs) <= {"time"}
    assert witness.add_checkpoint(write_request(len(leaves), (), note), 6).status == 409


def test_two_views_for_two_clients(engine, logs, tmp_path):
    """Each client has a whole, signed log; a witness cosigns one only, and no proof leads from one to the other."""
    witness = Witness(WITNESS, [logs.signer("b").key], Store(tmp_path / "w"))
    with engine.connect() as connection:
        first = connection.scalar(select(checkpoints.c.note).order_by(checkpoints.c.size.desc()))
    old = Checkpoint.parse(parse(first).text)
    assert witness.add_checkpoint(write_request(0, (), first), 5).status == 200
    changed = [*another_amount(engine), {**bodies(engine)[-1], "ref": "more"}]
    leaves = [leaf_hash(canonical.encode(body)) for body in changed]
    signer = logs.signer("b")
    text = Checkpoint(signer.key.name, len(leaves), merkle.root(leaves)).text
    second = str(Note(text, (signer.sign(text),)))
    proof = merkle.consistency_proof(leaves, old.size, len(leaves))
    with pytest.raises(ProofError):
        verify_consistency(old.size, len(leaves), old.root, merkle.root(leaves), proof)
    assert witness.add_checkpoint(write_request(old.size, proof, second), 6).status == 422


def test_an_entry_back_dated_behind_a_checkpoint(engine, small, logs):
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with engine.begin() as connection:  # its own clock is his, but the witness's is not
        size, note = connection.execute(
            select(checkpoints.c.size, checkpoints.c.note).order_by(checkpoints.c.size.desc())
        ).first()
        line = str(WITNESS.sign(parse(note).text, int(datetime.now(UTC).timestamp())))
        row = {"book_id": 1, "size": size, "witness": str(WITNESS.key), "line": line, "at": ""}
        connection.execute(cosignatures.insert(), row)
    assert found(engine, logs) == set()
    with engine.begin() as connection:
        connection.execute(update(t.books).values(recorded="2020-01-01T00:00:00.000Z"))
    with writing(engine, "b", clock=lambda: long_ago) as writer:
        small_act = small.act()
        writer.append([small_act.draft("fund.opened", facts={"code": "late", "name": "补记"})])
    assert found(engine, logs) == {"time"}


@pytest.mark.parametrize(
    ("table", "change", "expected"),
    [
        (checkpoints, {"root": bytes(32)}, {"checkpoint"}),
        (checkpoints, {"note": "x"}, {"checkpoint"}),
        (nodes, {"hash": bytes(32)}, {"nodes"}),
    ],
)
def test_what_is_signed_is_checked_to_the_last_column(engine, logs, table, change, expected):
    with engine.begin() as connection:
        connection.execute(update(table).values(change))
    assert found(engine, logs) == expected


def test_false_cosignatures_and_timestamps(engine, logs):
    with engine.begin() as connection:
        size = connection.scalar(select(sa.func.max(checkpoints.c.size)))
        line = str(WITNESS.sign("another\n", 5))
        common = {"book_id": 1, "size": size, "at": ""}
        connection.execute(cosignatures.insert(), common | {"witness": str(WITNESS.key), "line": line})
        connection.execute(timestamps.insert(), common | {"authority": "http://tsa.example", "token": b"\0"})
    assert found(engine, logs) == {"cosignature", "timestamp"}


def test_a_damaged_head_file(engine, logs):
    (logs.instance / "heads" / "b.note").write_text("nothing")
    assert found(engine, logs) == {"head"}
