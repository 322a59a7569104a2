"""The pages of the linkage, put together from the sums: a number of statements that depends on nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.core.errors import NotFoundError
from ledger.core.units import CNY, HOUR
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.linkage import donors, reading
from ledger.programs.linkage import tables as own
from ledger.programs.linkage.ages import ages
from ledger.programs.linkage.chosen import months
from ledger.programs.linkage.events import tracks_of
from ledger.programs.linkage.keeping import covered
from ledger.programs.linkage.pages import (
    Choices,
    Covered,
    Flow,
    GrantRow,
    Lead,
    LinkagePage,
    Month,
    Pending,
    PlacePage,
    Row,
)
from ledger.programs.linkage.pipeline import pipeline_of
from ledger.programs.linkage.scoring import Tally, each_alone, groups, keys_of, strangers, total
from ledger.programs.linkage.sustain import living_of
from ledger.programs.linkage.warning import warnings
from ledger.web.convert import day, moment, name_of, read_book, units
from ledger.web.pages import Pager, Quantity, Ref

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from ledger.journal.lookup import Object
    from ledger.journal.read import BookRow
    from ledger.programs.linkage.chosen import Chosen
    from ledger.programs.linkage.sustain import Living
    from ledger.web.pages import Unit

ROWS = 20  # communities, projects a page
GOODS = 5  # kinds that can be looked at
LEADS = ("organization", "volunteer", "resource")
MOST_GRANTS = 5000  # awards looked at for what is not yet paid


def linkage_page(
    connection: Connection, code: str, chosen: Chosen, today: date, *, unit: str = "", numbers: tuple[int, int] = (1, 1)
) -> LinkagePage:
    """Read the overview of a book; `numbers` are the pages of communities and of projects."""
    row, book = read_book(connection, code)
    known = lookup.objects_of(connection, row.id, "project")
    organizations = _refs(connection, row.id, "organization")
    communities = _refs(connection, row.id, "community")
    ever = reading.tallies(connection, row.id, replace(chosen, since="", until=""), "month")
    by_project = reading.tallies(connection, row.id, chosen, "project")
    by_community = reading.tallies(connection, row.id, chosen, "community")
    projects = _projects(by_project, known, organizations)
    pager = Pager.turned(numbers[1], ROWS, len(projects))
    shown = _units(connection, row.id, chosen, unit)
    flow = _flow(connection, row.id, chosen, shown[0]) if shown[0] else None
    places = _communities(by_community, communities, chosen)
    places_pager = Pager.turned(numbers[0], ROWS, len(places))
    return LinkagePage(
        book=book,
        chosen=chosen,
        choices=_choices(connection, row.id, communities, organizations),
        covered=_covered(connection, row),
        tally=total(by_project.values()),
        months=_months(ever, chosen),
        communities=tuple(places_pager.cut(places)),
        communities_pager=places_pager,
        projects=tuple(pager.cut(projects)),
        pager=pager,
        leads=_leads(by_project, known),
        flow=flow,
        units=shown[1],
        living=_living(connection, row.id, chosen.fund),
        today=today,
        apart=sum(each_alone(project.tally) for project in projects),
        warnings=warnings(projects, places, flow, today),
    )


def community_page(connection: Connection, code: str, community: str, chosen: Chosen) -> PlacePage:
    """Read a community; raise NotFoundError."""
    row, book = read_book(connection, code)
    address = f"community:{community}"
    own_facts = lookup.objects(connection, row.id, {address}).get(address)
    if own_facts is None:
        raise NotFoundError("book '%(code)s' has no community '%(community)s'", code=code, community=community)
    here = replace(chosen, community=community)
    known = lookup.objects_of(connection, row.id, "project")
    organizations = _refs(connection, row.id, "organization")
    all_months = reading.tallies(connection, row.id, replace(here, since="", until=""), "month")
    projects = reading.tallies(connection, row.id, here, "project")
    year = _year(chosen, all_months)
    return PlacePage(
        book=book,
        ref=Ref(address, name_of(own_facts.facts)),
        chosen=chosen,
        choices=_choices(connection, row.id, {}, organizations),
        covered=_covered(connection, row),
        tally=total(projects.values()),
        months=_months(all_months, chosen),
        tracks=tracks_of(connection, row.id, ("community", community), all_months, year, chosen.fund),
        rows=tuple(_projects(projects, known, organizations)),
        closed=own_facts.closed is not None,
        years=_years(all_months),
    )


def project_page(connection: Connection, code: str, project: str, chosen: Chosen) -> PlacePage:
    """Read a project; raise NotFoundError."""
    row, book = read_book(connection, code)
    address = f"project:{project}"
    known = lookup.objects(connection, row.id, {address}).get(address)
    if known is None:
        raise NotFoundError("book '%(code)s' has no project '%(project)s'", code=code, project=project)
    ever = replace(chosen, since="", until="")
    all_months = reading.tallies(connection, row.id, ever, "month", project=project)
    by_community = reading.tallies(connection, row.id, chosen, "community", project=project)
    communities, organizations = _refs(connection, row.id, "community"), _refs(connection, row.id, "organization")
    tally, year = total(by_community.values()), _year(chosen, all_months)
    facts = known.facts
    named = facts.get("community") or ()
    return PlacePage(
        book=book,
        ref=Ref(address, name_of(facts)),
        chosen=chosen,
        choices=_choices(connection, row.id, communities, organizations),
        covered=_covered(connection, row),
        tally=tally,
        months=_months(all_months, chosen),
        tracks=tracks_of(connection, row.id, ("project", project), all_months, year, chosen.fund),
        rows=_rows(by_community, communities),
        organization=organizations.get(str(facts.get("organization") or "")),
        lead=str(facts.get("lead_element") or ""),
        named=tuple(communities[one] for one in ([named] if isinstance(named, str) else named) if one in communities),
        grants=_grants(connection, row.id, project),
        closed=known.closed is not None,
        strangers=strangers(tally),
        groups=tuple(keys_of(group) for group in groups(mask for mask, n in tally.masks.items() if n)),
        apart=each_alone(tally),
        years=_years(all_months),
    )


# ------------------------------------------------------------------------------- services


def _refs(connection: Connection, book_id: int, kind: str) -> dict[str, Ref]:
    """Name all objects of a type, by code."""
    found = lookup.objects_of(connection, book_id, kind)
    return {address.partition(":")[2]: Ref(address, name_of(known.facts)) for address, known in found.items()}


def _rows(tallies: Mapping[str, Tally], refs: Mapping[str, Ref]) -> tuple[Row, ...]:
    """Make rows of communities, those with most services first; services that name none are no row."""
    rows = [Row(refs.get(code, Ref(f"community:{code}", "")), tally) for code, tally in tallies.items() if code]
    return tuple(sorted(rows, key=lambda row: (-row.tally.services, row.ref.address)))


def _communities(tallies: Mapping[str, Tally], refs: Mapping[str, Ref], chosen: Chosen) -> tuple[Row, ...]:
    """Make a row of every community, also of those where nothing was done; of the one chosen alone."""
    if chosen.community:
        return _rows({code: tally for code, tally in tallies.items() if code == chosen.community}, refs)
    idle = {} if chosen.organization or chosen.fund else dict.fromkeys(refs, Tally())
    return _rows({**idle, **tallies}, refs)


def _projects(tallies: Mapping[str, Tally], known: Mapping[str, Object], organizations: Mapping[str, Ref]) -> list[Row]:
    """Make rows of projects with services, those with most first."""
    rows = []
    for code, tally in tallies.items():
        if code and tally.services:
            found = known.get(f"project:{code}")
            facts = found.facts if found else {}
            lead, organization = str(facts.get("lead_element") or ""), str(facts.get("organization") or "")
            rows.append(Row(Ref(f"project:{code}", name_of(facts)), tally, lead, organizations.get(organization)))
    return sorted(rows, key=lambda row: (-row.tally.services, row.ref.address))


def _leads(tallies: Mapping[str, Tally], known: Mapping[str, Object]) -> tuple[Lead, ...]:
    """Add up projects by the party that leads them; the three modes first, services of no project last."""
    found: dict[str, list[Tally]] = {lead: [] for lead in LEADS}
    for code, tally in tallies.items():
        project = known.get(f"project:{code}")
        lead = str(project.facts.get("lead_element") or "") if project else ""
        found.setdefault(lead, []).append(tally)
    loose = found.pop("", [])
    leads = [Lead(lead, len(parts), total(parts)) for lead, parts in found.items()]
    return (*leads, Lead("", 0, total(loose))) if loose else tuple(leads)


def _months(ever: Mapping[str, Tally], chosen: Chosen) -> tuple[Month, ...]:
    """List the months of the period from the first with a service to the last; `ever` are those of all time."""
    within = _within(ever, chosen)
    if not within:
        return ()
    reached, found = total(tally for month, tally in ever.items() if month < min(within)).reach, []
    for month in months(min(within), max(within)):
        tally = within.get(month, Tally())
        found.append(Month(month, tally, tally.reach & ~reached))
        reached |= tally.reach
    return tuple(found)


def _within(tallies: Mapping[str, Tally], chosen: Chosen) -> dict[str, Tally]:
    return {m: tally for m, tally in tallies.items() if chosen.since <= m <= (chosen.until or "9999")}


def _year(chosen: Chosen, tallies: Mapping[str, Tally]) -> str:
    """Choose the year that tracks show: the one chosen, else the last with a service in the period."""
    return chosen.year or max(_within(tallies, chosen), default="")[:4]


def _years(tallies: Mapping[str, Tally]) -> tuple[str, ...]:
    return tuple(sorted({month[:4] for month in tallies}, reverse=True))


# ------------------------------------------------------------------------------- resources


def _units(connection: Connection, book_id: int, chosen: Chosen, unit: str) -> tuple[Unit | None, tuple[Unit, ...]]:
    """Choose the unit to look at: money unless asked otherwise; and those that can be: money, hours, chief goods."""
    received = reading.units_received(connection, book_id, chosen.fund)
    goods = [code for code in received if code not in {CNY.code, HOUR}]
    codes = [code for code in (CNY.code, HOUR) if code in received] + goods[:GOODS]
    if unit in goods and unit not in codes:
        codes.append(unit)
    known = units(connection, book_id, codes)
    offered = tuple(known[code] for code in codes)
    return next((one for one in offered if one.code == unit), offered[0] if offered else None), offered


def _flow(connection: Connection, book_id: int, chosen: Chosen, unit: Unit) -> Flow:
    """Read the stages of a unit; of one fund or of all."""
    pipeline = pipeline_of(unit.code, reading.moved(connection, book_id, chosen, (unit.code,)))
    awards = _awards(connection, book_id, chosen)
    codes = [code for code, *_ in awards] if chosen.fund else None
    found = ages(connection, book_id, [unit.code], codes, chosen.fund)
    pending = _pending([(dated, left) for _, kind, dated, left in awards if kind == unit.code and left > 0])
    return Flow(unit, pipeline, found.get((0, unit.code)), found.get((1, unit.code)), pending)


def _awards(connection: Connection, book_id: int, chosen: Chosen) -> list[tuple[str, str, str, int]]:
    """List grants by code, unit and day with what is still to be paid; of a fund all, else those to be paid."""
    g = own.grants.c
    query = select(g.code, g.unit, g.dated, (1 - g.closed) * (g.amount - g.paid)).where(g.book_id == book_id)
    which = (g.fund == chosen.fund,) if chosen.fund else (g.closed == 0, g.amount > g.paid)
    query = query.where(*which)
    return [tuple(row) for row in connection.execute(query.order_by(g.dated).limit(MOST_GRANTS))]


def _pending(awards: list[tuple[str, int]]) -> Pending | None:
    """Add up what is awarded and not paid; `awards` are (day, amount), the oldest first."""
    if not awards:
        return None
    amount, seen = sum(left for _, left in awards), 0
    for dated, left in awards:
        seen += left
        if 2 * seen >= amount:
            return Pending(len(awards), amount, day(awards[0][0]), day(dated))
    return None


def _grants(connection: Connection, book_id: int, project: str) -> tuple[GrantRow, ...]:
    g, a = own.grants.c, t.axes.c
    query = (
        select(g.code, g.dated, g.unit, g.amount, g.paid, g.returned, a.received - a.given)
        .join(t.axes, (a.book_id == g.book_id) & (a.account == "grant:" + g.code) & (a.unit == g.unit), isouter=True)
        .where(g.book_id == book_id, g.project == project)
        .order_by(g.dated.desc(), g.code)
    )
    rows = connection.execute(query).all()
    known = units(connection, book_id, {row.unit for row in rows} | {CNY.code})
    return tuple(
        GrantRow(Ref(f"grant:{code}", code), day(dated), *(Quantity(int(n or 0), known[unit]) for n in (amount, *rest)))
        for code, dated, unit, amount, *rest in rows
    )


def _living(connection: Connection, book_id: int, fund: str) -> tuple[Living, ...]:
    sources = lookup.objects_of(connection, book_id, "source")
    kinds = {address.partition(":")[2]: str(known.facts.get("kind") or "") for address, known in sources.items()}
    counted = [] if fund else donors.years(connection, book_id)
    return living_of(reading.income(connection, book_id, fund, CNY.code), kinds, counted)


# ------------------------------------------------------------------------------- the frame


def _choices(
    connection: Connection, book_id: int, communities: Mapping[str, Ref], organizations: Mapping[str, Ref]
) -> Choices:
    return Choices(
        reading.years(connection, book_id),
        tuple(_refs(connection, book_id, "fund").values()),
        tuple(communities.values()),
        tuple(organizations.values()),
    )


def _covered(connection: Connection, row: BookRow) -> Covered:
    upto = covered(connection, row).upto
    return Covered(upto, row.size, moment(row.recorded) if row.recorded else None)
