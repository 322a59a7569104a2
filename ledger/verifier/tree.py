"""Verify a published tree end to end: chain, tree, tiles, every checkpoint, and the rules of the books.

One reading of the bundles in order. Memory holds the state of the book (one value an account, none an entry), the
edge of the tree, and two bundles.
"""

from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from ledger.core import canonical
from ledger.core.book import Book, check_shape
from ledger.core.chain import follows, link
from ledger.core.entry import Body
from ledger.core.errors import LedgerError
from ledger.core.merkle import Frontier
from ledger.core.mirror import not_mirrored
from ledger.core.note import ED25519, Checkpoint, NoteError, Signature, VerifierKey, check, open_checkpoint
from ledger.core.policy import Policy
from ledger.core.tiles import HEIGHT, WIDTH, Tile, fold
from ledger.verifier.designations import Followed
from ledger.verifier.folder import Folder

ANYBODY = Policy()
LIMIT = 100  # findings kept; more are counted
Progress = Callable[[int], None]


class Finding(NamedTuple):
    """What is wrong: which pass, which entry or size, and the difference."""

    name: str
    where: int | None
    difference: str

    def __str__(self) -> str:
        """Write it on a line."""
        place = "" if self.where is None else f" {self.where}"
        return f"{self.name}{place}: {self.difference}"


