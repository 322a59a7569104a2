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

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice, pairwise
from pathlib import Path

from sqlalchemy import Connection, or_, select, text

from ledger.core import canonical
from ledger.core.entry import check_facts
from ledger.core.errors import LedgerError
from ledger.core.mirror import not_mirrored
from ledger.core.spans import Span
from ledger.journal import tables as t
from ledger.journal.check_log import Known, checking_log
from ledger.journal.collector import no_cycles
from ledger.journal.findings import Finding, Progress
from ledger.journal.paths import descends
from ledger.journal.read import BookRow, octets, read_bodies
from ledger.journal.replay import CHECKED, compare

LIMIT = 50  # findings kept a pass; the rest is counted
MANY = 10_000  # differences after which comparing stops


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

    def extend(self, findings: Iterable[Finding]) -> None:
        """Keep findings; count those of a pass that has many."""
        kept = Counter(finding.name for finding in self.findings)
        for finding in findings:
            kept[finding.name] += 1
            if kept[finding.name] <= LIMIT:
                self.findings.append(finding)
            else:
                self.more[finding.name] = self.more.get(finding.name, 0) + 1


def verify_book(
    connection: Connection,
    row: BookRow,
    *,
    evidence: Path | None = None,
    known: Known | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Run every pass over one book, inside one snapshot.

    `evidence` is the folder of evidence files, named by SHA-256. `known` is an entry and its leaf hash from outside (a
    confirmation, a checkpoint): without one nothing in a database can show that its end was cut off or all rewritten.
    """
    report = Report(row.code, row.size, "", row.head.hex() if row.head else "")
    with no_cycles(), checking_log(connection, row, known, progress) as checks:
        replayed = list(islice(compare(connection, row, progress, strict=False), MANY))
    check = checks[0]
    report.entries, report.root = check.size, check.frontier.root().hex()
    report.extend(check.findings)
    if not any(finding.name == "log" for finding in check.findings):  # a broken log gives no books to compare
        report.extend(replayed)
    if report.clean:  # what follows reads the projections
        report.extend(_check_designations(connection, row.id))
    report.extend(_check_evidence(connection, row.id, evidence))
    report.extend(check_strays(connection))
    report.extend(_check_guards(connection))
    return report


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
            yield Finding("designations", seq, str(fault))


def _check_evidence(connection: Connection, book_id: int, folder: Path | None) -> Iterator[Finding]:
    if folder is None:
        return
    e, h = t.entries.c, t.headers.c
    query = (
        select(e.seq, e.body)
        .join(t.headers, (h.book_id == e.book_id) & (h.seq == e.seq))
        .where(e.book_id == book_id, h.kind.not_in(("donation.received", "service.confirmed")))
        .order_by(e.seq)
    )
    for seq, body in connection.execute(query):
        for digest in _evidence_of(octets(body)):
            path = folder / digest
            if not path.is_file():
                yield Finding("evidence", seq, f"file {digest} is not in the evidence folder")
            elif sha256(path.read_bytes()).hexdigest() != digest:
                yield Finding("evidence", seq, f"file {digest} has other contents than the entry says")


def _evidence_of(body: bytes) -> list[str]:
    """List the evidence files of an entry; none of a body that is no entry, which the rules pass names."""
    try:
        entry = canonical.parse(body)
        check_facts(entry["kind"], entry["facts"])
        return [item["sha256"] for item in entry["facts"].get("evidence", ())]
    except (LedgerError, KeyError, TypeError, AttributeError):
        return []


def check_strays(connection: Connection) -> Iterator[Finding]:
    """Find rows of books that do not exist; index look-ups at both ends of the books' numbers and in their gaps."""
    ids = list(connection.scalars(select(t.books.c.id).order_by(t.books.c.id)))
    for table in (*CHECKED, t.entries, t.private):
        if table is t.books:
            continue
        of = table.c.book_id
        apart = [(of > lo) & (of < hi) for lo, hi in pairwise(ids) if hi - lo > 1]
        outside = [of < ids[0], of > ids[-1], *apart] if ids else [of.is_not(None)]
        stray = connection.scalar(select(of).where(or_(*outside)).limit(1))
        if stray is not None:
            name = {"log": "log", "side store": "private"}.get(table.info["role"], "projections")
            yield Finding(name, None, f"{table.name}: it has rows of book number {stray}, and there is no such book")


def _check_guards(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'"
        wanted = {"entries_no_update", "entries_no_delete", "entries_next_only"}
    else:
        query = (
            "SELECT tgname FROM pg_trigger "
            "WHERE tgrelid = 'entries'::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
        wanted = {"entries_no_change", "entries_next_only"}
    missing = wanted - set(connection.scalars(text(query)))
    for name in sorted(missing):
        yield Finding("guards", None, f"the trigger {name} is not on the log")
