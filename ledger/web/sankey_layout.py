"""Where nodes and ribbons of a Sankey lie: columns from left to right, lengths in the picture's own units.

Lengths are floats and never come back as amounts. The same picture always gives the same places: orders are
settled by barycentre and, between equals, by the order in which the picture names its nodes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.web.pages import FlowPicture

SWEEPS = 4  # passes of ordering; more changes nothing in pictures of this size
THINNEST = 1.5


@dataclass(frozen=True, slots=True)
class Frame:
    """Measures: `flow` is the height of the whole gift, `label` the least room of a node's words."""

    width: float
    flow: float
    node: float
    label: float
    gap: float
    margin: float  # room on the right for the words of the ends


@dataclass(slots=True)
class Box:
    """A node, or a place where a ribbon passes a column (`key` None)."""

    key: str | None
    column: int
    amount: int
    x: float = 0.0
    y: float = 0.0  # top
    height: float = 0.0
    room: float = 0.0  # height kept free, around the middle of the node
    before: list[Hop] = field(default_factory=list)
    after: list[Hop] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """Return the height of the middle."""
        return self.y + self.height / 2


@dataclass(slots=True)
class Hop:
    """A part of a ribbon between neighbouring columns; tops of its two ends."""

    source: Box
    target: Box
    amount: int
    thick: float
    y0: float = 0.0
    y1: float = 0.0


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A link: its ends by key and its hops from left to right."""

    source: str
    target: str
    amount: int
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A finished layout; `height` is that of the whole picture."""

    height: float
    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]


def lay_out(picture: FlowPicture, frame: Frame) -> Layout:
    """Place every node and ribbon of `picture`; links must go to a later column."""
    boxes = {node.key: Box(node.key, node.column, 0) for node in picture.nodes}
    columns: list[list[Box]] = [[] for _ in range(1 + max(node.column for node in picture.nodes))]
    for box in boxes.values():
        columns[box.column].append(box)
    whole = sum(link.amount for link in picture.links if boxes[link.source].column == 0)
    scale = frame.flow / max(whole, 1)
    ribbons = tuple(
        Ribbon(link.source, link.target, link.amount, hops)
        for link in picture.links
        for hops in [_hops(boxes[link.source], boxes[link.target], link.amount, scale, columns)]
    )
    for box in (box for column in columns for box in column):
        _measure(box, frame, scale)
    _order(columns)
    height = max(_content(column, frame.gap) for column in columns)
    _place(columns, frame, height)
    for box in (box for column in columns for box in column):
        _stack(box)
    return Layout(height, tuple(box for column in columns for box in column if box.key is not None), ribbons)


def _hops(source: Box, target: Box, amount: int, scale: float, columns: list[list[Box]]) -> tuple[Hop, ...]:
    """Join two boxes by hops, with a passing box in every column between them."""
    thick = max(amount * scale, THINNEST)
    passing = [Box(None, column, amount) for column in range(source.column + 1, target.column)]
    for box in passing:
        columns[box.column].append(box)
    chain = [source, *passing, target]
    hops = tuple(Hop(a, b, amount, thick) for a, b in pairwise(chain))
    for hop in hops:
        hop.source.after.append(hop)
        hop.target.before.append(hop)
    return hops


def _measure(box: Box, frame: Frame, scale: float) -> None:
    """Set the height of a box from what passes it, and the room it keeps."""
    box.amount = max(sum(hop.amount for hop in box.before), sum(hop.amount for hop in box.after))
    ribbons = (sum(hop.thick for hop in box.before), sum(hop.thick for hop in box.after))
    box.height = max(box.amount * scale, THINNEST, *ribbons)
    box.room = box.height if box.key is None else max(box.height, frame.label)


def _order(columns: Sequence[list[Box]]) -> None:
    """Order each column by the mean place of its neighbours, to and fro."""
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for column in columns[1:] if forward else columns[-2::-1]:
            rank = {id(box): number for other in columns for number, box in enumerate(other)}
            means = {id(box): _mean(box, rank, forward=forward) for box in column}
            column.sort(key=lambda box, means=means: means[id(box)])  # type: ignore[misc]


def _mean(box: Box, rank: dict[int, int], *, forward: bool) -> float:
    neighbours = [(hop.source, hop.amount) for hop in box.before]
    if not forward:
        neighbours = [(hop.target, hop.amount) for hop in box.after]
    total = sum(amount for _, amount in neighbours)
    if not total:
        return rank[id(box)]
    return sum(rank[id(other)] * amount for other, amount in neighbours) / total


def _content(column: Sequence[Box], gap: float) -> float:
    return sum(box.room for box in column) + gap * max(len(column) - 1, 0)


def _place(columns: Sequence[list[Box]], frame: Frame, height: float) -> None:
    """Spread the last column over the height; lay each earlier one beside what it leads to."""
    step = (frame.width - frame.margin - frame.node) / max(len(columns) - 1, 1)
    for number in reversed(range(len(columns))):
        column = columns[number]
        free = height - _content(column, frame.gap)
        if number == len(columns) - 1:
            tops = _even(column, frame.gap, free)
        else:
            wanted = [_wanted(box) for box in column]
            tops = _apart(wanted, [box.room for box in column], frame.gap, height)
        for box, top in zip(column, tops, strict=True):
            box.x = number * step
            box.y = top + (box.room - box.height) / 2


def _even(column: Sequence[Box], gap: float, free: float) -> list[float]:
    """Return tops of rooms with the free height shared among the gaps."""
    extra = free / (len(column) - 1) if len(column) > 1 else 0.0
    top, tops = (free / 2 if len(column) == 1 else 0.0), []
    for box in column:
        tops.append(top)
        top += box.room + gap + extra
    return tops


def _wanted(box: Box) -> float:
    """Return the top of the room that puts a box opposite the middle of its targets."""
    total = sum(hop.amount for hop in box.after)
    if not total:
        return 0.0
    return sum(hop.target.middle * hop.amount for hop in box.after) / total - box.room / 2


def _apart(wanted: Sequence[float], rooms: Sequence[float], gap: float, height: float) -> list[float]:
    """Move tops apart, keeping their order and staying within the height."""
    tops, least = [], 0.0
    for top, room in zip(wanted, rooms, strict=True):
        tops.append(max(top, least))
        least = tops[-1] + room + gap
    most = height
    for number in reversed(range(len(tops))):
        tops[number] = min(tops[number], most - rooms[number])
        most = tops[number] - gap
    return tops


def _stack(box: Box) -> None:
    """Lay the ends of a box's ribbons on its two sides, without crossing."""
    after = sorted(box.after, key=lambda hop: hop.target.middle)
    top = box.y + (box.height - sum(hop.thick for hop in after)) / 2
    for hop in after:
        hop.y0, top = top, top + hop.thick
    before = sorted(box.before, key=lambda hop: hop.source.middle)
    top = box.y + (box.height - sum(hop.thick for hop in before)) / 2
    for hop in before:
        hop.y1, top = top, top + hop.thick
