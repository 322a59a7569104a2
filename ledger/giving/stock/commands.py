"""What the desk can ask of the store: issue goods, write them off, record a stock count."""

from collections.abc import Sequence

from ledger.core.errors import MalformedError
from ledger.desk.commands import Command, DeskAct, Payload
from ledger.giving.stock import actions
from ledger.giving.stock.actions import Draw, Line, Sheet, Wanted
from ledger.journal.append import Appended, Writer
from ledger.web.actor import Role
from ledger.web.labels import N_

PREPARES = frozenset({Role.ACCOUNTANT})
TARGETS = ("grant", "recipient", "service")


def _draw(payload: Payload) -> Draw:
    lots = [Wanted(*lot) for lot in payload["lots"]]
    return Draw(payload["unit"], payload["giver"], payload["store"], payload["amount"], lots)


def _issue(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    draw, target = _draw(payload), payload["target"]
    if payload["to"] == "grant":
        return actions.issue_to_grant(writer, act, draw, target)
    if payload["to"] == "service":
        return actions.issue_to_service(writer, act, draw, target)
    if payload["to"] == "recipient":
        return actions.issue_to_recipient(writer, act, draw, target)
    raise MalformedError("goods go to a grant, to a service or to a recipient outside")


def _write_off(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    more = {name: payload[name] for name in ("note", "evidence") if payload.get(name)}
    return actions.write_off(writer, act, _draw(payload), payload["reason"], **more)


def _count(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    facts = {"evidence": payload["evidence"]} if payload.get("evidence") else {}
    lines = [Line(*line) for line in payload["lines"]]
    return actions.record_count(writer, act, Sheet(payload["store"], lines, payload.get("taker") or "", facts))


def _worth(payload: Payload) -> int:
    return int(payload.get("value") or 0)


ISSUE = Command(
    name="stock.issue",
    label=N_("Issue goods"),
    stage="mobilise",
    run=_issue,
    prepares=PREPARES,
    form="stock.issue",
    worth=_worth,
    parties=lambda payload: (f"organization:{payload['organization']}",) if payload.get("organization") else (),
    detail="giving/stock/proposed.html",
)
WRITE_OFF = Command(
    name="stock.write_off",
    label=N_("Write off goods"),
    stage="mobilise",
    run=_write_off,
    prepares=PREPARES,
    form="stock.write_off",
    worth=_worth,
    detail="giving/stock/proposed.html",
)
COUNT = Command(
    name="stock.count",
    label=N_("Stock count"),
    stage="mobilise",
    run=_count,
    prepares=PREPARES,
    form="stock.count",
    worth=_worth,
    detail="giving/stock/counted.html",
)
COMMANDS = (ISSUE, WRITE_OFF, COUNT)
