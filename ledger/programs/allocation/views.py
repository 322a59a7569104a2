"""The lists of this room: needs, decisions, projects, grants, contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ledger.desk.forms import desk
from ledger.programs.allocation import words
from ledger.programs.allocation.contracts import queries as contracts_
from ledger.programs.allocation.decisions import queries as decisions_
from ledger.programs.allocation.forms import Choices, show
from ledger.programs.allocation.grants import queries as grants_
from ledger.programs.allocation.needs import queries as needs_
from ledger.programs.allocation.projects import queries as projects_
from ledger.web import asked as address
from ledger.web.access import allow, staff
from ledger.web.actor import FOUNDATION, Role
from ledger.web.fields import today
from ledger.web.labels import ELEMENTS, SERVICES
from ledger.web.listing import Asked, Column, Listing, ask, xlsx_response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flask.typing import ResponseReturnValue

    from ledger.desk.forms import At
    from ledger.web.pages import Pager

blueprint = Blueprint("allocation", __name__)

MONEY = (Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR)
FIELD = (Role.ORG_STAFF, Role.SOCIAL_WORKER, Role.COMMUNITY)

NEEDS = (
    Column("title", _l("What is needed"), sortable=True),
    Column("community", _l("Community"), sortable=True),
    Column("category", _l("Kind of service"), sortable=True),
    Column("raised", _l("Raised"), "date", sortable=True),
    Column("residents", _l("Residents"), "number"),
    Column("wanted", _l("Wanted")),
    Column("unmet", _l("Unmet")),
    Column("state", _l("State")),
)
DECISIONS = (
    Column("title", _l("What was decided"), sortable=True),
    Column("held", _l("Held"), "date", sortable=True),
    Column("body", _l("Who decided")),
    Column("result", _l("Result")),
    Column("amount", _l("Allows"), "amount", sortable=True),
    Column("given", _l("Given"), "amount"),
    Column("left", _l("Left"), "amount"),
)
PROJECTS = (
    Column("name", _l("Project"), sortable=True),
    Column("organization", _l("Organization"), sortable=True),
    Column("community", _l("Communities")),
    Column("lead", _l("Led by")),
    Column("ends", _l("Period"), "date", sortable=True),
    Column("budget", _l("Budget (yuan)"), "amount"),
    Column("awarded", _l("Awarded (yuan)"), "amount"),
    Column("state", _l("State")),
)
GRANTS = (
    Column("code", _l("Grant"), sortable=True),
    Column("organization", _l("Organization"), sortable=True),
    Column("dated", _l("Awarded on"), "date", sortable=True),
    Column("awarded", _l("Awarded"), "amount", sortable=True),
    Column("paid", _l("Paid"), "amount"),
    Column("spent", _l("Used"), "amount"),
    Column("returned", _l("Returned"), "amount"),
    Column("held", _l("Unspent"), "amount"),
    Column("state", _l("State")),
)
CONTRACTS = (
    Column("name", _l("Contract"), sortable=True),
    Column("buyer", _l("Buyer"), sortable=True),
    Column("organization", _l("Organization")),
    Column("ends", _l("Period"), "date", sortable=True),
    Column("amount", _l("Amount (yuan)"), "amount"),
    Column("received", _l("Received (yuan)"), "amount"),
    Column("claimed", _l("Claimed (yuan)"), "amount"),
    Column("state", _l("State")),
)


def listing(columns: Sequence[Column], asked: Asked, pager: Pager, rows: Sequence[Any]) -> Listing:
    """Make a page of a list."""
    return Listing(columns, rows, pager, asked)


@blueprint.get("/<book>/desk/needs")
@staff
def needs(book: str) -> ResponseReturnValue:
    """List the needs of communities."""
    with desk(book) as at:
        asked = ask(NEEDS, "-raised")
        chosen = needs_.Chosen(
            address.word("community"),
            address.choice("category", SERVICES) or "",
            address.choice("state", needs_.STATES) or "",
            asked.words,
            asked.sort,
            asked.descending,
        )
        pager = asked.pager(needs_.selection(at.connection, at.row.id, chosen).count())
        rows = needs_.read_needs(
            at.connection, at.row.id, chosen, today(), limit=pager.size, offset=(pager.number - 1) * pager.size
        )
        if asked.xlsx:
            return xlsx_response(NEEDS, map(_need_cells, rows), f"{at.code}-needs")
        return show(
            "needs.html",
            at,
            listing=listing(NEEDS, asked, pager, rows),
            communities=_offer(at).of("community"),
            chosen=chosen,
            services=SERVICES,
        )


def _need_cells(line: needs_.NeedLine) -> dict[str, object]:
    return {
        "title": f"{line.code} {line.title}",
        "community": line.community.name,
        "category": _(SERVICES.get(line.category, line.category)),
        "raised": line.raised,
        "residents": "<5" if line.residents == 1 else line.residents or None,
        "wanted": told(want.wanted for want in line.wants),
        "unmet": told(line.unmet),
        "state": _(words.NEED_STATES[line.state]),
    }


def told(quantities: Iterable[Any]) -> str:
    """Write quantities in one cell of a workbook."""
    parts = []
    for quantity in quantities:
        unit = quantity.unit
        if unit.kind == "hours":
            parts.append(f"{quantity.amount // 60}:{quantity.amount % 60:02}")
        else:
            figure = quantity.amount / 10**unit.scale
            parts.append(f"{figure:,.{unit.scale}f} {unit.name if unit.kind == 'goods' else unit.code}")
    return "; ".join(parts)


@blueprint.get("/<book>/desk/needs/unmet")
@staff
def unmet(book: str) -> ResponseReturnValue:
    """Add up what is unmet, by category."""
    with desk(book) as at:
        community = address.word("community")
        found = needs_.unmet_by_category(at.connection, at.row.id, today(), community)
        return show("unmet.html", at, found=found, communities=_offer(at).of("community"), chosen=community)


@blueprint.get("/<book>/desk/decisions")
@allow(*sorted(FOUNDATION), Role.COMMUNITY)
def decisions(book: str) -> ResponseReturnValue:
    """List the decisions."""
    with desk(book) as at:
        asked = ask(DECISIONS, "-held")
        chosen = decisions_.Chosen(
            address.choice("result", decisions_.RESULTS) or "",
            address.word("fund"),
            asked.words,
            asked.sort,
            asked.descending,
        )
        pager = asked.pager(decisions_.selection(at.connection, at.row.id, chosen).count())
        rows = decisions_.read_decisions(
            at.connection, at.row.id, chosen, limit=pager.size, offset=(pager.number - 1) * pager.size
        )
        if asked.xlsx:
            return xlsx_response(DECISIONS, map(_decision_cells, rows), f"{at.code}-decisions")
        return show(
            "decisions.html",
            at,
            listing=listing(DECISIONS, asked, pager, rows),
            funds=_offer(at).of("fund"),
            chosen=chosen,
        )


def _decision_cells(line: decisions_.DecisionLine) -> dict[str, object]:
    known = line.allowed is not None
    return {
        "title": f"{line.code} {line.title}",
        "held": line.held,
        "body": _(words.BODIES[line.body]) if line.body in words.BODIES else line.body,
        "result": _(words.RESULTS[line.result]),
        "amount": line.allowed,
        "given": line.given if known else None,
        "left": line.left if known else None,
    }


@blueprint.get("/<book>/desk/projects")
@allow(*sorted(FOUNDATION), *FIELD)
def projects(book: str) -> ResponseReturnValue:
    """List the projects."""
    with desk(book) as at:
        asked = ask(PROJECTS, "-opened")
        chosen = projects_.Chosen(
            address.word("organization"),
            address.word("community"),
            address.choice("lead", ELEMENTS) or "",
            address.choice("state", projects_.STATES) or "",
            asked.words,
            asked.sort,
            asked.descending,
        )
        pager = asked.pager(projects_.selection(at.connection, at.row.id, chosen).count())
        rows = projects_.read_projects(
            at.connection, at.row.id, chosen, limit=pager.size, offset=(pager.number - 1) * pager.size
        )
        if asked.xlsx:
            return xlsx_response(PROJECTS, map(_project_cells, rows), f"{at.code}-projects")
        offer = _offer(at)
        return show(
            "projects.html",
            at,
            listing=listing(PROJECTS, asked, pager, rows),
            organizations=offer.of("organization"),
            communities=offer.of("community"),
            elements=ELEMENTS,
            chosen=chosen,
        )


def _project_cells(line: projects_.ProjectLine) -> dict[str, object]:
    return {
        "name": f"{line.code} {line.name}",
        "organization": line.organization.name if line.organization else None,
        "community": "; ".join(ref.name for ref in line.communities),
        "lead": _(ELEMENTS[line.lead]) if line.lead in ELEMENTS else line.lead,
        "ends": line.ends,
        "budget": line.budget,
        "awarded": line.awarded,
        "state": _open(line),
    }


@blueprint.get("/<book>/desk/grants")
@allow(*sorted(FOUNDATION), Role.ORG_STAFF)
def grants(book: str) -> ResponseReturnValue:
    """List the grants; an organization's people see their own."""
    with desk(book) as at:
        asked = ask(GRANTS, "-dated")
        chosen = grants_.Chosen(
            address.word("organization"),
            address.word("fund"),
            address.word("project"),
            address.choice("state", grants_.STATES) or "",
            asked.words,
            asked.sort,
            asked.descending,
            own_organizations(at),
        )
        pager = asked.pager(grants_.selection(at.connection, at.row.id, chosen).count())
        rows = grants_.read_grants(
            at.connection, at.row.id, chosen, today(), limit=pager.size, offset=(pager.number - 1) * pager.size
        )
        if asked.xlsx:
            return xlsx_response(GRANTS, map(_grant_cells, rows), f"{at.code}-grants")
        offer = _offer(at)
        return show(
            "grants.html",
            at,
            listing=listing(GRANTS, asked, pager, rows),
            organizations=offer.of("organization", own=chosen.own),
            funds=offer.of("fund"),
            chosen=chosen,
        )


