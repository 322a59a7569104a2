"""The signed logs of this installation, as pages use them."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from ledger.checkpoints.logs import Logs


def logs() -> Logs:
    """Return the logs of this installation."""
    return Logs(Path(current_app.instance_path), current_app.config["SETTINGS"].public_url)


def witness_keys() -> tuple[str, ...]:
    """Return the verifier keys of the witnesses that are asked to cosign."""
    return tuple(str(witness.key) for witness in current_app.config.get("WITNESSES", ()))
