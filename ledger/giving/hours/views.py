"""Pages of shifts: planning them, who comes and goes, their hours on the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ledger.core.errors import LedgerError
from ledger.desk.forms import At, desk, drafted, looked, page, submit
from ledger.extensions import db
from ledger.giving.hours import actions, people, queries, shown
from ledger.giving.hours.commands import DONATE
from ledger.giving.hours.forms import CloseForm, DonateForm, ListForm, ShiftForm, SignUpForm, is_own, preset_only
from ledger.giving.hours.pasted import read_list
from ledger.giving.hours.shown import minutes_of
from ledger.journal import lookup
from ledger.journal.engine import write_transaction
from ledger.reports import figures
from ledger.reports.figures import CHINA
from ledger.web import asked as address
from ledger.web.access import allow, own
from ledger.web.actor import FOUNDATION, Role
from ledger.web.convert import name_of
from ledger.web.errors import say
from ledger.web.labels import N_, SERVICES
from ledger.web.listing import Column, Listing, ask, xlsx_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from ledger.giving.hours.actions import Shift
    from ledger.giving.hours.shown import ShiftPage

blueprint = Blueprint("hours", __name__)

MANAGES = (Role.ORG_STAFF, Role.SOCIAL_WORKER, Role.COMMUNITY, Role.ACCOUNTANT)
SEES = (*MANAGES, Role.APPROVER, Role.AUDITOR, Role.ADMIN)
SHIFTS = (
    Column("starts", _l("When"), "date", sortable=True),
    Column("title", _l("Shift"), sortable=True),
    Column("community", _l("Community")),
    Column("organization", _l("Organization")),
    Column("signed", _l("Volunteers"), "number"),
    Column("minutes", _l("Hours served"), "hours"),
    Column("state", _l("State"), sortable=True),
)


# ---------------------------------------------------------------------- shifts


@blueprint.get("/<book>/desk/shifts")
@allow(*SEES)
def shifts(book: str) -> ResponseReturnValue:
    """List the shifts that are the reader's own, or all for the foundation."""
    with desk(book) as at:
        asked = ask(SHIFTS, "-starts")
        communities = _open(at, "community")
        since, until = address.day("since"), address.day("until")
        chosen = queries.Shown(
            asked.words,
            address.choice("state", actions.STATES) or "",
            address.choice("community", dict(communities)) or "",
            since.isoformat() if since else "",
            until.isoformat() if until else "",
            asked.sort,
            asked.descending,
        )
        whose = queries.whose(at.actor, at.code)
        pager = asked.pager(queries.count_shifts(at.connection, at.row.id, chosen, whose))
        offset = (pager.number - 1) * pager.size
        rows = queries.list_shifts(at.connection, at.row.id, chosen, whose, limit=pager.size, offset=offset)
        names = dict(communities) | dict(_open(at, "organization"))
        if asked.xlsx:
            return xlsx_response(SHIFTS, [_shift_cells(row, names) for row in rows], f"{at.code}-shifts")
        narrowed = any((chosen.words, chosen.state, chosen.community, chosen.since, chosen.until))
        return page(
            "giving/hours/shifts.html",
            at,
            listing=Listing(SHIFTS, rows, pager, asked),
            names=names,
            communities=communities,
            chosen=chosen,
            narrowed=narrowed,
        )


@blueprint.route("/<book>/desk/shifts/new", methods=["GET", "POST"])
@allow(*MANAGES)
def new_shift(book: str) -> ResponseReturnValue:
    """Plan a shift."""
    with desk(book) as at:
        form = _shift_form(at, ShiftForm())
        if form.validate_on_submit() and is_own(at, form):
            code = _write(form, lambda c: actions.plan_shift(c, at.row.id, form.plan(), at.actor.code))
            if code:
                flash(_("The shift is planned. Sign volunteers up now, or when they come."), "done")
                return redirect(url_for("hours.shift", book=book, code=code), 303)
        return page("giving/hours/shift_form.html", at, form=form, shift=None)


@blueprint.get("/<book>/desk/shifts/<code>")
@allow(*SEES)
def shift(book: str, code: str) -> ResponseReturnValue:
    """Show a shift and its volunteers."""
    with desk(book) as at:
        found = _shift(at, code)
        words = address.word("search")
        listed, more = shown.offered(at.connection, at.row.id, found, words) if _is_open(found) else ([], False)
        looked(at, "names of volunteers", f"shift:{code}")
        return page(
            "giving/hours/shift.html",
            at,
            it=found,
            offered=listed,
            more=more,
            words=words,
            sign_up=SignUpForm(),
            close=CloseForm(),
            now=_now(),
        )


