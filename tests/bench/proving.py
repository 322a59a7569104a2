"""The offline verifier on a published log of a million entries, against a bare hash loop over the same bodies."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from ledger.checkpoints.logs import Logs
from ledger.checkpoints.publish import publish
from ledger.config import ROOT
from ledger.journal.append import writing
from ledger.journal.read import find_book, snapshot
from ledger.verifier.folder import Folder
from tests.bench.setting import Row, gifts, open_bench

SIZE = 1_000_000
STEP = 100_000


def measure_proving(make: Callable[[str], sa.Engine]) -> Iterator[Row]:
    """Publish a log and verify it in a process of its own: chain and tree, then the rules of the books as well."""
    engine = make("sqlite")
    open_bench(engine)
    for start in range(0, SIZE, STEP):
        with writing(engine, "bench") as writer:
            writer.append(gifts(start, STEP))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logs = Logs(folder, "https://bench.example")
        head = logs.sign(engine, "bench")
        assert head
        key = logs.signer("bench").key
        with snapshot(engine) as connection:
            publish(connection, find_book(connection, "bench").id, head.note, [key], [], folder / "log")
        bare = _bare(Folder(folder / "log"), head.checkpoint.size)
        for work, option, least in (
            ("chain + tree, offline", ["--no-rules"], 0.15),
            ("with all rules, offline", [], 0.0),
        ):
            command = [
                sys.executable,
                "-m",
                "ledger.verifier",
                str(folder / "log"),
                "--key",
                str(key),
                "--quiet",
                *option,
            ]
            started = time.perf_counter()
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            seconds, most = time.perf_counter() - started, used.ru_maxrss // 1024
            assert status == 0
            yield Row(
                f"{work}, {SIZE:,} entries ({most} MiB)",
                "files",
                f"{seconds:.1f} s",
                f"{bare:.2f} s",
                bare / seconds,
                least,
            )
    engine.dispose()


def _bare(folder: Folder, size: int) -> float:
    """Seconds to hash the bodies, held in memory, a bundle at a time."""
    seconds = 0.0
    for bodies, _ in folder.bundles(size, tiles=False):
        started = time.perf_counter()
        for body in bodies:
            sha256(body).digest()
        seconds += time.perf_counter() - started
    return seconds
