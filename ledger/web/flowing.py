"""From the rows of a trace to the picture of it: which places, and how much went between them.

A place is a node at the step where the gift passes it, so that links only go forward. A way that comes back
to a place it has left (a grant returned, then spent again) is drawn without the detour. Small places beyond
a few are drawn as one.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ledger.web.pages import BUCKETS, FlowLink, FlowNode, FlowPicture

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.web.pages import Bucket, Ref, TraceRow, Unit

MOST_ENDS = 8  # services, or recipients, drawn one by one
MOST_WAYS = 5  # funds or organizations drawn one by one at one step
GIFT = "gift"
WAITING = frozenset({"fund", "organization"})


class _Path(NamedTuple):
    """Where one part went: places on the way by step, then the end, and its amount."""

    ways: tuple[str, ...]
    bucket: Bucket
    end: str
    amount: int


class _Spot(NamedTuple):
    """A node to be: at a step (from 1) or in a bucket; `shared` by so many places."""

    key: str
    shared: int


_Spots = dict[tuple[int | str, str], _Spot]


def picture_of(unit: Unit, rows: Iterable[TraceRow]) -> FlowPicture:
    """Draw `rows` (all of them) as nodes and links; the links into the ends sum to the gift."""
    given = tuple(rows)
    refs = {ref.address: ref for row in given for ref in (*row.through, row.what)}
    paths = [_path(row) for row in given if row.quantity.amount > 0]
    spots = _spots(paths)
    amounts: dict[tuple[str, str], int] = defaultdict(int)
    for path in paths:
        keys = _keys(path, spots)
        for pair in pairwise(keys):
            amounts[pair] += path.amount
    links = tuple(FlowLink(source, target, amount) for (source, target), amount in sorted(amounts.items()))
    return FlowPicture(unit, _nodes(paths, spots, refs), links)


def _path(row: TraceRow) -> _Path:
    """Return the way of a row without detours; what waits has its last place on the way too."""
    ways: list[str] = []
    for ref in (*row.through, *((row.what,) if row.bucket in WAITING else ())):
        if ref.address in ways:
            del ways[ways.index(ref.address) + 1 :]
        else:
            ways.append(ref.address)
    return _Path(tuple(ways), row.bucket, row.what.address, row.quantity.amount)


def _spots(paths: Sequence[_Path]) -> _Spots:
    """Give every (step or bucket, place) its node; the smallest places beyond a few share one."""
    sums: dict[int | str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for path in paths:
        for step, place in enumerate(path.ways, 1):
            sums[step][place] += path.amount
        sums[path.bucket][path.end] += path.amount
    spots: _Spots = {}
    for at, amounts in sums.items():
        most = MOST_WAYS if isinstance(at, int) else MOST_ENDS
        ranked = sorted(amounts, key=lambda place: (-amounts[place], place))
        alone = len(ranked) if len(ranked) <= most else most - 1
        for place in ranked[:alone]:
            spots[at, place] = _Spot(f"{at}/{place}", 1)
        for place in ranked[alone:]:
            spots[at, place] = _Spot(f"{at}", len(ranked) - alone)
    return spots


def _keys(path: _Path, spots: _Spots) -> list[str]:
    """Return the keys of the nodes that a path passes, from the gift to the end."""
    ways = [spots[step, place].key for step, place in enumerate(path.ways, 1)]
    return [GIFT, *ways, spots[path.bucket, path.end].key]


def _nodes(paths: Sequence[_Path], spots: _Spots, refs: Mapping[str, Ref]) -> tuple[FlowNode, ...]:
    """Return every node once: the gift, then by step, ends by bucket and key."""
    last = 1 + max((len(path.ways) for path in paths), default=0)
    nodes: dict[str, FlowNode] = {}
    for (at, place), (key, shared) in spots.items():
        ref = refs[place] if shared == 1 else None
        bucket = next((known for known in BUCKETS if known == at), None)
        column = at if isinstance(at, int) else last
        nodes[key] = FlowNode(key, "way" if bucket is None else "end", column, ref, bucket, shared)
    order = {bucket: number for number, bucket in enumerate(BUCKETS)}
    ranked = sorted(nodes.values(), key=lambda n: (n.column, order[n.bucket] if n.bucket else -1, n.key))
    return (FlowNode(GIFT, "gift", 0), *ranked)