@blueprint.route("/<book>/desk/shifts/<code>/change", methods=["GET", "POST"])
@allow(*MANAGES)
def change_shift(book: str, code: str) -> ResponseReturnValue:
    """Change what a shift is to be."""
    with desk(book) as at:
        it = _shift(at, code).shift
        form = _shift_form(at, ShiftForm(data=_as_form(it)))
        if form.validate_on_submit() and is_own(at, form) and _write(form, lambda c: _change(c, at, code, form)):
            return redirect(_back(book, code), 303)
        return page("giving/hours/shift_form.html", at, form=form, shift=it)


@blueprint.post("/<book>/desk/shifts/<code>/volunteers")
@allow(*MANAGES)
def sign_up(book: str, code: str) -> ResponseReturnValue:
    """Sign volunteers up for a shift, or take one off."""
    with desk(book) as at:
        _shift(at, code)
        form = SignUpForm()
        off = request.form.get("off", "")
        if form.validate_on_submit():
            if off:
                _do(at, code, lambda c, it: actions.sign_off(c, it, off))
            else:
                _do(at, code, lambda c, it: _sign_up(c, at, it, form.volunteers.data or []))
        return redirect(_back(book, code), 303)


@blueprint.route("/<book>/desk/shifts/<code>/check-in", methods=["GET", "POST"])
@allow(*MANAGES)
def check_in(book: str, code: str) -> ResponseReturnValue:
    """Note who comes and goes: the page for the phone at the door."""
    with desk(book) as at:
        found = _shift(at, code)
        form = SignUpForm()
        if form.validate_on_submit():
            who, now = request.form.get("volunteer", ""), _now().isoformat(timespec="minutes")[:16]
            step = actions.check_out if request.form.get("what") == "out" else actions.check_in
            _do(at, code, lambda c, it: step(c, it, who, now))
            return redirect(url_for("hours.check_in", book=book, code=code, at=who, _anchor=f"v-{who}"), 303)
        if "at" not in request.args:
            looked(at, "names of volunteers", f"shift:{code}")
        return page("giving/hours/check_in.html", at, it=found, form=form, now=_now())


@blueprint.route("/<book>/desk/shifts/<code>/times", methods=["GET", "POST"])
@allow(*MANAGES)
def times(book: str, code: str) -> ResponseReturnValue:
    """Write or paste who was there for how long."""
    with desk(book) as at:
        found = _shift(at, code)
        form, wrong = ListForm(), []
        if request.method == "GET":
            form.text.data = "\n".join(_line(present) for present in found.people)
            looked(at, "names of volunteers", f"shift:{code}")
        if form.validate_on_submit():
            listed, _more = shown.offered(at.connection, at.row.id, found)
            pasted = read_list(form.text.data, found.shift.starts, shown.by_name(listed, found))
            wrong = [(number, words, say(error)) for number, words, error in pasted.wrong]
            if wrong:
                form.form_errors.append(_("Nothing was kept, because some lines cannot be read."))
            elif _write(form, lambda c: actions.enter_times(c, actions.find_shift(c, at.row.id, code), pasted.rows)):
                return redirect(_back(book, code), 303)
        return page("giving/hours/times.html", at, form=form, it=found, wrong=wrong)


@blueprint.post("/<book>/desk/shifts/<code>/close")
@allow(*MANAGES)
def close(book: str, code: str) -> ResponseReturnValue:
    """Close a shift, open it again, or cancel it."""
    with desk(book) as at:
        _shift(at, code)
        form, what = CloseForm(), request.form.get("what", "close")
        if form.validate_on_submit():
            if what == "reopen":
                _do(at, code, actions.reopen_shift)
            elif what == "cancel":
                _do(at, code, actions.cancel_shift)
            else:
                _do(at, code, lambda c, it: actions.close_shift(c, it, at.actor.code, long_ok=form.long_ok.data))
        return redirect(_back(book, code), 303)


@blueprint.route("/<book>/desk/shifts/donate", methods=["GET", "POST"])
@allow(*MANAGES)
def donate(book: str) -> ResponseReturnValue:
    """Put the hours of a closed shift on the ledger as a gift of time."""
    with desk(book) as at:
        form = drafted(at, DonateForm, DONATE)
        found = _shift(at, form.shift.data or request.args.get("shift", ""))
        form.shift.data = found.shift.code
        form.fund.choices = [(f"fund:{code}", name) for code, name in _open(at, "fund")]
        if request.method == "GET" and "draft" not in request.args:
            form.dated.data = datetime.fromisoformat(found.shift.starts).date()
        if form.validate_on_submit():
            payload = {
                "shift": found.shift.code,
                "fund": form.fund.data,
                "community": found.shift.community,
                "organization": found.shift.organization,
                "title": found.shift.title,
                "volunteers": len(found.people),
                "minutes": found.minutes,
            }
            title = f"{found.shift.title} {found.shift.starts[:10]} · {_hours(found.minutes)}"
            if answer := submit(at, DONATE, form, payload, title=title):
                return answer
        return page("giving/hours/donate.html", at, form=form, it=found)


