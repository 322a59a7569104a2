"""Every page of the application with something on it: by endpoint, who looks at it, and what its address names.

`places(app, full)` gives `Place`s for all GET routes; what is no page stands in `FILES`. A route that is in neither
fails the walk, so whoever adds one adds it here.
"""

from typing import NamedTuple

from ledger.web import access
from ledger.web.actor import Role

FILES = {
    "audit.body": "JSON",
    "files.of_proposal": "a file",
    "files.of_service": "a file",
    "donor.statement": "PDF",
    "giving.confirmation": "PDF",
    "health.ready": "JSON",
    "health.up": "JSON",
    "log.checkpoint": "text",
    "log.earlier": "text",
    "log.gift_slip": "JSON",
    "log.index": "text",
    "log.proof": "text",
    "log.slip": "JSON",
    "log.tile": "bytes",
    "log.vkey": "text",
    "log.witnesses": "text",
    "static": "a file",
    "volunteers.certificate": "PDF",
}
ELSEWHERE = {
    "accounts.code": "after a password; the story of the approver",
    "intake.gift_of": "leads on to intake.gift",
    "joining.first": "gone once there is an admin; the story begins with it",
    "joining.setup": "gone once there is an admin",
    "own.recovery_codes": "for those with a second factor; the story shows such codes",
    "stock.new_receipt": "leads on to intake.new_gift",
}
WHO = (Role.ACCOUNTANT, Role.ADMIN, Role.ORG_STAFF, Role.SOCIAL_WORKER, Role.COMMUNITY, Role.APPROVER, Role.AUDITOR)
NOBODY, ADMIN, DONOR = "nobody", "admin of the installation", Role.DONOR


class Place(NamedTuple):
    """A page: who looks at it, and its address."""

    endpoint: str
    who: str
    path: str


def samples(full):
    """Give what an address names, by endpoint: (arguments of the route and of the query); several for some."""
    at, grant, need, shift = full.at, "G-two", "N-heping", full.shifts["heping"]
    held = {"held": "fund:general 大米:袋"}
    return {
        "contract.one": [{"code": "C1"}],
        **{f"contract.{what}": [{"contract": "C1", "code": "C1"}] for what in ("change", "claim", "close", "receive")},
        "audit.entry": [{"seq": 0}, {"seq": full.gift}],
        "decision.one": [{"code": at["decision"]}],
        "delivery.dispute": [{"role": "community", "code": "S-own"}],
        "delivery.report": [{}, {"grant": grant}, {"grant": "-"}],
        "delivery.service": [{"code": "S-own"}],
        "desk.proposal": [{"code": at["proposal"]}, {"code": at["returned"]}, {"code": at["report"]}],
        "disclosure.correct": [{"of": at["disclosure"]}],
        "disclosure.disclosure": [{"code": at["disclosure"]}],
        "donor.release": [{"seq": full.gift}],
        "funds.fund": [{"code": "general"}],
        "giving.trace": [{"code": at["trace"]}],
        "grant.one": [{"code": grant}],
        **{f"grant.{what}": [{"grant": grant}] for what in ("close", "pay", "take_back")},
        "hours.donate": [{"shift": shift}],
        **{f"hours.{what}": [{"code": shift}] for what in ("shift", "change_shift", "check_in", "times")},
        "intake.campaign": [{"code": "snow"}],
        "intake.gift": [{"seq": full.gift}],
        "intake.gifts": [{}, {"search": "nobody at all"}],
        "intake.redirect": [{"gift": full.earmarked}],
        "intake.refund": [{"gift": full.gift}],
        "joining.link": [{"token": "0" * 43}],
        "linkage.community": [{"code": "heping"}],
        "linkage.project": [{"code": "meals"}],
        "lists.gift_list": [{"code": at["list"]}],
        "log.consistency": [{}],
        "money.change_fund": [{"code": "elder"}],
        "money.close_fund": [{"code": "elder"}],
        "money.reverse": [{"entry": full.gift}],
        "need.one": [{"code": need}],
        "need.change": [{"code": need}],
        "need.close": [{"need": need}],
        "parties.campaign": [{"code": "snow"}],
        "parties.community": [{"code": "heping"}],
        "parties.organization": [{"code": "sunshine"}],
        "parties.project": [{"code": "meals"}],
        "programs.service": [{"code": "S-own"}],
        "project.one": [{"code": "meals"}],
        "project.change": [{"code": "meals"}],
        "project.close": [{"project": "lamps"}],
        "stock.count": [{"store": "inventory:main"}],
        "stock.issue": [{}, held],
        "stock.item": [{"unit": "大米:袋"}],
        "stock.sheet": [{"store": "inventory:main"}],
        "stock.write_off": [held],
        "users.person": [{"code": full.clients[Role.ACCOUNTANT].code}],
        "users.user": [{"code": full.clients[Role.ACCOUNTANT].code}],
        "volunteers.volunteer": [{"code": "v01"}],
        "donors.request": [{"code": at["request"]}],
    }


def places(app, full):
    """List all pages with something on them."""
    known, found = samples(full), []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in FILES.keys() | ELSEWHERE.keys():
            continue
        if rule.endpoint == "giving.find" and "book" in rule.arguments:
            continue  # the same page as without a book
        for sample in known.get(rule.endpoint, [{}]):
            values = {"book": "b", **sample} if "book" in rule.arguments else sample
            with app.test_request_context():
                path = app.url_map.bind("localhost").build(rule.endpoint, values)
            found.append(Place(rule.endpoint, looks(app, rule.endpoint), path))
    return found


def looks(app, endpoint):
    """Say who looks at a page: the first who may."""
    declared = access.declared(app.view_functions[endpoint])
    if declared.who == "signed in" and endpoint.startswith("donor."):
        return DONOR
    if endpoint == "delivery.dispute":
        return Role.COMMUNITY
    if declared.who == "roles":
        return next(role for role in WHO if role in declared.roles)
    return {"public": NOBODY, "admin": ADMIN, "signed in": Role.ACCOUNTANT}[declared.who]
