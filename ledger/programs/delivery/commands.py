"""What the desk can ask about services."""

from collections.abc import Sequence

from ledger.desk.commands import Command, DeskAct, Payload
from ledger.journal.append import Appended, Writer
from ledger.programs.delivery import actions
from ledger.programs.delivery.actions import Report
from ledger.web.actor import Role
from ledger.web.labels import N_

CONFIRMS = frozenset({Role.COMMUNITY, Role.SOCIAL_WORKER})
DETAIL = "programs/delivery/detail.html"


def report_of(payload: Payload) -> Report:
    """Read a report as it stands in a payload; what an old one lacks is empty."""
    texts = {name: str(payload.get(name) or "") for name in ("grant", "project", "need", "description", "lead_element")}
    return Report(
        payload["title"],
        payload["kind"],
        payload["community"],
        payload["organization"],
        payload["worker"],
        payload["residents"],
        **texts,
        gives=tuple((gift["from"], gift["unit"], gift["amount"], gift.get("place", "")) for gift in payload["gives"]),
        lines={line["line"]: line["amount"] for line in payload["lines"]},
        hours=actions.minutes_of((stayed["volunteer"], stayed["minutes"]) for stayed in payload["hours"]),
        shifts=tuple(payload["shifts"]),
        evidence=tuple(payload["evidence"]),
    )


def worth(payload: Payload) -> int:
    """Return the money a service uses, in fen."""
    return sum(gift["amount"] for gift in payload["gives"] if gift["unit"] == "CNY")


def _signers(payload: Payload) -> Sequence[str]:
    return (f"worker:{payload['worker']}", f"organization:{payload['organization']}")


def _report(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    return actions.sign_off(writer, act, report_of(payload))


def _deliver(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    return [actions.deliver(writer, act, report_of(payload))]


def _confirm(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    return actions.confirm(writer, act, payload["role"], payload["party"], payload["services"])


def _dispute(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    said = (payload["role"], payload["party"], payload["service"], payload["reason"])
    actions.dispute(writer.connection, writer.book_id, act.by, *said)
    return []


def _withdraw(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    said = (payload["role"], payload["party"], payload["service"], payload["reason"])
    actions.withdraw_dispute(writer.connection, writer.book_id, act.by, *said)
    return []


REPORT = Command(
    name="programs.report",
    label=N_("Report a service"),
    stage="apply",
    run=_report,
    prepares=frozenset({Role.ORG_STAFF}),
    approves=frozenset({Role.SOCIAL_WORKER}),
    form="delivery.report",
    worth=worth,
    parties=_signers,
    personal=frozenset({"residents"}),
    detail=DETAIL,
)
DELIVER = Command(
    name="programs.deliver",
    label=N_("Give a service out of a fund"),
    stage="apply",
    run=_deliver,
    prepares=frozenset({Role.ACCOUNTANT}),
    form="delivery.give",
    worth=worth,
    personal=frozenset({"residents"}),
    detail=DETAIL,
)
CONFIRM = Command(
    name="programs.confirm",
    label=N_("Confirm services"),
    stage="apply",
    run=_confirm,
    prepares=CONFIRMS,
    approves=frozenset(),
    form="delivery.confirmations",
)
DISPUTE = Command(
    name="programs.dispute",
    label=N_("Dispute a service"),
    stage="apply",
    run=_dispute,
    prepares=CONFIRMS,
    approves=frozenset(),
    form="delivery.confirmations",
    personal=frozenset({"reason"}),
)
UNDISPUTE = Command(
    name="programs.undispute",
    label=N_("Withdraw a dispute"),
    stage="apply",
    run=_withdraw,
    prepares=CONFIRMS,
    approves=frozenset(),
    form="delivery.confirmations",
    personal=frozenset({"reason"}),
)
COMMANDS = (REPORT, DELIVER, CONFIRM, DISPUTE, UNDISPUTE)