# ---------------------------------------------------------------------- what the views share


def _now() -> datetime:
    return datetime.now(CHINA).replace(tzinfo=None)


def _back(book: str, code: str) -> str:
    return url_for("hours.shift", book=book, code=code)


def _shift(at: At, code: str) -> ShiftPage:
    """Read a shift of the reader's own; others are not there."""
    found = shown.shift_page(at.connection, at.row.id, code)
    own(at.code, *found.shift.parties)
    return found


def _is_open(found: ShiftPage) -> bool:
    return found.shift.state in {actions.PLANNED, actions.RUNNING}


def _write(form: Any, step: Callable[[Connection], Any]) -> Any:
    """Do a step in a transaction of its own; when it is refused, say so in the form and give None."""
    try:
        with write_transaction(db.engine) as connection:
            return step(connection) or True
    except LedgerError as error:
        form.form_errors.append(say(error))
        return None


def _do(at: At, code: str, step: Callable[[Connection, Shift], Any]) -> None:
    """Do a step with a shift as it is now; when it is refused, say so on the next page."""
    try:
        with write_transaction(db.engine) as connection:
            step(connection, actions.find_shift(connection, at.row.id, code))
    except LedgerError as error:
        flash(say(error), "refused")


def _sign_up(connection: Connection, at: At, it: Shift, codes: list[str]) -> None:
    """Sign up volunteers of the shift's own parties: whoever is signed up is shown by name."""
    if not at.actor.has(at.code, *FOUNDATION):
        own_parties = [party for party in it.parties if not party.startswith("worker:")]
        people.check_belong(connection, at.row.id, own_parties, codes)
    actions.sign_up(connection, it, codes)


def _change(connection: Connection, at: At, code: str, form: ShiftForm) -> None:
    actions.change_shift(connection, actions.find_shift(connection, at.row.id, code), form.plan())


def _shift_form(at: At, form: ShiftForm) -> ShiftForm:
    lists = shown.offers(at.connection, at.row.id, at.actor, at.code)
    form.kind.choices = [(code, _(words)) for code, words in SERVICES.items()]
    form.community.choices = lists.communities
    form.organization.choices = [("", _("None")), *lists.organizations]
    form.worker.choices = [("", _("None")), *lists.workers]
    if request.method == "GET":
        preset_only(form.organization, form.worker)
    return form


def _as_form(it: Shift) -> dict[str, Any]:
    starts, ends = datetime.fromisoformat(it.starts), datetime.fromisoformat(it.ends)
    return {**it._asdict(), "day": starts.date(), "begins": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}


def _line(present: shown.Present) -> str:
    """Write a volunteer and a time as the list is pasted."""
    who, at = present.name or present.code, present.times
    if at.came and at.went:
        return f"{who} {at.came[11:]}-{at.went[11:]}"
    return f"{who} {present.minutes // 60}:{present.minutes % 60:02}" if present.minutes else f"{who} "


def _open(at: At, kind: str) -> list[tuple[str, str]]:
    found = lookup.objects_of(at.connection, at.row.id, kind).values()
    return [(known.facts["code"], name_of(known.facts)) for known in found if known.closed is None]


def _hours(minutes: int) -> str:
    locale = get_locale()
    return figures.hours(minutes, chinese=locale is not None and locale.language == "zh")


def _shift_cells(row: queries.Row, names: dict[str, str]) -> dict[str, Any]:
    it = row.shift
    return {
        "starts": datetime.fromisoformat(it.starts),
        "title": it.title,
        "community": names.get(it.community, it.community),
        "organization": names.get(it.organization, it.organization),
        "signed": row.signed,
        "minutes": minutes_of(row.minutes),
        "state": _(STATE_NAMES[it.state]),
    }


STATE_NAMES = {
    actions.PLANNED: N_("planned"),
    actions.RUNNING: N_("running"),
    actions.CLOSED: N_("closed"),
    actions.CANCELLED: N_("cancelled"),
}


@blueprint.context_processor
def _words() -> dict[str, Any]:
    """Give templates the words for the state of a shift, and hours from minutes."""
    return {"shift_state": lambda state: _(STATE_NAMES[state]), "hours_of": minutes_of}
