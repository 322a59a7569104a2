"""What the public pages of projects, organizations, communities and campaigns show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from ledger.web.pages import BookRef, Bucket, Pager, Quantity, Ref, ServiceCard, Share, Unit


@dataclass(frozen=True, slots=True)
class Cutoff:
    """Up to where figures count: entries with numbers below `size`, the last recorded at `moment`."""

    size: int
    moment: datetime | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a reader asked of a list."""

    search: str = ""
    sort: str = "newest"
    state: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A row of a table that adds up: what, how much, and what it means when it is a use."""

    what: Ref
    quantity: Quantity
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One unit: `givers` and `uses` both add up to `received`."""

    unit: Unit
    givers: tuple[Part, ...]
    uses: tuple[Part, ...]
    shares: tuple[Share, ...]
    received: Quantity
    used: Quantity
    held: Quantity
    returned: Quantity


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of a grant as agreed, and what was paid of it by which entries; `number` 0: paid outside the agreement."""

    number: int
    amount: Quantity | None
    due: date | None
    condition: str
    paid: Quantity
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant; `used + returned + held = paid`."""

    grant: Ref
    organization: Ref | None
    project: Ref | None
    fund: Ref | None
    dated: date
    seq: int
    closed: bool
    instalments: tuple[Instalment, ...]
    awarded: Quantity
    paid: Quantity
    used: Quantity
    returned: Quantity
    held: Quantity


@dataclass(frozen=True, slots=True)
class Grants:
    """A page of grants, and the sums of all of them."""

    rows: tuple[GrantRow, ...]
    pager: Pager
    awarded: Quantity
    paid: Quantity
    used: Quantity
    returned: Quantity
    held: Quantity


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A line of a budget and what entries state was spent on it; `line` empty: stated on no line of the budget."""

    line: str
    name: str
    category: str
    budget: int
    actual: int


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget; its `actual` adds up to what was used. `size`: lines are sorted up to this entry."""

    lines: tuple[BudgetLine, ...]
    budget: int
    actual: int
    size: int


@dataclass(frozen=True, slots=True)
class Need:
    """A need of a community. `state`: open, met, withdrawn. `residents` 1: fewer than five."""

    code: str
    title: str
    category: str
    community: Ref | None
    raised: date | None
    raised_by: str
    residents: int
    wanted: tuple[Quantity, ...]
    state: str
    seq: int
    closed: int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision that allowed something."""

    ref: Ref
    seq: int
    dated: date
    votes: tuple[int, int, int]  # for, against, abstained
    adopted: bool


@dataclass(frozen=True, slots=True)
class ServiceList:
    """A page of the services that name something; `residents` counts each time, at least so many when some are few."""

    cards: tuple[ServiceCard, ...]
    pager: Pager
    residents: int
    some_hidden: bool
    by_kind: tuple[tuple[str, int, int], ...]  # kind, services, residents


@dataclass(frozen=True, slots=True)
class Published:
    """A disclosure about something."""

    ref: Ref
    seq: int
    dated: date
    corrected: bool


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """One project."""

    book: BookRef
    cutoff: Cutoff
    project: Ref
    opened: int
    closed: bool
    plan: str
    lead: str
    starts: date | None
    ends: date | None
    organization: Ref | None
    fund: Ref | None
    communities: tuple[Ref, ...]
    decision: Decision | None
    needs: tuple[Need, ...]
    money: Account | None
    others: tuple[Account, ...]
    budget: Budget | None
    grants: Grants
    services: ServiceList
    published: tuple[Published, ...]


@dataclass(frozen=True, slots=True)
class OrganizationPage:
    """One organization."""

    book: BookRef
    cutoff: Cutoff
    organization: Ref
    kind: str
    opened: int
    closed: bool
    projects: tuple[Ref, ...]
    projects_pager: Pager
    money: Account | None
    others: tuple[Account, ...]
    grants: Grants
    services: ServiceList
    published: tuple[Published, ...]


@dataclass(frozen=True, slots=True)
class CommunityPage:
    """One community; `needs_by_state` counts open, met and withdrawn."""

    book: BookRef
    cutoff: Cutoff
    community: Ref
    street: str
    opened: int
    closed: bool
    needs: tuple[Need, ...]
    needs_pager: Pager
    needs_by_state: dict[str, int]
    state: str
    projects: tuple[Ref, ...]
    money: Account | None
    others: tuple[Account, ...]
    services: ServiceList
    published: tuple[Published, ...]


@dataclass(frozen=True, slots=True)
class GiftDay:
    """What a campaign received on a day."""

    day: date
    gifts: int
    quantity: Quantity
    running: Quantity


@dataclass(frozen=True, slots=True)
class Fate:
    """Where the money of a campaign is now; `parts` add up to what was received."""

    parts: tuple[Part, ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """One campaign."""

    book: BookRef
    cutoff: Cutoff
    campaign: Ref
    description: str
    fund: Ref | None
    opened: int
    closed: bool
    starts: date | None
    ends: date | None
    emergency: bool
    target: Quantity | None
    received: Quantity
    gifts: int
    days: tuple[GiftDay, ...]
    days_pager: Pager
    sources: tuple[tuple[Part, int], ...]
    goods: tuple[tuple[Quantity, int], ...]  # other units, and how many gifts
    fate: Fate | None
    services: ServiceList
    published: tuple[Published, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list. `state`: planned, running, ended, closed. `second`: gifts, open needs … as the list says."""

    ref: Ref
    state: str
    under: tuple[Ref, ...]
    lead: str
    starts: date | None
    ends: date | None
    target: Quantity | None
    services: int
    residents: int
    second: int
    shares: tuple[Share, ...]
    received: Quantity
    used: Quantity
    held: Quantity


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list; `total` counts all there are, whatever was searched for."""

    book: BookRef
    cutoff: Cutoff
    kind: str
    lines: tuple[Line, ...]
    pager: Pager
    total: int
    chosen: Chosen
    sorts: tuple[str, ...]
