"""Pages of one contract of government purchase: opening it, its money, its claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from ledger.desk.forms import desk, drafted, submit
from ledger.programs.allocation.codes import next_code
from ledger.programs.allocation.contracts.commands import CHANGE, CLAIM, CLOSE, OPEN, RECEIVE
from ledger.programs.allocation.contracts.elsewhere import elsewhere
from ledger.programs.allocation.contracts.forms import ClaimForm, CloseContractForm, ContractForm, ReceiptForm
from ledger.programs.allocation.contracts.money import source_of
from ledger.programs.allocation.contracts.queries import SERVICES, contract_object, contract_page
from ledger.programs.allocation.forms import NONE, Choices, asked_code, show
from ledger.programs.allocation.grants import queries as grants
from ledger.web import asked as address
from ledger.web.access import allow
from ledger.web.actor import Role
from ledger.web.convert import day, name_of
from ledger.web.fields import today

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ledger.desk.forms import At
    from ledger.journal.lookup import Object

blueprint = Blueprint("contract", __name__)

MONEY = (Role.ACCOUNTANT, Role.APPROVER, Role.AUDITOR)
MOST_GRANTS = 100  # offered


@blueprint.get("/<book>/desk/contracts/<code>")
@allow(*MONEY)
def one(book: str, code: str) -> ResponseReturnValue:
    """Show one contract; `why=<service>` tells what else paid for one of its services."""
    with desk(book) as at:
        which = address.choice("which", SERVICES) or "all"
        found = contract_page(at.connection, at.row.id, code, address.page("services"), which)
        why = address.word("why")
        other = elsewhere(at.connection, at.row.id, why, source_of(code)) if why else None
        return show("contract.html", at, it=found, which=which, choices=SERVICES, why=why, other=other)


@blueprint.route("/<book>/desk/contracts/new", methods=["GET", "POST"])
@allow(*sorted(OPEN.prepares))
def new(book: str) -> ResponseReturnValue:
    """Open a contract and the source of its money."""
    with desk(book) as at:
        form = drafted(at, ContractForm, OPEN)
        _offer(at, form)
        if request.method == "GET" and not form.code.data:
            form.code.data = next_code(at.connection, at.row.id, "contract", "C", today())
        if form.validate_on_submit():
            answer = submit(at, OPEN, form, form.payload(), title=form["name"].data)
            if answer:
                return answer
        return show("contract_form.html", at, form=form, contract=None)


@blueprint.route("/<book>/desk/contracts/change", methods=["GET", "POST"])
@allow(*sorted(CHANGE.prepares))
def change(book: str) -> ResponseReturnValue:
    """Change a contract."""
    with desk(book) as at:
        code = request.args.get("code") or request.form.get("code", "")
        contract = contract_object(at.connection, at.row.id, code) if code else None
        form = drafted(at, ContractForm, CHANGE, data=_filled(contract) if contract else None)
        contract = contract or contract_object(at.connection, at.row.id, form.code.data or "")
        form.code.data = contract.facts["code"]
        _offer(at, form)
        if form.validate_on_submit():
            answer = submit(at, CHANGE, form, form.payload(), title=form["name"].data)
            if answer:
                return answer
        return show("contract_form.html", at, form=form, contract=contract)


def _offer(at: At, form: ContractForm) -> None:
    """Fill in what can be chosen."""
    offer = Choices(at.connection, at.row.id)
    form.organization.choices = offer.of("organization", optional=True)
    form.project.choices = offer.of("project", optional=True)


def _filled(contract: Object) -> dict[str, object]:
    facts = contract.facts
    return {
        **{name: facts.get(name) for name in ("name", "buyer", "amount", "organization", "project", "evidence")},
        "starts": day(facts["starts"]) if facts.get("starts") else None,
        "ends": day(facts["ends"]) if facts.get("ends") else None,
    }


@blueprint.route("/<book>/desk/contracts/receive", methods=["GET", "POST"])
@allow(*sorted(RECEIVE.prepares))
def receive(book: str) -> ResponseReturnValue:
    """Receive money of a contract."""
    with desk(book) as at:
        form = drafted(at, ReceiptForm, RECEIVE)
        contract = contract_object(at.connection, at.row.id, asked_code(form, "contract"))
        offer = Choices(at.connection, at.row.id)
        form.fund.choices = offer.of("fund", optional=True)
        form.place.choices = offer.places("CNY")
        form.grant.choices = [NONE, *_grants(at, contract)]
        if form.validate_on_submit():
            answer = submit(at, RECEIVE, form, form.payload(), title=name_of(contract.facts))
            if answer:
                return answer
        found = contract_page(at.connection, at.row.id, contract.facts["code"], 1)
        return show("contract_receive.html", at, form=form, it=found)


def _grants(at: At, contract: Object) -> list[tuple[str, str]]:
    """Offer the open grants of the organization of a contract."""
    chosen = grants.Chosen(state="open", organization=contract.facts.get("organization", ""))
    found = grants.read_grants(at.connection, at.row.id, chosen, today(), limit=MOST_GRANTS)
    return [(line.code, f"{line.code} {line.organization.name}") for line in found]


@blueprint.route("/<book>/desk/contracts/claim", methods=["GET", "POST"])
@allow(*sorted(CLAIM.prepares))
def claim(book: str) -> ResponseReturnValue:
    """File a claim: which services the contract pays for."""
    with desk(book) as at:
        form = drafted(at, ClaimForm, CLAIM)
        code = asked_code(form, "contract")
        found = contract_page(at.connection, at.row.id, code, address.page("services"), "claimable")
        if not len(form.parts):
            form.propose(found.services)
        if request.method == "GET" and not form.code.data:
            form.code.data = next_code(at.connection, at.row.id, "claim", "K", today())
        if form.validate_on_submit():
            answer = submit(at, CLAIM, form, form.payload(), title=found.line.name)
            if answer:
                return answer
        services = {service.code: service for service in found.services}
        return show("contract_claim.html", at, form=form, it=found, services=services)


@blueprint.route("/<book>/desk/contracts/close", methods=["GET", "POST"])
@allow(*sorted(CLOSE.prepares))
def close(book: str) -> ResponseReturnValue:
    """Close a contract."""
    with desk(book) as at:
        form = drafted(at, CloseContractForm, CLOSE)
        contract = contract_object(at.connection, at.row.id, asked_code(form, "contract"))
        code = contract.facts["code"]
        if form.validate_on_submit():
            payload = {"contract": code, "reason": form.reason.data}
            to = url_for("contract.one", book=book, code=code)
            answer = submit(at, CLOSE, form, payload, title=name_of(contract.facts), to=to)
            if answer:
                return answer
        return show(
            "close.html",
            at,
            form=form,
            title=_("Close contract %(name)s", name=name_of(contract.facts)),
            lead=_("Nothing more is received or claimed under it."),
            back=url_for("contract.one", book=book, code=code),
            above=(_("Service contracts"), url_for("allocation.contracts", book=book)),
        )
