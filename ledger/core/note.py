"""Signed notes: a text and the signatures under it; checkpoints are such notes, and so are their cosignatures.

Sources: C2SP signed-note, tlog-checkpoint and tlog-cosignature. A note is

    text, ending in a newline
    (an empty line)
    — name base64(key id ‖ signature)

A key id is the first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key). An Ed25519 signature (type 0x01) is over
the text; a cosignature (type 0x04) is over `cosignature/v1`, `time <seconds>` and the text, a line each, and carries
the time, eight bytes, before its 64.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.core.errors import LedgerError

ED25519, COSIGNATURE = 0x01, 0x04
MAX_NOTE = 1_000_000  # bytes
MAX_SIGNATURES = 100
DASH = "\N{EM DASH}"
_SIGNATURE_SIZE = {ED25519: 64, COSIGNATURE: 72}
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(rf"{DASH} ([^\s+]+) ([A-Za-z0-9+/]+=*)")
_PUBLIC = 32  # bytes


class NoteError(LedgerError):
    """Present a note or a key that is not one, or a signature that does not hold."""


class VerifierKey(NamedTuple):
    """What checks signatures: `name+hex(key id)+base64(type ‖ public key)`."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes that stand before its signatures."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """Write the key as others take it."""
        return f"{self.name}+{self.id.hex()}+{_text(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key; raise NoteError unless name, id and key belong together."""
        name, _, rest = text.strip().partition("+")
        stated, _, coded = rest.partition("+")
        data = _bytes(coded)
        key = cls(name, data[0] if data else 0, data[1:])
        if not _NAME.fullmatch(name) or key.kind not in _SIGNATURE_SIZE or len(key.public) != _PUBLIC:
            raise NoteError("'%(text)s' is not a verifier key: name+key id+base64 of type and public key", text=text)
        if stated != key.id.hex():
            raise NoteError("the verifier key of %(name)s has another id than it says; ask for it again", name=name)
        return key


class Signature(NamedTuple):
    """A line under a note. `time`: seconds since 1970, of a cosignature whose key is known."""

    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        """Write the line, without its newline."""
        return f"{DASH} {self.name} {_text(self.key_id + self.blob)}"

    @property
    def time(self) -> int:
        """Return the time a cosignature states."""
        return int.from_bytes(self.blob[:8], "big")


class Signer:
    """Signs notes: an Ed25519 key with a name. `kind`: a log's signature or a witness's cosignature."""

    def __init__(self, name: str, seed: bytes, kind: int = ED25519) -> None:
        if not _NAME.fullmatch(name):
            raise NoteError("'%(name)s' cannot name a key: it has no spaces and no plus sign", name=name)
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = VerifierKey(name, kind, self._private.public_key().public_bytes_raw())

    def sign(self, text: str, time: int = 0) -> Signature:
        """Sign a text; a cosignature states `time`, in seconds since 1970."""
        _check_text(text)
        stamp = time.to_bytes(8, "big") if self.key.kind == COSIGNATURE else b""
        blob = stamp + self._private.sign(_signed(self.key.kind, text, time))
        return Signature(self.key.name, self.key.id, blob)


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it, unchecked."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """Write the note: `parse` of it gives this note again."""
        return f"{self.text}\n" + "".join(f"{signature}\n" for signature in self.signatures)

    def signed_by(self, keys: Iterable[VerifierKey]) -> dict[VerifierKey, Signature]:
        """Check the signatures of these keys; return those that hold, by key.

        Lines of other keys are passed over. A line of one of these keys that does not hold refuses the whole note.
        """
        known = {(key.name, key.id): key for key in keys}
        found: dict[VerifierKey, Signature] = {}
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is not None:
                check(key, signature, self.text)
                found.setdefault(key, signature)
        return found

    def plus(self, signatures: Iterable[Signature]) -> "Note":
        """Return the note with further signatures, each line once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))


def parse(data: bytes | str) -> Note:
    """Read a note; raise NoteError when it is not one."""
    try:
        whole = data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError as error:
        raise NoteError("a note is UTF-8; this is not") from error
    text, mark, lines = whole.rpartition("\n\n")
    if len(whole) > MAX_NOTE or not mark or not lines.endswith("\n"):
        raise NoteError("a note is a text, an empty line and signatures, each line ended by a newline")
    _check_text(f"{text}\n")
    signatures = tuple(_parse_line(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MAX_SIGNATURES:
        raise NoteError("a note has at most %(most)s signatures", most=MAX_SIGNATURES)
    return Note(f"{text}\n", signatures)


def open_note(data: bytes | str, keys: Sequence[VerifierKey]) -> tuple[Note, dict[VerifierKey, Signature]]:
    """Read a note and check it; raise NoteError unless at least one of the keys signed it, and none falsely."""
    note = parse(data)
    signed = note.signed_by(keys)
    if not signed:
        names = ", ".join(sorted({key.name for key in keys})) or "-"
        raise NoteError("none of the keys given signed this note (%(names)s)", names=names)
    return note, signed


def check(key: VerifierKey, signature: Signature, text: str) -> None:
    """Raise NoteError unless a key made a signature over a text."""
    whole = len(signature.blob) == _SIGNATURE_SIZE[key.kind]
    try:
        public = Ed25519PublicKey.from_public_bytes(key.public)
        public.verify(signature.blob[-64:] if whole else b"", _signed(key.kind, text, signature.time))
    except (InvalidSignature, ValueError) as error:
        raise NoteError("the signature of %(name)s does not hold; do not rely on this note", name=key.name) from error


def _signed(kind: int, text: str, time: int) -> bytes:
    head = f"cosignature/v1\ntime {time}\n" if kind == COSIGNATURE else ""
    return (head + text).encode()


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("the text of a note ends in a newline and has no other control characters")


def _parse_line(line: str) -> Signature:
    found = _LINE.fullmatch(line)
    data = _bytes(found[2]) if found else b""
    if not found or len(data) <= 4:  # noqa: PLR2004  # bytes of a key id
        raise NoteError("'%(line)s' is not a signature line", line=line[:100])
    return Signature(found[1], data[:4], data[4:])


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return b""
    return data if _text(data) == text else b""  # one way to write it


# Checkpoints.


class Checkpoint(NamedTuple):
    """What a log says of itself: its origin, how many entries it has, and the root of its tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Write the text that is signed."""
        return f"{self.origin}\n{self.size}\n{_text(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note as a checkpoint; lines after the third are extensions and are passed over."""
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or lines[-1]:  # noqa: PLR2004  # three lines and what follows the last
            raise NoteError("a checkpoint is an origin, a size and a root, each on a line")
        origin, size, coded = lines[:3]
        root = _bytes(coded)
        if not re.fullmatch(r"0|[1-9]\d{0,15}", size) or len(root) != sha256().digest_size:
            raise NoteError("the checkpoint of %(origin)s has no size and root", origin=origin)
        return cls(origin, int(size), root)


def open_checkpoint(
    data: bytes | str, key: VerifierKey, witnesses: Sequence[VerifierKey] = ()
) -> tuple[Checkpoint, Note, dict[VerifierKey, Signature]]:
    """Read a checkpoint that `key`, whose name is its origin, signed; return also who of the witnesses cosigned."""
    note = parse(data)
    signed = note.signed_by((key, *witnesses))
    if key not in signed:
        raise NoteError("the log %(name)s did not sign this checkpoint", name=key.name)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise NoteError("the checkpoint is of %(origin)s, the key of %(name)s", origin=checkpoint.origin, name=key.name)
    del signed[key]
    return checkpoint, note, signed
