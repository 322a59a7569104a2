"""What the desk can ask of the ledger about what comes in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.core import tracking
from ledger.core.errors import MalformedError, RuleError
from ledger.core.units import CNY, HOURS, Unit
from ledger.desk.commands import Command, DeskAct, Payload
from ledger.exchange.lines import unit_code
from ledger.funds.actions import earmark_code, open_unit
from ledger.giving.actions import Donation, donation_draft, refund
from ledger.giving.imports import bring_gifts
from ledger.giving.intake import actions
from ledger.giving.intake.lists import change, find_list
from ledger.giving.intake.reading import check_new, done_of, read, terms_of
from ledger.journal import tables as t
from ledger.journal.append import Appended
from ledger.people.actions import one
from ledger.web.actor import Role
from ledger.web.labels import N_

if TYPE_CHECKING:
    from ledger.journal.append import Writer

PREPARES = frozenset({Role.ACCOUNTANT})
PERSONAL = frozenset({"donor", "remark", "receipt", "publish"})
FACTS = ("channel", "campaign", "lot", "expires", "volunteer")


def _receive(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    """Receive one gift; open its earmark and its unit before it, when the book does not have them."""
    unit, opened = _unit(writer, act, payload)
    taker, earmarked = _taker(writer, act, payload)
    donation = Donation(
        payload["source"],
        taker,
        payload["amount"],
        unit.code,
        payload.get("place"),
        payload.get("value"),
        payload.get("donor", ""),
        payload.get("remark", ""),
        {name: payload[name] for name in FACTS if payload.get(name)},
    )
    code = tracking.derive(act.tools.code_key, writer.code, act.ref)
    draft = donation_draft(act, donation, code)
    if payload.get("publish"):  # beside the ledger, sealed on it, and erased with the name
        draft = replace(draft, private={**draft.private, "consent": "publish"})
    given = one(writer, draft)
    receipt = payload.get("receipt") or {}
    if receipt.get("number"):
        actions.note_receipt(writer.connection, writer.book_id, given.seq, act.by, **receipt)
    return [*opened, *earmarked, given]


def _taker(writer: Writer, act: DeskAct, payload: Payload) -> tuple[str, list[Appended]]:
    """Tell where a gift is laid: its fund or, for a purpose, the earmark, opened when there is none."""
    fund, purpose = payload["taker"].partition(":")[2], payload.get("purpose", "")
    if not purpose:
        return payload["taker"], []
    code = earmark_code(fund, purpose)
    if writer.knows(f"earmark:{code}"):
        return f"earmark:{code}", []
    facts = {"code": code, "fund": fund, "purpose": purpose}
    return f"earmark:{code}", [one(writer, act.part(3).draft("earmark.opened", facts=facts))]


def _unit(writer: Writer, act: DeskAct, payload: Payload) -> tuple[Unit, list[Appended]]:
    """Tell the unit of a gift; goods that are new to the book are opened when the form said so."""
    if payload["resource"] == "money":
        return CNY, []
    if payload["resource"] == "hours":
        return HOURS, []
    if not payload.get("value"):
        raise MalformedError("goods need a fair value in yuan: what they would have cost")
    unit = Unit(unit_code(payload["item"], payload["measure"]), payload["scale"], "goods")
    if writer.knows(f"unit:{unit.code}"):
        return unit, []
    if not payload.get("new_unit"):
        raise RuleError(
            "the book does not count %(item)s in %(measure)s yet", item=payload["item"], measure=payload["measure"]
        )
    return unit, [open_unit(writer, act.part(2), unit, payload["item"], payload["measure"])]


def _redirect(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    """Redirect what is left of a gift in its earmark, with the donor's consent."""
    taker, opened = _taker(writer, act, payload)
    said = payload["consent"]
    consent = actions.Consent(date.fromisoformat(said["dated"]), said["how"], tuple(payload.get("evidence") or ()))
    moved = actions.redirect(writer, act, payload["donation"], taker, consent, payload["reason"], payload["amount"])
    return [*opened, moved]


