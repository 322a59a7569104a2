"""Free spans of an axis: which units an account still holds, and which of them a draw takes.

An axis is the sequence of the units that one account ever received of one unit, in the order of the ledger: the first
flow into it fills [0, a), the next [a, a + b), and so on. Positions never change and no position is given twice.

The free positions are `holes` (free spans left behind by designated draws, ascending, apart from each other) followed
by the tail [tail, received). A pool of a million gifts that are all unspent is therefore one tail and no hole.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ledger.core.errors import MalformedError, NotFreeError, OverspentError

MAX_AMOUNT = 2**53 - 1
"""Greatest amount and greatest position: what a double, hence JavaScript, holds exactly."""


class Span(NamedTuple):
    """Positions lo ≤ p < hi."""

    lo: int
    hi: int


class Axis(NamedTuple):
    """What one account received and gave of one unit; immutable.

    Invariant: the holes lie below `tail` ≤ `received`, ascend and do not touch, and for every account but a source
    `received` − `given` is the size of the free spans.
    """

    received: int = 0
    given: int = 0
    tail: int = 0
    holes: tuple[Span, ...] = ()
    gifts: int = 0

    @property
    def balance(self) -> int:
        """Units held now; for a source, minus what it has given on balance."""
        return self.received - self.given


def free_spans(axis: Axis) -> tuple[Span, ...]:
    """List the free spans, ascending."""
    return axis.holes + ((Span(axis.tail, axis.received),) if axis.tail < axis.received else ())


def receive(axis: Axis, amount: int, *, gift: bool = False) -> tuple[Axis, int]:
    """Lay `amount` new units at the end; return the axis and their first position."""
    received, given, tail, holes, gifts = axis
    end = received + amount
    if end > MAX_AMOUNT:
        raise MalformedError(
            "an account would have received %(total)s, more than %(most)s in all; use another account",
            total=end,
            most=MAX_AMOUNT,
        )
    return Axis(end, given, tail, holes, gifts + gift), received


def issue(axis: Axis, amount: int) -> tuple[Axis, int]:
    """Create `amount` units at a source; return the axis and their first position (its running total)."""
    received, given, tail, holes, gifts = axis
    if given + amount > MAX_AMOUNT:
        raise MalformedError(
            "a source would have given %(total)s, more than %(most)s in all; use another source",
            total=given + amount,
            most=MAX_AMOUNT,
        )
    return Axis(received, given + amount, tail, holes, gifts), given


def take_first(axis: Axis, amount: int) -> tuple[Axis, tuple[Span, ...]]:
    """Take the lowest free units (first in, first out); return the axis and the pieces, ascending."""
    received, given, tail, holes, gifts = axis
    if amount > received - given:
        raise OverspentError("%(amount)s asked, %(held)s held", amount=amount, held=received - given)
    pieces: list[Span] = []
    left, used = amount, 0
    for lo, hi in holes:
        if hi - lo > left:
            break
        pieces.append(Span(lo, hi))
        left -= hi - lo
        used += 1
    rest = holes[used:]
    if left:
        lo = rest[0].lo if rest else tail
        pieces.append(Span(lo, lo + left))
        if rest:
            rest = (Span(lo + left, rest[0].hi), *rest[1:])
        else:
            tail += left
    return Axis(received, given + amount, tail, rest, gifts), tuple(pieces)


def take_exactly(axis: Axis, pieces: Iterable[Span]) -> Axis:
    """Take the designated units, all of which must still be free."""
    for lo, hi in pieces:
        axis = _cut(axis, lo, hi)
    return axis


def _cut(axis: Axis, lo: int, hi: int) -> Axis:
    received, given, tail, holes, gifts = axis
    if not 0 <= lo < hi:
        raise MalformedError("[%(lo)s, %(hi)s) is not a span of positions", lo=lo, hi=hi)
    given += hi - lo
    if lo >= tail and hi <= received:
        left = (Span(tail, lo),) if lo > tail else ()
        return Axis(received, given, hi, holes + left, gifts)
    for at, hole in enumerate(holes):
        if hole.lo <= lo and hi <= hole.hi:
            parts = tuple(s for s in (Span(hole.lo, lo), Span(hi, hole.hi)) if s.lo < s.hi)
            return Axis(received, given, tail, holes[:at] + parts + holes[at + 1 :], gifts)
    raise NotFreeError("the units at [%(lo)s, %(hi)s) have been given already", lo=lo, hi=hi)


def overlap(spans: Iterable[Span], limits: Iterable[Span]) -> tuple[Span, ...]:
    """Intersect two lists of spans; ascending, merged."""
    cuts = [Span(max(a.lo, b.lo), min(a.hi, b.hi)) for b in limits for a in spans if a.lo < b.hi and b.lo < a.hi]
    return merge(cuts)


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sort spans and join those that touch or overlap."""
    merged: list[Span] = []
    for lo, hi in sorted(spans):
        if merged and lo <= merged[-1].hi:
            merged[-1] = Span(merged[-1].lo, max(hi, merged[-1].hi))
        else:
            merged.append(Span(lo, hi))
    return tuple(merged)


def size(spans: Iterable[Span]) -> int:
    """Add up the lengths of disjoint spans."""
    return sum(hi - lo for lo, hi in spans)


def first(spans: Iterable[Span], amount: int) -> tuple[Span, ...]:
    """Cut the first `amount` units from spans, in their order; fewer when there are fewer."""
    cut: list[Span] = []
    for lo, hi in spans:
        if amount <= 0:
            break
        cut.append(Span(lo, min(hi, lo + amount)))
        amount -= cut[-1].hi - lo
    return tuple(cut)


def share(value: int, amount: int, lo: int, hi: int) -> int:
    """Value of the units [lo, hi) of a lot of `amount` units worth `value`; parts add up to the whole exactly."""
    return value * hi // amount - value * lo // amount
