"""A small book for tests of pages: the parties, funds and a few helpers that append one entry each.

`Small(engine)` opens book `b`. Every helper returns the number of the entry; `give` also keeps the tracking code.
"""

from datetime import date
from itertools import count

from ledger.books.actions import open_book, reverse
from ledger.core.entry import Draft, Move, Posting
from ledger.core.units import Unit
from ledger.funds.actions import open_earmark, open_fund, open_unit, spend, transfer
from ledger.giving.actions import Donation, receive, refund
from ledger.journal.append import writing
from ledger.people.actions import Act, open_party, open_person
from ledger.programs.actions import (
    Service,
    award_grant,
    confirm_service,
    deliver_service,
    issue_goods,
    pay_grant,
    return_grant,
)

KEY = bytes(32)
DAY = date(2026, 3, 1)


class Small:
    """A book, and what a foundation does with it."""

    def __init__(self, engine, code="b", name="和平社区基金", day=DAY):
        self.engine, self.code, self.day = engine, code, day
        self.refs = count(1)
        self.codes = {}  # entry of a gift → its tracking code
        self.do(open_book, name, foundation="和平慈善基金会", credit_code="53110000MJ0000000X")
        self.do(open_fund, "general", "互助基金")
        self.do(open_fund, "elder", "敬老基金", restricted=True, purpose="为老服务")
        self.do(open_party, "organization", "sunshine", name="阳光社工站")
        self.do(open_party, "community", "heping", name="和平社区", street="中山街道")
        self.do(open_party, "project", "meals", name="长者午餐", organization="sunshine", lead_element="organization")
        self.do(open_person, "worker", "w01", "李明", organization="sunshine")
        self.do(open_person, "volunteer", "v01", "王芳", community="heping")
        with writing(engine, code) as w:
            open_unit(w, self.act(), Unit.of("N95口罩:个", 0), "N95口罩", "个")

    def act(self):
        return Act("accountant", self.day, f"r{next(self.refs)}", "approver")

    def do(self, action, *args, **more):
        """Run one action in its own transaction; return the number of its entry, or what it gives."""
        with writing(self.engine, self.code) as w:
            made = action(w, self.act(), *args, **more)
        return getattr(made, "seq", made)

    def give(self, amount, taker="fund:general", source="source:individual", **more):
        """Receive a donation."""
        place = {"CNY": "bank:main", "volunteer-hour": None}.get(more.get("unit", "CNY"), "inventory:main")
        with writing(self.engine, self.code) as w:
            donation = Donation(source, taker, amount, place=place, **more)
            made = receive(w, self.act(), donation, code_key=KEY)
        self.codes[made.seq] = made.code
        return made.seq

    def give_many(self, number, amount=100, taker="fund:general"):
        """Receive many equal donations in one transaction; they have no tracking codes that anyone knows."""
        drafts = [
            Draft(
                "donation.received",
                self.day,
                "importer",
                f"many/{next(self.refs)}",
                moves=[Move("source:public", taker, amount, "CNY")],
                postings=[Posting("bank:main", amount, "CNY")],
                facts={"code": f"{n:064x}", "channel": "alipay"},
            )
            for n in range(number)
        ]
        with writing(self.engine, self.code) as w:
            w.append(drafts)

    def grant(self, code, amount, giver="fund:general", place="bank:main"):
        """Award and pay a grant; return the entry that paid."""
        self.do(award_grant, code, organization="sunshine", fund="general", amount=amount, project="meals")
        return self.do(pay_grant, code, [(giver, amount)], place)

    def back(self, grant, amount, fund="fund:general"):
        return self.do(return_grant, grant, fund, amount, "bank:main")

    def serve(self, code, used, *, confirm=(), residents=20, **more):
        """Deliver a service that uses (account, amount, unit)…; confirm it in these roles."""
        places = {"CNY": "bank:main", "N95口罩:个": "inventory:main"}
        service = Service(
            code,
            "长者午餐",
            "meals",
            "heping",
            "sunshine",
            "w01",
            residents,
            used,
            places,
            more={"project": "meals", **more},
        )
        seq = self.do(deliver_service, service)
        for role in confirm:
            self.do(confirm_service, code, role, {"community": "heping", "worker": "w01"}[role])
        return seq

    def spend(self, fund, amount, category="administration"):
        return self.do(spend, fund, category, amount, "bank:main")

    def issue(self, recipient, giver, amount, unit="N95口罩:个"):
        return self.do(issue_goods, recipient, giver, amount, unit, "inventory:main")

    def move(self, giver, taker, amount):
        return self.do(transfer, giver, taker, amount, "调剂")

    def refund(self, seq, amount=None):
        return self.do(refund, seq, "捐赠人要求", "bank:main", amount)

    def reverse(self, seq):
        return self.do(reverse, seq, "录入错误")

    def earmark(self, purpose, fund="general"):
        return self.do(open_earmark, fund, purpose)
