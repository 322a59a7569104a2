"""What addresses of pages are tried with: an object of one's own and one of somebody else's, for every route.

The walk in `tests/web/test_access.py` fills the arguments of each route from here, and says what to do when it meets
an argument, or a page of a party's objects, that nobody has written down.

ARGUMENTS   argument of a route → a value that can stand there (nothing need exist under it)
OWN         endpoint → (role, arguments of its own object, arguments of somebody else's): 404 for the latter
SHARED      endpoint → why everybody who may use it may see every object
"""

from datetime import date

from ledger.desk.actions import Request, propose
from ledger.desk.commands import Tools
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book
from ledger.people.actions import open_party, open_person
from ledger.programs.actions import Service, award_grant, deliver_service
from ledger.web.actor import Actor, Post, Role
from tests.support.small import DAY, Small

ARGUMENTS = {
    "book": "b",
    "code": "none",
    "deed": "reactivate",
    "digest": "0" * 64,
    "filename": "css/base.css",
    "rest": "0/000",
    "role": "community",
    "seq": 0,
    "size": 1,
    "token": "0" * 43,
    "unit": "CNY",
    "year": 2026,
}

OWN_PARTY = {Role.ORG_STAFF: "sunshine", Role.SOCIAL_WORKER: "w01", Role.COMMUNITY: "heping"}
"""For whom the walk signs people in; the objects of `OTHER_PARTY` are somebody else's."""
OTHER_PARTY = {Role.ORG_STAFF: "moon", Role.SOCIAL_WORKER: "w02", Role.COMMUNITY: "far"}


class World(Small):
    """A small book with two of each party, and what each of them has."""

    def __init__(self, engine, folder):
        super().__init__(engine)
        self.folder = folder
        self.do(open_party, "organization", "moon", name="月光社工站")
        self.do(open_party, "community", "far", name="远方社区", street="远方街道")
        self.do(open_party, "project", "far-meals", name="远方午餐", organization="moon", lead_element="organization")
        self.do(open_person, "worker", "w02", "何远", organization="moon")
        self.do(open_person, "volunteer", "v02", "许志", community="far")
        self.give(100_000)
        for organization, code, project in (("sunshine", "G-own", "meals"), ("moon", "G-other", "far-meals")):
            self.do(award_grant, code, organization=organization, fund="general", amount=1000, project=project)
        self.serve_for("S-own", "heping", "sunshine", "w01", "meals")
        self.serve_for("S-other", "far", "moon", "w02", "far-meals")
        self.needs = {place: self.need(place) for place in ("heping", "far")}
        self.shifts = {place: self.shift(place) for place in ("heping", "far")}
        other = Small.__new__(Small)
        Small.__init__(other, engine, code="other", name="另一本账")

    def serve_for(self, code, community, organization, worker, project):
        used, places = [("fund:general", 100, "CNY")], {"CNY": "bank:main"}
        service = Service(
            code, "送餐", "meals", community, organization, worker, 20, used, places, more={"project": project}
        )
        self.do(deliver_service, service)

    def need(self, community):
        """Raise a need as somebody of the community; give (code of the need, code of the proposal)."""
        from ledger.programs.allocation.needs.commands import RAISE  # noqa: PLC0415

        actor = Actor(f"u-{community}", "", {"b": (Post(Role.COMMUNITY, community),)})
        payload = {
            "code": f"N-{community}",
            "title": "楼道照明",
            "category": "environment",
            "community": community,
            "raised_by": "community",
            "raised": DAY.isoformat(),
            "residents": 20,
            "wanted": [],
            "description": "",
        }
        asked = Request(RAISE, payload, date(2026, 3, 2), "楼道照明", "", {})
        made = propose(self.engine, actor, "b", asked, Tools(bytes(32), self.folder))
        return f"N-{community}", made.code

    def shift(self, community):
        from ledger.giving.hours.actions import Plan, plan_shift  # noqa: PLC0415

        plan = Plan(community, "送餐", "meals", "活动室", "2026-03-05T09:00", "2026-03-05T11:00", 5)
        with write_transaction(self.engine) as connection:
            return plan_shift(connection, find_book(connection, "b").id, plan, "u-somebody")

    def own(self):
        """Give `OWN` for the objects of this book."""
        digest, staff, social, community = "0" * 64, Role.ORG_STAFF, Role.SOCIAL_WORKER, Role.COMMUNITY
        return {
            "delivery.service": [
                (staff, {"code": "S-own"}, {"code": "S-other"}),
                (social, {"code": "S-own"}, {"code": "S-other"}),
                (community, {"code": "S-own"}, {"code": "S-other"}),
            ],
            "delivery.dispute": [
                (social, {"role": "worker", "code": "S-own"}, {"role": "worker", "code": "S-other"}),
                (community, {"role": "community", "code": "S-own"}, {"role": "community", "code": "S-other"}),
            ],
            "files.of_service": [(staff, None, {"digest": digest, "code": "S-other"})],
            "files.of_proposal": [(community, None, {"digest": digest, "code": self.needs["far"][1]})],
            "desk.proposal": [(community, {"code": self.needs["heping"][1]}, {"code": self.needs["far"][1]})],
            "desk.decide": [(community, None, {"code": self.needs["far"][1]})],
            "grant.one": [(staff, {"code": "G-own"}, {"code": "G-other"})],
            "need.change": [(community, {"code": "N-heping"}, {"code": "N-far"})],
            "need.close": [(community, {"need": "N-heping"}, {"need": "N-far"})],
            **{
                endpoint: [(community, {"code": self.shifts["heping"]}, {"code": self.shifts["far"]})]
                for endpoint in ("hours.shift", "hours.change_shift", "hours.check_in", "hours.times")
            },
            **{
                endpoint: [(community, None, {"code": self.shifts["far"]})]
                for endpoint in ("hours.close", "hours.sign_up")
            },
            "volunteers.volunteer": [
                (community, {"code": "v01"}, {"code": "v02"}),
                (staff, None, {"code": "v02"}),
            ],
            "volunteers.certificate": [(community, None, {"code": "v02"})],
        }


SHARED = {
    "decision.one": "decisions of the foundation, with their minutes, are for everybody who works in the book",
    "need.one": "needs of all communities are matched by everybody who works in the book",
    "project.one": "projects are for everybody who works in the book; grants in it are shown to the foundation only",
}
