"""What the desk can ask: publish figures, correct what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.audit.disclosure.actions import correct, publication_of, publish
from ledger.desk.commands import Command
from ledger.web.actor import Role
from ledger.web.labels import N_

if TYPE_CHECKING:
    from ledger.desk.commands import DeskAct, Payload
    from ledger.journal.append import Appended, Writer

DETAIL = "audit/disclosure/payload.html"


def _publish(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    return [publish(writer, act, publication_of(payload), list(payload["figures"]))]


def _correct(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    made = publication_of(payload)
    return [correct(writer, act, str(payload["code"]), made, list(payload["figures"]), str(payload["note"]))]


PUBLISH = Command(
    name="audit.publish",
    label=N_("Publish figures"),
    stage="audit",
    run=_publish,
    prepares=frozenset({Role.ACCOUNTANT}),
    form="disclosure.publish",
    detail=DETAIL,
)
CORRECT = Command(
    name="audit.correct",
    label=N_("Correct what was published"),
    stage="audit",
    run=_correct,
    prepares=frozenset({Role.ACCOUNTANT}),
    form="disclosure.correct",
    detail=DETAIL,
)
COMMANDS = (PUBLISH, CORRECT)
