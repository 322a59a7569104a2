"""Campaigns: what each has received so far, by day.

What was counted once is kept (`campaign_sums`) with the number of the entry up to which it was counted; a page reads
only what came since. Received is what gifts brought, less gifts that were reversed; refunds are not taken off.
"""

from __future__ import annotations

import json
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, cast, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ledger.core.errors import NotFoundError
from ledger.giving.intake.tables import campaign_sums
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.engine import write_transaction
from ledger.web.convert import Names, day, name_of
from ledger.web.pages import Ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from sqlalchemy import Connection, Engine

    from ledger.journal.read import BookRow
    from ledger.web.pages import Quantity

BEHIND = 2_000  # entries of the book since the sums were kept last, after which they are kept anew
KEEP_FROM = 200  # entries read since the sums were kept last: from here on they are kept anew

m, h, f, a, s = t.mentions.c, t.headers.c, t.flows.c, t.axes.c, campaign_sums.c

Days = dict[str, dict[str, list[int]]]
"""By day, by unit: how many gifts, and how much."""


class Sums(NamedTuple):
    """What a campaign received up to, not with, an entry; `fresh`: entries read just now, since entry `kept`."""

    until: int
    days: Days
    fresh: int = 0
    kept: int = 0

    @property
    def stale(self) -> bool:
        """Tell whether it is time to keep it anew: much was read, or might have to be."""
        return self.fresh >= KEEP_FROM or self.until - self.kept >= BEHIND

    def total(self, unit: str) -> int:
        """Return how much of a unit it received."""
        return sum(units[unit][1] for units in self.days.values() if unit in units)

    @property
    def gifts(self) -> int:
        """Return how many gifts it received."""
        return sum(count for units in self.days.values() for count, _ in units.values())


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign: its facts, and what it received so far."""

    ref: Ref
    fund: Ref
    starts: date
    ends: date | None
    emergency: bool
    target: Quantity | None
    description: str
    opened: int
    closed: bool
    gifts: int
    money: Quantity
    others: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class CampaignDay:
    """What came on one day."""

    day: date
    gifts: int
    money: Quantity
    others: tuple[Quantity, ...]


def read_sums(connection: Connection, book: BookRow, codes: Collection[str]) -> dict[str, Sums]:
    """Read what campaigns received so far, in three statements."""
    if not codes:
        return {}
    kept = _kept(connection, book, codes)
    days: dict[str, Days] = {code: kept[code].days if code in kept else {} for code in codes}
    own: set[str] = set()
    since = min(kept[code].until if code in kept else 0 for code in codes)
    fresh: dict[str, int] = defaultdict(int)
    for code, dated, unit, gifts, amount in (
        *_since(connection, book, codes, since, undone=False),
        *_since(connection, book, codes, since, undone=True),
    ):
        if code not in own:  # what is kept stays as it is
            days[code] = deepcopy(days[code])
            own.add(code)
        count = days[code].setdefault(dated, {}).setdefault(unit, [0, 0])
        count[0] += gifts
        count[1] += amount
        fresh[code] += abs(gifts)
    since_of = {code: kept[code].until if code in kept else 0 for code in codes}
    return {code: Sums(book.size, days[code], fresh[code], since_of[code]) for code in codes}


def _kept(connection: Connection, book: BookRow, codes: Collection[str]) -> dict[str, Sums]:
    query = select(s.code, s.until, s.days).where(s.book_id == book.id, lookup.among(connection, s.code, set(codes)))
    return {row.code: Sums(row.until, _days(row.days)) for row in connection.execute(query)}


@lru_cache(maxsize=512)
def _days(text: str) -> Days:
    """Read the sums of a campaign, for nobody to change; they are asked for again and again."""
    days: Days = json.loads(text)
    return days


def _since(
    connection: Connection, book: BookRow, codes: Collection[str], since: int, *, undone: bool
) -> Iterable[tuple[str, str, str, int, int]]:
    """Add up what came since the sums were kept, by campaign, day and unit; `undone`: what was reversed since."""
    address = func.substr(m.address, len("campaign:") + 1)
    sign = -1 if undone else 1
    laid = t.headers.join(t.flows, (f.book_id == h.book_id) & (f.seq == h.seq)).join(
        t.axes, (a.book_id == f.book_id) & (a.no == f.taker)
    )
    query = (
        select(
            address.label("code"),
            h.dated,
            a.unit,
            cast(sign * func.count(), BigInteger),
            cast(sign * func.sum(f.amount), BigInteger),
        )
        .select_from(t.mentions.join(laid, (h.book_id == m.book_id) & (h.seq == m.seq)))
        .outerjoin(campaign_sums, (s.book_id == m.book_id) & (s.code == address))
        .where(m.book_id == book.id, lookup.among(connection, m.address, {f"campaign:{code}" for code in codes}))
        .where(h.kind == "donation.received")
        .group_by(address, h.dated, a.unit)
    )
    if undone:
        query = query.join(taken := _reversals(book, since), (taken.c.old == m.seq))
        query = query.where(taken.c.seq >= func.coalesce(s.until, 0))
    else:
        query = query.where(m.seq >= since, m.seq >= func.coalesce(s.until, 0))  # the first by the index
    return [(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in connection.execute(query)]


def _reversals(book: BookRow, since: int) -> Any:
    """Select the reversals of a book from an entry on, with what they took back: few, and found by their kind."""
    later = t.headers.alias("later").c
    old = cast(func.substr(later.subject, len("reversal:") + 1), BigInteger).label("old")
    query = select(later.seq, old)
    return query.where(later.book_id == book.id, later.kind == "entry.reversed", later.seq >= since).subquery("taken")


def keep_sums(engine: Engine, book: BookRow, found: dict[str, Sums]) -> None:
    """Keep what took long to add up; a newer state stays. Two readers at once: one of them keeps it."""
    for code, sums in found.items():
        if not sums.stale:
            continue
        days = json.dumps(sums.days, separators=(",", ":"), sort_keys=True)
        try:
            with write_transaction(engine) as connection:
                known = connection.execute(
                    update(campaign_sums)
                    .where(s.book_id == book.id, s.code == code, s.until < sums.until)
                    .values(until=sums.until, days=days)
                ).rowcount
                there = select(s.code).where(s.book_id == book.id, s.code == code)
                if not known and connection.scalar(there) is None:
                    row = {"book_id": book.id, "code": code, "until": sums.until, "days": days}
                    connection.execute(insert(campaign_sums).values(row))
        except IntegrityError:
            continue


def campaign_lines(
    connection: Connection, book: BookRow, *, state: str = "", code: str = ""
) -> tuple[list[CampaignLine], dict[str, Sums]]:
    """Read the campaigns of a book, newest first: all, the open or the closed ones, or one."""
    names = Names(connection, book.id, ["unit:CNY", *([f"campaign:{code}"] if code else [])])
    known = (
        {address: it for address, it in names.objects.items() if address.startswith("campaign:")}
        if code
        else lookup.objects_of(connection, book.id, "campaign")
    )
    chosen = [it for it in known.values() if not state or (it.closed is not None) == (state == "closed")]
    if code and not chosen:
        raise NotFoundError("the book has no campaign %(code)s", code=code)
    sums = read_sums(connection, book, [it.address.partition(":")[2] for it in chosen])
    units = {unit for each in sums.values() for units in each.days.values() for unit in units}
    names.read({*(f"fund:{it.facts['fund']}" for it in chosen), *(f"unit:{unit}" for unit in units)})
    lines = [_line(it, sums[it.address.partition(":")[2]], names) for it in chosen]
    return sorted(lines, key=lambda line: -line.opened), sums


def _line(it: lookup.Object, found: Sums, names: Names) -> CampaignLine:
    facts = it.facts
    units = {unit for units in found.days.values() for unit in units}
    return CampaignLine(
        Ref(it.address, name_of(facts)),
        names.ref(f"fund:{facts['fund']}"),
        day(facts["starts"]),
        day(facts["ends"]) if facts.get("ends") else None,
        facts.get("emergency") is True,
        names.quantity(facts["target"], "CNY") if facts.get("target") else None,
        str(facts.get("description") or ""),
        it.opened,
        it.closed is not None,
        found.gifts,
        names.quantity(found.total("CNY"), "CNY"),
        tuple(names.quantity(found.total(unit), unit) for unit in sorted(units - {"CNY"}) if found.total(unit)),
    )


def campaign_days(connection: Connection, book: BookRow, sums: Sums) -> list[CampaignDay]:
    """Tell what a campaign received day by day, newest first."""
    units = {unit for units in sums.days.values() for unit in units}
    names = Names(connection, book.id, {"unit:CNY", *(f"unit:{unit}" for unit in units)})
    return [
        CampaignDay(
            day(dated),
            sum(count for count, _ in found.values()),
            names.quantity(found.get("CNY", [0, 0])[1], "CNY"),
            tuple(
                names.quantity(amount, unit) for unit, (_, amount) in sorted(found.items()) if unit != "CNY" and amount
            ),
        )
        for dated, found in sorted(sums.days.items(), reverse=True)
        if any(count or amount for count, amount in found.values())
    ]
