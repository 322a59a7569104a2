"""Commands: what a desk can ask of the ledger. A room declares its own; `ledger.app` lists them all.

A command's `run` is the one way in for both the rehearsal (rolled back, to show the effect) and the real thing, so
that what an approver saw is what is recorded, or is refused in words.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.core.errors import NotFoundError
from ledger.journal.append import Appended, Writer
from ledger.people.actions import Act
from ledger.web.actor import Role

Payload = Mapping[str, Any]
"""What was asked for, as JSON: amounts are integers, days are ISO texts."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What some commands need of the installation: the key of tracking codes, and the folder of its files."""

    code_key: bytes = field(repr=False)
    folder: Path


@dataclass(frozen=True, slots=True)
class DeskAct(Act):
    """An act at the desk. `rehearsal`: nothing will stay, so nothing outside the database may be touched."""

    tools: Tools = field(kw_only=True)
    rehearsal: bool = field(kw_only=True, default=False)

    def part(self, number: int) -> "DeskAct":
        """Return the act for a further entry of the same proposal: its own ref, the same for every try."""
        return DeskAct(
            self.by,
            self.dated,
            f"{self.ref}/{number}",
            self.approved_by,
            self.memo,
            tools=self.tools,
            rehearsal=self.rehearsal,
        )


def _nothing(_payload: Payload) -> int:
    return 0


def _nobody(_payload: Payload) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that can be asked of the ledger.

    `run` appends and raises LedgerError. `approves`: roles that may approve; empty when it moves nothing and takes
    effect at once. `form`: endpoint of its form. `worth`: fen, held against limits. `parties`: addresses of those it
    concerns; a role that acts for a party approves only for its own. `personal`: keys of the payload that are erased
    once it is decided. `detail`: a template that shows the payload. `rehearses` is off for work too long to do twice.
    """

    name: str
    label: str
    stage: str
    run: Callable[[Writer, DeskAct, Payload], Sequence[Appended]]
    prepares: frozenset[Role]
    form: str
    approves: frozenset[Role] = frozenset({Role.APPROVER})
    worth: Callable[[Payload], int] = _nothing
    parties: Callable[[Payload], Sequence[str]] = _nobody
    personal: frozenset[str] = frozenset()
    detail: str = ""
    rehearses: bool = True


_KNOWN: dict[str, Command] = {}


def register(commands: Iterable[Command]) -> None:
    """Make commands known by name; once each."""
    for command in commands:
        known = _KNOWN.setdefault(command.name, command)
        if known is not command:
            raise ValueError(f"two commands are called {command.name}")


def find(name: str) -> Command:
    """Return a command by its name."""
    if name not in _KNOWN:
        raise NotFoundError("this installation has no command '%(name)s'", name=name)
    return _KNOWN[name]


def all_commands() -> tuple[Command, ...]:
    """Return every command, in the order they were made known."""
    return tuple(_KNOWN.values())
