"""What the desk can ask about grants: award, pay, take back, close; one prepares, another approves."""

from collections.abc import Sequence

from ledger.desk.commands import Command, DeskAct, Payload
from ledger.journal.append import Appended, Writer
from ledger.programs.actions import pay_grant, return_grant
from ledger.programs.allocation.grants.actions import Award, Instalment, award, close_grant
from ledger.programs.allocation.payloads import a_day, day
from ledger.web.actor import Role
from ledger.web.labels import N_

PREPARES = frozenset({Role.ACCOUNTANT})
DETAIL = "programs/allocation/proposed.html"


def _award(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    grant = Award(
        payload["code"],
        payload["organization"],
        payload["fund"],
        payload["amount"],
        payload.get("unit", "CNY"),
        payload.get("project") or None,
        payload.get("decision") or None,
        payload.get("need", ()),
        day(payload, "starts"),
        day(payload, "ends"),
        [
            Instalment(each["amount"], a_day(each, "due"), each.get("condition", ""))
            for each in payload.get("instalments", ())
        ],
        payload.get("conditions", ""),
        payload.get("evidence", ()),
    )
    return [award(writer, act, grant)]


def _pay(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [
        pay_grant(
            writer,
            act,
            payload["grant"],
            [(account, amount) for account, amount in payload["parts"]],
            payload["place"],
            unit=payload["unit"],
            instalment=payload.get("instalment"),
            met=payload.get("met", ""),
        )
    ]


def _return(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    taker, amount, place = payload["to"], payload["amount"], payload["place"]
    return [return_grant(writer, act, payload["grant"], taker, amount, place, unit=payload["unit"])]


def _close(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [close_grant(writer, act, payload["grant"], payload["reason"])]


def _worth(payload: Payload) -> int:
    return int(payload["amount"]) if payload.get("unit", "CNY") == "CNY" else 0


AWARD = Command(
    name="grant.award",
    label=N_("Award a grant"),
    stage="allocate",
    run=_award,
    prepares=PREPARES,
    form="grant.new",
    worth=_worth,
    detail=DETAIL,
)
PAY = Command(
    name="grant.pay",
    label=N_("Pay a grant"),
    stage="allocate",
    run=_pay,
    prepares=PREPARES,
    form="grant.pay",
    worth=_worth,
    detail=DETAIL,
)
RETURN = Command(
    name="grant.return",
    label=N_("Take back what is unspent"),
    stage="allocate",
    run=_return,
    prepares=PREPARES,
    form="grant.take_back",
    worth=_worth,
    detail=DETAIL,
)
CLOSE = Command(
    name="grant.close",
    label=N_("Close a grant"),
    stage="allocate",
    run=_close,
    prepares=PREPARES,
    form="grant.close",
    detail=DETAIL,
)
COMMANDS = (AWARD, PAY, RETURN, CLOSE)
