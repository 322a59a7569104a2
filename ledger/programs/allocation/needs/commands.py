"""What the desk can ask about needs; they move nothing, so it takes effect at once."""

from collections.abc import Sequence

from ledger.desk.commands import Command, DeskAct, Payload
from ledger.journal.append import Appended, Writer
from ledger.programs.allocation.needs.actions import Need, change_need, close_need, raise_need
from ledger.programs.allocation.payloads import a_day
from ledger.web.actor import Role
from ledger.web.labels import N_

PREPARES = frozenset({Role.COMMUNITY, Role.ORG_STAFF, Role.SOCIAL_WORKER, Role.ACCOUNTANT})
NOBODY: frozenset[Role] = frozenset()


def _need(payload: Payload) -> Need:
    return Need(
        payload["code"],
        payload["title"],
        payload["category"],
        payload["community"],
        payload["raised_by"],
        a_day(payload, "raised"),
        payload.get("residents", 0),
        [(unit, amount) for unit, amount in payload["wanted"]],
        payload.get("description", ""),
    )


def _raise(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [raise_need(writer, act, _need(payload))]


def _change(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [change_need(writer, act, _need(payload))]


def _close(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [close_need(writer, act, payload["code"], payload["outcome"], payload["reason"])]


def _parties(payload: Payload) -> tuple[str, ...]:
    return (f"community:{payload['community']}",)


RAISE = Command(
    name="need.raise",
    label=N_("Raise a need"),
    stage="allocate",
    run=_raise,
    prepares=PREPARES,
    approves=NOBODY,
    form="need.new",
    parties=_parties,
    personal=frozenset({"residents"}),
)
CHANGE = Command(
    name="need.change",
    label=N_("Change a need"),
    stage="allocate",
    run=_change,
    prepares=PREPARES,
    approves=NOBODY,
    form="need.change",
    parties=_parties,
    personal=frozenset({"residents"}),
)
CLOSE = Command(
    name="need.close",
    label=N_("Close a need"),
    stage="allocate",
    run=_close,
    prepares=PREPARES,
    approves=NOBODY,
    form="need.close",
    parties=_parties,
)
COMMANDS = (RAISE, CHANGE, CLOSE)
