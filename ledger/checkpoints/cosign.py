"""Ask the witnesses to cosign the newest checkpoint, and keep what they give.

Never in the way of anything: a witness that is slow, dead or lying costs its own time-out and nothing else. Each is
told how the log grew since what it saw last; when it says it saw something else, once more from there.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sqlalchemy import func, insert, select

from ledger.checkpoints.proofs import note_of
from ledger.checkpoints.sign import newest_head
from ledger.checkpoints.tables import cosignatures
from ledger.checkpoints.tree import tree
from ledger.core.chain import stamp
from ledger.core.errors import LedgerError
from ledger.core.note import COSIGNATURE, NoteError, Signature, VerifierKey, check, parse
from ledger.core.request import write_request
from ledger.journal.append import utc_now
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

TIMEOUT = 5.0  # seconds that a witness has
MOST = 10_000  # bytes of an answer that are read
CONFLICT = 409


class WitnessError(LedgerError):
    """Meet a witness that does not answer, or not as it should."""


@dataclass(frozen=True, slots=True)
class WitnessAt:
    """A witness: its key, and the address below which it takes checkpoints."""

    key: VerifierKey
    url: str


class Asked(NamedTuple):
    """What came of asking a witness: a line, or why there is none."""

    witness: WitnessAt
    size: int
    line: str = ""
    error: str = ""


class _Stay(HTTPRedirectHandler):
    """Follow no redirect: a witness is where the settings say."""

    def redirect_request(self, *_arguments: object) -> None:
        """Refuse."""


_opener = build_opener(_Stay)


def collect(engine: Engine, book: str, witnesses: Sequence[WitnessAt]) -> list[Asked]:
    """Ask each witness that has not cosigned the newest checkpoint yet, all at once; store what holds."""
    with snapshot(engine) as connection:
        row = find_book(connection, book)
        head = newest_head(connection, row.id)
        if head is None:
            return []
        size = head.checkpoint.size
        seen = _seen(connection, row.id)
        wanted = [witness for witness in witnesses if seen.get(str(witness.key)) != size]
        note = note_of(connection, row.id, size)
    if not wanted:
        return []

    def ask(witness: WitnessAt) -> Asked:
        try:
            return Asked(witness, size, _ask(engine, row.id, witness, size, note, seen.get(str(witness.key), 0)))
        except LedgerError as error:
            return Asked(witness, size, error=str(error))

    with ThreadPoolExecutor(max_workers=len(wanted)) as pool:
        asked = list(pool.map(ask, wanted))
    given = [each for each in asked if each.line]
    if given:
        with write_transaction(engine) as connection:
            _store(connection, row.id, given)
    return asked


def _seen(connection: Connection, book_id: int) -> dict[str, int]:
    c = cosignatures.c
    query = select(c.witness, func.max(c.size)).where(c.book_id == book_id).group_by(c.witness)
    return {row.witness: row[1] for row in connection.execute(query)}


def _ask(engine: Engine, book_id: int, witness: WitnessAt, size: int, note: str, old: int) -> str:
    """Ask once, and once more from the size that the witness names; return its line."""
    status, text = _post(witness, _request(engine, book_id, old, size, note))
    if status == CONFLICT and text.strip().isdigit() and int(text) <= size and int(text) != old:
        status, text = _post(witness, _request(engine, book_id, int(text), size, note))
    if status != 200:  # noqa: PLR2004  # OK
        raise WitnessError(
            "witness %(name)s answers %(status)s: %(text)s", name=witness.key.name, status=status, text=text[:200]
        )
    return _checked(witness, note, text)


def _checked(witness: WitnessAt, note: str, text: str) -> str:
    try:
        (line,) = parse(f"-\n\n{text}").signatures
    except (NoteError, ValueError) as error:
        raise WitnessError("witness %(name)s gives no cosignature", name=witness.key.name) from error
    if (line.name, line.key_id) != (witness.key.name, witness.key.id) or witness.key.kind != COSIGNATURE:
        raise WitnessError("witness %(name)s signs with another key", name=witness.key.name)
    check(witness.key, line, parse(note).text)
    return str(Signature(*line))


def _request(engine: Engine, book_id: int, old: int, size: int, note: str) -> bytes:
    with snapshot(engine) as connection:
        proof = tree(connection, book_id, size).consistency_proof(old)
    return write_request(old, proof, note)


def _post(witness: WitnessAt, data: bytes) -> tuple[int, str]:
    if urlsplit(witness.url).scheme not in {"http", "https"}:
        raise WitnessError("the address of witness %(name)s is neither http nor https", name=witness.key.name)
    request = Request(f"{witness.url.rstrip('/')}/add-checkpoint", data, method="POST")  # noqa: S310  # checked above
    try:
        with _opener.open(request, timeout=TIMEOUT) as answer:
            return answer.status, answer.read(MOST).decode("utf-8", "replace")
    except HTTPError as error:
        with error:
            return error.code, error.read(MOST).decode("utf-8", "replace")
    except (URLError, OSError, ValueError) as error:
        raise WitnessError("witness %(name)s does not answer: %(error)s", name=witness.key.name, error=error) from error


def _store(connection: Connection, book_id: int, given: Sequence[Asked]) -> None:
    now = stamp(utc_now())
    c = cosignatures.c
    query = select(c.witness).where(c.book_id == book_id, c.size == given[0].size)
    there = set(connection.scalars(query))
    rows = [
        {"book_id": book_id, "size": each.size, "witness": str(each.witness.key), "line": each.line, "at": now}
        for each in given
        if str(each.witness.key) not in there
    ]
    if rows:
        connection.execute(insert(cosignatures), rows)
