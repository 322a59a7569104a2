"""One scratch folder a test run, shared by its workers: templates and the PostgreSQL server live there."""

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "LEDGER_TEST_RUN"  # workers inherit it from the process that starts them
PREFIX = "shan-"  # short: a unix socket's path has 107 characters at most


def begin():
    """Make the folder, after removing those of runs that were killed."""
    for folder in Path("/tmp").glob(f"{PREFIX}*-*"):  # noqa: S108
        pid = folder.name.split("-")[1]
        if pid.isdigit() and not Path("/proc", pid).exists():
            remove(folder)
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp")
    Path(folder).chmod(0o755)  # PostgreSQL runs as another user when we are root
    os.environ[VARIABLE] = folder


def end():
    """Stop what runs in the folder and remove it."""
    remove(Path(os.environ.pop(VARIABLE)))


def folder():
    """Return the folder of this run."""
    return Path(os.environ[VARIABLE])


def remove(folder):
    """Stop the PostgreSQL server of `folder`, if one runs, and delete the folder."""
    if (folder / "pg" / "postmaster.pid").exists():
        from tests.support import postgres  # noqa: PLC0415  # only runs that used it pay for the import

        postgres.stop(folder / "pg")
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def lock(name):
    """Let one worker of this run at a time into the block."""
    with (folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
