"""What the status page says of a log: the newest checkpoint, who cosigned it, the last full verification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select

from ledger.checkpoints.sign import newest_head
from ledger.checkpoints.tables import cosignatures, timestamps, verifications
from ledger.core.chain import stamp
from ledger.core.note import parse
from ledger.journal.append import utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from ledger.checkpoints.sign import Head
    from ledger.core.note import VerifierKey
    from ledger.core.policy import Policy


class Seen(NamedTuple):
    """A witness of the policy, and the newest checkpoint it cosigned (0: none), with the time it stated."""

    key: VerifierKey
    size: int
    time: int  # seconds since 1970


class Verified(NamedTuple):
    """The last full verification: when, of how many entries, with how many differences."""

    at: str
    size: int
    findings: int


@dataclass(frozen=True, slots=True)
class Status:
    """The signed state of a log."""

    head: Head
    key: VerifierKey
    witnesses: Sequence[Seen]
    quorum: int
    stamped: bool  # the newest checkpoint has a timestamp
    verified: Verified | None

    @property
    def cosigned(self) -> int:
        """Return how many of the witnesses cosigned the newest checkpoint."""
        return sum(seen.size == self.head.checkpoint.size for seen in self.witnesses)


def read_status(connection: Connection, book_id: int, key: VerifierKey, policy: Policy) -> Status | None:
    """Read the state of a log, in four statements; None before it was signed first."""
    head = newest_head(connection, book_id)
    if head is None:
        return None
    c, size = timestamps.c, head.checkpoint.size
    stamped = connection.scalar(select(c.size).where(c.book_id == book_id, c.size == size).limit(1))
    seen = tuple(_seen(connection, book_id, witness) for witness in policy.witnesses)
    return Status(head, key, seen, policy.quorum, stamped is not None, last_verified(connection, book_id))


def _seen(connection: Connection, book_id: int, witness: VerifierKey) -> Seen:
    """Read a witness's newest cosignature; one statement for each of the few witnesses."""
    c = cosignatures.c
    query = select(c.size, c.line).where(c.book_id == book_id, c.witness == str(witness))
    row = connection.execute(query.order_by(c.size.desc()).limit(1)).one_or_none()
    if row is None:
        return Seen(witness, 0, 0)
    return Seen(witness, row.size, parse(f"-\n\n{row.line}\n").signatures[0].time)


def last_verified(connection: Connection, book_id: int) -> Verified | None:
    """Read when a book was verified last."""
    v = verifications.c
    query = select(v.at, v.size, v.findings).where(v.book_id == book_id).order_by(v.at.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return Verified(*row) if row else None


def remember(connection: Connection, book_id: int, size: int, findings: int) -> None:
    """Write down a full verification."""
    values = {"book_id": book_id, "at": stamp(utc_now()), "size": size, "findings": findings}
    connection.execute(insert(verifications).values(values))
