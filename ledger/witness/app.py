"""The witness as a WSGI application: `POST …/add-checkpoint`, and its key at `GET …/`.

Statuses, as C2SP tlog-witness gives them: 200 with the cosignature; 400 what was sent cannot be read; 403 no known key
of the log signed the checkpoint; 404 the log is not known; 409 with the size last seen (the log has to prove growth
from there), also for another root of a size seen before; 422 the proof does not hold.
"""

import os
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from ledger.core.errors import LedgerError, MalformedError
from ledger.core.merkle import EMPTY_ROOT, ProofError, verify_consistency
from ledger.core.note import COSIGNATURE, Checkpoint, Note, NoteError, Signer, VerifierKey, parse
from ledger.core.request import parse_request
from ledger.witness.store import Seen, Store

MAX_REQUEST = 100_000  # bytes
SIZE_TYPE = "text/x.tlog.size"
STATUSES = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
}


class Answer(NamedTuple):
    """What the witness answers."""

    status: int
    text: str
    media: str = "text/plain; charset=utf-8"


class Witness:
    """A witness: its key, the logs it watches, its memory."""

    def __init__(self, signer: Signer, logs: Iterable[VerifierKey], store: Store) -> None:
        self.signer, self.store = signer, store
        self.logs: dict[str, list[VerifierKey]] = {}
        for key in logs:
            self.logs.setdefault(key.name, []).append(key)

    def add_checkpoint(self, data: bytes, now: int) -> Answer:
        """Cosign a checkpoint that continues what was seen of its log."""
        try:
            request = parse_request(data)
            note = parse(request.checkpoint)
            new = Checkpoint.parse(note.text)
        except LedgerError as error:
            return Answer(400, f"{error}\n")
        if new.origin not in self.logs:
            return Answer(404, "this witness does not watch this log\n")
        try:
            if not note.signed_by(self.logs[new.origin]):
                return Answer(403, "no known key of the log signed this checkpoint\n")
        except NoteError as error:
            return Answer(403, f"{error}\n")
        if request.old > new.size:
            return Answer(400, "the old size is larger than the checkpoint's\n")
        return self._cosign(note, new, request.old, request.proof, now)

    def _cosign(self, note: Note, new: Checkpoint, old: int, proof: tuple[bytes, ...], now: int) -> Answer:
        seen = self.store.seen(new.origin)
        if old != seen.size or (old == new.size and old and new.root != seen.root):
            return Answer(409, f"{seen.size}\n", SIZE_TYPE)
        try:
            _check_growth(seen, new, proof)
        except ProofError as error:
            return Answer(422, f"{error}\n")
        other = self.store.replace(new.origin, seen, Seen(new.size, new.root))
        if other is not None:
            return Answer(409, f"{other.size}\n", SIZE_TYPE)
        return Answer(200, f"{self.signer.sign(note.text, now)}\n")


def _check_growth(seen: Seen, new: Checkpoint, proof: tuple[bytes, ...]) -> None:
    if not seen.size:
        if proof or (not new.size and new.root != EMPTY_ROOT):
            raise ProofError("the first checkpoint of a log needs no proof")
        return
    verify_consistency(seen.size, new.size, seen.root, new.root, proof)


def create(folder: str | None = None, *, clock: Callable[[], float] = time.time) -> Callable[..., Iterable[bytes]]:
    """Make the WSGI application of the witness in `folder` (else in the environment's WITNESS_FOLDER)."""
    path = Path(folder or os.environ["WITNESS_FOLDER"])
    witness = load(path)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        answer = _answer(witness, environ, int(clock()))
        data = answer.text.encode()
        headers = [("Content-Type", answer.media), ("Content-Length", str(len(data))), ("Cache-Control", "no-store")]
        start(f"{answer.status} {STATUSES[answer.status]}", headers)
        return [data]

    return application


def _answer(witness: Witness, environ: dict[str, Any], now: int) -> Answer:
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
    if not path.endswith("/add-checkpoint"):
        shown = path in {"", "/"} and method in {"GET", "HEAD"}
        return Answer(200, f"{witness.signer.key}\n") if shown else Answer(404, "there is nothing here\n")
    if method != "POST":
        return Answer(405, "a checkpoint is posted\n")
    length = str(environ.get("CONTENT_LENGTH") or "0")
    if not length.isdigit() or int(length) > MAX_REQUEST:
        return Answer(413, "a request has at most 100,000 bytes\n")
    return witness.add_checkpoint(environ["wsgi.input"].read(int(length)), now)


def load(folder: Path) -> Witness:
    """Load the witness of a folder: `name`, `key` (32 bytes, private), `logs` (verifier keys, one a line)."""
    key = folder / "key"
    if stat.S_IMODE(key.stat().st_mode) & 0o077:
        raise MalformedError("the key file %(path)s is open to others: run chmod 600 on it", path=key)
    signer = Signer((folder / "name").read_text("utf-8").strip(), key.read_bytes(), COSIGNATURE)
    lines = (folder / "logs").read_text("utf-8").splitlines()
    logs = [VerifierKey.parse(line) for line in lines if line.strip() and not line.startswith("#")]
    return Witness(signer, logs, Store(folder / "state.sqlite3"))
