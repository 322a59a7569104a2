"""What the accounts' desk can ask of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.books.actions import reverse
from ledger.core.entry import Move, Posting
from ledger.core.errors import RuleError
from ledger.desk.commands import Command
from ledger.funds.actions import move_money, open_fund, settle_payable, transfer
from ledger.giving.actions import receive_income
from ledger.journal.checks import read_body
from ledger.people.actions import one, open_party, open_person
from ledger.web.actor import Role
from ledger.web.labels import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.desk.commands import DeskAct, Payload
    from ledger.journal.append import Appended, Writer

ACCOUNTANT = frozenset({Role.ACCOUNTANT})
AT_ONCE: frozenset[Role] = frozenset()
PLACES = ("bank", "cash", "wallet", "inventory", "receivable", "payable")


def _amount(payload: Payload) -> int:
    return int(payload["amount"])


def _open_fund(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    made = open_fund(
        writer, act, payload["code"], payload["name"], restricted=payload["restricted"], purpose=payload["purpose"]
    )
    return [made]


def _change_fund(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    facts = {key: payload[key] for key in ("code", "name", "restricted", "purpose")}
    old = read_body(writer.connection, writer.book_id, writer.known(f"fund:{payload['code']}").latest)["facts"]
    if old["restricted"] != facts["restricted"] and any(
        writer.axis(f"fund:{payload['code']}", unit).balance for unit in ("CNY",)
    ):
        raise RuleError("a fund that holds money stays as it is, restricted or not; open another fund and transfer")
    return [one(writer, act.draft("fund.changed", facts={**old, **facts}))]


def _close_fund(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    facts = {"code": payload["code"], "reason": payload["reason"]}
    return [one(writer, act.draft("fund.closed", facts=facts))]


def _open_place(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    facts = {key: payload[key] for key in ("code", "name", "chart")}
    return [one(writer, act.draft(f"{payload['kind']}.opened", facts=facts))]


def _open_party(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    facts = {key: value for key, value in payload.items() if key not in {"kind", "code", "private_name"} and value}
    kind, code = payload["kind"], payload["code"]
    if kind == "worker":
        return [open_person(writer, act, kind, code, payload["private_name"], **facts)]
    return [open_party(writer, act, kind, code, **facts)]


def _spend(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    """Spend out of a fund; what belongs to a project names it and its budget line."""
    facts: dict[str, Any] = {key: payload[key] for key in ("category", "project", "line") if payload.get(key)}
    if payload.get("evidence"):
        facts["evidence"] = payload["evidence"]
    draft = act.draft(
        "expense.recorded",
        moves=[Move(payload["fund"], f"outcome:{payload['category']}", payload["amount"], "CNY")],
        postings=[Posting(payload["place"], -payload["amount"], "CNY")],
        facts=facts,
    )
    return [one(writer, draft)]


def _settle(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [settle_payable(writer, act, payload["payable"], payload["place"], payload["amount"])]


def _transfer(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    """Move money between funds: never an earmark's, which only its donor can give another purpose (慈善法 56)."""
    if payload["giver"].startswith("earmark:"):
        raise RuleError("an earmark's money changes its purpose only with the donor's consent: redirect the donation")
    return [transfer(writer, act, payload["giver"], payload["taker"], payload["amount"], payload["reason"])]


def _move(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [move_money(writer, act, payload["giver"], payload["taker"], payload["amount"])]


def _income(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    made = receive_income(
        writer, act, f"source:{payload['source']}", payload["fund"], payload["amount"], payload["place"]
    )
    return [made]


def _reverse(writer: Writer, act: DeskAct, payload: Payload) -> Sequence[Appended]:
    return [reverse(writer, act, payload["seq"], payload["reason"])]


def _command(name: str, label: str, run: Any, form: str, **more: Any) -> Command:
    return Command(
        name=f"money.{name}", label=label, stage="accounts", run=run, form=f"money.{form}", prepares=ACCOUNTANT, **more
    )


OPEN_FUND = _command("open-fund", N_("Open a fund"), _open_fund, "new_fund", approves=AT_ONCE)
CHANGE_FUND = _command("change-fund", N_("Change a fund"), _change_fund, "change_fund", approves=AT_ONCE)
CLOSE_FUND = _command("close-fund", N_("Close a fund"), _close_fund, "close_fund", approves=AT_ONCE)
OPEN_PLACE = _command("open-place", N_("Open a place for money or goods"), _open_place, "new_place", approves=AT_ONCE)
OPEN_PARTY = _command(
    "open-party",
    N_("Enter a party"),
    _open_party,
    "new_party",
    approves=AT_ONCE,
    personal=frozenset({"private_name"}),
)
SPEND = _command("spend", N_("Record an expense"), _spend, "new_expense", worth=_amount)
SETTLE = _command("settle", N_("Pay what is owed"), _settle, "settle", worth=_amount)
TRANSFER = _command("transfer", N_("Transfer between funds"), _transfer, "new_transfer", worth=_amount)
MOVE = _command("move", N_("Move money between places"), _move, "new_move", worth=_amount)
INCOME = _command("income", N_("Receive other income"), _income, "new_income", worth=_amount)
REVERSE = _command(
    "reverse", N_("Reverse an entry"), _reverse, "reverse", worth=lambda payload: int(payload.get("worth", 0))
)

COMMANDS = (
    OPEN_FUND,
    CHANGE_FUND,
    CLOSE_FUND,
    OPEN_PLACE,
    OPEN_PARTY,
    SPEND,
    SETTLE,
    TRANSFER,
    MOVE,
    INCOME,
    REVERSE,
)
