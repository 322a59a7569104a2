"""What the pages of a gift show: the form for a code, and the trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime

    from ledger.web.pages.programs import ServiceCard
    from ledger.web.pages.values import BookRef, Bucket, Check, FindProblem, Quantity, Ref, Share, Unit


@dataclass(frozen=True, slots=True)
class FindPage:
    """The form for a tracking code; `book` None at `/trace`; `retry_after` in seconds."""

    book: BookRef | None
    typed: str = ""
    problem: FindProblem | None = None
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Gift:
    """The gift of a trace. `value` is the fair value of goods; `donor` only with consent."""

    seq: int
    hash: str
    dated: date
    recorded: datetime
    quantity: Quantity
    source: Ref
    fund: Ref
    earmark: Ref | None = None
    value: Quantity | None = None
    donor: str | None = None


@dataclass(frozen=True, slots=True)
class GiftsTogether:
    """Several gifts of one unit, and what became of them; `shares` sum to `quantity`."""

    quantity: Quantity
    gifts: int
    shares: tuple[Share, ...]
    service_count: int


@dataclass(frozen=True, slots=True)
class PieceOfService:
    """What part of the gift is in a service."""

    card: ServiceCard
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Waiting:
    """What part waits, in which fund or with which organization, and since when."""

    bucket: Bucket  # "fund" or "organization"
    where: Ref
    quantity: Quantity
    since: date
    days: int
    seq: int
    project: Ref | None = None


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One step of the gift, newest or oldest first as the query gives it."""

    seq: int
    kind: str
    dated: date
    quantity: Quantity
    giver: Ref
    receiver: Ref
    collapsed: bool = False  # one of a reversed pair, shown only in full


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A line of the table that adds up; `running` is the sum up to and with this row."""

    bucket: Bucket
    what: Ref  # service, recipient, fund, organization, outcome
    through: tuple[Ref, ...]  # fund, organization … on the way
    dated: date
    seq: int
    quantity: Quantity
    running: int


@dataclass(frozen=True, slots=True)
class Rest:
    """Rows not shown: how many and their sum."""

    count: int
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class FlowNode:
    """A place in the picture. `column` grows from the gift (0); `bucket` None on the way.

    `count` > 1: that many places drawn as one, without `ref`.
    """

    key: str
    kind: Literal["gift", "way", "end"]
    column: int
    ref: Ref | None = None  # None for the gift and for several together
    bucket: Bucket | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class FlowLink:
    """An amount between two nodes, by their keys."""

    source: str
    target: str
    amount: int


@dataclass(frozen=True, slots=True)
class FlowPicture:
    """Nodes and links of a Sankey, in one unit. Made by `ledger.web.flowing.picture_of`."""

    unit: Unit
    nodes: tuple[FlowNode, ...]
    links: tuple[FlowLink, ...]


@dataclass(frozen=True, slots=True)
class TracePage:
    """One gift followed forward. `shares` and `rows` + `rest` each sum to the gift.

    `code` is the normalised tracking code without separators. `services` are the newest few
    of `service_count`. `rule`: `fifo`, or `earmark` when the gift had one.
    `picture` is `picture_of(unit, all rows)`.
    `reversed_pairs` counts collapsed pairs; `full` = they are shown.
    """

    book: BookRef
    code: str
    gift: Gift
    shares: tuple[Share, ...]
    service_count: int
    services: tuple[PieceOfService, ...]
    waiting: tuple[Waiting, ...]
    events: tuple[TraceEvent, ...]
    events_total: int
    rows: tuple[TraceRow, ...]
    rest: Rest | None
    picture: FlowPicture
    rule: Literal["fifo", "earmark"]
    reversed_pairs: int
    full: bool
    as_of: datetime
    check: Check | None = None
    confirmation: bool = True  # a PDF can be had
