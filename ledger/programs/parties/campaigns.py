"""One campaign: its target, what it received by day, and what became of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.units import CNY
from ledger.programs.parties.carried import tallies
from ledger.programs.parties.fate import fate_of
from ledger.programs.parties.pages import CampaignPage, Fate, GiftDay, Part
from ledger.programs.parties.parts import cutoff_of, day_of, need_object, published_about, services_of
from ledger.web.convert import Names, bucket_of, day, read_book, told
from ledger.web.pages import BUCKETS as ORDER
from ledger.web.pages import Pager, Quantity, Share

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.programs.parties.tally import Tally

DAYS = 14  # a page


class Received(NamedTuple):
    """What a campaign received in one unit: by day and by source, each (amount, gifts)."""

    by_day: dict[str, tuple[int, int]]
    by_source: dict[str, tuple[int, int]]

    @property
    def amount(self) -> int:
        """Return what was received in all."""
        return sum(amount for amount, _ in self.by_day.values())

    @property
    def gifts(self) -> int:
        """Return how many gifts there were."""
        return sum(gifts for _, gifts in self.by_day.values())


def received_by(tally: Tally) -> dict[str, Received]:
    """Sort what was given by unit, then by day and by source."""
    days: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    sources: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for key, amount in tally.gifts.items():
        dated, source, unit = key
        gifts = tally.given[key]
        for found, name in ((days[unit], dated), (sources[unit], source)):
            before = found.get(name, (0, 0))
            found[name] = (before[0] + amount, before[1] + gifts)
    return {unit: Received(days[unit], sources[unit]) for unit in days}


def campaign_page(connection: Connection, code: str, campaign: str, number: int = 1, days: int = 1) -> CampaignPage:
    """Read one campaign; raise NotFoundError."""
    row, book = read_book(connection, code)
    address = f"campaign:{campaign}"
    known = need_object(connection, row, address)
    facts = known.facts
    tally = tallies(connection, row, [address])[address]
    received = received_by(tally)
    money = received.pop(CNY.code, Received({}, {}))
    became = fate_of(connection, row.id, address, money.gifts)
    named = {f"unit:{unit}" for unit in [CNY.code, *received]} | set(money.by_source) | set(became or ())
    names = Names(connection, row.id, {address, f"fund:{facts.get('fund')}"} | named)
    pager = Pager.turned(days, DAYS, len(money.by_day))
    return CampaignPage(
        book=book,
        cutoff=cutoff_of(row),
        campaign=names.ref(address),
        description=told(facts, "description"),
        fund=names.other(address, "fund"),
        opened=known.opened,
        closed=known.closed is not None,
        starts=day_of(facts, "starts"),
        ends=day_of(facts, "ends"),
        emergency=bool(facts.get("emergency")),
        target=names.quantity(int(facts["target"]), CNY.code) if facts.get("target") else None,
        received=names.quantity(money.amount, CNY.code),
        gifts=money.gifts,
        days=tuple(pager.cut(_days(money, names))),
        days_pager=pager,
        sources=_sources(money, names),
        goods=tuple((names.quantity(one.amount, unit), one.gifts) for unit, one in sorted(received.items())),
        fate=_fate(became, names),
        services=services_of(connection, row.id, address, tally, number),
        published=published_about(connection, row.id, address),
    )


def _days(money: Received, names: Names) -> list[GiftDay]:
    """List the days, newest first, each with what had come by then."""
    unit, running, found = names.unit(CNY.code), 0, []
    for dated, (amount, gifts) in sorted(money.by_day.items()):
        running += amount
        found.append(GiftDay(day(dated), gifts, Quantity(amount, unit), Quantity(running, unit)))
    return found[::-1]


def _sources(money: Received, names: Names) -> tuple[tuple[Part, int], ...]:
    rows = sorted(money.by_source.items(), key=lambda item: (-item[1][0], item[0]))
    return tuple((Part(names.ref(source), names.quantity(n, CNY.code)), gifts) for source, (n, gifts) in rows)


def _fate(became: Counter[str] | None, names: Names) -> Fate | None:
    """Name the places where the money is now."""
    if became is None:
        return None
    unit = names.unit(CNY.code)
    parts = [
        Part(names.ref(place), Quantity(amount, unit), bucket_of(place))
        for place, amount in sorted(became.items(), key=lambda item: (-item[1], item[0]))
    ]
    sums = Counter(dict.fromkeys(ORDER, 0))
    for part in parts:
        sums[part.bucket or "other"] += part.quantity.amount
    shares = tuple(Share(bucket, Quantity(amount, unit)) for bucket, amount in sums.items() if amount)
    return Fate(tuple(parts), shares)
