"""A new signing key takes over from the old one, which says so on the ledger.

The entry `key.rotated` names both keys and carries the old one's signature over the new one. What a crash leaves: the
new key lies beside the old one until the entry is written; then it takes its place. A new key whose entry was written
and which has not taken its place yet does so at the next rotation or start (`settle`).
"""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.checkpoints.keys import key_file
from ledger.core.entry import Draft
from ledger.core.note import Signer, VerifierKey
from ledger.journal.append import writing
from ledger.journal.read import read_bodies
from ledger.journal.tables import headers
from ledger.keys import load

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from ledger.core.entry import Body


def endorsed(origin: str, key: VerifierKey) -> str:
    """Write the text with which an old key endorses a new one."""
    return f"shanliu/key/v1\n{origin}\n{key}\n"


def rotate(engine: Engine, instance: Path, origin: str, book: str, *, by: str, dated: date) -> VerifierKey:
    """Make a new signing key for a book, have the old one endorse it on the ledger, and put it in its place."""
    path = key_file(instance, book)
    fresh = path.with_suffix(".next")
    old = Signer(origin, load(path))
    if not fresh.exists():
        _write(fresh, secrets.token_bytes(32))
    new = Signer(origin, load(fresh))
    facts = {
        "origin": origin,
        "old": str(old.key),
        "new": str(new.key),
        "endorsement": b64encode(old.sign(endorsed(origin, new.key)).blob).decode(),
    }
    with writing(engine, book) as writer:
        writer.append([Draft("key.rotated", dated, by, f"key/{new.key.id.hex()}", facts=facts)])
    path.replace(path.with_name(f"{path.stem}.{old.key.id.hex()}.retired"))
    fresh.replace(path)
    return new.key


def earlier_keys(connection: Connection, book_id: int) -> list[VerifierKey]:
    """List the keys that were followed by others, newest first, as the ledger says."""
    return [VerifierKey.parse(body["facts"]["old"]) for body in reversed(_rotations(connection, book_id))]


def _rotations(connection: Connection, book_id: int) -> list[Body]:
    h = headers.c
    seqs = connection.scalars(select(h.seq).where(h.book_id == book_id, h.kind == "key.rotated").order_by(h.seq)).all()
    bodies = read_bodies(connection, book_id, list(seqs))
    return [bodies[seq] for seq in seqs]


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