def own_organizations(at: At) -> frozenset[str] | None:
    """Tell which organizations' grants the reader may see; None: all."""
    if at.actor.has(at.code, *FOUNDATION):
        return None
    return at.actor.parties(at.code, Role.ORG_STAFF)


def _grant_cells(line: grants_.GrantLine) -> dict[str, object]:
    return {
        "code": line.code,
        "organization": line.organization.name,
        "dated": line.dated,
        **line.sums._asdict(),
        "state": _(words.GRANT_STATES[line.state]),
    }


@blueprint.get("/<book>/desk/contracts")
@allow(*MONEY)
def contracts(book: str) -> ResponseReturnValue:
    """List the contracts of government purchase."""
    with desk(book) as at:
        asked = ask(CONTRACTS, "-opened")
        chosen = contracts_.Chosen(
            address.word("organization"),
            address.choice("state", contracts_.STATES) or "",
            asked.words,
            asked.sort,
            asked.descending,
        )
        pager = asked.pager(contracts_.selection(at.connection, at.row.id, chosen).count())
        rows = contracts_.read_contracts(
            at.connection, at.row.id, chosen, limit=pager.size, offset=(pager.number - 1) * pager.size
        )
        if asked.xlsx:
            return xlsx_response(CONTRACTS, map(_contract_cells, rows), f"{at.code}-contracts")
        return show(
            "contracts.html",
            at,
            listing=listing(CONTRACTS, asked, pager, rows),
            organizations=_offer(at).of("organization"),
            chosen=chosen,
        )


def _contract_cells(line: contracts_.ContractLine) -> Mapping[str, object]:
    return {
        "name": f"{line.code} {line.name}",
        "buyer": line.buyer,
        "organization": line.organization.name if line.organization else None,
        "ends": line.ends,
        "amount": line.amount,
        "received": line.received,
        "claimed": line.claimed,
        "state": _open(line),
    }


def _open(line: projects_.ProjectLine | contracts_.ContractLine) -> str:
    state = "open" if line.is_open else "closed"
    return str(_(words.OPEN_STATES[state]))


def _offer(at: At) -> Choices:
    return Choices(at.connection, at.row.id)
