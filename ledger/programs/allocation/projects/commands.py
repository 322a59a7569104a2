"""What the desk can ask about projects; they move nothing, so it takes effect at once."""

from collections.abc import Sequence

from ledger.desk.commands import Command, DeskAct, Payload
from ledger.journal.append import Appended, Writer
from ledger.programs.allocation.payloads import day
from ledger.programs.allocation.projects.actions import (
    Line,
    Project,
    change_project,
    close_project,
    open_project,
)
from ledger.web.actor import Role
from ledger.web.labels import N_

PREPARES = frozenset({Role.ACCOUNTANT})
NOBODY: frozenset[Role] = frozenset()


def _project(payload: Payload) -> Project:
    return Project(
        payload["code"],
        payload["name"],
        payload["organization"],
        payload.get("communities", ()),
        payload.get("fund") or None,
        payload["lead_element"],
        payload.get("plan", ""),
        day(payload, "starts"),
        day(payload, "ends"),
        [Line(**line) for line in payload.get("budget", ())],
        payload.get("need", ()),
        payload.get("decision") or None,
    )


def _open(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [open_project(writer, act, _project(payload))]


def _change(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [change_project(writer, act, _project(payload))]


def _close(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [close_project(writer, act, payload["code"], payload["reason"])]


OPEN = Command(
    name="project.open",
    label=N_("Open a project"),
    stage="allocate",
    run=_open,
    prepares=PREPARES,
    approves=NOBODY,
    form="project.new",
)
CHANGE = Command(
    name="project.change",
    label=N_("Change a project"),
    stage="allocate",
    run=_change,
    prepares=PREPARES,
    approves=NOBODY,
    form="project.change",
)
CLOSE = Command(
    name="project.close",
    label=N_("Close a project"),
    stage="allocate",
    run=_close,
    prepares=PREPARES,
    approves=NOBODY,
    form="project.close",
)
COMMANDS = (OPEN, CHANGE, CLOSE)
