"""Public pages of projects, organizations, communities and campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from ledger.programs.parties import campaigns as calls
from ledger.programs.parties import communities as places
from ledger.programs.parties import organizations as bodies
from ledger.programs.parties import projects as works
from ledger.programs.parties.lists import SORTS, STATES, list_page
from ledger.programs.parties.needs import STATES as NEEDS
from ledger.programs.parties.pages import Chosen
from ledger.web import asked
from ledger.web.access import public
from ledger.web.reading import reading

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("parties", __name__)


def _list(book: str, kind: str) -> ResponseReturnValue:
    sorts = SORTS[kind]
    chosen = Chosen(
        search=asked.word("search"),
        sort=asked.choice("sort", sorts) or sorts[0],
        state=asked.choice("state", STATES) or "",
    )
    with reading() as connection:
        page = list_page(connection, book, kind, chosen, asked.page())
    return render_template("programs/parties/list.html", view=page)


@blueprint.get("/<book>/projects")
@public
def projects(book: str) -> ResponseReturnValue:
    """Show the projects of a book."""
    return _list(book, "project")


@blueprint.get("/<book>/projects/<path:code>")
@public
def project(book: str, code: str) -> ResponseReturnValue:
    """Show one project: plan, money, budget, grants, services."""
    with reading() as connection:
        page = works.project_page(connection, book, code, asked.page(), asked.page("grants"))
    return render_template("programs/parties/project.html", view=page)


@blueprint.get("/<book>/organizations")
@public
def organizations(book: str) -> ResponseReturnValue:
    """Show the organizations of a book."""
    return _list(book, "organization")


@blueprint.get("/<book>/organizations/<path:code>")
@public
def organization(book: str, code: str) -> ResponseReturnValue:
    """Show one organization: grants, use, services."""
    with reading() as connection:
        page = bodies.organization_page(
            connection, book, code, asked.page(), asked.page("grants"), asked.page("projects")
        )
    return render_template("programs/parties/organization.html", view=page)


@blueprint.get("/<book>/communities")
@public
def communities(book: str) -> ResponseReturnValue:
    """Show the communities of a book."""
    return _list(book, "community")


@blueprint.get("/<book>/communities/<path:code>")
@public
def community(book: str, code: str) -> ResponseReturnValue:
    """Show one community: needs, services, resources."""
    state = asked.choice("state", NEEDS) or ""
    with reading() as connection:
        page = places.community_page(connection, book, code, asked.page(), asked.page("needs"), state)
    return render_template("programs/parties/community.html", view=page)


@blueprint.get("/<book>/campaigns")
@public
def campaigns(book: str) -> ResponseReturnValue:
    """Show the campaigns of a book."""
    return _list(book, "campaign")


@blueprint.get("/<book>/campaigns/<path:code>")
@public
def campaign(book: str, code: str) -> ResponseReturnValue:
    """Show one campaign: target, receipts by day, what became of them."""
    with reading() as connection:
        page = calls.campaign_page(connection, book, code, asked.page(), asked.page("days"))
    return render_template("programs/parties/campaign.html", view=page)
