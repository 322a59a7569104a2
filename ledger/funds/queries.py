"""Funds as pages: all of a book, and one with where everything it received is now.

What the figures mean, and why they add up, is in `ledger.funds.region`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.core.errors import NotFoundError
from ledger.core.units import CNY, HOUR
from ledger.funds.crossing import crossings
from ledger.funds.given import Given, gifts_by_source
from ledger.funds.grants import grant_lines, page_of_grants
from ledger.funds.lists import Chosen, goods_of, page_of_earmarks, page_of_goods
from ledger.funds.recent import newest_services, page_of_entries
from ledger.funds.region import by_unit, newest_receipts, regions
from ledger.funds.sums import of_unit, sums_of
from ledger.journal import lookup
from ledger.web.cards import service_cards
from ledger.web.convert import Names, day, moment, name_of, read_book, told, units
from ledger.web.lines import entry_lines
from ledger.web.pages import EarmarkLine, FundCard, FundPage, FundsPage, SourceShare

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from sqlalchemy import Connection

    from ledger.funds.crossing import Crossing
    from ledger.funds.region import Axis, Region
    from ledger.funds.sums import Sums
    from ledger.journal.lookup import Object
    from ledger.web.pages import ServiceCard, Unit

MOST = 100_000  # gifts of a fund that are added up by source; beyond, the page leaves the sources out
SERVICES, SPARE = 6, 6  # shown, and read beyond that since some may have been taken back
KINDS = ("money", "hours", "goods")
SOURCED = (CNY.code, HOUR)  # units whose sources a page shows


def funds_page(connection: Connection, code: str) -> FundsPage:
    """Read all funds of a book; open ones first."""
    row, book = read_book(connection, code)
    return FundsPage(book, fund_cards(connection, row.id), moment(row.recorded) if row.recorded else None)


def fund_cards(connection: Connection, book_id: int) -> tuple[FundCard, ...]:
    """Make the cards of all funds of a book, in eight statements; open ones first, in the order they were opened."""
    funds = list(lookup.objects_of(connection, book_id, "fund").values())
    found = regions(connection, book_id, [fund.facts["code"] for fund in funds])
    money = [by_unit(region.axes)[CNY.code] for region in found]
    owners = {axis.no: at for at, axes in enumerate(money) for axis in axes}
    out, into = crossings(connection, book_id, owners)
    dates = _newest(connection, book_id, money, [*out, *into])
    unit = units(connection, book_id, [CNY.code])[CNY.code]
    cards = [
        _card(
            fund,
            region,
            sums_of(region, money[at], of_unit(out, at)[unit.code], of_unit(into, at)[unit.code]),
            unit,
            dates.get(at),
        )
        for at, (fund, region) in enumerate(zip(funds, found, strict=True))
    ]
    return tuple(sorted(cards, key=lambda card: card.closed))


def _card(fund: Object, region: Region, sums: Sums, unit: Unit, newest: date | None) -> FundCard:
    facts = fund.facts
    return FundCard(
        code=facts["code"],
        name=name_of(facts) or facts["code"],
        restricted=bool(facts.get("restricted")),
        closed=fund.closed is not None,
        purpose=told(facts, "purpose") or None,
        totals=sums.totals(unit),
        gifts=sums.gifts,
        services=sums.services,
        newest=newest,
        income=sums.income,
        transferred=sums.transferred,
        kinds=len(goods_of(region)),
    )


def _newest(
    connection: Connection, book_id: int, found: list[list[Axis]], crossed: Collection[Crossing]
) -> dict[int, date]:
    """Tell the business date of the newest entry that moved units of each group of axes, by its place in the list."""
    own = [[axis for axis in axes if not axis.account.startswith("grant:")] for axes in found]
    receipts = newest_receipts(connection, book_id, [axis for axes in own for axis in axes])
    newest = {crossing.owner: -1 for crossing in crossed}
    for crossing in crossed:
        newest[crossing.owner] = max(newest[crossing.owner], crossing.newest)
    for at, axes in enumerate(own):
        newest[at] = max(newest.get(at, -1), *(receipts.get(axis.no, -1) for axis in axes), -1)
    headers = lookup.headers(connection, book_id, {seq for seq in newest.values() if seq >= 0})
    return {at: day(headers[seq].dated) for at, seq in newest.items() if seq in headers}


def fund_page(connection: Connection, code: str, fund: str, chosen: Chosen | None = None) -> FundPage:
    """Read one fund with where its units came from and are now; raise NotFoundError."""
    chosen = chosen or Chosen()
    row, book = read_book(connection, code)
    known = lookup.objects(connection, row.id, {f"fund:{fund}"}).get(f"fund:{fund}")
    if known is None:
        raise NotFoundError(
            "book '%(code)s' has no fund '%(fund)s'; its funds are listed at /%(code)s/funds",
            code=code,
            fund=fund,
        )
    (region,) = regions(connection, row.id, [fund])
    shown, goods = page_of_goods(region, chosen)
    earmarked, earmarks = page_of_earmarks(region, chosen.earmarks)
    granted, grants = page_of_grants(region, chosen.grants)
    sums, dated = _sums(connection, row.id, region, (CNY.code, HOUR, *shown))
    names = Names(connection, row.id, _named(sums, earmarked) | set(granted))
    unit = names.unit(CNY.code)
    card = _card(known, region, sums[CNY.code], unit, dated)
    seqs, pager = page_of_entries(connection, row.id, region.own(), chosen.entries)
    return FundPage(
        book=book,
        card=card,
        others=tuple(sums[code].totals(names.unit(code)) for code in (HOUR, *shown) if sums[code].received),
        sources=_sources(connection, row.id, region, sums, names),
        earmarks=_earmarks(earmarked, names),
        grants=grant_lines(connection, row.id, region, granted, names, unit),
        services=_services(connection, row.id, region, card.services) if card.services else (),
        entries=entry_lines(connection, row.id, seqs),
        pager=pager,
        as_of=moment(row.recorded),
        goods=goods,
        earmarks_pager=earmarks,
        grants_pager=grants,
        named=chosen.named,
    )


def _sums(
    connection: Connection, book_id: int, region: Region, codes: Collection[str]
) -> tuple[dict[str, Sums], date | None]:
    """Add up a region in these units; and tell when its money last moved."""
    axes = by_unit(region.axes)
    owners = {axis.no: 0 for code in codes for axis in axes[code]}
    out, into = crossings(connection, book_id, owners)
    leaving, entering = of_unit(out, 0), of_unit(into, 0)
    sums = {code: sums_of(region, axes[code], leaving[code], entering[code]) for code in codes}
    moved = [crossing for crossing in [*out, *into] if crossing.unit == CNY.code]
    return sums, _newest(connection, book_id, [axes[CNY.code]], moved).get(0)


def _named(sums: Mapping[str, Sums], earmarked: Iterable[Axis]) -> set[str]:
    """List what the page of a fund names, but for its grants."""
    sources = {source for sum_ in sums.values() for source in sum_.by_source}
    units_ = {f"unit:{unit}" for unit in (*sums, *(axis.unit for axis in earmarked))}
    return units_ | {axis.account for axis in earmarked} | sources


def _earmarks(shown: Iterable[Axis], names: Names) -> tuple[EarmarkLine, ...]:
    return tuple(
        EarmarkLine(
            names.ref(axis.account),
            names.quantity(axis.received, axis.unit),
            names.quantity(axis.received - axis.given, axis.unit),
        )
        for axis in shown
    )


def _sources(
    connection: Connection, book_id: int, region: Region, sums: Mapping[str, Sums], names: Names
) -> tuple[SourceShare, ...]:
    """Add up by source what came into the fund in money and hours; nothing when there are too many gifts."""
    axes = [axis for axis in region.own() if axis.unit in SOURCED]
    if sum(axis.gifts for axis in axes) > MOST:
        return ()
    given = gifts_by_source(connection, book_id, axes)
    for unit in SOURCED:
        for source, (amount, gifts) in sums[unit].by_source.items():
            before = given.get((unit, source), (0, 0))
            given[(unit, source)] = Given(before[0] + amount, before[1] + gifts)
    names.read(source for _, source in given)
    shares = [
        SourceShare(names.ref(source), names.quantity(amount, unit), gifts)
        for (unit, source), (amount, gifts) in given.items()
        if amount
    ]
    return tuple(sorted(shares, key=lambda s: (KINDS.index(s.quantity.unit.kind), -s.quantity.amount)))


def _services(connection: Connection, book_id: int, region: Region, known: int) -> tuple[ServiceCard, ...]:
    """Read the newest services that money of the fund became, leaving out those taken back."""
    money = by_unit(region.axes)[CNY.code]
    codes = newest_services(connection, book_id, money, known, SERVICES + SPARE)
    cards = service_cards(connection, book_id, codes)
    return tuple(card for card in cards.values() if not card.reversed)[:SERVICES]
