"""Once a minute: sign what has grown, ask the witnesses, ask for timestamps. Outside every request and transaction.

Each process that serves runs this in a thread; a lock file lets one of them work at a time. A failure is logged and
tried again a minute later; the log itself is never kept waiting.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.checkpoints.cosign import WitnessAt, collect
from ledger.checkpoints.timestamps import add_timestamp, roots_in
from ledger.core.errors import LedgerError
from ledger.core.policy import Policy, parse_policy
from ledger.journal.read import list_books, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from ledger.checkpoints.logs import Logs

SECONDS = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clock:
    """What is done every minute, and with what."""

    logs: Logs
    policy: Path  # a file, read anew each time; it need not exist
    timestamp_url: str
    timestamp_roots: Path

    def run_once(self, engine: Engine) -> None:
        """Sign every book that has grown and collect what others say of it; log what fails."""
        self.logs.sign_all(engine, lambda book, error: _log.error("book %s is not signed: %s", book, error))
        witnesses = witnesses_in(read_policy(self.policy))
        with snapshot(engine) as connection:
            books = [row.code for row in list_books(connection)]
        for book in books:
            for asked in collect(engine, book, witnesses):
                if asked.error:
                    _log.warning("book %s: %s", book, asked.error)
            if self.timestamp_url:
                self._stamp(engine, book)

    def _stamp(self, engine: Engine, book: str) -> None:
        try:
            add_timestamp(engine, book, self.timestamp_url, roots_in(self.timestamp_roots))
        except (LedgerError, ValueError) as error:
            _log.warning("book %s: %s", book, error)

    def start(self, engine: Engine) -> threading.Event:
        """Run every minute in a thread of this process; set the event to end it."""
        ended = threading.Event()
        threading.Thread(target=self._run, args=(engine, ended), name="checkpoints", daemon=True).start()
        return ended

    def _run(self, engine: Engine, ended: threading.Event) -> None:
        while not ended.is_set():
            try:
                with self._alone() as alone:
                    if alone:
                        self.run_once(engine)
            except Exception:  # noqa: BLE001  # a database that is away must not end the clock
                _log.exception("checkpoints could not be made; trying again in a minute")
            ended.wait(SECONDS)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Tell whether no other process is at it; hold the lock meanwhile."""
        with (self.logs.instance / "checkpoints.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True


def read_policy(path: Path) -> Policy:
    """Read the witness policy; an empty one when there is no file."""
    return parse_policy(path.read_text("utf-8")) if path.exists() else Policy()


def witnesses_in(policy: Policy) -> list[WitnessAt]:
    """List the witnesses that have an address."""
    pairs = zip(policy.witnesses, policy.addresses, strict=False)
    return [WitnessAt(key, address) for key, address in pairs if address]
