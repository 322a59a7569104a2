"""What the pages of shifts show: one shift with its volunteers, and what its form offers to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.units import HOUR
from ledger.giving.hours import people
from ledger.giving.hours.actions import LONG, Shift, Times, find_shift, is_free, span_of, times_of
from ledger.journal import lookup
from ledger.web.actor import FOUNDATION, PARTIES, Role
from ledger.web.convert import Names, name_of, unit_of
from ledger.web.pages import Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from ledger.giving.hours.people import Volunteer
    from ledger.web.actor import Actor
    from ledger.web.pages import Ref

MINUTES = unit_of(HOUR, None)
OFFERED = 300  # volunteers offered to be signed up

Choice = tuple[str, str]


def minutes_of(minutes: int) -> Quantity:
    """Make a quantity of minutes."""
    return Quantity(minutes, MINUTES)


class Present(NamedTuple):
    """A volunteer at a shift. `minutes` None: not known yet."""

    times: Times
    name: str
    minutes: int | None

    @property
    def code(self) -> str:
        """Return the volunteer's code."""
        return self.times.volunteer

    @property
    def state(self) -> str:
        """Tell whether they are expected, there, or gone."""
        if self.times.came and not self.times.went and self.times.minutes is None:
            return "there"
        return "expected" if self.minutes is None else "gone"

    @property
    def long(self) -> bool:
        """Tell whether they stayed for longer than anybody should."""
        return (self.minutes or 0) > LONG


@dataclass(frozen=True, slots=True)
class ShiftPage:
    """A shift: what it is, who takes part, and whether its hours are on the ledger."""

    shift: Shift
    community: Ref
    organization: Ref | None
    worker: str  # the name
    people: tuple[Present, ...]
    free: bool

    @property
    def minutes(self) -> int:
        """Return the minutes of all."""
        return sum(present.minutes or 0 for present in self.people)

    @property
    def there(self) -> int:
        """Count who is there now."""
        return sum(present.state == "there" for present in self.people)


def shift_page(connection: Connection, book_id: int, code: str) -> ShiftPage:
    """Read a shift with the names of its volunteers; raise NotFoundError."""
    shift = find_shift(connection, book_id, code)
    rows = times_of(connection, shift.id)
    called = people.called(connection, book_id, {times.volunteer for times in rows})
    names = Names(connection, book_id, shift.parties)
    present = [Present(times, called.get(times.volunteer, ""), span_of(times)) for times in rows]
    return ShiftPage(
        shift,
        names.ref(f"community:{shift.community}"),
        names.ref(f"organization:{shift.organization}") if shift.organization else None,
        workers(connection, book_id, [shift.worker]).get(shift.worker, shift.worker) if shift.worker else "",
        tuple(sorted(present, key=lambda one: (one.name or one.code, one.code))),
        is_free(connection, shift),
    )


def offered(connection: Connection, book_id: int, found: ShiftPage, words: str = "") -> tuple[list[Volunteer], bool]:
    """List volunteers of the shift's community and organization who are not signed up; and whether there are more."""
    parties = [party for party in found.shift.parties if not party.startswith("worker:")]
    listed = people.find(connection, book_id, parties, words, limit=OFFERED + 1, open_only=True)
    there = {present.code for present in found.people}
    return [one for one in listed[:OFFERED] if one.code not in there], len(listed) > OFFERED


def by_name(listed: Sequence[Volunteer], found: ShiftPage) -> dict[str, str]:
    """Give the code of each volunteer by code and by name; '' for a name that several have."""
    pairs = {one.code: one.name for one in listed} | {present.code: present.name for present in found.people}
    known: dict[str, str] = {}
    for code, name in pairs.items():
        if name:
            known[name] = "" if name in known else code
    return {**known, **{code: code for code in pairs}}


def workers(connection: Connection, book_id: int, codes: Sequence[str]) -> dict[str, str]:
    """Read the names of social workers by code."""
    return people.called(connection, book_id, codes, "worker")


@dataclass(frozen=True, slots=True)
class Offers:
    """What the form of a shift offers to somebody: own parties first, and only those when the role has one."""

    communities: list[Choice]
    organizations: list[Choice]
    workers: list[Choice]


def offers(connection: Connection, book_id: int, actor: Actor, book: str) -> Offers:
    """List communities, organizations and workers, in five statements."""
    listed = {}
    for role, kind in PARTIES.items():
        found = lookup.objects_of(connection, book_id, kind)
        still = {known.facts["code"]: known.facts for known in found.values() if known.closed is None}
        own = actor.parties(book, role)
        alone = own and not actor.has(book, *FOUNDATION) and actor.roles(book) & PARTIES.keys() == {role}
        codes = [code for code in still if code in own] if alone else list(still)
        called = workers(connection, book_id, codes) if kind == "worker" else {}
        listed[role] = [(code, called.get(code) or name_of(still[code]) or code) for code in codes]
    return Offers(listed[Role.COMMUNITY], listed[Role.ORG_STAFF], listed[Role.SOCIAL_WORKER])
