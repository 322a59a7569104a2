"""Small values that all pages share: units, quantities, references, parts of a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

UnitKind = Literal["money", "goods", "hours"]
Row = TypeVar("Row")
Bucket = Literal[
    "service",  # became a resident service
    "issued",  # goods handed to a recipient
    "expense",  # direct expense, administration, fundraising
    "organization",  # with an organization, not yet used
    "fund",  # still in a fund
    "refunded",  # returned to the donor
    "lost",  # written off
    "moved",  # given to other funds
    "other",  # taken back by a reversal
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
    "moved",
    "other",
)
ELEMENTS: tuple[ElementKey, ...] = (
    "community",
    "organization",
    "worker",
    "volunteer",
    "resource",
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: CNY (scale 2, 元), `N95口罩:个` (goods, 个), volunteer-hour (minutes)."""

    code: str
    name: str
    measure: str
    scale: int
    kind: UnitKind


YUAN = Unit("CNY", "人民币", "元", 2, "money")
"""Money, where no book has to be asked."""


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

    @classmethod
    def turned(cls, number: int, size: int, total: int) -> Self:
        """Turn to a page, or to the last when there are not so many."""
        return cls(min(number, max(1, -(-total // size))), size, total)

    def cut(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows of this page out of all."""
        return list(rows[(self.number - 1) * self.size : self.number * self.size])

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

    `passed` is with organizations and unspent; `held` is still in funds; `moved` went to other funds (of one fund).
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
    moved: int = 0

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
            "moved": self.moved,
        }
        return tuple(Share(bucket, Quantity(amount, self.unit)) for bucket, amount in parts.items() if amount)


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