def _refund(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    """Give back what is left of a gift."""
    asked = payload["donation"], payload["reason"], payload.get("place") or "", payload["amount"]
    return [refund(writer, act, *asked)]


def _import(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    """Import a list, all of it or nothing; the file is read again, and must be the very file."""
    taken = find_list(writer.connection, writer.book_id, payload["list"])
    reading = read(taken, act.tools.folder, payload["profile"])
    if reading.digest != payload["sha256"]:
        raise RuleError("list %(code)s is not the file that was checked; propose it again", code=taken.code)
    undated = date.fromisoformat(payload["undated"])
    terms = terms_of(payload["terms"], act.by, undated, approved_by=act.approved_by)
    done = done_of(bring_gifts(writer, reading, terms, code_key=act.tools.code_key))
    check_new(done)
    change(
        writer.connection,
        writer.book_id,
        taken.code,
        state="imported",
        seq=done["seq"],
        report={**taken.report, "done": done},
    )
    e = t.entries.c
    row = writer.connection.execute(
        select(e.leaf, e.body).where(e.book_id == writer.book_id, e.seq == done["seq"])
    ).one()
    return [Appended(done["seq"], bytes(row.leaf), bytes(row.body))]


def _open_campaign(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    """Open a campaign."""
    days = {name: date.fromisoformat(payload[name]) if payload.get(name) else None for name in ("starts", "ends")}
    campaign = actions.Campaign(
        payload["code"],
        payload["name"],
        payload["fund"],
        days["starts"] or act.dated,
        days["ends"],
        payload.get("emergency") is True,
        payload.get("target"),
        payload.get("description", ""),
    )
    return [actions.open_campaign(writer, act, campaign)]


def _close_campaign(writer: Writer, act: DeskAct, payload: Payload) -> list[Appended]:
    """Close a campaign."""
    return [actions.close_campaign(writer, act, payload["code"], payload["reason"])]


RECEIVE = Command(
    name="giving.receive",
    label=N_("Receive a gift"),
    stage="mobilise",
    run=_receive,
    prepares=PREPARES,
    form="intake.new_gift",
    worth=lambda payload: payload["amount"] if payload["resource"] == "money" else payload.get("value") or 0,
    personal=PERSONAL,
    detail="giving/intake/gift_detail.html",
)
IMPORT = Command(
    name="giving.import",
    label=N_("Import a list of gifts"),
    stage="mobilise",
    run=_import,
    prepares=PREPARES,
    form="lists.new_list",
    worth=lambda payload: payload["worth"],
    personal=frozenset({"report"}),
    detail="giving/intake/list_detail.html",
    rehearses=False,  # it was rehearsed when it was checked, and the report says with what result
)
REDIRECT = Command(
    name="giving.redirect",
    label=N_("Redirect an earmarked gift"),
    stage="mobilise",
    run=_redirect,
    prepares=PREPARES,
    form="intake.redirect",
    worth=lambda payload: payload["worth"],
    detail="giving/intake/redirect_detail.html",
)
REFUND = Command(
    name="giving.refund",
    label=N_("Refund a gift"),
    stage="mobilise",
    run=_refund,
    prepares=PREPARES,
    form="intake.refund",
    worth=lambda payload: payload["worth"],
    detail="giving/intake/refund_detail.html",
)
OPEN_CAMPAIGN = Command(
    name="campaign.open",
    label=N_("Open a campaign"),
    stage="mobilise",
    run=_open_campaign,
    prepares=PREPARES,
    approves=frozenset(),
    form="intake.new_campaign",
)
CLOSE_CAMPAIGN = Command(
    name="campaign.close",
    label=N_("Close a campaign"),
    stage="mobilise",
    run=_close_campaign,
    prepares=PREPARES,
    approves=frozenset(),
    form="intake.campaigns",
)
COMMANDS = (RECEIVE, IMPORT, REDIRECT, REFUND, OPEN_CAMPAIGN, CLOSE_CAMPAIGN)
