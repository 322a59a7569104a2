"""What the pages of services show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from ledger.web.pages.values import (
        BookRef,
        Check,
        ElementKey,
        FundShare,
        Pager,
        Quantity,
        Ref,
        SourceShare,
    )


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
    """A page of services and what can be chosen; `undone` counts those reversed, when all are listed."""

    book: BookRef
    services: tuple[ServiceCard, ...]
    pager: Pager
    chosen: ServiceFilter
    communities: tuple[Ref, ...]
    kinds: tuple[str, ...]
    years: tuple[int, ...]
    undone: int = 0


@dataclass(frozen=True, slots=True)
class ResourceLine:
    """A resource a service used: what, out of what, its fair value, by which entry."""

    quantity: Quantity
    giver: Ref
    seq: int
    value: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Backward trace in one unit: how many gifts made it, from when to when; never who.

    `otherwise` is what came as no gift: income, hours given on the spot; the dates are those of the gifts, if any.
    """

    quantity: Quantity
    gifts: int
    earliest: date
    latest: date
    by_source: tuple[SourceShare, ...]
    by_fund: tuple[FundShare, ...]
    otherwise: int = 0


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
