"""Verification: everything that can be checked from the database alone, in passes that say what they found.

| pass | detects |
|---|---|
| log | a row edited, deleted, inserted or reordered; a leaf or the tree's frontier changed |
| head | a head row that disagrees with the log; against a head kept elsewhere: tail cut, old backup, rewriting |
| rules | an entry that append could not have written: shape, time running back, balance, provenance |
| projections | any row beside the log that differs, is missing or is too many, both ways |
| designations | designated units that are not those of the entry named; reversals that do not mirror |
| private | personal data that does not open its commitment, or is gone without `person.erased` |
| evidence | an evidence file that is missing or whose SHA-256 is not the one in its entry |
| guards | triggers of the log that are not there |
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, select, text

from ledger.core.chain import link, prev_of
from ledger.core.commit import opens
from ledger.core.errors import LedgerError
from ledger.core.merkle import Frontier
from ledger.core.spans import Span
from ledger.journal import tables as t
from ledger.journal.checks import not_mirrored
from ledger.journal.paths import descends
from ledger.journal.read import BookRow, Stored, read_bodies, scan
from ledger.journal.replay import Finding, Progress, compare

PASSES = ("log", "head", "rules", "projections", "designations", "private", "evidence", "guards")
LIMIT = 50  # findings kept a pass; the rest is counted


@dataclass(slots=True)
class Report:
    """What verification of one book found; `more` counts findings beyond those kept, by pass."""

    book: str
    entries: int
    root: str
    head: str
    findings: list[Finding] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings

    def add(self, finding: Finding) -> None:
        """Keep a finding, or count it when its pass has many."""
        if sum(1 for f in self.findings if f.name == finding.name) < LIMIT:
            self.findings.append(finding)
        else:
            self.more[finding.name] = self.more.get(finding.name, 0) + 1


def verify_book(
    connection: Connection,
    row: BookRow,
    *,
    evidence: Path | None = None,
    known: tuple[int, str] | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Run every pass over one book, inside one snapshot.

    `evidence` is the folder of evidence files, named by SHA-256. `known` is an entry and its leaf hash from outside (a
    confirmation, a checkpoint): without one nothing in a database can show that its end was cut off or all rewritten.
    """
    report = Report(row.code, row.size, "", row.head.hex() if row.head else "")
    for finding in _check_log(connection, row, known, report, progress):
        report.add(finding)
    if not any(f.name == "log" for f in report.findings):
        for finding in compare(connection, row, progress):
            report.add(finding)
    if report.clean:  # what follows reads the projections
        for finding in _check_designations(connection, row.id):
            report.add(finding)
    for finding in (*_check_private(connection, row.id), *_check_evidence(connection, row.id, evidence)):
        report.add(finding)
    for finding in _check_guards(connection):
        report.add(finding)
    return report


def _check_log(
    connection: Connection, row: BookRow, known: tuple[int, str] | None, report: Report, progress: Progress
) -> Iterator[Finding]:
    chain = Chain()
    for batch in scan(connection, row.id):
        yield from chain.extend(batch)
        if known and batch[0].seq <= known[0] <= batch[-1].seq:
            leaf = next((s.leaf.hex() for s in batch if s.seq == known[0]), None)
            if leaf != known[1]:
                yield Finding("head", known[0], f"its leaf hash is {leaf}; the one kept elsewhere is {known[1]}")
        progress(len(batch))
    report.root = chain.frontier.root().hex()
    report.entries = chain.size
    if known and known[0] >= chain.size:
        yield Finding("head", known[0], f"the log ends before it, at {chain.size} entries; its tail has been cut off")
    if (chain.size, chain.head) != (row.size, row.head):
        yield Finding(
            "head",
            None,
            f"the head row says {row.size} entries, the log has {chain.size}, ending in {link(chain.head)}",
        )
    elif chain.frontier.encode() != row.frontier:
        yield Finding("log", None, "the tree over the log has another root than the frontier stored with the head")


class Chain:
    """Checks rows of the log as they come: sequence, links, leaf hashes; grows the tree."""

    __slots__ = ("frontier", "head", "size")

    def __init__(self) -> None:
        self.size, self.head, self.frontier = 0, None, Frontier()

    size: int
    head: bytes | None

    def extend(self, batch: list[Stored]) -> list[Finding]:
        """Take the next rows; return what is wrong with them."""
        leaves = [sha256(b"\x00" + stored.body).digest() for stored in batch]
        prevs = [leaf.hex() for leaf in leaves]
        good = (
            [stored.seq for stored in batch] == list(range(self.size, self.size + len(batch)))
            and [stored.leaf for stored in batch] == leaves
            and [stored.body[10:74] for stored in batch] == [p.encode() for p in (link(self.head), *prevs[:-1])]
        )
        findings = [] if good else self._examine(batch, leaves)
        self.size += len(batch)
        self.head = leaves[-1]
        self.frontier = self.frontier.extend(leaves)
        return findings

    def _examine(self, batch: list[Stored], leaves: list[bytes]) -> list[Finding]:
        findings = []
        head, expected = self.head, self.size
        for stored, leaf in zip(batch, leaves, strict=True):
            if stored.seq != expected:
                findings.append(Finding("log", expected, f"it is missing: the next row is entry {stored.seq}"))
            if stored.leaf != leaf:
                findings.append(
                    Finding(
                        "log",
                        stored.seq,
                        f"its body hashes to {leaf.hex()}, stored leaf is {stored.leaf.hex()}",
                    )
                )
            try:
                prev = prev_of(stored.body)
            except LedgerError as error:
                prev = str(error)
            if prev != link(head):
                findings.append(
                    Finding("log", stored.seq, f"_prev is {prev}, the entry before it hashes to {link(head)}")
                )
            head, expected = leaf, stored.seq + 1
        return findings


