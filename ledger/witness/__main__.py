"""`python -m ledger.witness init FOLDER NAME`: make a witness; `watch FOLDER VKEY`: add a log; `serve FOLDER PORT`."""

import argparse
import os
import secrets
import sys
from pathlib import Path
from wsgiref.simple_server import make_server

from ledger.core.errors import LedgerError
from ledger.core.note import COSIGNATURE, Signer, VerifierKey
from ledger.witness.app import create, load


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m ledger.witness", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init", help="make a witness in a new folder and print its key")
    init.add_argument("folder", type=Path)
    init.add_argument("name", help="its name, such as witness.example.org")
    watch = commands.add_parser("watch", help="add a log by its verifier key")
    watch.add_argument("folder", type=Path)
    watch.add_argument("key")
    serve = commands.add_parser("serve", help="serve on this machine; for the public put a web server in front")
    serve.add_argument("folder", type=Path)
    serve.add_argument("port", type=int)
    asked = parser.parse_args()
    try:
        return {"init": _init, "watch": _watch, "serve": _serve}[asked.command](asked)
    except (LedgerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _init(asked: argparse.Namespace) -> int:
    seed = secrets.token_bytes(32)
    key = Signer(asked.name, seed, COSIGNATURE).key
    asked.folder.mkdir(mode=0o700, parents=True)
    descriptor = os.open(asked.folder / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(seed)
    (asked.folder / "name").write_text(f"{asked.name}\n", "utf-8")
    (asked.folder / "logs").touch()
    sys.stdout.write(f"{key}\n")
    return 0


def _watch(asked: argparse.Namespace) -> int:
    key = VerifierKey.parse(asked.key)
    with (asked.folder / "logs").open("a", encoding="utf-8") as file:
        file.write(f"{key}\n")
    return 0


def _serve(asked: argparse.Namespace) -> int:
    load(asked.folder)
    with make_server("127.0.0.1", asked.port, create(str(asked.folder))) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
