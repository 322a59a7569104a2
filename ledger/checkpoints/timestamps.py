"""RFC 3161 timestamps over checkpoints: a third party says that this checkpoint existed at that time.

The stamp is over the text that the log signed. It is asked for after signing and never in its way; the service's whole
answer is stored, so that it can be verified by others with `openssl ts -verify`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import insert, select

from ledger.checkpoints.sign import newest_head
from ledger.checkpoints.tables import timestamps
from ledger.core.chain import stamp
from ledger.core.errors import LedgerError
from ledger.journal.append import utc_now
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

TIMEOUT = 10.0  # seconds that the service has
MOST = 100_000  # bytes of an answer that are read


class TimestampError(LedgerError):
    """Meet a timestamp that does not hold, or a service that gives none."""


def roots_in(path: Path) -> list[Certificate]:
    """Read the certificates that timestamps are verified with; none when there is no file."""
    return load_pem_x509_certificates(path.read_bytes()) if path.exists() else []


def add_timestamp(engine: Engine, book: str, url: str, roots: Sequence[Certificate]) -> datetime | None:
    """Ask the service at `url` for a stamp over the newest checkpoint, verify and store it; None when it is there."""
    with snapshot(engine) as connection:
        row = find_book(connection, book)
        head = newest_head(connection, row.id)
        c = timestamps.c
        query = select(c.size).where(c.book_id == row.id, c.authority == url).order_by(c.size.desc()).limit(1)
        if head is None or connection.scalar(query) == head.checkpoint.size:
            return None
    text = head.checkpoint.text.encode()
    token = _post(url, _request(text))
    at = verify_timestamp(token, text, roots)
    with write_transaction(engine) as connection:
        values = {"book_id": row.id, "size": head.checkpoint.size, "authority": url, "token": token}
        connection.execute(insert(timestamps).values(**values, at=stamp(utc_now())))
    return at


def verify_timestamp(token: bytes, text: bytes, roots: Sequence[Certificate]) -> datetime:
    """Return the time that a stamp states for a text; raise TimestampError unless one of the roots vouches for it."""
    try:
        answer = decode_timestamp_response(token)
        if PKIStatus(answer.status) not in {PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS}:
            raise TimestampError("the timestamp service refused")
        builder = VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        builder.build().verify_message(answer, text)
    except (ValueError, VerificationError) as error:
        raise TimestampError("the timestamp does not hold: %(error)s", error=error) from error
    return answer.tst_info.gen_time


def _request(text: bytes) -> bytes:
    builder = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes()


def _post(url: str, data: bytes) -> bytes:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise TimestampError("the address of the timestamp service is neither http nor https")
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        with urlopen(Request(url, data, headers, method="POST"), timeout=TIMEOUT) as answer:  # noqa: S310  # checked
            found: bytes = answer.read(MOST)
            return found
    except (URLError, OSError, ValueError) as error:
        raise TimestampError("the timestamp service does not answer: %(error)s", error=error) from error
