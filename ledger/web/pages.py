"""What the public pages show: frozen values that queries fill and templates read.

No framework, no database, no language: names are data as written on the ledger,
codes (kinds, buckets, roles) are turned into words by `ledger.web.labels`.
Amounts are integers of the unit's smallest part (fen, pieces, minutes).
Every page has `book`; templates receive the page as `view`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime

UnitKind = Literal["money", "goods", "hours"]
Bucket = Literal[
    "service",  # became a resident service
    "issued",  # goods handed to a recipient
    "expense",  # direct expense, administration, fundraising
    "organization",  # with an organization, not yet used
    "fund",  # still in a fund
    "refunded",  # returned to the donor
    "lost",  # written off
    "other",
]
ElementKey = Literal["community", "organization", "worker", "volunteer", "resource"]
FindProblem = Literal["empty", "malformed", "check", "unknown", "limited"]

BUCKETS: tuple[Bucket, ...] = (
    "service",
    "issued",
    "expense",
    "organization",
    "fund",
    "refunded",
    "lost",
    "other",
)
ELEMENTS: tuple[ElementKey, ...] = (
    "community",
    "organization",
    "worker",
    "volunteer",
    "resource",
)


# ---------------------------------------------------------------- small values


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: CNY (scale 2, 元), `N95口罩:个` (goods, 个), volunteer-hour (minutes)."""

    code: str
    name: str
    measure: str
    scale: int
    kind: UnitKind


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of a unit's smallest parts; negative only in postings and differences."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Ref:
    """An object or account by its address (`fund:general`) and its name as written."""

    address: str
    name: str

    @property
    def type(self) -> str:
        """Return what comes before the first colon."""
        return self.address.partition(":")[0]

    @property
    def code(self) -> str:
        """Return what comes after the first colon."""
        return self.address.partition(":")[2]


@dataclass(frozen=True, slots=True)
class BookRef:
    """The book a page belongs to; `foundation` is the legal name that keeps it."""

    code: str
    name: str
    foundation: str


@dataclass(frozen=True, slots=True)
class Pager:
    """One page of a list: `number` from 1, `size` rows a page, `total` rows in all."""

    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """Return the number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """Return the number of the first row shown, from 1; 0 when there is none."""
        return 0 if self.total == 0 else (self.number - 1) * self.size + 1

    @property
    def last_row(self) -> int:
        """Return the number of the last row shown."""
        return min(self.number * self.size, self.total)


@dataclass(frozen=True, slots=True)
class Check:
    """A proof that was really checked: what (`leaf`, `chain`, `journal`), result, when."""

    what: Literal["leaf", "chain", "journal"]
    passed: bool
    at: datetime
    size: int | None = None  # entries covered; None for a single leaf


@dataclass(frozen=True, slots=True)
class LedgerState:
    """Size and head of a book's ledger; `check` is the last verification, if any."""

    entries: int
    newest_hash: str
    newest_recorded: datetime
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Where everything received in one unit is now; the parts sum to `received`.

    `passed` is with organizations and unspent; `held` is still in funds.
    """

    unit: Unit
    received: int
    held: int
    passed: int
    services: int
    issued: int = 0
    expense: int = 0
    refunded: int = 0
    lost: int = 0
    other: int = 0

    @property
    def shares(self) -> tuple[Share, ...]:
        """Return the parts above zero in the order of `BUCKETS`."""
        parts: dict[Bucket, int] = {
            "service": self.services,
            "issued": self.issued,
            "expense": self.expense,
            "organization": self.passed,
            "fund": self.held,
            "refunded": self.refunded,
            "lost": self.lost,
            "other": self.other,
        }
        return tuple(
            Share(bucket, Quantity(amount, self.unit)) for bucket, amount in parts.items() if amount
        )


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole and, when known, the places (funds, organizations) it is in."""

    bucket: Bucket
    quantity: Quantity
    where: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceShare:
    """What one kind of source (`source:individual`) gave, in how many gifts."""

    source: Ref
    quantity: Quantity
    gifts: int


