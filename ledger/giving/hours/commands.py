"""What the desk can ask of volunteers' time: register a volunteer, put hours on the ledger."""

from collections.abc import Sequence

from ledger.core.errors import ConflictError, MalformedError
from ledger.desk.commands import Command, DeskAct, Payload
from ledger.giving.hours.actions import find_shift, span_of, times_of
from ledger.giving.hours.donating import donate_hours
from ledger.journal.append import Appended, Writer
from ledger.people.actions import open_person
from ledger.web.actor import Role
from ledger.web.labels import N_

MANAGES = frozenset({Role.ORG_STAFF, Role.SOCIAL_WORKER, Role.COMMUNITY, Role.ACCOUNTANT})


def _register(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    """Open a volunteer; the name goes beside the ledger."""
    facts = {name: payload[name] for name in ("community", "organization") if payload.get(name)}
    if not facts:
        raise MalformedError("a volunteer belongs to a community or an organization; choose one")
    return [open_person(writer, act, "volunteer", payload["code"], payload["name"], **facts)]


def _donate(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    """Put hours on the ledger, as long as the shift says what it said when this was prepared."""
    shift = find_shift(writer.connection, writer.book_id, payload["shift"])
    minutes = sum(span_of(times) or 0 for times in times_of(writer.connection, shift.id))
    said = (minutes, shift.community, shift.organization)
    if said != tuple(payload[name] for name in ("minutes", "community", "organization")):
        raise ConflictError("shift %(code)s was changed since this was prepared; prepare it again", code=shift.code)
    return donate_hours(writer, act, payload["shift"], payload["fund"], code_key=act.tools.code_key)


def _parties(payload: Payload) -> tuple[str, ...]:
    named = ((kind, payload.get(kind)) for kind in ("community", "organization"))
    return tuple(f"{kind}:{code}" for kind, code in named if code)


REGISTER = Command(
    name="giving.volunteer",
    label=N_("Register a volunteer"),
    stage="mobilise",
    run=_register,
    prepares=MANAGES,
    approves=frozenset(),
    form="volunteers.new_volunteer",
    parties=_parties,
    personal=frozenset({"name"}),
)
DONATE = Command(
    name="giving.hours",
    label=N_("Donated hours"),
    stage="mobilise",
    run=_donate,
    prepares=MANAGES,
    approves=frozenset({Role.APPROVER, Role.COMMUNITY}),
    form="hours.donate",
    parties=_parties,
    detail="giving/hours/donated.html",
)
COMMANDS = (REGISTER, DONATE)
