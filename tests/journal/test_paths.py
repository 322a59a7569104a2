"""What the database says of provenance is what the reference says, on random books."""

from collections import defaultdict
from itertools import count

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from ledger.core.entry import REVERSIBLE, Move
from ledger.core.errors import LedgerError
from ledger.core.spans import Span
from ledger.core.trace import Flow, Provenance
from ledger.journal import paths
from ledger.journal.append import create_book, writing
from ledger.journal.read import find_book, snapshot
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


def pieces(found, accounts):
    return sorted((accounts[gap.axis], gap.lo, gap.hi, gap.offset) for gap in found)


random_books = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@random_books
@given(wanted=steps)
def test_every_gift_is_where_the_reference_says(engine, wanted):
    history = History(wanted)
    code, accounts = history.store(engine)
    numbers = history.pure.book.numbers
    reference = history.reference("CNY")
    with snapshot(engine) as connection:
        book_id = find_book(connection, code).id
        for _, flow in history.gifts():
            lo, hi = flow["in"], flow["in"] + flow["amount"]
            found = paths.gaps(paths.forward(connection, book_id, numbers[flow["to"], "CNY"], Span(lo, hi)))
            assert pieces(found, accounts) == sorted(reference.forward(flow["to"], lo, hi))
            assert sum(gap.hi - gap.lo for gap in found) == flow["amount"]


@random_books
@given(wanted=steps)
def test_every_service_comes_from_where_the_reference_says(engine, wanted):
    history = History(wanted)
    code, accounts = history.store(engine)
    with snapshot(engine) as connection:
        book_id = find_book(connection, code).id
        for (account, unit), no in history.pure.book.numbers.items():
            received = history.pure.book.axes[account, unit].received
            if account.partition(":")[0] not in {"service", "outcome"} or not received:
                continue
            reference = history.reference(unit).backward(account, 0, received)
            found = paths.gaps(paths.backward(connection, book_id, no, Span(0, received)))
            assert pieces(found, accounts) == sorted(reference)
            check_gifts(connection, book_id, history, (no, unit, received), reference)


def check_gifts(connection, book_id, history, asked, reference):
    """Hold the count of gifts by ordinals against the gifts that the reference lists."""
    no, unit, received = asked
    numbers, gifts, others = history.pure.book.numbers, defaultdict(lambda: defaultdict(int)), 0
    kinds = {body["seq"]: body["kind"] for body in history.bodies}
    for piece in reference:
        for flow in history.flows(unit):
            part = min(piece.hi, flow.out + flow.amount) - max(piece.lo, flow.out)
            if flow.giver == piece.account and part > 0:
                if kinds[flow.seq] == "donation.received":
                    gifts[numbers[flow.taker, unit]][flow.seq] += part
                else:
                    others += part
    stopped = paths.gaps(paths.backward_to_gifts(connection, book_id, no, Span(0, received)))
    accounts = {number: account for (account, _), number in numbers.items()}
    donated = [gap for gap in stopped if not accounts[gap.axis].startswith("source:")]
    assert sum(gap.hi - gap.lo for gap in stopped if gap not in donated) == others
    counted = {
        g.axis: (g.amount, g.count, g.first_seq, g.last_seq) for g in paths.count_gifts(connection, book_id, donated)
    }
    assert counted == {axis: (sum(parts.values()), len(parts), min(parts), max(parts)) for axis, parts in gifts.items()}


def test_a_walk_never_passes_through_a_source(engine):
    history = History([("gift", 500, 0), ("reverse", 1, 0), ("gift", 500, 0)])
    code, accounts = history.store(engine)
    (_, first), _ = history.gifts()
    with snapshot(engine) as connection:
        book_id = find_book(connection, code).id
        axis = history.pure.book.numbers["fund:general", "CNY"]
        (gap,) = paths.gaps(paths.forward(connection, book_id, axis, Span(0, first["amount"])))
    assert (accounts[gap.axis], gap.hi - gap.lo) == ("source:individual", 500)


@pytest.mark.parametrize("number", [10, 1_000])
def test_one_statement_a_question(engine, query_count, number):
    s.open_book(engine)
    s.append(
        engine, *(s.gift(100) for _ in range(number)), s.award(amount=10**7), s.pay(("fund:general", number * 100))
    )
    s.append(engine, s.serve("S1", ("grant:G1", number * 100, "CNY")))
    with snapshot(engine) as connection:
        book_id = find_book(connection, s.BOOK).id
        axes = dict(connection.exec_driver_sql("SELECT account, no FROM axes WHERE unit = 'CNY'").all())
        with query_count(engine) as sent:
            assert len(paths.forward(connection, book_id, axes["fund:general"], Span(300, 400))) == 3
            steps = paths.backward_to_gifts(connection, book_id, axes["service:S1"], Span(0, number * 100))
            (gifts,) = paths.count_gifts(connection, book_id, paths.gaps(steps))
    assert (gifts.count, gifts.amount, len(steps), len(sent)) == (number, number * 100, 3, 3)