@dataclass(frozen=True, slots=True)
class FundShare:
    """What came by way of one fund."""

    fund: Ref
    quantity: Quantity


# ---------------------------------------------------------------------- ledger


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry in a list, and the sentence of its page.

    `giver`/`receiver` are the flow accounts when there is one pair of them;
    `subject` is what was opened, confirmed or reversed; `quantities` one a unit.
    """

    seq: int
    kind: str
    dated: date
    recorded: datetime
    hash: str
    quantities: tuple[Quantity, ...] = ()
    giver: Ref | None = None
    receiver: Ref | None = None
    subject: Ref | None = None
    memo: str | None = None
    reverses: int | None = None
    reversed_by: int | None = None


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A flow as recorded: `[out, out+amount)` of `giver` became `[in_, …)` of `receiver`."""

    giver: Ref
    out: int
    receiver: Ref
    in_: int
    quantity: Quantity
    value: Quantity | None = None  # fair value of goods, in CNY
    of: int | None = None  # seq of the entry whose resource was designated


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A posting: debit positive, credit negative."""

    account: Ref
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry: `body` is the exact text whose UTF-8 bytes are hashed, `pretty` for reading.

    `by`/`approved_by` are user codes. `previous_hash` is the body's `_prev`.
    """

    book: BookRef
    line: EntryLine
    flows: tuple[FlowRow, ...]
    postings: tuple[PostingRow, ...]
    by: str
    approved_by: str | None
    ref: str | None
    body: str
    pretty: str
    length: int  # bytes of the body
    previous_hash: str
    previous: int | None
    next: int | None
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What the reader asked for; None = all."""

    kind: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Newest entries first; `kinds` are those the book has, for the filter."""

    book: BookRef
    state: LedgerState | None
    entries: tuple[EntryLine, ...]
    pager: Pager
    chosen: LedgerFilter
    kinds: tuple[str, ...]


# -------------------------------------------------------------------- programs


