"""Provenance: follow units forward from a donation, or backward from a service, exactly.

This is the reference: it works on a list of flows in memory (tests, the offline verifier). `journal.paths` answers the
same questions from the database, and a test holds the two together.

A walk begins and ends at sources; it never passes through one. It ends forward where units lie free: in a fund or a
grant (waiting), in an outcome (used), or back at a source (reversed).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ledger.core.entry import Side, side_of
from ledger.core.errors import MalformedError

MAX_STEPS = 10_000_000


class Flow(NamedTuple):
    """One row of provenance: [out, out + amount) of `giver` became [into, into + amount) of `taker`."""

    seq: int
    giver: str
    out: int
    taker: str
    into: int
    amount: int
    unit: str


class Piece(NamedTuple):
    """Units [lo, hi) on the axis of an account, and where they stood in what was asked: at `offset`."""

    account: str
    lo: int
    hi: int
    offset: int


class Provenance:
    """The flows of one unit, indexed both ways."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._out: dict[str, list[Flow]] = defaultdict(list)
        self._into: dict[str, list[Flow]] = defaultdict(list)
        for flow in flows:
            self._out[flow.giver].append(flow)
            self._into[flow.taker].append(flow)
        for of_account in self._out.values():
            of_account.sort(key=lambda f: f.out)
        for of_account in self._into.values():
            of_account.sort(key=lambda f: f.into)

    def forward(self, account: str, lo: int, hi: int) -> list[Piece]:
        """Tell where the units [lo, hi) of an account are now; pieces in the order of their offset.

        `account` is not a source: begin with what a source's flow became.
        """
        return sorted(self._walk(Piece(account, lo, hi, 0), forward=True), key=lambda p: p.offset)

    def backward(self, account: str, lo: int, hi: int) -> list[Piece]:
        """Tell which units of which sources the units [lo, hi) of an account are."""
        return sorted(self._walk(Piece(account, lo, hi, 0), forward=False), key=lambda p: p.offset)

    def _walk(self, start: Piece, *, forward: bool) -> Iterator[Piece]:
        waiting, steps = [start], 0
        while waiting:
            piece = waiting.pop()
            at = piece.lo
            for near, flow in self._crossing(piece, forward=forward):
                lo, hi = max(piece.lo, near), min(piece.hi, near + flow.amount)
                yield from _gap(piece, at, lo)
                far = flow.into if forward else flow.out
                other = flow.taker if forward else flow.giver
                moved = Piece(other, far + lo - near, far + hi - near, piece.offset + lo - piece.lo)
                if side_of(other) is Side.SOURCE:
                    yield moved
                else:
                    waiting.append(moved)
                at = hi
            yield from _gap(piece, at, piece.hi)
            steps += 1
            if steps > MAX_STEPS:  # a well-formed log has no cycle: positions only ever go to later flows
                raise MalformedError("the flows do not come to an end")

    def _crossing(self, piece: Piece, *, forward: bool) -> list[tuple[int, Flow]]:
        flows: Sequence[Flow] = (self._out if forward else self._into).get(piece.account, ())
        near = [((f.out if forward else f.into), f) for f in flows]
        return [(at, f) for at, f in near if at < piece.hi and at + f.amount > piece.lo]


def _gap(piece: Piece, lo: int, hi: int) -> Iterator[Piece]:
    """Yield the part of a piece that no flow crosses."""
    if lo < hi:
        yield Piece(piece.account, lo, hi, piece.offset + lo - piece.lo)
