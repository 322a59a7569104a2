"""What the desk can ask about contracts of government purchase: open, change, close; receive money; file a claim."""

from collections.abc import Sequence

from ledger.desk.commands import Command, DeskAct, Payload
from ledger.journal.append import Appended, Writer
from ledger.programs.allocation.contracts.actions import (
    Contract,
    Filing,
    change_contract,
    close_contract,
    file_claim,
    open_contract,
    receive_money,
    receive_to_own_fund,
)
from ledger.programs.allocation.payloads import day
from ledger.web.actor import Role
from ledger.web.labels import N_

PREPARES = frozenset({Role.ACCOUNTANT})
NOBODY: frozenset[Role] = frozenset()
DETAIL = "programs/allocation/proposed.html"


def _contract(payload: Payload) -> Contract:
    return Contract(
        payload["code"],
        payload["name"],
        payload["buyer"],
        payload["amount"],
        payload.get("organization") or None,
        payload.get("project") or None,
        day(payload, "starts"),
        day(payload, "ends"),
        payload.get("evidence", ()),
    )


def _open(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return open_contract(writer, act, _contract(payload))


def _change(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [change_contract(writer, act, _contract(payload))]


def _close(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [close_contract(writer, act, payload["contract"], payload["reason"])]


def _receive(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    contract, amount, place = payload["contract"], payload["amount"], payload.get("place", "")
    if payload["into"] == "own":
        return receive_to_own_fund(writer, act, contract, amount, place)
    return [receive_money(writer, act, contract, amount, payload["to"], place)]


def _claim(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    parts = [(service, amount) for service, amount in payload["parts"]]
    return [file_claim(writer, act, Filing(payload["code"], payload["contract"], parts, payload.get("evidence", ())))]


OPEN = Command(
    name="contract.open",
    label=N_("Open a contract"),
    stage="allocate",
    run=_open,
    prepares=PREPARES,
    form="contract.new",
    worth=lambda payload: int(payload["amount"]),
    detail=DETAIL,
)
CHANGE = Command(
    name="contract.change",
    label=N_("Change a contract"),
    stage="allocate",
    run=_change,
    prepares=PREPARES,
    form="contract.change",
    worth=lambda payload: int(payload["amount"]),
    detail=DETAIL,
)
CLOSE = Command(
    name="contract.close",
    label=N_("Close a contract"),
    stage="allocate",
    run=_close,
    prepares=PREPARES,
    approves=NOBODY,
    form="contract.close",
)
RECEIVE = Command(
    name="contract.receive",
    label=N_("Receive money of a contract"),
    stage="allocate",
    run=_receive,
    prepares=PREPARES,
    form="contract.receive",
    worth=lambda payload: int(payload["amount"]),
    detail=DETAIL,
)
CLAIM = Command(
    name="contract.claim",
    label=N_("File a claim"),
    stage="allocate",
    run=_claim,
    prepares=PREPARES,
    form="contract.claim",
    worth=lambda payload: sum(amount for _, amount in payload["parts"]),
    detail=DETAIL,
)
COMMANDS = (OPEN, CHANGE, CLOSE, RECEIVE, CLAIM)