@dataclass(slots=True)
class Report:
    """What verification found."""

    size: int = 0
    checkpoints: int = 0
    witnesses: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    def add(self, name: str, where: int | None, difference: object) -> None:
        """Note a finding; beyond the first ones, only count it."""
        if len(self.findings) < LIMIT:
            self.findings.append(Finding(name, where, str(difference)))
        else:
            self.more += 1

    @property
    def clean(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings


def verify_tree(
    folder: Folder,
    key: VerifierKey,
    policy: Policy = ANYBODY,
    *,
    rules: bool = True,
    progress: Progress = lambda _: None,
) -> Report:
    """Verify a published tree with a key of the log that is known from elsewhere: its first, or a later one.

    Raise LedgerError when there is nothing to verify: no checkpoint, or one that the log did not sign.
    """
    return _Verification(folder, key, policy, rules=rules, progress=progress).run()


class _Verification:
    def __init__(self, folder: Folder, key: VerifierKey, policy: Policy, *, rules: bool, progress: Progress) -> None:
        self.folder, self.policy, self.progress, self.rules = folder, policy, progress, rules
        self.keys = _Keys(folder, key)
        self.report = Report()
        self.frontier = Frontier()
        self.head: bytes | None = None
        self.recorded = ""
        self.book: Book | None = None
        self.wanted: set[int] = set()
        self.level: list[bytes] = []  # roots of the full tiles of leaves

    def run(self) -> Report:
        newest = self._open("checkpoint", self.folder.text("checkpoint"))
        if newest is None:
            return self.report
        self.report.size = newest.size
        found = [self._open(f"checkpoints/{size}", note, size) for size, note in self._notes(newest.size)]
        marks = [newest, *(mark for mark in found if mark)]
        for bodies, hashes in self.folder.bundles(newest.size):
            leaves = [sha256(b"\x00" + body).digest() for body in bodies]
            if leaves != hashes:
                self.report.add("tile", self.frontier.size, "the leaf hashes of the tile are not those of the entries")
            self._chain(bodies, leaves)
            self._grow(leaves, marks)
            if self.rules:
                self._replay(bodies, leaves)
            self.progress(len(bodies))
        self._tiles()
        if self.wanted:
            self._designations(newest.size)
        self.keys.judge(self.report)
        return self.report

    def _notes(self, size: int) -> Iterator[tuple[int, str]]:
        for stated, note in self.folder.checkpoints().items():
            if stated > size:
                self.report.add("checkpoint", stated, f"it says more entries than the newest one, {size}")
            else:
                yield stated, note

    def _open(self, name: str, note: str, stated: int | None = None) -> Checkpoint | None:
        """Open a checkpoint with any key of the log; None, with a finding, when none signed it."""
        try:
            found, cosigned = self.keys.open(note, self.policy)
        except LedgerError as error:
            self.report.add("checkpoint", stated, f"{name}: {error}")
            return None
        self.report.checkpoints += 1
        if stated is not None and found.size != stated:
            self.report.add("checkpoint", stated, f"{name} is of {found.size} entries")
            return None
        if name == "checkpoint":
            self.report.witnesses = len(cosigned)
            if not self.policy.met_by(cosigned):
                self.report.add("witness", found.size, f"{len(cosigned)} cosigned, {self.policy.quorum} are asked for")
        return found

    def _chain(self, bodies: list[bytes], leaves: list[bytes]) -> None:
        prevs = [f'{{"_prev":"{prev}"'.encode() for prev in (link(self.head), *(leaf.hex() for leaf in leaves[:-1]))]
        self.head = leaves[-1]
        if [body[:75] for body in bodies] == prevs:
            return
        for n, (body, prev) in enumerate(zip(bodies, prevs, strict=True)):
            if body[:75] != prev:
                self.report.add("chain", self.frontier.size + n, "it does not name the hash of the entry before it")

    def _grow(self, leaves: list[bytes], marks: list[Checkpoint]) -> None:
        """Grow the tree, stopping at each checkpoint on the way to compare roots."""
        start = self.frontier.size
        on_the_way = [mark for mark in marks if start < mark.size <= start + len(leaves)]
        if len(leaves) == WIDTH:
            self.level.append(fold(leaves))
            if not on_the_way or {mark.size for mark in on_the_way} == {start + WIDTH}:
                self.frontier = self.frontier.append_full(self.level[-1], HEIGHT)
                leaves = []
        for mark in sorted(on_the_way, key=lambda mark: mark.size):
            self.frontier = self.frontier.extend(leaves[self.frontier.size - start : mark.size - start])
            if mark.root != self.frontier.root():
                self.report.add("checkpoint", mark.size, "its root is not that of the entries published")
        self.frontier = self.frontier.extend(leaves[self.frontier.size - start :])

    def _replay(self, bodies: list[bytes], leaves: list[bytes]) -> None:
        start = self.frontier.size - len(bodies)
        for n, (data, leaf) in enumerate(zip(bodies, leaves, strict=True)):
            try:
                body = canonical.decode(data)
                check_shape(body)
                self._apply(body, start + n, leaf)
            except LedgerError as error:
                self.report.add("rules", start + n, error)

    def _apply(self, body: Body, seq: int, leaf: bytes) -> None:
        book = self.book = self.book or Book(body["book"])
        prev = link(book.head)
        fault = follows(body, seq=seq, prev=body["_prev"] if seq == 0 else prev, recorded=self.recorded)
        if fault or body["book"] != book.code:
            self.report.add("rules", seq, fault or f"it is of book {body['book']}")
        self.recorded = body["recorded"]
        try:
            book.replay(body)
        finally:
            book.advance(leaf, body["recorded"])
            book.touched.clear()
            book.changed.clear()
        if body["kind"] == "entry.reversed":
            old = canonical.decode(self.folder.entry(body["facts"]["reverses"], self.report.size))
            mirror = not_mirrored(old, body)
            if mirror:
                self.report.add("rules", seq, mirror)
        elif body["kind"] == "key.rotated":
            self.keys.rotated(body["facts"], seq, self.report)
        else:
            self.wanted.update(flow["of"] for flow in body["flows"] if "of" in flow)

    def _tiles(self) -> None:
        """Compare the tiles above the leaves with what the entries give."""
        level, row = 1, self.level
        while row:
            for first in range(0, len(row), WIDTH):
                given = row[first : first + WIDTH]
                try:
                    published = self.folder.hashes(Tile(level, first // WIDTH, len(given)))
                except LedgerError as error:
                    self.report.add("tile", first // WIDTH, error)
                    continue
                if published != given:
                    said = f"tile {first // WIDTH} of level {level} does not follow from the entries"
                    self.report.add("tile", first // WIDTH, said)
            row = [fold(row[at : at + WIDTH]) for at in range(0, len(row) - WIDTH + 1, WIDTH)]
            level += 1

    def _designations(self, size: int) -> None:
        followed = Followed(self.wanted)
        seq = 0
        for bodies, _ in self.folder.bundles(size, tiles=False):
            for data in bodies:
                try:
                    for fault in followed.take(canonical.parse(data)):
                        self.report.add("rules", seq, fault)
                except (LedgerError, KeyError, TypeError):
                    pass  # an entry that is none has been named above
                seq += 1


class _Keys:
    """The keys of a log: the one that is known, and those that rotations on the log tie to it.

    A key named beside the tree is tried, but counts only once a rotation shows that a trusted key endorsed it, or that
    it was followed by a trusted one.
    """

    def __init__(self, folder: Folder, key: VerifierKey) -> None:
        self.trusted = {key}
        try:
            named = [VerifierKey.parse(line) for line in folder.text("vkey").split("\n") if line.strip()]
        except LedgerError:
            named = []
        self._tried = [key, *(one for one in named if one != key and one.name == key.name)]
        self._used: list[tuple[int, VerifierKey]] = []
        self._rotations: list[tuple[VerifierKey, VerifierKey]] = []

    def open(self, note: str, policy: Policy) -> tuple[Checkpoint, dict[VerifierKey, Signature]]:
        """Open a checkpoint with one of the keys."""
        error: LedgerError | None = None
        for key in self._tried:
            try:
                found, _, cosigned = open_checkpoint(note, key, policy.witnesses)
            except NoteError as refused:
                error = error or refused
            else:
                self._used.append((found.size, key))
                return found, cosigned
        raise error or NoteError("there is no key")

    def rotated(self, facts: dict[str, Any], seq: int, report: Report) -> None:
        """Check that the old key endorsed the new one."""
        try:
            old, new = VerifierKey.parse(facts["old"]), VerifierKey.parse(facts["new"])
            text = f"shanliu/key/v1\n{facts['origin']}\n{facts['new']}\n"
            check(old, Signature(old.name, old.id, b64decode(facts["endorsement"])), text)
        except (LedgerError, KeyError, TypeError, ValueError) as error:
            report.add("key", seq, f"the rotation does not hold: {error}")
            return
        if old.kind == new.kind == ED25519 and old.name == new.name:
            self._rotations.append((old, new))
        else:
            report.add("key", seq, "the rotation is not from one key of this log to another")

    def judge(self, report: Report) -> None:
        """Note the checkpoints that were signed with keys that nothing ties to the known one."""
        before = 0
        while len(self.trusted) != before:
            before = len(self.trusted)
            for pair in self._rotations:
                if self.trusted & set(pair):
                    self.trusted |= set(pair)
        for size, key in self._used:
            if key not in self.trusted:
                report.add(
                    "key", size, f"the checkpoint is signed with {key}, which no rotation on the log vouches for"
                )
