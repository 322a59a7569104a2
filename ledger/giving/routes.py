"""From the steps of a walk to the routes of a gift: by which places each part came to where it is now.

A step that a later entry took back, and that taking back, are left out of a route: the part stands where it stood
before. Only the reversal of the gift itself stays, since it is what became of the gift.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Optional

from ledger.core.errors import CorruptError
from ledger.journal.paths import Step, gaps


class Hop(NamedTuple):
    """A place on a route: the axis, the entry that brought the units there, and the place before."""

    axis: int
    seq: int
    before: Optional["Hop"]


class Route(NamedTuple):
    """A part of a gift: the axes it passed and is on (the last), the entry that brought it there, its amount."""

    axes: tuple[int, ...]
    seq: int
    amount: int


class Move(NamedTuple):
    """What one entry moved of a gift from one axis to another."""

    seq: int
    giver: int
    taker: int
    amount: int


_Piece = tuple[int, int]  # axis and first position: no two pieces of a walk share them


def routes(steps: Sequence[Step], donation: int, undone: Mapping[int, int]) -> list[Route]:
    """Give the routes of the donation of entry `donation`, summed where they are alike.

    `undone`: by the number of each reversing entry, which entry it took back. The amounts add up to the gift exactly.
    """
    hops = _hops(steps, donation, undone)
    at: dict[int, list[int]] = defaultdict(list)
    for axis, lo in sorted(hops):
        at[axis].append(lo)
    sums: dict[Hop, int] = defaultdict(int)
    for gap in gaps(steps):
        lows = at[gap.axis]
        sums[hops[gap.axis, lows[bisect_right(lows, gap.lo) - 1]]] += gap.hi - gap.lo
    whole = steps[0].hi - steps[0].lo
    if sum(sums.values()) != whole:
        raise CorruptError(
            "the parts of donation %(donation)s add up to %(parts)s, not to %(whole)s",
            donation=donation,
            parts=sum(sums.values()),
            whole=whole,
        )
    merged: dict[tuple[tuple[int, ...], int], int] = defaultdict(int)
    for hop, amount in sums.items():
        merged[tuple(reversed([h.axis for h in _back(hop)])), hop.seq] += amount
    return [Route(axes, seq, amount) for (axes, seq), amount in merged.items()]


def moves(steps: Sequence[Step]) -> list[Move]:
    """Sum what each entry moved, in the order of the ledger."""
    sums: dict[tuple[int, int, int], int] = defaultdict(int)
    for step in steps:
        if step.near >= 0:
            sums[step.seq, step.near, step.axis] += step.hi - step.lo
    return [Move(*key, amount) for key, amount in sorted(sums.items())]


def _back(hop: Hop | None) -> Iterator[Hop]:
    while hop is not None:
        yield hop
        hop = hop.before


def _hops(steps: Sequence[Step], donation: int, undone: Mapping[int, int]) -> dict[_Piece, Hop]:
    """Find where each piece of the walk stands once reversed pairs are left out."""
    pieces = {(step.axis, step.lo): step for step in steps}
    known: dict[_Piece, Hop] = {}
    for step in steps:
        climb = [step]
        while (climb[-1].near, climb[-1].near_lo) in pieces and (climb[-1].axis, climb[-1].lo) not in known:
            climb.append(pieces[climb[-1].near, climb[-1].near_lo])
        for piece in reversed(climb):
            if (piece.axis, piece.lo) not in known:
                before = known.get((piece.near, piece.near_lo))
                known[piece.axis, piece.lo] = _hop(piece, before, donation, undone)
    return known


def _hop(piece: Step, before: Hop | None, donation: int, undone: Mapping[int, int]) -> Hop:
    if before is None:
        return Hop(piece.axis, donation, None)
    if before.before is not None and undone.get(piece.seq) == before.seq:
        return before.before
    return Hop(piece.axis, piece.seq, before)