def _check_designations(connection: Connection, book_id: int) -> Iterator[Finding]:
    f, h = t.flows.c, t.headers.c
    query = (
        select(f.seq, f.giver, f.out_at, f.amount, f.designated)
        .join(t.headers, (h.book_id == f.book_id) & (h.seq == f.seq))
        .where(f.book_id == book_id, f.designated.is_not(None), h.kind != "entry.reversed")
    )
    for seq, giver, out, amount, of in connection.execute(query):
        if not descends(connection, book_id, giver, Span(out, out + amount), of):
            yield Finding("designations", seq, f"the units it takes are not those of entry {of}")
    reversals = connection.scalars(select(h.seq).where(h.book_id == book_id, h.kind == "entry.reversed")).all()
    bodies = read_bodies(connection, book_id, list(reversals))
    olds = read_bodies(connection, book_id, [body["facts"]["reverses"] for body in bodies.values()])
    for seq, body in bodies.items():
        old = olds.get(body["facts"]["reverses"])
        fault = "the entry it reverses does not exist" if old is None else not_mirrored(old, body)
        if fault:
            yield Finding("designations", seq, fault)


def _check_private(connection: Connection, book_id: int) -> Iterator[Finding]:
    """Open every commitment by the side store, and find those that cannot be opened any more without an erasure."""
    h, p = t.headers.c, t.private.c
    rows = connection.execute(
        select(p.seq, p.field, p.salt, p.value).where(p.book_id == book_id).order_by(p.seq, p.field)
    )
    held: dict[int, dict[str, tuple[bytes, str]]] = {}
    for row in rows:
        held.setdefault(row.seq, {})[row.field] = (bytes(row.salt), row.value)
    erased: set[int] = set()
    erasures = connection.scalars(select(h.seq).where(h.book_id == book_id, h.kind == "person.erased")).all()
    for body in read_bodies(connection, book_id, list(erasures)).values():
        erased.update(body["facts"]["entries"])
    for batch in scan(connection, book_id):
        for stored in batch:
            if b'"private":{' in stored.body or stored.seq in held:
                yield from _check_openings(stored, held.pop(stored.seq, {}), erased=stored.seq in erased)
    for seq in held:
        yield Finding("private", seq, "the side store has personal data for an entry that does not exist")


def _check_openings(stored: Stored, held: dict[str, tuple[bytes, str]], *, erased: bool) -> Iterator[Finding]:
    from ledger.core import canonical  # noqa: PLC0415

    digests: dict[str, str] = canonical.decode(stored.body)["facts"].get("private", {})
    for name, digest in digests.items():
        if name not in held:
            if not erased:
                yield Finding(
                    "private",
                    stored.seq,
                    f"'{name}' is gone from the side store, and no person.erased says so",
                )
        elif not opens(digest, name, *held[name]):
            yield Finding("private", stored.seq, f"'{name}' in the side store does not open its commitment")
    for name in held.keys() - digests.keys():
        yield Finding("private", stored.seq, f"'{name}' in the side store has no commitment in the entry")


def _check_evidence(connection: Connection, book_id: int, folder: Path | None) -> Iterator[Finding]:
    if folder is None:
        return
    h = t.headers.c
    seqs = connection.scalars(
        select(h.seq).where(h.book_id == book_id, h.kind.in_(("service.delivered", "goods.issued")))
    )
    for seq, body in read_bodies(connection, book_id, list(seqs)).items():
        for item in body["facts"].get("evidence", ()):
            path = folder / item["sha256"]
            if not path.is_file():
                yield Finding("evidence", seq, f"file {item['sha256']} is not in the evidence folder")
            elif sha256(path.read_bytes()).hexdigest() != item["sha256"]:
                yield Finding("evidence", seq, f"file {item['sha256']} has other contents than the entry says")


def _check_guards(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'"
        wanted = {"entries_no_update", "entries_no_delete", "entries_next_only"}
    else:
        query = (
            "SELECT tgname FROM pg_trigger "
            "WHERE tgrelid = 'entries'::regclass AND NOT tgisinternal AND tgenabled <> 'D'"
        )
        wanted = {"entries_no_change", "entries_next_only"}
    missing = wanted - set(connection.scalars(text(query)))
    for name in sorted(missing):
        yield Finding("guards", None, f"the trigger {name} is not on the log")
