"""From the payload of a command (plain JSON) to the values that actions take."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def day(payload: Mapping[str, Any], name: str) -> date | None:
    """Read a day; None when it was left out."""
    text = payload.get(name)
    return date.fromisoformat(text) if text else None


def a_day(payload: Mapping[str, Any], name: str) -> date:
    """Read a day that has to be there."""
    return date.fromisoformat(payload[name])
