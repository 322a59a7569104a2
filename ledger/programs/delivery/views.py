"""Pages of the application stage: reports, what waits for confirmation, disputes, services, their evidence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ledger.desk.choices import code_choices
from ledger.desk.forms import At, desk, drafted, page, put, submit
from ledger.desk.queries import Asked as ProposalsAsked
from ledger.desk.queries import P, read_proposal
from ledger.desk.queries import lines as proposal_lines
from ledger.desk.queries import seen_by as proposals_seen_by
from ledger.extensions import db
from ledger.journal import lookup
from ledger.programs.delivery import actions, offers, queries, states
from ledger.programs.delivery.commands import CONFIRM, DELIVER, DISPUTE, REPORT, UNDISPUTE
from ledger.programs.delivery.forms import NOTHING, ConfirmForm, DisputeForm, GiveForm, picked, report_form
from ledger.programs.delivery.shown import report_shown, said_on_ledger
from ledger.programs.queries import service_page
from ledger.web import asked as address
from ledger.web.access import actor, allow, own, staff
from ledger.web.actor import FOUNDATION, Role
from ledger.web.convert import read_book
from ledger.web.fields import today
from ledger.web.listing import Asked, Column, Listing, ask, xlsx_response
from ledger.web.locale import voice
from ledger.web.pages import YUAN, Quantity
from ledger.web.quantities import quantity
from ledger.web.reading import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask.typing import ResponseReturnValue

    from ledger.programs.delivery.forms import ReportForm, ServiceForm
    from ledger.programs.delivery.offers import Chosen
    from ledger.programs.delivery.queries import Line
    from ledger.programs.delivery.shown import Shown

blueprint = Blueprint("delivery", __name__)

COLUMNS = (
    Column("dated", _l("Date"), "date", sortable=True),
    Column("title", _l("Service"), sortable=True),
    Column("community", _l("Community"), sortable=True),
    Column("organization", _l("Organization"), sortable=True),
    Column("residents", _l("Residents"), "number", sortable=True),
    Column("state", _l("State")),
)
CONFIRMABLE = (*COLUMNS[:4], Column("residents", _l("Residents"), "number"), Column("age", _l("Waiting time")))
ALONE = "-"  # a report that uses no grant


@contextmanager
def _desk(book: str) -> Iterator[At]:
    """Open the desk of a book with all services worked in."""
    states.refresh(db.engine, book)
    with desk(book) as at:
        yield at


# Reports


@blueprint.route("/<book>/desk/services/report", methods=["GET", "POST"])
@allow(Role.ORG_STAFF)
def report(book: str) -> ResponseReturnValue:
    """Choose a grant; then report a service against it."""
    with _desk(book) as at:
        organizations = sorted(at.actor.parties(book, Role.ORG_STAFF))
        code = request.values.get("grant") or _drafted_grant(at)
        if not code:
            grants = offers.grants_of(at.connection, at.row.id, organizations)
            return page("programs/delivery/choose.html", at, grants=grants)
        chosen = None if code == ALONE else offers.choose(at.connection, at.row.id, code, organizations)
        if chosen is None and code != ALONE:
            abort(404)
        organization = chosen.grant.organization.code if chosen else organizations[0]
        form = drafted(at, report_form(chosen), REPORT)
        form.grant.data = code
        _offer_report(at, form, chosen, organization)
        if form.is_submitted() and not request.form.get("again") and form.validate():
            answer = submit(at, REPORT, form, form.payload(organization), title=form.title.data)
            if answer:
                return answer
        return page("programs/delivery/report.html", at, form=form, chosen=chosen, spent=form.money)


def _drafted_grant(at: At) -> str:
    """Return the grant of a returned report that is being corrected."""
    code = request.args.get("draft")
    if not code:
        return ""
    found = read_proposal(at.connection, at.actor, at.code, at.row.id, code)
    return str(found.payload.get("grant") or ALONE)


def _offer_report(at: At, form: ReportForm, chosen: Chosen | None, organization: str) -> None:
    """Fill in what can be chosen: the communities of the project, colleagues, needs, shifts."""
    _offer(at, form, [organization])
    if chosen is None:
        return
    if chosen.communities:
        form.community.choices = [
            choice for choice in form.community.choices if choice.value in {"", *chosen.communities}
        ]
    if chosen.grant.project:
        form.project.choices = [NOTHING]
        form.project.data = ""
    if request.method == "GET" and "draft" not in request.args:
        form.lead_element.data = chosen.lead_element
        if len(chosen.communities) == 1:
            form.community.data = chosen.communities[0]


def _offer(at: At, form: ServiceForm, organizations: list[str] | None) -> None:
    """Fill in the parties; `organizations`: whose projects, workers and shifts, None for all."""
    connection, book_id = at.connection, at.row.id
    form.offer()
    form.community.choices = [NOTHING, *picked(offers.parties(connection, book_id, "community"))]
    projects = offers.parties(connection, book_id, "project")
    form.project.choices = picked(
        [it for it in projects if organizations is None or it.belongs in organizations], empty=True
    )
    form.worker.choices = [NOTHING, *picked(offers.workers(connection, book_id, organizations))]
    form.need.choices = picked(offers.parties(connection, book_id, "need", "community"), empty=True)
    form.shifts.choices = offers.shifts(connection, book_id, organizations, voice())


@blueprint.route("/<book>/desk/services/give", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def give(book: str) -> ResponseReturnValue:
    """Record a service that the foundation gives out of a fund."""
    with _desk(book) as at:
        form = drafted(at, GiveForm, DELIVER)
        _offer_funds(at, form)
        if form.is_submitted() and form.validate():
            answer = submit(at, DELIVER, form, form.payload(), title=form.title.data)
            if answer:
                return answer
        return page("programs/delivery/give.html", at, form=form)


def _offer_funds(at: At, form: GiveForm) -> None:
    _offer(at, form, None)
    connection, book_id = at.connection, at.row.id
    form.organization.choices = [NOTHING, *picked(offers.parties(connection, book_id, "organization"))]
    said = voice()
    form.offer_holdings(
        [
            (held, f"{held.account.name or held.account.code} · {quantity(held.quantity, said)}")
            for held in offers.holdings(connection, book_id)
        ]
    )
    stores = offers.stores(connection, book_id)
    form.bank.choices = [(ref.address, ref.name or ref.code) for ref, _held in stores.get("CNY", ())] or [NOTHING]
    keeping = {ref.address: ref for unit, places in stores.items() if ":" in unit for ref, _held in places}
    form.store.choices = [(to, ref.name or ref.code) for to, ref in keeping.items()] or [NOTHING]


# Confirmations


@blueprint.route("/<book>/desk/confirmations", methods=["GET", "POST"])
@allow(Role.COMMUNITY, Role.SOCIAL_WORKER)
def confirmations(book: str) -> ResponseReturnValue:
    """Show what waits for my confirmation; confirm what was ticked, after one more look."""
    with _desk(book) as at:
        mine = queries.own_parties(at.actor, book)
        if request.method == "POST":
            return _confirm(at, mine)
        asked = ask(CONFIRMABLE, "dated")
        parts = [_waiting(at, role, parties, asked) for role, parties in mine.items()]
        return page("programs/delivery/confirmations.html", at, parts=parts, soon=queries.SOON, late_days=queries.LATE)


class Part(NamedTuple):
    """What waits in one role: how much, and a page of it."""

    role: str
    waiting: queries.Waiting
    listing: Listing


def _waiting(at: At, role: str, parties: frozenset[str], asked: Asked) -> Part:
    wanted = queries.Asked(asked.words, order=asked.sort, descending=asked.descending)
    which = queries.waiting_for(role, parties)
    total = queries.count(at.connection, at.row.id, which, wanted, today())
    pager = asked.pager(total)
    wanted = wanted._replace(limit=pager.size, offset=(pager.number - 1) * pager.size)
    rows = queries.lines(at.connection, at.row.id, which, wanted, today())
    waiting = queries.waiting(at.connection, at.row.id, role, parties, today())
    return Part(role, waiting, Listing(CONFIRMABLE, rows, pager, asked))


def _confirm(at: At, mine: Mapping[str, frozenset[str]]) -> ResponseReturnValue:
    """Show what was ticked; with `sure`, confirm it, a command a party."""
    back = redirect(url_for("delivery.confirmations", book=at.code), 303)
    ticked = [(role, code) for role, _sep, code in (value.partition("/") for value in request.form.getlist("service"))]
    if not ticked or len(ticked) > actions.MOST_AT_ONCE:
        flash(_("Tick 1 to %(most)s services that took place.", most=actions.MOST_AT_ONCE), "refused")
        return back
    found = queries.chosen(at.connection, at.row.id, ticked, mine, today())
    if not found:
        flash(_("These do not wait for you any more."), "refused")
        return back
    form = ConfirmForm()
    if request.form.get("sure") != "yes" or not form.validate():
        return page("programs/delivery/confirm.html", at, 200, it=form, found=found)
    done = 0
    for (role, party), lines in found.items():
        payload = {"role": role, "party": party, "services": [line.code for line in lines]}
        title = lines[0].title if len(lines) == 1 else _("%(number)s services", number=len(lines))
        if put(at, CONFIRM, form, payload, title=title) is not None:
            done += len(lines)
    for words in form.form_errors:
        flash(words, "refused")
    if done:
        said = ngettext(
            "%(num)s service is confirmed on the ledger.", "%(num)s services are confirmed on the ledger.", done
        )
        flash(said, "done")
    return back


@blueprint.route("/<book>/desk/confirmations/<role>/<path:code>", methods=["GET", "POST"])
@allow(Role.COMMUNITY, Role.SOCIAL_WORKER)
def dispute(book: str, role: str, code: str) -> ResponseReturnValue:
    """Dispute a service, or withdraw what was said against it."""
    with _desk(book) as at:
        mine = queries.own_parties(at.actor, book)
        line = queries.find(at.connection, at.row.id, code, today()) if role in mine else None
        party = getattr(line, role).code if line else ""
        if line is None or party not in mine[role] or line.reversed_seq is not None:
            abort(404)
        said = queries.disputes_of(at.connection, at.row.id, code)
        standing = next((it for it in said if it.role == role and it.state == "open"), None)
        form = DisputeForm()
        if form.validate_on_submit():
            payload = {"role": role, "party": party, "service": code, "reason": form.reason.data}
            if put(at, UNDISPUTE if standing else DISPUTE, form, payload, title=line.title) is not None:
                words = _("The dispute is withdrawn.") if standing else _("The dispute is noted.")
                flash(words, "done")
                return redirect(url_for("delivery.service", book=book, code=code), 303)
        return page("programs/delivery/dispute.html", at, form=form, line=line, role=role, standing=standing)


# Services


@blueprint.get("/<book>/desk/services")
@staff
def services(book: str) -> ResponseReturnValue:
    """List the services somebody works with, whatever their state, and the reports that wait for sign-off."""
    with _desk(book) as at:
        asked = ask(COLUMNS, "-dated")
        wanted = queries.Asked(
            asked.words,
            address.choice("state", queries.STATES) or "",
            address.word("community"),
            address.word("organization"),
            address.day("since"),
            address.day("until"),
            asked.sort,
            asked.descending,
        )
        which = queries.seen_by(at.actor, book)
        total = queries.count(at.connection, at.row.id, which, wanted, today())
        pager = asked.pager(total)
        paged = wanted._replace(limit=asked.limit, offset=(pager.number - 1) * pager.size)
        rows = queries.lines(at.connection, at.row.id, which, paged, today())
        if asked.xlsx:
            return xlsx_response(COLUMNS, map(_cells, rows), f"{book}-services")
        return page(
            "programs/delivery/services.html",
            at,
            listing=Listing(COLUMNS, rows, pager, asked),
            wanted=wanted,
            communities=code_choices(at.connection, at.row.id, "community"),
            organizations=code_choices(at.connection, at.row.id, "organization"),
            states=[(state, state_words(state)) for state in queries.STATES],
            reports=_reports(at),
            overdue=_overdue(at),
        )


def state_words(state: str) -> str:
    """Say the state of a service."""
    words: dict[str, str] = {
        "waiting": _("Waits for confirmation"),
        "overdue": _("Waits for more than two weeks"),
        "confirmed": _("Confirmed by both"),
        "disputed": _("Disputed"),
        "reversed": _("Taken back"),
    }
    return words[state]


def _reports(at: At) -> tuple[Any, ...]:
    """List the reports that wait for sign-off or approval, or were sent back, the newest twenty."""
    names = (REPORT.name, DELIVER.name)
    which = (
        proposals_seen_by(at.actor, at.code, at.row.id) & P.command.in_(names) & P.state.in_(("waiting", "returned"))
    )
    return proposal_lines(at.connection, which, ProposalsAsked(limit=20))


def _overdue(at: At) -> dict[str, tuple[queries.Overdue, ...]]:
    """Tell the foundation who lets services wait for more than a week."""
    if not at.actor.has(at.code, *FOUNDATION):
        return {}
    return {role: queries.overdue(at.connection, at.row.id, role, today()) for role in queries.CONFIRMING}


def _cells(line: Line) -> dict[str, object]:
    states_of = [state_words(state) for state in ("disputed",) if line.disputed]
    states_of += [state_words("reversed")] if line.reversed_seq is not None else []
    if line.reversed_seq is None:
        states_of += [state_words("waiting" if line.waits else "confirmed")]
    return {
        "dated": line.dated,
        "title": line.title,
        "community": line.community.name or line.community.code,
        "organization": line.organization.name or line.organization.code,
        "residents": line.residents if line.residents != 1 else "<5",
        "state": " · ".join(states_of),
    }


@blueprint.get("/<book>/desk/services/<path:code>")
@staff
def service(book: str, code: str) -> ResponseReturnValue:
    """Show everything about one service to those who work with it."""
    with _desk(book) as at:
        line = _own_service(at, code)
        known = lookup.objects(at.connection, at.row.id, {f"service:{code}"})[f"service:{code}"]
        return page(
            "programs/delivery/service.html",
            at,
            it=service_page(at.connection, book, code),
            line=line,
            said=queries.disputes_of(at.connection, at.row.id, code),
            more=said_on_ledger(at.connection, at.row.id, known.facts),
            roles=[
                role for role, mine in queries.own_parties(at.actor, book).items() if getattr(line, role).code in mine
            ],
        )


def _roles(at: At, line: Line) -> list[str]:
    """Tell in which roles the reader confirms a service."""
    mine = queries.own_parties(at.actor, at.code)
    return [role for role, parties in mine.items() if getattr(line, role).code in parties]


def _own_service(at: At, code: str) -> Line:
    """Read a service of the reader's own, else 404."""
    line = queries.find(at.connection, at.row.id, code, today())
    if line is None:
        abort(404)
    own(at.code, line.organization.address, line.community.address, line.worker.address)
    return line


# For templates


@blueprint.app_template_global("service_report")
def _service_report(book: str, payload: Mapping[str, Any]) -> Shown:
    """Give names and amounts to the payload of a report, for the page of its proposal."""
    with reading() as connection:
        row, _book = read_book(connection, book)
        return report_shown(connection, row.id, payload)


@blueprint.app_template_global("confirmations_waiting")
def _confirmations_waiting(book: str) -> list[tuple[str, queries.Waiting]]:
    """Tell the queue how many services wait for the reader's confirmation, by role."""
    mine = queries.own_parties(actor(), book)
    if not mine:
        return []
    states.refresh(db.engine, book)
    with reading() as connection:
        row, _book = read_book(connection, book)
        found = [(role, queries.waiting(connection, row.id, role, mine[role], today())) for role in mine]
    return [(role, waiting) for role, waiting in found if waiting.all]


@blueprint.app_template_global("yuan")
def _yuan(fen: int) -> Quantity:
    return Quantity(fen, YUAN)
