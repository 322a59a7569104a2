"""Donor slips: one file with which anybody can check, offline, that an entry is on the ledger and what it hides.

{"format": "shanliu-slip/1", "origin": …, "key": verifier key of the log, "witnesses": [verifier keys], "entries":
 [{"seq": …, "body": the exact text, "openings": [{"field", "salt", "value"}], "proof": a tlog-proof}]}

Checking needs no server: only the file, and a key of the log known from elsewhere.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ledger.core import canonical
from ledger.core.chain import leaf_hash
from ledger.core.commit import opens
from ledger.core.errors import LedgerError, MalformedError
from ledger.core.merkle import verify_inclusion
from ledger.core.note import Checkpoint, NoteError, VerifierKey, open_checkpoint, parse
from ledger.core.tiles import Proof

FORMAT = "shanliu-slip/1"
MAX_SLIP = 16_000_000  # bytes


class SlipError(MalformedError):
    """Present a file that is not a slip."""


class Opening(NamedTuple):
    """What opens a commitment of an entry: the personal datum and its salt."""

    field: str
    salt: bytes
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a slip: the exact text of its body, openings, and the proof file."""

    seq: int
    body: str
    openings: tuple[Opening, ...]
    proof: str


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip, unchecked."""

    origin: str
    key: str
    witnesses: tuple[str, ...]
    entries: tuple[Entry, ...]

    def __str__(self) -> str:
        """Write the file."""
        entries = [
            {
                "seq": entry.seq,
                "body": entry.body,
                "openings": [{"field": o.field, "salt": o.salt.hex(), "value": o.value} for o in entry.openings],
                "proof": entry.proof,
            }
            for entry in self.entries
        ]
        whole = {
            "format": FORMAT,
            "origin": self.origin,
            "key": self.key,
            "witnesses": list(self.witnesses),
            "entries": entries,
        }
        return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def parse_slip(data: bytes | str) -> Slip:
    """Read a slip; raise SlipError when it is not one."""
    if len(data) > MAX_SLIP:
        raise SlipError("this file is too large to be a slip")
    try:
        whole = json.loads(data)
        if whole["format"] != FORMAT:
            raise SlipError("this is a file of another kind: %(kind)s", kind=str(whole["format"])[:40])
        entries = tuple(map(_entry, whole["entries"]))
        slip = Slip(_text(whole["origin"]), _text(whole["key"]), tuple(map(_text, whole["witnesses"])), entries)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SlipError("this file is not a slip, or it is damaged") from error
    if not slip.entries:
        raise SlipError("this slip has no entry")
    return slip


def _entry(item: Any) -> Entry:
    openings = tuple(Opening(_text(o["field"]), bytes.fromhex(o["salt"]), _text(o["value"])) for o in item["openings"])
    if type(item["seq"]) is not int:
        raise TypeError
    return Entry(item["seq"], _text(item["body"]), openings, _text(item["proof"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


class Step(NamedTuple):
    """One step of a check: which (a key of `STEPS`), about which entry, whether it passed, and what was found."""

    name: str
    seq: int
    passed: bool
    detail: str = ""


STEPS = {
    "form": "the entry is written in the one canonical way and carries the number it is filed under",
    "path": "its hash leads, by the hashes of the proof, to the root of the whole log",
    "log": "the log signed that root",
    "witness": "a witness saw and signed the same root",
    "opening": "a personal datum opens the commitment in the entry",
}


def check_slip(slip: Slip, key: VerifierKey | None = None, witnesses: Sequence[VerifierKey] = ()) -> Iterator[Step]:
    """Check a slip step by step. `key`, known from elsewhere, is believed before the one that the slip names.

    The first step of an entry that fails ends the check of that entry: what follows would mean nothing.
    """
    for entry in slip.entries:
        try:
            yield from _check_entry(slip, entry, key or VerifierKey.parse(slip.key), witnesses)
        except NoteError as error:
            yield Step("log", entry.seq, passed=False, detail=str(error))


def _check_entry(slip: Slip, entry: Entry, key: VerifierKey, witnesses: Sequence[VerifierKey]) -> Iterator[Step]:
    try:
        body = canonical.decode(entry.body.encode())
        proof = Proof.parse(entry.proof)
    except (LedgerError, UnicodeEncodeError) as error:
        yield Step("form", entry.seq, passed=False, detail=str(error))
        return
    same = body.get("seq") == proof.entry == entry.seq
    leaf = leaf_hash(entry.body.encode())
    yield Step("form", entry.seq, passed=same, detail=leaf.hex())
    if not same:
        return
    try:
        stated = Checkpoint.parse(parse(proof.checkpoint).text)
        verify_inclusion(entry.seq, stated.size, leaf, proof.path, stated.root)
    except LedgerError as error:
        yield Step("path", entry.seq, passed=False, detail=str(error))
        return
    yield Step("path", entry.seq, passed=True, detail=stated.root.hex())
    named = [known for text in slip.witnesses if (known := _known(text))]
    found, _, cosigned = open_checkpoint(proof.checkpoint, key, witnesses or named)
    yield Step("log", entry.seq, found.origin == slip.origin, f"{found.origin}, {found.size}")
    for witness, signature in cosigned.items():
        yield Step("witness", entry.seq, passed=True, detail=f"{witness.name} {signature.time}")
    facts = body.get("facts")
    commitments = facts.get("private", {}) if isinstance(facts, dict) else {}
    for opening in entry.openings:
        digest = str(commitments.get(opening.field, "")) if isinstance(commitments, dict) else ""
        fits = opens(digest, opening.field, opening.salt, opening.value)
        yield Step("opening", entry.seq, fits, opening.field)


def _known(text: str) -> VerifierKey | None:
    try:
        return VerifierKey.parse(text)
    except NoteError:
        return None
