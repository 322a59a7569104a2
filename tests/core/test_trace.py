"""The reference trace, held against units that carry their own names."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import trace
from ledger.core.errors import MalformedError
from ledger.core.trace import Flow, Piece, Provenance

SOURCES = ("source:individual", "source:public")
FUNDS = ("fund:general", "fund:elder", "earmark:general/e-1")
OTHERS = ("grant:G1", "service:S1", "outcome:refund")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(SOURCES + FUNDS + OTHERS[:1]),
        st.sampled_from(FUNDS + OTHERS),
        st.integers(1, 12),
        st.one_of(st.none(), st.integers(0, 30)),  # from which free unit on: None is the first
    ),
    min_size=1,
    max_size=25,
)
ORDERS = st.sampled_from([list, lambda flows: flows[::-1]])  # the order of the flows does not matter


class Named:
    """Accounts as lists of units, each with the name it had at its source; flows as they were given."""

    def __init__(self):
        self.ever = {account: [] for account in FUNDS + OTHERS}  # the name of every position
        self.free = {account: [] for account in FUNDS + OTHERS}  # positions, ascending
        self.given = Counter()
        self.flows = []

    def move(self, seq, giver, taker, amount, start):
        if giver in SOURCES:
            names = [(giver, self.given[giver] + n) for n in range(amount)]
            runs = [(self.given[giver], amount)]
            self.given[giver] += amount
        else:
            at = 0 if start is None else start % max(len(self.free[giver]), 1)
            taken = self.free[giver][at : at + amount]
            self.free[giver] = [p for p in self.free[giver] if p not in set(taken)]
            names = [self.ever[giver][p] for p in taken]
            runs = _runs(taken)
        for out, size in runs:
            self.flows.append(Flow(seq, giver, out, taker, len(self.ever[taker]), size, "CNY"))
            here = range(len(self.ever[taker]), len(self.ever[taker]) + size)
            self.ever[taker] += names[:size]
            names = names[size:]
            self.free[taker] += here

    def where(self):
        """Tell where each unit is now: {name: (account, position)}."""
        return {self.ever[a][p]: (a, p) for a, positions in self.free.items() for p in positions}


def _runs(positions):
    runs = []
    for p in positions:
        if runs and sum(runs[-1]) == p:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((p, 1))
    return runs


def named(steps):
    units = Named()
    for seq, (giver, taker, amount, start) in enumerate(steps):
        if giver != taker:
            units.move(seq, giver, taker, amount, start)
    return units


def tiled(pieces, amount):
    """Check that pieces cover what was asked exactly once, in order."""
    at = 0
    for piece in pieces:
        assert piece.offset == at
        at += piece.hi - piece.lo
    assert at == amount


@given(STEPS, ORDERS)
def test_forward_tells_where_each_unit_is(steps, order):
    units = named(steps)
    where, provenance = units.where(), Provenance(order(units.flows))
    for gift in units.flows:
        if gift.giver in SOURCES:
            pieces = provenance.forward(gift.taker, gift.into, gift.into + gift.amount)
            tiled(pieces, gift.amount)
            for p in pieces:
                for n in range(p.hi - p.lo):
                    assert where[(gift.giver, gift.out + p.offset + n)] == (p.account, p.lo + n)


@given(STEPS, ORDERS)
def test_backward_tells_what_each_unit_was(steps, order):
    units = named(steps)
    provenance = Provenance(order(units.flows))
    for account, names in units.ever.items():
        if names:
            pieces = provenance.backward(account, 0, len(names))
            tiled(pieces, len(names))
            found = [(p.account, position) for p in pieces for position in range(p.lo, p.hi)]
            assert found == names


@given(STEPS)
def test_backward_undoes_forward(steps):
    units = named(steps)
    provenance = Provenance(units.flows)
    for gift in units.flows:
        if gift.giver not in SOURCES:
            continue
        for p in provenance.forward(gift.taker, gift.into, gift.into + gift.amount):
            back = provenance.backward(p.account, p.lo, p.hi)
            tiled(back, p.hi - p.lo)
            assert {piece.account for piece in back} == {gift.giver}
            assert [piece.lo for piece in back] == [gift.out + p.offset + piece.offset for piece in back]


def pooled():
    """Two gifts of 100, a grant of 150 out of both, 120 of it used, 30 returned, 10 of the second refunded."""
    return Provenance(
        [
            Flow(0, "source:individual", 0, "fund:general", 0, 100, "CNY"),
            Flow(1, "source:public", 0, "fund:general", 100, 100, "CNY"),
            Flow(2, "fund:general", 0, "grant:G1", 0, 150, "CNY"),
            Flow(3, "grant:G1", 0, "service:S1", 0, 120, "CNY"),
            Flow(4, "grant:G1", 120, "fund:general", 200, 30, "CNY"),
            Flow(5, "fund:general", 190, "outcome:refund", 0, 10, "CNY"),
        ]
    )


def test_a_gift_is_followed_into_a_pool_and_out_again():
    assert pooled().forward("fund:general", 0, 100) == [Piece("service:S1", 0, 100, 0)]
    assert pooled().forward("fund:general", 100, 200) == [
        Piece("service:S1", 100, 120, 0),
        Piece("fund:general", 200, 230, 20),
        Piece("fund:general", 150, 190, 50),
        Piece("outcome:refund", 0, 10, 90),
    ]


def test_a_service_is_followed_to_the_gifts():
    assert pooled().backward("service:S1", 90, 120) == [
        Piece("source:individual", 90, 100, 0),
        Piece("source:public", 0, 20, 10),
    ]


def test_a_part_of_a_gift_has_its_own_way():
    assert pooled().forward("fund:general", 115, 125) == [
        Piece("service:S1", 115, 120, 0),
        Piece("fund:general", 200, 205, 5),
    ]


def test_what_was_reversed_is_back_at_its_source():
    provenance = Provenance(
        [
            Flow(0, "source:individual", 0, "fund:general", 0, 10, "CNY"),
            Flow(1, "fund:general", 0, "source:individual", 0, 10, "CNY"),
            Flow(2, "source:individual", 10, "fund:general", 10, 5, "CNY"),
        ]
    )
    assert provenance.forward("fund:general", 0, 10) == [Piece("source:individual", 0, 10, 0)]
    assert provenance.backward("fund:general", 10, 15) == [Piece("source:individual", 10, 15, 0)]


def test_flows_that_go_round_are_refused(monkeypatch):
    monkeypatch.setattr(trace, "MAX_STEPS", 100)
    round_and_round = [
        Flow(0, "fund:general", 0, "fund:elder", 0, 10, "CNY"),
        Flow(1, "fund:elder", 0, "fund:general", 0, 10, "CNY"),
    ]
    with pytest.raises(MalformedError, match="do not come to an end"):
        Provenance(round_and_round).forward("fund:general", 0, 10)
