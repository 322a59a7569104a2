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
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, select, text

from ledger.core.spans import Span
from ledger.journal import tables as t
from ledger.journal.check_log import Known, checking_log
from ledger.journal.checks import not_mirrored
from ledger.journal.findings import Finding, Progress
from ledger.journal.paths import descends
from ledger.journal.read import BookRow, read_bodies
from ledger.journal.replay import compare

PASSES = ("log", "head", "rules", "projections", "designations", "private", "evidence", "guards")
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
    with checking_log(connection, row, known, progress) as checks:
        replayed = list(islice(compare(connection, row, progress, strict=False), MANY))
    check = checks[0]
    report.entries, report.root = check.size, check.frontier.root().hex()
    report.extend(check.findings)
    if not any(finding.name == "log" for finding in check.findings):  # a broken log gives no books to compare
        report.extend(replayed)
    if report.clean:  # what follows reads the projections
        report.extend(_check_designations(connection, row.id))
    report.extend(_check_evidence(connection, row.id, evidence))
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
            yield Finding("designations", seq, fault)


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