@dataclass(frozen=True, slots=True)
class Element:
    """One of the five parties of a service; `entries` are the seqs that prove it."""

    key: ElementKey
    present: bool
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceConfirmation:
    """Who confirmed by role (`community`, `worker`), the office when public, when, where."""

    role: str
    dated: date
    seq: int
    party: Ref | None = None


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A resident service in a list. `elements` are five, in the order of `ELEMENTS`."""

    code: str
    kind: str
    title: str
    dated: date
    community: Ref | None
    organization: Ref | None
    worker: Ref | None
    residents: int
    elements: tuple[Element, ...]
    resources: tuple[Quantity, ...]  # summed by unit: money, goods, hours
    confirmations: tuple[ServiceConfirmation, ...]
    reversed: bool = False

    @property
    def linkage(self) -> int:
        """Return how many of the five elements are proven, 0 to 5."""
        return sum(element.present for element in self.elements)


@dataclass(frozen=True, slots=True)
class ServiceFilter:
    """What the reader asked for; None = all. `sort`: newest, oldest, residents."""

    community: str | None = None
    kind: str | None = None
    year: int | None = None
    search: str = ""
    sort: str = "newest"


@dataclass(frozen=True, slots=True)
class ServicesPage:
    """A page of services and what can be chosen."""

    book: BookRef
    services: tuple[ServiceCard, ...]
    pager: Pager
    chosen: ServiceFilter
    communities: tuple[Ref, ...]
    kinds: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ResourceLine:
    """A resource a service used: what, out of what, its fair value, by which entry."""

    quantity: Quantity
    giver: Ref
    seq: int
    value: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Backward trace in one unit: how many gifts made it, from when to when; never who."""

    quantity: Quantity
    gifts: int
    earliest: date
    latest: date
    by_source: tuple[SourceShare, ...]
    by_fund: tuple[FundShare, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file kept with the service, by its SHA-256 (hex); `label` as written on the ledger."""

    sha256: str
    label: str
    seq: int


@dataclass(frozen=True, slots=True)
class ServicePage:
    """One service. `reversed_by` is the seq of the entry that took it back."""

    book: BookRef
    card: ServiceCard
    seq: int
    hash: str
    recorded: datetime
    project: Ref | None
    description: str | None
    resources: tuple[ResourceLine, ...]
    origins: tuple[Origin, ...]  # one a unit
    evidence: tuple[Evidence, ...]
    check: Check | None = None
    reversed_by: int | None = None
    reversed_dated: date | None = None
    reversed_reason: str | None = None


# ----------------------------------------------------------------------- funds


@dataclass(frozen=True, slots=True)
class FundCard:
    """A fund in a list; `totals` is its money (received = all that came into it)."""

    code: str
    name: str
    restricted: bool
    closed: bool
    purpose: str | None
    totals: Totals
    gifts: int
    services: int
    newest: date | None


@dataclass(frozen=True, slots=True)
class FundsPage:
    """All funds of a book; open ones first."""

    book: BookRef
    funds: tuple[FundCard, ...]
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class EarmarkLine:
    """An earmark of a fund: what was given for it, what of that still waits."""

    earmark: Ref
    received: Quantity
    held: Quantity


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant out of a fund; `spent + returned + held = paid`, awarded ≥ paid."""

    grant: Ref
    organization: Ref
    project: Ref | None
    dated: date
    seq: int
    awarded: Quantity
    paid: Quantity
    spent: Quantity
    returned: Quantity
    held: Quantity


@dataclass(frozen=True, slots=True)
class FundPage:
    """One fund. `others` are its totals in goods and hours; `entries` newest first."""

    book: BookRef
    card: FundCard
    others: tuple[Totals, ...]
    sources: tuple[SourceShare, ...]
    earmarks: tuple[EarmarkLine, ...]
    grants: tuple[GrantLine, ...]
    services: tuple[ServiceCard, ...]
    entries: tuple[EntryLine, ...]
    pager: Pager  # of `entries`
    as_of: datetime | None


# ----------------------------------------------------------------------- books


@dataclass(frozen=True, slots=True)
class BookCard:
    """A book in the list of an installation that has several."""

    book: BookRef
    received: Quantity
    gifts: int
    services: int
    entries: int
    newest_recorded: datetime | None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """All books of the installation; `book` is always None."""

    books: tuple[BookCard, ...]
    book: None = None


@dataclass(frozen=True, slots=True)
class HomePage:
    """A book's home. `totals`: money first, then hours, then the chief goods.

    `goods_kinds` counts all kinds of goods ever received; `residents` sums services
    (person-times). Figures are cumulative `since` … `as_of`; both None when empty.
    """

    book: BookRef
    totals: tuple[Totals, ...]
    goods_kinds: int
    gifts: int
    services_count: int
    residents: int
    communities: int
    organizations: int
    funds: tuple[FundCard, ...]
    services: tuple[ServiceCard, ...]  # newest first, about six
    state: LedgerState | None
    since: date | None
    as_of: datetime | None


# ---------------------------------------------------------------------- giving


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
    """A place in the picture. `column` grows from the gift (0); `bucket` None on the way."""

    key: str
    kind: Literal["gift", "fund", "organization", "end"]
    name: str  # as written; "" for the gift and for ends without a name
    column: int
    bucket: Bucket | None = None
    link: str | None = None  # address of the object, when it has a page


@dataclass(frozen=True, slots=True)
class FlowLink:
    """An amount between two nodes, by their keys."""

    source: str
    target: str
    amount: int


@dataclass(frozen=True, slots=True)
class FlowPicture:
    """Nodes and links of a Sankey, in one unit."""

    unit: Unit
    nodes: tuple[FlowNode, ...]
    links: tuple[FlowLink, ...]


@dataclass(frozen=True, slots=True)
class TracePage:
    """One gift followed forward. `shares` and `rows` + `rest` each sum to the gift.

    `code` is the normalised tracking code without separators. `services` are the newest few
    of `service_count`. `rule`: `fifo`, or `earmark` when the gift had one.
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
