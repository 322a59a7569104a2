"""What can be checked of the log by reading it once, without knowing what its entries do to the books.

Chain, tree, canonical form, and the commitments to personal data. It shares no state with the replay, so a large book
has it done by a second process at the same time, on the same snapshot.
"""

import pickle
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, create_engine, select, text

from ledger.core import canonical
from ledger.core.book import check_shape
from ledger.core.chain import link, prev_of
from ledger.core.commit import opens
from ledger.core.entry import Body
from ledger.core.errors import CorruptError, LedgerError
from ledger.core.merkle import Frontier
from ledger.journal import tables as t
from ledger.journal.collector import no_cycles
from ledger.journal.engine import configure
from ledger.journal.findings import Finding, Progress
from ledger.journal.read import BookRow, Stored, between, read_bodies, scan, snapshot

APART = 20_000  # entries from which a second process is worth its start

Known = tuple[int, str]
"""An entry number and its leaf hash, kept outside the database."""


@dataclass(slots=True)
class LogCheck:
    """What reading the log found, and what the log comes to."""

    findings: list[Finding] = field(default_factory=list)
    size: int = 0
    head: bytes | None = None
    frontier: Frontier = field(default_factory=Frontier)


class Chain:
    """Checks rows of the log as they come: sequence, links, leaf hashes; grows the tree."""

    __slots__ = ("frontier", "head", "size")

    def __init__(self) -> None:
        self.size = 0
        self.head: bytes | None = None
        self.frontier = Frontier()

    def extend(self, batch: list[Stored]) -> list[Finding]:
        """Take the next rows; return what is wrong with them."""
        leaves = [sha256(b"\x00" + stored.body).digest() for stored in batch]
        prevs = [link(self.head), *[leaf.hex() for leaf in leaves[:-1]]]
        good = (
            [stored.seq for stored in batch] == list(range(self.size, self.size + len(batch)))
            and [stored.leaf for stored in batch] == leaves
            and [stored.body[10:74] for stored in batch] == [prev.encode() for prev in prevs]
        )
        findings = [] if good else list(self._examine(batch, leaves))
        self.size += len(batch)
        self.head = leaves[-1]
        self.frontier = self.frontier.extend(leaves)
        return findings

    def _examine(self, batch: list[Stored], leaves: list[bytes]) -> Iterator[Finding]:
        head, expected = self.head, self.size
        for stored, leaf in zip(batch, leaves, strict=True):
            if stored.seq != expected:
                yield Finding("log", expected, f"it is missing: the next row is entry {stored.seq}")
            if stored.leaf != leaf:
                said = f"its body hashes to {leaf.hex()}, stored leaf is {stored.leaf.hex()}"
                yield Finding("log", stored.seq, said)
            try:
                prev = prev_of(stored.body)
            except LedgerError as error:
                prev = str(error)
            if prev != link(head):
                yield Finding("log", stored.seq, f"_prev is {prev}, the entry before it hashes to {link(head)}")
            head, expected = leaf, stored.seq + 1


def check_log(connection: Connection, row: BookRow, known: Known | None, progress: Progress) -> LogCheck:
    """Read the log of a book once and check all that needs no replay."""
    check, chain, erased = LogCheck(), Chain(), _erased(connection, row.id)
    for batch in scan(connection, row.id, end=row.size):
        broken = chain.extend(batch)
        check.findings += broken
        if known and batch[0].seq <= known[0] <= batch[-1].seq:
            check.findings += _compare_known(batch, known)
        check.findings += _check_bodies(connection, row.id, batch, erased, shaped=not broken)
        progress(len(batch))
    check.size, check.head, check.frontier = chain.size, chain.head, chain.frontier
    check.findings += _check_end(connection, row, check, known)
    return check


def _check_bodies(
    connection: Connection, book_id: int, batch: list[Stored], erased: set[int], *, shaped: bool
) -> Iterator[Finding]:
    """Check the form of some bodies (their members only where the chain holds), and open their commitments."""
    held: dict[int, dict[str, tuple[bytes, str]]] = defaultdict(dict)
    for _, seq, name, salt, value in between(connection, t.private, book_id, batch[0].seq, batch[-1].seq + 1):
        held[seq][name] = (salt, value)
    for stored in batch:
        mine = held.pop(stored.seq, {})
        try:
            body = canonical.decode(stored.body)
            if shaped:
                check_shape(body)
        except LedgerError as error:
            yield Finding("rules", stored.seq, str(error))
            continue
        yield from _check_openings(body, stored.seq, mine, erased=stored.seq in erased)
    for seq in held:
        yield Finding("private", seq, "the side store has personal data for an entry that does not exist")


