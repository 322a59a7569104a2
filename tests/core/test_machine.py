"""Everything that can happen to a gift, in random order, against units that carry their own names."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger.core import canonical
from ledger.core.book import Book, check_shape
from ledger.core.chain import leaf_hash
from ledger.core.entry import Draft, Move, side_of
from ledger.core.errors import (
    AlreadyOpenError,
    ClosedObjectError,
    NotFreeError,
    OverspentError,
    RuleError,
    UnbalancedError,
)
from ledger.core.spans import Span, free_spans
from ledger.core.trace import Flow, Provenance
from tests.journal import support as s
from tests.journal.support import HOURS, MASKS

OPENED = s.opened_book()
SOURCES = st.sampled_from(["source:individual", "source:organization", "source:public"])
UNITS = st.sampled_from(["CNY", "CNY", MASKS, HOURS])
AMOUNTS = st.integers(10, 40)
PICKS = st.integers(0, 10**6)  # which of what there is, modulo how much there is
EIGHTHS = st.integers(1, 9)  # of what is held; nine are one unit too many


class Named:
    """What every account holds, unit by unit: each unit carries the name (source, unit, position) it was given."""

    def __init__(self):
        self.ever = defaultdict(list)  # (account, unit) -> the name at each position
        self.free = defaultdict(list)  # (account, unit) -> positions, ascending
        self.given = Counter()  # (source, unit) -> how many

    def take(self, flow):
        """Take the units of a flow off its giver; return their names."""
        key, wanted = (flow["from"], flow["unit"]), list(range(flow["out"], flow["out"] + flow["amount"]))
        if key[0].startswith("source:"):
            assert flow["out"] == self.given[key], "a source gives its running total"
            self.given[key] += flow["amount"]
            return [(*key, position) for position in wanted]
        assert set(wanted) <= set(self.free[key]), "units were given that were not free"
        if "of" not in flow:
            assert wanted == self.free[key][: len(wanted)], "first in, first out"
        self.free[key] = [position for position in self.free[key] if position not in set(wanted)]
        return [self.ever[key][position] for position in wanted]

    def lay(self, flow, names):
        key = flow["to"], flow["unit"]
        assert flow["in"] == len(self.ever[key]), "units are laid at the end"
        self.free[key] += range(flow["in"], flow["in"] + flow["amount"])
        self.ever[key] += names

    def held(self, account, unit="CNY"):
        return len(self.free[(account, unit)])

    def where(self):
        """Tell where each unit is: {name: (account, position)}."""
        return {self.ever[key][p]: (key[0], p) for key, positions in self.free.items() for p in positions}


class Life(RuleBasedStateMachine):
    """The life of a book."""

    def __init__(self):
        super().__init__()
        self.pure, self.shadow = OPENED.fork(), Book(s.BOOK)
        for data in self.pure.bodies:
            self.repeat(data)
        self.named, self.places, self.flows = Named(), Counter(), defaultdict(list)
        self.funds = ["fund:general", "fund:elder", "earmark:general/e-00000001"]
        self.grants, self.gifts, self.done, self.closed, self.reversed = [], [], [], set(), set()
        self.number = 0
        for fund in self.funds:
            self.do(s.gift(30, fund))

    def repeat(self, data):
        body = canonical.decode(data)
        check_shape(body)
        self.shadow.replay(body)
        self.shadow.advance(leaf_hash(data), body["recorded"])

    def do(self, wanted):
        """Append what must be accepted, to the book and to the model."""
        body = self.pure.say(wanted)
        self.repeat(self.pure.bodies[-1])
        for flow in body["flows"]:
            self.named.lay(flow, self.named.take(flow))
            row = (body["seq"], flow["from"], flow["out"], flow["to"], flow["in"], flow["amount"], flow["unit"])
            self.flows[flow["unit"]].append(Flow(*row))
        for posting in body["postings"]:
            self.places[posting["unit"]] += posting["amount"]
        if wanted.kind == "donation.received":
            self.gifts.append(body)
        if body["flows"] and wanted.kind != "entry.reversed":
            self.done.append(body)
        return body

    def refuse(self, errors, wanted: Draft):
        """Try what must be refused; it leaves nothing."""
        before = s.state(self.pure.copy())
        with pytest.raises(errors):
            self.pure.say(wanted)
        assert s.state(self.pure.book) == before

    def attempt(self, account, amount, unit, wanted):
        """Append a draw on an account, which is refused when the account holds less."""
        if self.closed & {move.giver for move in wanted.moves} | self.closed & {move.taker for move in wanted.moves}:
            self.refuse(ClosedObjectError, wanted)
        elif self.named.held(account, unit) < amount:
            self.refuse(OverspentError, wanted)
        else:
            self.do(wanted)

    def pick(self, things, pick):
        return things[pick % len(things)]

    def draw(self, accounts, pick, eighths, unit="CNY"):
        """Choose an account, rather one that holds something, and how much to take."""
        full = [account for account in accounts if self.named.held(account, unit)]
        account = self.pick(full or accounts, pick)
        held = self.named.held(account, unit)
        return account, held + 1 if eighths > 8 else max(1, held * eighths // 8)

    @rule(source=SOURCES, fund=PICKS, unit=UNITS, amount=AMOUNTS)
    def donate(self, source, fund, unit, amount):
        wanted = s.gift(amount, self.pick(self.funds, fund), source, unit)
        if self.closed & {wanted.moves[0].giver, wanted.moves[0].taker}:
            self.refuse(ClosedObjectError, wanted)
        else:
            self.do(wanted)

    @precondition(lambda self: len(self.funds) < 5)
    @rule()
    def earmark(self):
        self.number += 1
        code = f"general/e-{self.number:08x}f"
        self.do(s.opened(f"earmark:{code}", purpose="coats"))
        self.funds.append(f"earmark:{code}")

    @precondition(lambda self: len(self.grants) < 3)
    @rule()
    def award(self):
        self.number += 1
        self.do(s.award(f"G{self.number}"))
        self.grants.append(f"G{self.number}")

    @precondition(lambda self: self.grants)
    @rule(fund=PICKS, grant=PICKS, eighths=EIGHTHS)
    def pay(self, fund, grant, eighths):
        fund, amount = self.draw(self.funds, fund, eighths)
        self.attempt(fund, amount, "CNY", s.pay((fund, amount), grant=self.pick(self.grants, grant)))

    @precondition(lambda self: any(self.named.held(f"grant:{grant}") for grant in self.grants))
    @rule(fund=PICKS, grant=PICKS, eighths=EIGHTHS)
    def give_back(self, fund, grant, eighths):
        grant, amount = self.draw([f"grant:{grant}" for grant in self.grants], grant, eighths)
        wanted = s.give_back(amount, self.pick(self.funds, fund), grant.partition(":")[2])
        self.attempt(grant, amount, "CNY", wanted)

    @rule(giver=PICKS, eighths=EIGHTHS, unit=UNITS, hours=st.integers(0, 90))
    def serve(self, giver, eighths, unit, hours):
        givers = self.funds + [f"grant:{grant}" for grant in self.grants] * 2
        giver, amount = self.draw(givers, giver, eighths, unit)
        self.number += 1
        used = [(giver, amount, unit), *([("source:volunteer", hours, HOURS)] if hours else [])]
        self.attempt(giver, amount, unit, s.serve(f"S{self.number}", *used))

    @rule(fund=PICKS, eighths=EIGHTHS, accrued=st.booleans())
    def spend(self, fund, eighths, accrued):
        fund, amount = self.draw(self.funds, fund, eighths)
        self.attempt(fund, amount, "CNY", s.spend(amount, fund, place="payable:salaries" if accrued else None))

    @rule(giver=PICKS, taker=PICKS, eighths=EIGHTHS, unit=UNITS)
    def transfer(self, giver, taker, eighths, unit):
        giver, amount = self.draw(self.funds, giver, eighths, unit)
        taker = self.pick(self.funds, taker)
        if giver != taker:
            self.attempt(giver, amount, unit, s.shift(amount, giver, taker, unit))

    @precondition(lambda self: self.gifts)
    @rule(pick=PICKS, amount=AMOUNTS)
    def refund(self, pick, amount):
        """Give a donor back units of that very gift, where they lie free in a fund."""
        gift = self.pick(self.gifts, pick)
        flow = gift["flows"][0]
        own = {(flow["from"], flow["unit"], flow["out"] + n) for n in range(flow["amount"])}
        for fund in self.funds:
            key = fund, flow["unit"]
            free = [p for p in self.named.free[key] if self.named.ever[key][p] in own][-amount:]
            if free and fund not in self.closed:
                self.do(s.refund(gift["seq"], [(p, p + 1) for p in free], fund, flow["unit"]))
                return
        if self.closed.isdisjoint({flow["to"]}) and flow["to"] in self.funds:
            self.refuse(NotFreeError, s.refund(gift["seq"], [(flow["in"], flow["in"] + 1)], flow["to"], flow["unit"]))

    @precondition(lambda self: self.done)
    @rule(pick=PICKS)
    def reverse(self, pick):
        fresh = [body for body in self.done if body["seq"] not in self.reversed]
        body = self.pick(self.done if pick % 8 == 7 or not fresh else fresh, pick)
        wanted, errors = s.reverse(body), set()
        for flow in body["flows"]:
            moved = set(range(flow["in"], flow["in"] + flow["amount"]))
            if not moved <= set(self.named.free[(flow["to"], flow["unit"])]):
                errors.add(NotFreeError)
            if self.closed & {flow["from"], flow["to"]}:
                errors.add(ClosedObjectError)
        if body["seq"] in self.reversed:
            errors = {AlreadyOpenError}
        if errors:
            self.refuse(tuple(errors), wanted)
        else:
            self.do(wanted)
            self.reversed.add(body["seq"])
            self.closed.update({wanted.facts["object"]} if "object" in wanted.facts else ())

    @precondition(lambda self: len(self.done) > 8)
    @rule(pick=PICKS)
    def close(self, pick):
        address = self.pick(self.funds, pick)
        kind, _, code = address.partition(":")
        wanted = s.draft(f"{kind}.closed", code=code)
        if address in self.closed:
            self.refuse(ClosedObjectError, wanted)
        elif any(self.named.held(address, unit) for unit in ("CNY", MASKS, HOURS)):
            self.refuse(RuleError, wanted)
        elif address != "fund:general":
            self.do(wanted)
            self.closed.add(address)

    @rule(source=SOURCES, amount=AMOUNTS)
    def unbalanced(self, source, amount):
        move = Move(source, "fund:general", amount, "CNY")
        self.refuse(UnbalancedError, s.draft("income.received", move, postings=s.posted(amount + 1)))

    @invariant()
    def every_unit_is_in_one_place_and_the_trace_tells_where(self):
        where = self.named.where()
        ways = {unit: Provenance(flows) for unit, flows in self.flows.items()}
        for gift in self.gifts:
            flow = gift["flows"][0]
            pieces = ways[flow["unit"]].forward(flow["to"], flow["in"], flow["in"] + flow["amount"])
            found = [(p.account, p.lo + n) for p in pieces for n in range(p.hi - p.lo)]
            assert found == [where[(flow["from"], flow["unit"], flow["out"] + n)] for n in range(flow["amount"])]
            for p in pieces:
                back = ways[flow["unit"]].backward(p.account, p.lo, p.hi) if side_of(p.account).name != "SOURCE" else []
                assert all(piece.lo == flow["out"] + p.offset + piece.offset for piece in back)

    @invariant()
    def free_spans_are_what_was_received_and_not_given(self):
        for key, axis in self.pure.book.axes.items():
            if key[0].startswith(("fund:", "earmark:", "grant:", "service:", "outcome:")):
                assert [p for lo, hi in free_spans(axis) for p in range(lo, hi)] == self.named.free[key]
                assert axis.received == len(self.named.ever[key])

    @invariant()
    def no_position_is_given_twice(self):
        for flows in self.flows.values():
            taken = defaultdict(list)
            for flow in flows:
                taken[flow.giver].append(Span(flow.out, flow.out + flow.amount))
            for spans in taken.values():
                assert all(a.hi <= b.lo for a, b in pairwise(sorted(spans)))

    @invariant()
    def units_are_conserved_and_the_faces_agree(self):
        total, funds = Counter(), Counter()
        for (account, unit), axis in self.pure.book.axes.items():
            side = side_of(account).value
            total[unit] += axis.balance if side != "place" else 0
            funds[unit] += axis.balance if side == "fund" else 0
        assert not any(total.values()), "sources owe exactly what all others hold"
        assert {u: n for u, n in funds.items() if n and u != HOURS} == {u: n for u, n in self.places.items() if n}

    @invariant()
    def replay_gives_the_same_state(self):
        assert s.state(self.shadow) == s.state(self.pure.book)


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=40)
