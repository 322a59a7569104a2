"""What the desk can ask about decisions: record one. It opens the way for money, so it is approved."""

from collections.abc import Sequence

from ledger.desk.commands import Command, DeskAct, Payload
from ledger.journal.append import Appended, Writer
from ledger.programs.allocation.decisions.actions import Decision, Votes, record_decision
from ledger.programs.allocation.payloads import a_day
from ledger.web.actor import Role
from ledger.web.labels import N_

VOTES = ("members", "present", "quorum", "agreed", "against", "abstained")


def votes_of(payload: Payload) -> Votes:
    """Read the votes of a payload."""
    return Votes(*(payload[name] for name in VOTES))


def _record(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    decision = Decision(
        payload["code"],
        payload["title"],
        a_day(payload, "held"),
        payload["body"],
        votes_of(payload),
        payload.get("summary", ""),
        payload.get("supervisor", ""),
        payload.get("need", ()),
        payload.get("project", ()),
        payload.get("fund") or None,
        payload.get("amount"),
        payload.get("unit", "CNY"),
        payload.get("evidence", ()),
    )
    return [record_decision(writer, act, decision)]


RECORD = Command(
    name="decision.record",
    label=N_("Record a decision"),
    stage="allocate",
    run=_record,
    prepares=frozenset({Role.ACCOUNTANT}),
    form="decision.new",
    worth=lambda payload: int(payload.get("amount") or 0) if payload.get("unit") == "CNY" else 0,
    detail="programs/allocation/proposed.html",
)
COMMANDS = (RECORD,)
