"""Whatever is received, issued, moved, written off, counted and taken back: the lots add up, at every step."""

from collections import Counter
from itertools import count

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from ledger.books.actions import reverse
from ledger.core.errors import LedgerError
from ledger.core.spans import size
from ledger.funds.actions import transfer
from ledger.giving.stock import actions
from ledger.giving.stock.actions import Draw, Line, Sheet, Wanted
from ledger.giving.stock.lots import holdings, lots_in
from ledger.journal.append import writing
from ledger.journal.balances import trial_balance
from ledger.journal.read import find_book
from tests.support.looking import findings
from tests.support.small import Small

MASKS, STORE = "N95口罩:个", "inventory:main"
FUNDS = ("fund:general", "fund:elder")
OFTEN = ["receive", "receive", "issue", "issue lots", "lose", "move", "move", "count", "reverse", "reverse"]
STEPS = st.lists(st.tuples(st.sampled_from(OFTEN), st.integers(1, 60), st.integers(0, 9)), min_size=6, max_size=16)
books = count(1)


class Store:
    """A book with goods, and how it stands."""

    def __init__(self, engine):
        self.small = Small(engine, code=f"store-{next(books)}")
        self.engine, self.done = engine, []

    def look(self):
        with self.engine.connect() as connection:
            row = find_book(connection, self.small.code)
            held = holdings(connection, row.id)
            return held, lots_in(connection, row.id, held), trial_balance(connection, row.id, MASKS)

    def take(self, kind, amount, pick):
        giver, other = FUNDS[pick % 2], FUNDS[(pick + 1) % 2]
        lots = [lot for lot in self.look()[1].lots if lot.account == giver]
        lot = lots[pick % len(lots)] if lots else None
        wanted = [Wanted(lot.seq, min(amount, lot.left))] if lot else []
        drawn = Draw(MASKS, giver, STORE, sum(one.amount for one in wanted), wanted)
        stock = next((row.balance for row in self.look()[2] if row.account == STORE), 0)
        return {
            "receive": lambda: self.small.give(amount, giver, unit=MASKS, value=amount * 7 + pick),
            "issue": lambda: self.do(actions.issue_to_recipient, Draw(MASKS, giver, STORE, amount), "第一医院"),
            "issue lots": lambda: self.do(actions.issue_to_recipient, drawn, "第二医院"),
            "lose": lambda: self.do(actions.write_off, drawn, "lost"),
            "move": lambda: self.do(transfer, giver, other, amount, "调剂", unit=MASKS),
            "count": lambda: self.do(
                actions.record_count, Sheet(STORE, [Line(MASKS, max(0, stock + pick - 4), stock)], taker=giver)
            ),
            "reverse": lambda: self.do(reverse, self.done[pick % len(self.done)], "录错了") if self.done else None,
        }[kind]()

    def do(self, action, *args, **more):
        with writing(self.engine, self.small.code) as writer:
            made = action(writer, self.small.act(), *args, **more)
        return made[-1].seq if isinstance(made, list) else made.seq

    def step(self, *wanted):
        try:
            seq = self.take(*wanted)
        except LedgerError:
            return
        if seq is not None:
            self.done.append(seq)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_lots_add_up_to_items_and_to_the_store_at_every_step(engine, steps):
    store = Store(engine)
    for step in steps:
        store.step(*step)
        held, found, balances = store.look()
        by_lot, by_fund = Counter(), Counter()
        for lot in found.lots:
            assert lot.left == size(lot.pieces)
            by_fund[lot.account] += lot.left
            by_lot[lot.seq] += lot.left
        funds = {row.account: row.balance for row in balances if row.account in FUNDS and row.balance}
        assert not found.more
        assert dict(by_fund) == funds == {one.account: one.amount for one in held}
        assert by_fund.total() == sum(row.balance for row in balances if row.account == STORE)
        whole = {lot.seq: lot.received for lot in found.lots}
        assert all(left <= whole[seq] for seq, left in by_lot.items())
    assert findings(engine, store.small.code) == []
