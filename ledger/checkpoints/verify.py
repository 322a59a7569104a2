"""Verify what was signed: heads, checkpoints, nodes of the tree, cosignatures, timestamps, and the order in time.

| pass | finds |
|---|---|
| head | a log shorter than, or other than, the last head signed, kept in the file outside the database |
| checkpoint | a checkpoint that its key did not sign, that says something else than its row, or whose root is another |
| nodes | stored roots of tiles that do not follow from the entries, missing or too many |
| cosignature | a line that its witness did not sign |
| timestamp | a token that does not hold for its checkpoint |
| time | an entry recorded before a checkpoint that does not cover it yet: back-dated |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.checkpoints.heads import Heads
from ledger.checkpoints.tables import checkpoints, cosignatures, nodes, timestamps
from ledger.checkpoints.timestamps import verify_timestamp
from ledger.core import canonical
from ledger.core.errors import LedgerError
from ledger.core.merkle import Frontier
from ledger.core.note import Checkpoint, VerifierKey, check, open_checkpoint, parse
from ledger.core.tiles import WIDTH, fold
from ledger.journal.findings import Finding
from ledger.journal.read import octets
from ledger.journal.tables import entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography.x509 import Certificate
    from sqlalchemy import Connection, Row

    from ledger.checkpoints.logs import Logs
    from ledger.journal.read import BookRow

SKEW = timedelta(minutes=2)  # by which the clocks of witnesses and ours may differ
BATCH = 64 * WIDTH  # leaves read at a time


@dataclass(frozen=True, slots=True)
class _Signed:
    """A checkpoint as stored, opened."""

    size: int
    root: bytes
    at: str
    note: str


def verify_proofs(
    connection: Connection, row: BookRow, logs: Logs, roots: Sequence[Certificate] = ()
) -> Iterator[Finding]:
    """Verify all that was signed for a book, in the snapshot of `connection`; yields what does not hold."""
    found, faults = _open_all(connection, row, logs)
    yield from faults
    outside, more = _outside(row, logs)
    yield from more
    marks = {signed.size: signed.root for signed in found}
    yield from _grow(connection, row, marks, outside)
    times = {signed.size: [_moment(signed.at)] for signed in found}
    notes = {signed.size: signed.note for signed in found}
    yield from _cosignatures(connection, row.id, notes, times)
    yield from _timestamps(connection, row.id, notes, times, roots)
    yield from _order(connection, row, times)


def _open_all(connection: Connection, row: BookRow, logs: Logs) -> tuple[list[_Signed], list[Finding]]:
    c = checkpoints.c
    query = select(c.size, c.root, c.at, c.note).where(c.book_id == row.id).order_by(c.size)
    keys, found, faults = logs.keys(connection, row.id, row.code), [], []
    for stored in connection.execute(query):
        fault = _fault_of(stored, keys)
        if fault:
            faults.append(Finding("checkpoint", stored.size, fault))
        elif stored.size > row.size:
            faults.append(Finding("checkpoint", stored.size, f"it was signed, but the log ends at {row.size} entries"))
        else:
            found.append(_Signed(stored.size, octets(stored.root), stored.at, stored.note))
    return found, faults


def _fault_of(stored: Row[int, bytes, str, str], keys: list[VerifierKey]) -> str | None:
    try:
        note = parse(stored.note)
        said = Checkpoint.parse(note.text)
        key = next((key for key in keys if note.signed_by([key])), None)
    except LedgerError as error:
        return str(error)
    if key is None or said.origin != key.name:
        return "no key of this log signed it"
    if (said.size, said.root) != (stored.size, octets(stored.root)):
        return f"its note is of {said.size} entries and root {said.root.hex()}"
    return None


def _outside(row: BookRow, logs: Logs) -> tuple[Checkpoint | None, list[Finding]]:
    """Read the head kept outside the database."""
    try:
        note = Heads(logs.instance).read(row.code)
        head = open_checkpoint(note, logs.signer(row.code).key)[0] if note else None
    except (LedgerError, OSError, ValueError) as error:
        return None, [Finding("head", None, f"the head kept outside the database does not hold: {error}")]
    if head and head.size > row.size:
        said = f"a head of {head.size} entries was signed, the log ends at {row.size}: its tail is gone"
        return None, [Finding("head", None, said)]
    return head, []


def _grow(
    connection: Connection, row: BookRow, marks: dict[int, bytes], outside: Checkpoint | None
) -> Iterator[Finding]:
    """Read the leaves once: compare the root at each checkpoint and at the head outside, and the nodes."""
    frontier, level = Frontier(), []
    wanted = sorted({*marks, *([outside.size] if outside else [])})
    for leaves in _leaves(connection, row):
        start = frontier.size
        for size in [size for size in wanted if start < size <= start + len(leaves)]:
            frontier = frontier.extend(leaves[frontier.size - start : size - start])
            if size in marks and marks[size] != frontier.root():
                yield Finding("checkpoint", size, f"its root was {marks[size].hex()}; the log now gives another")
            if outside and size == outside.size and outside.root != frontier.root():
                yield Finding("head", size, "the head kept outside the database is of another log: it was rewritten")
        frontier = frontier.extend(leaves[frontier.size - start :])
        level += [fold(leaves[at : at + WIDTH]) for at in range(0, len(leaves) - WIDTH + 1, WIDTH)]
    yield from _nodes(connection, row.id, level)


def _leaves(connection: Connection, row: BookRow) -> Iterator[list[bytes]]:
    e = entries.c
    for start in range(0, row.size, BATCH):
        end = min(start + BATCH, row.size)
        query = select(e.leaf).where(e.book_id == row.id, e.seq >= start, e.seq < end).order_by(e.seq)
        yield [octets(leaf) for leaf in connection.scalars(query)]


def _nodes(connection: Connection, book_id: int, level: list[bytes]) -> Iterator[Finding]:
    """Compare the stored nodes with those computed; fewer are fine, they are stored when the log is signed."""
    n, number = nodes.c, 1
    query = select(n.number, n.hash).where(n.book_id == book_id).order_by(n.number)
    while True:
        for stored in connection.execute(query.where(n.level == number)):
            if not 0 <= stored.number < len(level) or octets(stored.hash) != level[stored.number]:
                said = f"node {stored.number} of level {number} is not what the entries give"
                yield Finding("nodes", stored.number * WIDTH**number, said)
        if not level:
            return
        level = [fold(level[at : at + WIDTH]) for at in range(0, len(level) - WIDTH + 1, WIDTH)]
        number += 1


def _cosignatures(
    connection: Connection, book_id: int, notes: dict[int, str], times: dict[int, list[datetime]]
) -> Iterator[Finding]:
    c = cosignatures.c
    for row in connection.execute(select(c.size, c.witness, c.line).where(c.book_id == book_id).order_by(c.size)):
        if row.size not in notes:
            continue  # its checkpoint does not hold, which has been said
        try:
            key = VerifierKey.parse(row.witness)
            (line,) = parse(f"-\n\n{row.line}\n").signatures
            check(key, line, parse(notes[row.size]).text)
            times[row.size].append(datetime.fromtimestamp(line.time, UTC))
        except (LedgerError, ValueError, OverflowError) as error:
            yield Finding("cosignature", row.size, f"{row.witness.partition('+')[0]}: {error}")


def _timestamps(
    connection: Connection,
    book_id: int,
    notes: dict[int, str],
    times: dict[int, list[datetime]],
    roots: Sequence[Certificate],
) -> Iterator[Finding]:
    c = timestamps.c
    for row in connection.execute(select(c.size, c.authority, c.token).where(c.book_id == book_id).order_by(c.size)):
        if row.size not in notes:
            continue
        try:
            text = parse(notes[row.size]).text.encode()
            times[row.size].append(verify_timestamp(octets(row.token), text, roots))
        except LedgerError as error:
            yield Finding("timestamp", row.size, f"{row.authority}: {error}")


def _order(connection: Connection, row: BookRow, times: dict[int, list[datetime]]) -> Iterator[Finding]:
    """Compare when entries say they were recorded with when the checkpoints around them were made.

    `recorded` never decreases, so the last entry under a checkpoint and the first one after it speak for all.
    """
    e = entries.c
    wanted = sorted({seq for size in times for seq in (size - 1, size) if 0 <= seq < row.size})
    recorded: dict[int, datetime] = {}
    for start in range(0, len(wanted), 500):
        query = select(e.seq, e.body).where(e.book_id == row.id, e.seq.in_(wanted[start : start + 500]))
        for stored in connection.execute(query):
            try:
                recorded[stored.seq] = _moment(canonical.parse(octets(stored.body))["recorded"])
            except (LedgerError, KeyError, ValueError):
                continue  # no entry; other passes say so
    for size, seen in sorted(times.items()):
        after, before = recorded.get(size), recorded.get(size - 1)
        if after and after < max(seen) - SKEW:
            said = f"it says {after:%Y-%m-%d %H:%M:%S}, but a checkpoint of {max(seen):%Y-%m-%d %H:%M:%S} lacks it"
            yield Finding("time", size, said)
        if before and before > min(seen) + SKEW:
            said = f"it says {before:%Y-%m-%d %H:%M:%S}, but a checkpoint of {min(seen):%Y-%m-%d %H:%M:%S} has it"
            yield Finding("time", size - 1, said)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
