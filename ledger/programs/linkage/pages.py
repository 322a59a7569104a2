"""What the pages of the linkage show: frozen values that queries fill, pictures draw and templates read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from ledger.programs.linkage.ages import Age
    from ledger.programs.linkage.chosen import Chosen
    from ledger.programs.linkage.pipeline import Pipeline
    from ledger.programs.linkage.scoring import Tally
    from ledger.programs.linkage.sustain import Living
    from ledger.web.pages import BookRef, ElementKey, Pager, Quantity, Ref, Unit


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen."""

    years: tuple[str, ...]
    funds: tuple[Ref, ...]
    communities: tuple[Ref, ...]
    organizations: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A community or a project with its services."""

    ref: Ref
    tally: Tally
    lead: str = ""
    organization: Ref | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """A month with its services, and the parties proven for the first time in it (a mask)."""

    month: str
    tally: Tally
    first: int = 0


@dataclass(frozen=True, slots=True)
class Lead:
    """All projects led by one party; "" for services of no project."""

    lead: str
    projects: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Pending:
    """What was awarded and not yet paid: how many awards, how much (fen), since when."""

    awards: int
    amount: int
    oldest: date | None
    median: date | None


@dataclass(frozen=True, slots=True)
class Flow:
    """The stages of one unit, how long what waits at each has been waiting, and what is awarded but not paid."""

    unit: Unit
    pipeline: Pipeline
    funds: Age | None
    organizations: Age | None
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class Warn:
    """Something to act on. `kind` says which sentence; `parties` are the addresses whose own people it concerns."""

    kind: str
    ref: Ref
    keys: tuple[ElementKey, ...] = ()
    groups: tuple[tuple[ElementKey, ...], ...] = ()
    count: int = 0
    of: int = 0
    days: int = 0
    quantity: Quantity | None = None
    parties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A dot: a service, or several of a month with the same parties; `at` is its day, or the first of its month."""

    at: date
    mask: int
    named: int
    count: int = 1
    code: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Tracks:
    """A year of events. `single`: each dot is one service; else they are gathered by month."""

    year: str
    single: bool
    events: tuple[Event, ...]
    tally: Tally
    gathered: tuple[Event, ...] = ()  # by month, for where there is little room


@dataclass(frozen=True, slots=True)
class Covered:
    """How many entries the figures cover, of how many."""

    upto: int
    size: int
    as_of: datetime | None

    @property
    def behind(self) -> int:
        """Return how many entries are still to be read."""
        return self.size - self.upto


@dataclass(frozen=True, slots=True)
class LinkagePage:
    """The overview, public and of the desk. `flow` is the unit looked at, of `units`."""

    book: BookRef
    chosen: Chosen
    choices: Choices
    covered: Covered
    tally: Tally
    months: tuple[Month, ...]
    communities: tuple[Row, ...]
    communities_pager: Pager
    projects: tuple[Row, ...]
    pager: Pager  # of projects
    leads: tuple[Lead, ...]
    flow: Flow | None
    units: tuple[Unit, ...]
    living: tuple[Living, ...]
    today: date
    apart: int = 0  # projects whose parties never meet
    warnings: tuple[Warn, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant of a project: what was awarded, paid, returned, and what the organization still holds."""

    ref: Ref
    dated: date
    amount: Quantity
    paid: Quantity
    returned: Quantity
    held: Quantity


@dataclass(frozen=True, slots=True)
class PlacePage:
    """A community or a project: `rows` are its projects, or the communities where it works."""

    book: BookRef
    ref: Ref
    chosen: Chosen
    choices: Choices
    covered: Covered
    tally: Tally
    months: tuple[Month, ...]
    tracks: Tracks | None
    rows: tuple[Row, ...]
    organization: Ref | None = None
    lead: str = ""
    named: tuple[Ref, ...] = ()  # communities that a project names
    grants: tuple[GrantRow, ...] = ()
    closed: bool = False
    strangers: tuple[tuple[ElementKey, ElementKey], ...] = ()
    groups: tuple[tuple[ElementKey, ...], ...] = ()
    apart: bool = False
    years: tuple[str, ...] = field(default=())
