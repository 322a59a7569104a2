"""Pages of volunteers: their list, one of them with the hours on the ledger, the paper that confirms them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, current_app, make_response, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ledger.config import ROOT
from ledger.desk.forms import At, desk, drafted, looked, page, submit
from ledger.extensions import limiter
from ledger.giving.hours import people, shown
from ledger.giving.hours.certificate import read_hours
from ledger.giving.hours.commands import REGISTER
from ledger.giving.hours.forms import is_own, preset_only
from ledger.giving.hours.shown import minutes_of
from ledger.giving.hours.volunteers.forms import VolunteerForm
from ledger.journal import lookup
from ledger.reports.volunteering import hours_pdf
from ledger.web import asked as address
from ledger.web.access import allow
from ledger.web.actor import Role
from ledger.web.addresses import Addresses
from ledger.web.fields import today
from ledger.web.listing import Column, Listing, ask, xlsx_response
from ledger.web.pages import Pager

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ledger.config import Settings
    from ledger.giving.hours.people import Volunteer

blueprint = Blueprint("volunteers", __name__)

FONTS = ROOT / "instance" / "fonts"  # where `make setup` puts them
MANAGES = (Role.ORG_STAFF, Role.SOCIAL_WORKER, Role.COMMUNITY, Role.ACCOUNTANT)
SEES = (*MANAGES, Role.APPROVER, Role.AUDITOR, Role.ADMIN)
VOLUNTEERS = (
    Column("code", _l("Code"), sortable=True),
    Column("name", _l("Full name")),
    Column("community", _l("Community")),
    Column("organization", _l("Organization")),
    Column("times", _l("Times this year"), "number"),
    Column("minutes", _l("Hours this year"), "hours"),
)
PAGE = 20  # volunteers whose hours are read
documents = limiter.limit("20 per minute")  # making one takes a tenth of a second


@blueprint.get("/<book>/desk/volunteers")
@allow(*SEES)
def volunteers(book: str) -> ResponseReturnValue:
    """List the volunteers of the reader's own community or organization, or all for the foundation."""
    with desk(book) as at:
        asked = ask(VOLUNTEERS, "code", PAGE)
        mine = people.visible(at.actor, at.code)
        pager = asked.pager(people.count(at.connection, at.row.id, mine, asked.words))
        if asked.xlsx:
            pager = Pager.turned(1, people.MOST, pager.total)
        listed = people.find(
            at.connection,
            at.row.id,
            mine,
            asked.words,
            limit=pager.size,
            offset=(pager.number - 1) * pager.size,
            backwards=asked.descending,
        )
        year = today().year
        first = today().replace(month=1, day=1)
        hours = people.hours_of(at.connection, at.row.id, {one.code for one in listed}, first)
        sums = {one.code: people.summed(hours.by_code.get(one.code, ())) for one in listed}
        looked(at, "names of volunteers")
        if asked.xlsx:
            rows = [_volunteer_cells(one, sums[one.code]) for one in listed]
            return xlsx_response(VOLUNTEERS, rows, f"{at.code}-volunteers-{year}")
        return page(
            "giving/hours/volunteers.html",
            at,
            listing=Listing(VOLUNTEERS, listed, pager, asked),
            sums=sums,
            year=year,
            more=hours.more,
            minutes=minutes_of,
        )


@blueprint.route("/<book>/desk/volunteers/new", methods=["GET", "POST"])
@allow(*MANAGES)
def new_volunteer(book: str) -> ResponseReturnValue:
    """Register a volunteer; the name goes beside the ledger, at once."""
    with desk(book) as at:
        form = drafted(at, VolunteerForm, REGISTER)
        lists = shown.offers(at.connection, at.row.id, at.actor, at.code)
        form.community.choices = [("", _("None")), *lists.communities]
        form.organization.choices = [("", _("None")), *lists.organizations]
        if request.method == "GET" and not form.code.data:
            form.code.data = f"V{lookup.count_objects(at.connection, at.row.id, 'volunteer') + 1:04}"
            preset_only(form.community, form.organization)
        if form.validate_on_submit() and is_own(at, form):
            payload = {
                "name": form.name.data,
                "code": form.code.data,
                "community": form.community.data or "",
                "organization": form.organization.data or "",
            }
            to = url_for("volunteers.volunteer", book=book, code=form.code.data)
            title = _("Volunteer %(code)s", code=form.code.data)
            if answer := submit(at, REGISTER, form, payload, title=title, to=to):
                return answer
        return page("giving/hours/volunteer_form.html", at, form=form)


@blueprint.get("/<book>/desk/volunteers/<code>")
@allow(*SEES)
def volunteer(book: str, code: str) -> ResponseReturnValue:
    """Show one volunteer and the hours on the ledger."""
    with desk(book) as at:
        one = _volunteer(at, code)
        since, until = _period()
        hours = people.hours_of(at.connection, at.row.id, {code}, since, until)
        given = sorted(hours.by_code.get(code, ()), key=lambda each: (each.dated, each.seq), reverse=True)
        pager = Pager.turned(address.page(), 50, len(given))
        return page(
            "giving/hours/volunteer.html",
            at,
            it=one,
            given=pager.cut(given),
            total=people.summed(given),
            untold=sum(one.minutes is None for one in given),
            turned=pager,
            more=hours.more,
            since=since,
            until=until,
            minutes=minutes_of,
        )


@blueprint.get("/<book>/desk/volunteers/<code>/certificate.pdf")
@allow(*SEES)
@documents
def certificate(book: str, code: str) -> ResponseReturnValue:
    """Give the confirmation of a volunteer's hours as a PDF, in the language of the page."""
    settings: Settings = current_app.config["SETTINGS"]
    with desk(book) as at:
        _volunteer(at, code)
        since, until = _period()
        pages = Addresses()
        made = read_hours(
            at.connection,
            at.row,
            at.book,
            code,
            since,
            until,
            lambda seq: settings.public_url + pages.entry(at.book, seq),
        )
    response = make_response(hours_pdf(made, str(get_locale()), FONTS))
    response.headers.set("Content-Type", "application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{book}-{code}-{since}-{until}.pdf")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _volunteer(at: At, code: str) -> Volunteer:
    """Read a volunteer whose name the reader may see, and note it; others are not there."""
    found = people.read(at.connection, at.row.id, [f"volunteer:{code}"])
    mine = people.visible(at.actor, at.code)
    if not found or (mine is not None and not people.belongs(at.connection, at.row.id, mine, code)):
        abort(404)
    looked(at, "names of volunteers", f"volunteer:{code}")
    return found[0]


def _period() -> tuple[Any, Any]:
    """Read a period from the address; without one, this year."""
    until = address.day("until") or today()
    return address.day("since") or until.replace(month=1, day=1), until


def _volunteer_cells(one: Volunteer, total: people.Sum) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "community": one.community.name if one.community else "",
        "organization": one.organization.name if one.organization else "",
        "times": total.times,
        "minutes": minutes_of(total.minutes),
    }