def _check_openings(body: Body, seq: int, held: dict[str, tuple[bytes, str]], *, erased: bool) -> Iterator[Finding]:
    facts = body.get("facts")
    digests = facts.get("private", {}) if isinstance(facts, dict) else {}
    if not isinstance(digests, dict):
        digests = {}
    for name, digest in digests.items():
        if name not in held:
            if not erased:
                yield Finding("private", seq, f"'{name}' is gone from the side store, and no person.erased says so")
        elif erased:
            yield Finding("private", seq, f"'{name}' is in the side store, though a person.erased says that it is gone")
        elif not isinstance(digest, str) or not opens(digest, name, *held[name]):
            yield Finding("private", seq, f"'{name}' in the side store does not open its commitment")
    for name in held.keys() - digests.keys():
        yield Finding("private", seq, f"'{name}' in the side store has no commitment in the entry")


def _erased(connection: Connection, book_id: int) -> set[int]:
    """List the entries whose personal data was erased and said to be."""
    h = t.headers.c
    seqs = connection.scalars(select(h.seq).where(h.book_id == book_id, h.kind == "person.erased")).all()
    erased: set[int] = set()
    try:
        for body in read_bodies(connection, book_id, list(seqs)).values():
            erased.update(body["facts"]["entries"])
    except (LedgerError, KeyError, TypeError):  # tampered with: other passes name it
        return erased
    return erased


def _compare_known(batch: list[Stored], known: Known) -> Iterator[Finding]:
    leaf = next((stored.leaf.hex() for stored in batch if stored.seq == known[0]), None)
    if leaf != known[1]:
        yield Finding("head", known[0], f"its leaf hash is {leaf}; the one kept elsewhere is {known[1]}")


def _check_end(connection: Connection, row: BookRow, check: LogCheck, known: Known | None) -> Iterator[Finding]:
    """Compare where the log ends with the head row, and with what was kept elsewhere."""
    e, p = t.entries.c, t.private.c
    if known and known[0] >= check.size:
        said = f"the log ends before it, at {check.size} entries; its tail has been cut off"
        yield Finding("head", known[0], said)
    if not row.size:
        yield Finding("head", None, "the book has no entry, not even the one that opens it")
    if (check.size, check.head) != (row.size, row.head):
        said = f"the head row says {row.size} entries, the log has {check.size}, ending in {link(check.head)}"
        yield Finding("head", None, said)
    elif check.frontier.encode() != row.frontier:
        yield Finding("log", None, "the tree over the log has another root than the frontier stored with the head")
    outside = select(e.seq).where(e.book_id == row.id, (e.seq < 0) | (e.seq >= row.size)).order_by(e.seq).limit(20)
    if connection.dialect.name == "sqlite":
        outside = outside.where((e.seq < 0) | (e.seq >= _size_now(connection, row)))
    for seq in connection.scalars(outside):
        yield Finding("log", seq, "it lies beyond the head of the book")
    stray = select(p.seq).where(p.book_id == row.id, (p.seq < 0) | (p.seq >= max(check.size, row.size)))
    if connection.dialect.name == "sqlite":
        stray = stray.where((p.seq < 0) | (p.seq >= _size_now(connection, row)))
    for seq in connection.scalars(stray.limit(20)):
        yield Finding("private", seq, "the side store has personal data for an entry that does not exist")


def _size_now(connection: Connection, row: BookRow) -> int:
    """Read the size that this very snapshot has: another process of SQLite may see a later one than `row`."""
    return connection.scalar(select(t.books.c.size).where(t.books.c.id == row.id)) or 0


@contextmanager
def checking_log(
    connection: Connection, row: BookRow, known: Known | None, progress: Progress
) -> Iterator[list[LogCheck]]:
    """Check the log beside the body of the `with`: the list has the result when the block is left.

    A small book is checked before the block, in this process.
    """
    if row.size < APART:
        yield [check_log(connection, row, known, progress)]
        return
    shared = None
    if connection.dialect.name == "postgresql":
        shared = connection.scalar(text("SELECT pg_export_snapshot()"))
    url = connection.engine.url.render_as_string(hide_password=False)
    with _apart() as process:
        assert process.stdin is not None  # noqa: S101
        pickle.dump((url, shared, row, known), process.stdin)
        process.stdin.flush()
        found: list[LogCheck] = []
        yield found
        output, _ = process.communicate()
        if process.returncode:
            raise CorruptError("the process that reads the log ended with an error; its message is above")
        found.append(pickle.loads(output))  # noqa: S301  # from our own process
        progress(row.size)


@contextmanager
def _apart() -> Iterator[subprocess.Popen[bytes]]:
    """Start this module as a process of its own; it ends with the block."""
    root = str(Path(__file__).parents[2])
    program = f"import sys; sys.path.insert(0, {root!r}); from {__name__} import main; main()"
    process = subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Answer one request on standard input: check a log on the snapshot it names."""
    url, shared, row, known = pickle.load(sys.stdin.buffer)  # noqa: S301  # from our own process
    engine = create_engine(url)
    configure(engine)
    with no_cycles(), snapshot(engine, shared) as connection:
        check = check_log(connection, row, known, lambda _: None)
    pickle.dump(check, sys.stdout.buffer)
