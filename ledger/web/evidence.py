"""Evidence files: which contents are taken, how they are cleaned, and the folder that keeps them by SHA-256.

What a file is, its bytes say: neither its name nor what the browser calls it. Images are decoded and encoded anew, so
that nothing remains of them but the picture. No framework; `ledger.web.uploads` has the form field.
"""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, TypedDict
from unicodedata import category, normalize

from ledger.core.errors import LedgerError
from ledger.web.evidence_kinds import JPEG, PDF, PNG, TEXT, WEBP, XLSX, UnfitError, cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MIB = 1024 * 1024
MOST = 10 * MIB
MOST_NAME = 80  # characters
CSV = "text/csv"
SUFFIXES = {
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    WEBP: (".webp",),
    PDF: (".pdf",),
    XLSX: (".xlsx",),
    TEXT: (".txt",),
    CSV: (".csv",),
}
UNNAMED = "file"
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, direction, surrogates, private, line breaks
_FORBIDDEN = frozenset('<>:"|?*')


class EvidenceFile(TypedDict):
    """What an entry says about a file."""

    sha256: str
    name: str
    size: int
    media: str


class UploadError(LedgerError):
    """Send a file that is not taken as evidence."""


def keep(folder: Path, name: str, data: bytes, *, most: int = MOST) -> EvidenceFile:
    """Clean a file and put it into the folder of evidence; raise UploadError for one that is not taken."""
    shown = clean_name(name)
    if not data:
        raise UploadError("the file “%(name)s” is empty; choose it again", name=shown)
    if len(data) > most:
        raise UploadError("the file “%(name)s” is larger than %(most)s MiB", name=shown, most=most // MIB)
    try:
        media, kept = cleaned(data)
    except UnfitError as error:
        raise UploadError(error.text, **{**error.values, "name": shown}) from None
    if media == TEXT and shown.lower().endswith(".csv"):
        media = CSV  # a list is text too: only its name tells what it is for
    return {"sha256": store(folder, kept), "name": _suffixed(shown, media), "size": len(kept), "media": media}


def clean_name(name: str) -> str:
    """Make the name of a file harmless: no folders, nothing invisible, no leading dots, at most 80 characters."""
    last = normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(_visible(letter) for letter in last if category(letter) not in _HIDDEN)
    return " ".join(visible.split()).strip(". ")[-MOST_NAME:].lstrip(". ") or UNNAMED


def _visible(letter: str) -> str:
    return "_" if letter in _FORBIDDEN else letter


def _suffixed(name: str, media: str) -> str:
    """End a name as its contents do: `scan.png` that is a JPEG becomes `scan.jpg`."""
    fitting = SUFFIXES[media]
    if name.lower().endswith(fitting):
        return name
    stem, dot, end = name.rpartition(".")
    known = {suffix for suffixes in SUFFIXES.values() for suffix in suffixes}
    stem = stem if stem and f"{dot}{end}".lower() in known else name
    return stem[: MOST_NAME - len(fitting[0])] + fitting[0]


def store(folder: Path, data: bytes) -> str:
    """Keep bytes under their SHA-256: whole or not at all, readable by the application alone; return the SHA-256.

    A crash before the rename leaves a file `.new-…`, which nothing names; after it the file is complete.
    """
    digest = sha256(data).hexdigest()
    path = folder / digest
    if _holds(path, data):
        return digest
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = folder / f".new-{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    _sync(folder)
    return digest


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    """Make the rename itself last."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def path_of(folder: Path, digest: str) -> Path | None:
    """Give the path of a file kept under its SHA-256; None when there is none, whatever `digest` says."""
    if len(digest) != sha256().digest_size * 2 or not set(digest) <= set("0123456789abcdef"):
        return None
    path = folder / digest
    return path if path.is_file() else None


def is_file(value: object) -> bool:
    """Tell whether a decoded value has the shape of an `EvidenceFile`."""
    shape = {"sha256": str, "name": str, "size": int, "media": str}
    return isinstance(value, dict) and {key: type(part) for key, part in value.items()} == shape


def once(files: Iterable[EvidenceFile]) -> list[EvidenceFile]:
    """List files, those with the same contents once, in their order."""
    return list({file["sha256"]: file for file in files}.values())
