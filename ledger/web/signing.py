"""The signed logs of this installation, as pages use them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from ledger.checkpoints.clock import Clock, read_policy
from ledger.checkpoints.logs import Logs

if TYPE_CHECKING:
    from flask import Flask

    from ledger.core.policy import Policy


def logs() -> Logs:
    """Return the logs of this installation."""
    return Logs(Path(current_app.instance_path), current_app.config["SETTINGS"].public_url)


def witness_keys() -> tuple[str, ...]:
    """Return the verifier keys of the witnesses that are asked to cosign."""
    return tuple(str(key) for key in policy().witnesses)


def policy() -> Policy:
    """Return which witnesses are asked to cosign, and how many have to."""
    return read_policy(current_app.config["SETTINGS"].witness_policy)


def clock_of(app: Flask) -> Clock:
    """Return what is done every minute for the logs of an application."""
    settings = app.config["SETTINGS"]
    known = Logs(Path(app.instance_path), settings.public_url)
    return Clock(known, settings.witness_policy, settings.timestamp_url, settings.timestamp_roots)
