"""Pages of the desk: what waits for me, one proposal and its effect, deciding on it, and what was decided."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.exceptions import BadRequest

from ledger.core.errors import LedgerError
from ledger.desk import actions, queries
from ledger.desk.commands import all_commands
from ledger.desk.effects import rehearse
from ledger.desk.forms import At, desk, desk_nav, page, tell, told, tools
from ledger.extensions import db
from ledger.web import asked as address
from ledger.web.access import allow, staff
from ledger.web.actor import FOUNDATION
from ledger.web.convert import unit_of
from ledger.web.labels import STATES
from ledger.web.listing import Asked, Column, Listing, ask, xlsx_response
from ledger.web.pages import Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy.sql.elements import ColumnElement

    from ledger.desk.effects import Effect
    from ledger.desk.queries import Line, ProposalPage

blueprint = Blueprint("desk", __name__)

COLUMNS = (
    Column("title", _l("What"), sortable=True),
    Column("command", _l("Kind")),
    Column("dated", _l("Date"), "date", sortable=True),
    Column("worth", _l("Worth (yuan)"), "amount", sortable=True),
    Column("by", _l("Prepared by")),
    Column("at", _l("Prepared"), "date", sortable=True),
    Column("state", _l("State")),
)
MOST_AT_ONCE = 100  # proposals approved together


@blueprint.app_context_processor
def _navigation() -> dict[str, Any]:
    """Give desk templates the navigation of the reader."""
    return {"desk_nav": desk_nav}


@blueprint.app_template_global("once")
def _once() -> str:
    """Name a page that is made, so that a form of it that is sent twice is known as one."""
    return secrets.token_hex(8)


@blueprint.get("/<book>/desk/")
@staff
def queue(book: str) -> ResponseReturnValue:
    """Show what waits for me, and what of mine waits for others."""
    with desk(book) as at:
        waiting = queries.waiting_for(at.actor, at.code, at.row.id)
        mine = (queries.P.book_id == at.row.id) & (queries.P.by == at.actor.code) & (queries.P.state == "waiting")
        asked = ask(COLUMNS, "at")
        listing, total = _listing(at, waiting, asked)
        return page(
            "desk/queue.html",
            at,
            listing=listing,
            total=total,
            mine=queries.lines(at.connection, mine, queries.Asked(limit=10)),
            mine_count=queries.count(at.connection, mine),
            may_approve={line.code: line.state == "waiting" and _may_decide(at, line) for line in listing.rows},
            commands=[(name, _(label)) for name, label in queries.labels(all_commands())],
        )


@blueprint.get("/<book>/desk/decided")
@allow(*sorted(FOUNDATION))
def decided(book: str) -> ResponseReturnValue:
    """List all proposals of a book, whatever became of them."""
    with desk(book) as at:
        asked = ask(COLUMNS, "-at")
        which = queries.seen_by(at.actor, at.code, at.row.id)
        listing, total = _listing(at, which, asked)
        if asked.xlsx:
            return xlsx_response(COLUMNS, [_cells(line) for line in listing.rows], f"{at.code}-proposals")
        return page(
            "desk/decided.html",
            at,
            listing=listing,
            total=total,
            commands=[(name, _(label)) for name, label in queries.labels(all_commands())],
            states=[(state, _(STATES[state])) for state in queries.STATES],
        )


@blueprint.get("/<book>/desk/proposals/<code>")
@staff
def proposal(book: str, code: str) -> ResponseReturnValue:
    """Show a proposal: what it would do, and the buttons of those who may decide."""
    with desk(book) as at:
        found = queries.read_proposal(at.connection, at.actor, at.code, at.row.id, code)
        refusal = _refusal(at, found)
        effect, problem = _effect(at, found) if found.line.state in {"waiting", "returned"} else (None, None)
        return page(
            "desk/proposal.html",
            at,
            it=found,
            effect=effect,
            problem=problem,
            refusal=refusal,
            own=found.line.by == at.actor.code,
            names=queries.names_in(at.connection, at.row.id, found.payload) if found.line.command.detail else None,
        )


@blueprint.post("/<book>/desk/proposals/<code>")
@staff
def decide(book: str, code: str) -> ResponseReturnValue:
    """Approve, send back, reject or withdraw a proposal."""
    what = request.form.get("what", "")
    reason = request.form.get("reason", "")
    with desk(book) as at:
        queries.read_proposal(at.connection, at.actor, at.code, at.row.id, code)
    try:
        outcome = _decide(at, code, what, reason)
    except LedgerError as error:
        with desk(book) as at:
            flash(told(at, error), "refused")
        return redirect(url_for("desk.proposal", book=book, code=code), 303)
    _tell(outcome)
    if outcome.state in {"recorded", "waiting"}:
        return redirect(url_for("desk.proposal", book=book, code=code), 303)
    return redirect(url_for("desk.queue", book=book), 303)


@blueprint.post("/<book>/desk/approve")
@staff
def approve_many(book: str) -> ResponseReturnValue:
    """Approve several proposals: first show what they are together, then, confirmed, each in its own transaction."""
    codes = list(dict.fromkeys(request.form.getlist("code")))
    if len(codes) > MOST_AT_ONCE:
        raise BadRequest(_("Approve at most %(most)s at once.", most=MOST_AT_ONCE))
    if not codes:
        flash(_("Tick the proposals first that you want to approve."), "refused")
        return redirect(url_for("desk.queue", book=book), 303)
    with desk(book) as at:
        which = queries.waiting_for(at.actor, at.code, at.row.id) & queries.P.code.in_(codes)
        lines = queries.lines(at.connection, which, queries.Asked(limit=MOST_AT_ONCE, order="at", descending=False))
        if request.form.get("sure") != "yes":
            return page("desk/approve.html", at, lines=lines, worth=sum(line.worth for line in lines))
    refused = [(line, problem) for line in lines if (problem := _approved(at, line.code))]
    done = len(lines) - len(refused)
    if done:
        flash(ngettext("%(num)s proposal was approved.", "%(num)s proposals were approved.", done), "done")
    for line, problem in refused:
        flash(f"{line.title}: {problem}", "refused")
    return redirect(url_for("desk.queue", book=book), 303)


def _approved(at: At, code: str) -> str | None:
    """Approve one of several; return why it was refused."""
    try:
        actions.approve(db.engine, at.actor, at.code, code, tools())
    except LedgerError as error:
        with desk(at.code) as now:
            return told(now, error)
    return None


def _decide(at: At, code: str, what: str, reason: str) -> actions.Outcome:
    if what == "approve":
        return actions.approve(db.engine, at.actor, at.code, code, tools())
    if what == "withdraw":
        return actions.withdraw(db.engine, at.actor, at.code, code)
    if what in {"return", "reject"}:
        return actions.refuse(db.engine, at.actor, at.code, code, reason, final=what == "reject")
    raise BadRequest(_("Choose what to do: approve, send back, reject or withdraw."))


def _tell(outcome: actions.Outcome) -> None:
    words = {
        "returned": _("It went back to be corrected."),
        "rejected": _("It was rejected. Nothing was put on the ledger."),
        "withdrawn": _("It was withdrawn. Nothing was put on the ledger."),
        "waiting": _("You have approved it. It waits for a second approver now."),
    }
    if outcome.state in words:
        flash(words[outcome.state], "done")
    else:
        tell(outcome)


def _effect(at: At, found: ProposalPage) -> tuple[Effect | None, str | None]:
    """Rehearse a proposal; return what it would do, or why it would be refused."""
    command = found.line.command
    if not command.rehearses:
        return None, None
    try:
        return rehearse(db.engine, at.code, command, actions.rehearsal_act(found.row, tools()), found.payload), None
    except LedgerError as error:
        return None, told(at, error)


def _refusal(at: At, found: ProposalPage) -> str | None:
    """Say why the reader may not approve; None when they may."""
    try:
        actions.check_approves(at.connection, at.actor, at.code, found.row)
    except LedgerError as error:
        return told(at, error)
    return None


def _may_decide(at: At, line: Line) -> bool:
    limit = at.actor.limit(at.code)
    return line.by != at.actor.code and (limit is None or line.worth <= limit)


def _listing(at: At, which: ColumnElement[bool], asked: Asked) -> tuple[Listing, int]:
    narrowed = queries.Asked(
        asked.words,
        address.choice("state", queries.STATES) or "",
        address.choice("command", [command.name for command in all_commands()]) or "",
        asked.sort,
        asked.descending,
    )
    total = queries.count_fitting(at.connection, which, narrowed)
    pager = asked.pager(total)
    rows: Sequence[Line] = queries.lines(
        at.connection, which, narrowed._replace(limit=asked.limit, offset=(pager.number - 1) * pager.size)
    )
    return Listing(COLUMNS, rows, pager, asked), total


def _cells(line: Line) -> dict[str, object]:
    return {
        "title": line.title,
        "command": _(line.command.label),
        "dated": line.dated,
        "worth": Quantity(line.worth, unit_of("CNY", None)),
        "by": line.by_name,
        "at": line.at.date(),
        "state": _(STATES[line.state]),
    }
