"""What an admin can ask of the ledger about donors: that their personal data is erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.desk.commands import Command, DeskAct, Payload
from ledger.giving.donors.erasing import erase_gifts
from ledger.web.actor import Role
from ledger.web.labels import N_

if TYPE_CHECKING:
    from ledger.journal.append import Appended, Writer


def _erase(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    """Erase the personal data of some gifts, on a request or without one."""
    return erase_gifts(writer, act, payload["entries"], payload.get("request") or None)


ERASE = Command(
    name="people.erase",
    label=N_("Erase personal data"),
    stage="mobilise",
    run=_erase,
    prepares=frozenset({Role.ADMIN}),
    approves=frozenset(),
    form="donors.erase",
)
COMMANDS = (ERASE,)
