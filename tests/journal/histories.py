"""Random books: a history drafted step by step, refused steps left out, in memory and in a database."""

from itertools import count

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings

from ledger.core.entry import REVERSIBLE, Move
from ledger.core.errors import LedgerError
from ledger.core.trace import Flow, Provenance
from ledger.journal.append import create_book, writing
from tests.journal import support as s

TAKERS = ("fund:general", "fund:elder", "earmark:general/e-00000001")
GRANTS = ("grant:G1", "grant:G2")
books = count(1)
OFTEN = [
    *["gift", "pay", "serve", "reverse"] * 2,
    "gift",
    "purchase",
    "back",
    "direct",
    "hours",
    "shift",
    "spend",
    "refund",
]
steps = st.lists(st.tuples(st.sampled_from(OFTEN), st.integers(1, 900), st.integers(0, 99)), min_size=3, max_size=45)


class History:
    """A random book in memory: what was drafted, and the bodies that came of it."""

    def __init__(self, wanted):
        self.pure, self.drafts, self.bodies = s.Pure(), [], []
        for draft in (*s.opening(), s.award("G1", 10**6), s.award("G2", 10**6)):
            self.say(draft)
        for step in wanted:
            self.take(*step)

    def say(self, draft):
        """Append a draft unless the book refuses it."""
        try:
            self.bodies.append(self.pure.say(draft))
            self.drafts.append(draft)
        except LedgerError:
            pass

    def take(self, kind, amount, pick):
        """Draft one step out of a kind and two numbers."""
        taker, other, grant = TAKERS[pick % 3], TAKERS[(pick + 1) % 3], GRANTS[pick % 2]
        code, purchase = f"S{len(self.bodies)}", Move("source:government-purchase", taker, amount, "CNY")
        draft = {
            "gift": lambda: s.gift(amount, taker),
            "purchase": lambda: s.draft("income.received", purchase, postings=s.posted(amount)),
            "pay": lambda: s.pay((taker, amount), (other, pick + 1), grant=grant[6:]),
            "back": lambda: s.give_back(amount // 3 + 1, taker, grant[6:]),
            "serve": lambda: s.serve(code, (grant, amount, "CNY")),
            "direct": lambda: s.serve(code, (taker, amount, "CNY"), (grant, pick + 1, "CNY")),
            "hours": lambda: s.serve(code, ("source:volunteer", amount, s.HOURS)),
            "shift": lambda: s.shift(amount, taker, other),
            "spend": lambda: s.spend(amount, taker),
            "refund": lambda: self.refund(amount, pick),
            "reverse": lambda: self.reverse(pick),
        }[kind]()
        if draft is not None:
            self.say(draft)

    def reverse(self, pick):
        """Take back one of the last twelve entries that can be."""
        found = [body for body in self.bodies if body["kind"] in REVERSIBLE and body["flows"]][-12:]
        return s.reverse(found[pick % len(found)]) if found else None

    def refund(self, amount, pick):
        """Give back what of a gift lies in a fund, from its end: holes are left."""
        gifts = self.gifts()
        if not gifts:
            return None
        seq, flow = gifts[pick % len(gifts)]
        start = flow["in"]
        held = self.reference("CNY").forward(flow["to"], start, start + flow["amount"])
        piece = next((p for p in reversed(held) if p.account in TAKERS), None)
        return s.refund(seq, [(max(piece.lo, piece.hi - amount), piece.hi)], piece.account) if piece else None

    def gifts(self):
        return [(b["seq"], b["flows"][0]) for b in self.bodies if b["kind"] == "donation.received"]

    def flows(self, unit):
        return [
            Flow(b["seq"], f["from"], f["out"], f["to"], f["in"], f["amount"], unit)
            for b in self.bodies
            for f in b["flows"]
            if f["unit"] == unit
        ]

    def reference(self, unit):
        return Provenance(self.flows(unit))

    def store(self, engine):
        """Append the same to a database; return the book's row and its axes by number."""
        code = f"book-{next(books)}"
        with writing(engine, code, clock=s.clock()) as writer:
            create_book(writer.connection, code)
            writer.append(self.drafts)
        return code, {no: key[0] for key, no in self.pure.book.numbers.items()}


random_books = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
