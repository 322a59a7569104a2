"""Spans of an axis, held against a set of integers that does the same the slow way."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.errors import MalformedError, NotFreeError, OverspentError
from ledger.core.spans import (
    MAX_AMOUNT,
    Axis,
    Span,
    first,
    free_spans,
    issue,
    merge,
    overlap,
    receive,
    share,
    size,
    take_exactly,
    take_first,
)

POSITIONS = st.integers(0, 40)
SPAN = st.tuples(POSITIONS, st.integers(1, 8)).map(lambda s: Span(s[0], s[0] + s[1]))
SPANS = st.lists(SPAN, max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.integers(1, 12)),
        st.tuples(st.just("first"), st.integers(1, 20)),
        st.tuples(st.just("exactly"), st.lists(SPAN, min_size=1, max_size=1)),
        st.tuples(st.just("exactly"), SPANS.filter(bool)),
    ),
    max_size=40,
)


def units(spans):
    return {position for lo, hi in spans for position in range(lo, hi)}


def runs(positions):
    """Write a set of positions as its longest spans, ascending."""
    found = []
    for position in sorted(positions):
        if found and found[-1].hi == position:
            found[-1] = Span(found[-1].lo, position + 1)
        else:
            found.append(Span(position, position + 1))
    return tuple(found)


class Naive:
    """An axis as a set of the positions that are free."""

    def __init__(self):
        self.received, self.free, self.given = 0, set(), []

    def receive(self, amount):
        self.free |= set(range(self.received, self.received + amount))
        self.received += amount

    def first(self, amount):
        """Take the lowest; None when there are not enough."""
        if amount > len(self.free):
            return None
        return self._give(sorted(self.free)[:amount])

    def exactly(self, spans):
        """Take these; None when one is not free, or asked for twice."""
        asked = [position for span in spans for position in range(*span)]
        if len(asked) != len(set(asked)) or not set(asked) <= self.free:
            return None
        return self._give(asked)

    def _give(self, positions):
        self.free -= set(positions)
        self.given += positions
        return positions


def follow(axis, naive, step):
    """Take one step on both; return the axis after it."""
    what, argument = step
    if what == "receive":
        axis, at = receive(axis, argument)
        assert at == naive.received
        naive.receive(argument)
    elif what == "first":
        expected = naive.first(argument)
        if expected is None:
            with pytest.raises(OverspentError):
                take_first(axis, argument)
        else:
            axis, pieces = take_first(axis, argument)
            assert pieces == runs(expected)
    elif naive.exactly(argument) is None:
        with pytest.raises(NotFreeError):
            take_exactly(axis, argument)
    else:
        axis = take_exactly(axis, argument)
    return axis


@given(STEPS)
def test_any_sequence_agrees_with_a_set_of_positions(steps):
    axis, naive = Axis(), Naive()
    for step in steps:
        axis = follow(axis, naive, step)
        assert free_spans(axis) == runs(naive.free)
        assert axis.received == naive.received
        assert axis.balance == len(naive.free)
    assert len(naive.given) == len(set(naive.given)), "a position was given twice"
    assert set(naive.given) | naive.free == set(range(axis.received))


@given(STEPS)
def test_holes_ascend_apart_below_the_tail(steps):
    axis, naive = Axis(), Naive()
    for step in steps:
        axis = follow(axis, naive, step)
        edges = [edge for hole in axis.holes for edge in hole]
        assert edges == sorted(set(edges)), "holes touch, overlap or are empty"
        assert all(hole.hi < axis.tail for hole in axis.holes)
        assert axis.tail <= axis.received


@given(STEPS, st.integers(1, 30))
def test_first_in_first_out_takes_the_lowest(steps, amount):
    axis, naive = Axis(), Naive()
    for step in steps:
        axis = follow(axis, naive, step)
    before = units(free_spans(axis))
    if amount > axis.balance:
        with pytest.raises(OverspentError, match=f"{amount} asked, {axis.balance} held"):
            take_first(axis, amount)
        return
    after, pieces = take_first(axis, amount)
    taken = units(pieces)
    assert len(taken) == amount == size(pieces)
    assert taken | units(free_spans(after)) == before
    assert not units(free_spans(after)) or max(taken) < min(units(free_spans(after)))


def test_a_designated_draw_leaves_a_hole_that_the_next_draw_fills_first():
    axis, _ = receive(Axis(), 100)
    axis = take_exactly(axis, [Span(40, 60)])
    assert free_spans(axis) == (Span(0, 40), Span(60, 100))
    assert axis.tail == 60
    axis, pieces = take_first(axis, 50)
    assert pieces == (Span(0, 40), Span(60, 70))
    assert axis == Axis(100, 70, 70, ())


def test_a_designated_draw_may_split_a_hole():
    axis, _ = receive(Axis(), 100)
    axis = take_exactly(axis, [Span(50, 60), Span(10, 20), Span(0, 10), Span(45, 50)])
    assert axis.holes == (Span(20, 45),)
    assert free_spans(axis) == (Span(20, 45), Span(60, 100))


@pytest.mark.parametrize("piece", [(-1, 3), (3, 3), (5, 4)])
def test_what_is_not_a_span_is_refused(piece):
    axis, _ = receive(Axis(), 10)
    with pytest.raises(MalformedError, match="not a span"):
        take_exactly(axis, [Span(*piece)])


@pytest.mark.parametrize("piece", [(0, 1), (1, 3), (3, 5), (1, 8), (8, 11), (10, 11)])
def test_units_given_or_never_received_are_not_free(piece):
    axis, _ = receive(Axis(), 10)
    axis = take_exactly(take_exactly(axis, [Span(0, 2)]), [Span(4, 6)])
    with pytest.raises(NotFreeError, match="have been given already"):
        take_exactly(axis, [Span(*piece)])


def test_a_refused_draw_leaves_the_axis():
    axis, _ = receive(Axis(), 10)
    kept = tuple(axis)
    with pytest.raises(NotFreeError):
        take_exactly(axis, [Span(0, 5), Span(4, 6)])
    assert tuple(axis) == kept


def test_an_axis_counts_the_gifts_laid_on_it():
    axis, _ = receive(Axis(), 10, gift=True)
    axis, _ = receive(axis, 10)
    axis, at = receive(axis, 10, gift=True)
    assert (axis.gifts, at) == (2, 20)


def test_a_source_gives_its_running_total():
    axis, out = issue(Axis(), 10)
    assert out == 0
    axis, out = issue(axis, 5)
    assert (out, axis.given, axis.balance) == (10, 15, -15)


@pytest.mark.parametrize("grow", [receive, issue])
def test_no_position_is_beyond_what_javascript_reads(grow):
    axis, _ = grow(Axis(), MAX_AMOUNT)
    with pytest.raises(MalformedError, match=str(MAX_AMOUNT)):
        grow(axis, 1)
    with pytest.raises(MalformedError):
        grow(Axis(), MAX_AMOUNT + 1)


@given(SPANS)
def test_merge_gives_the_longest_spans(spans):
    assert merge(spans) == runs(units(spans))


@given(SPANS, SPANS)
def test_overlap_is_the_intersection(spans, limits):
    assert overlap(spans, limits) == runs(units(spans) & units(limits))


@given(SPANS, st.integers(0, 60))
def test_first_cuts_the_beginning(spans, amount):
    spans = merge(spans)
    cut = first(spans, amount)
    assert size(cut) == min(amount, size(spans))
    assert sorted(units(cut)) == sorted(units(spans))[:amount]


@given(st.integers(0, MAX_AMOUNT), st.lists(st.integers(0, 1000), min_size=1, max_size=6))
def test_shares_of_a_value_add_up_to_it(value, cuts):
    edges = sorted({0, 1000, *cuts})
    parts = [share(value, 1000, lo, hi) for lo, hi in pairwise(edges)]
    assert sum(parts) == value
    assert all(part >= 0 for part in parts)
