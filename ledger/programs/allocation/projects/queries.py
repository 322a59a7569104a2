"""Projects as pages show them: the list, and one with its budget against what it used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from ledger.core.errors import NotFoundError
from ledger.core.units import CNY
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.allocation.decisions.queries import listed
from ledger.programs.allocation.entries import after, standing
from ledger.programs.allocation.grants import queries as grants
from ledger.programs.allocation.projects.actuals import awarded_to, by_line, took_part, used_by
from ledger.programs.allocation.rows import Selection, fact, has_words, names, o, ordered
from ledger.web.cards import service_cards
from ledger.web.convert import Names, day, name_of, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from ledger.journal.lookup import Object
    from ledger.programs.allocation.grants.queries import GrantLine
    from ledger.web.pages import Quantity, Ref, ServiceCard

STATES = ("open", "closed")
SHOWN = 8  # grants and services on the page of a project


class Chosen(NamedTuple):
    """What a reader asks for; empty: anything."""

    organization: str = ""
    community: str = ""
    lead: str = ""
    state: str = ""
    words: str = ""
    sort: str = "opened"
    descending: bool = True


class ProjectLine(NamedTuple):
    """A project in a list; `budget` and `awarded` in money."""

    code: str
    name: str
    organization: Ref | None
    communities: tuple[Ref, ...]
    fund: Ref | None
    lead: str
    starts: date | None
    ends: date | None
    is_open: bool
    budget: Quantity
    awarded: Quantity
    seq: int
    facts: dict[str, Any]


class BudgetLine(NamedTuple):
    """A line of the budget against what was used of it; `budget` None for what no line says. `left` may be below 0."""

    code: str
    name: str
    category: str
    budget: Quantity | None
    used: Quantity
    left: Quantity
    percent: int | None  # of the budget


class ProjectPage(NamedTuple):
    """One project. The lines add up to `total`: all the money its services, issues and expenses used."""

    line: ProjectLine
    plan: str
    lines: tuple[BudgetLine, ...]
    total: BudgetLine
    others: tuple[Quantity, ...]  # goods and hours used
    services: tuple[ServiceCard, ...]
    services_count: int
    grants: tuple[GrantLine, ...]
    grants_count: int
    needs: tuple[Ref, ...]
    decision: Ref | None
    parties: tuple[tuple[Ref, int], ...]


def selection(connection: Connection, book_id: int, chosen: Chosen) -> Selection:
    """Select the projects that fit."""
    where: list[ColumnElement[bool]] = []
    for kind in ("organization", "community"):
        code = getattr(chosen, kind)
        if code:
            where.append(names(f"{kind}:{code}"))
    if chosen.lead:
        where.append(fact(connection, "lead_element") == chosen.lead)
    if chosen.words:
        where.append(has_words(connection, chosen.words, "name", "plan"))
    if chosen.state:
        where.append(o.closed.is_(None) if chosen.state == "open" else o.closed.is_not(None))
    return Selection(connection, book_id, "project", tuple(where))


def read_projects(
    connection: Connection, book_id: int, chosen: Chosen, *, limit: int, offset: int = 0
) -> list[ProjectLine]:
    """Read a page of projects, in three statements."""
    columns: dict[str, ColumnElement[Any]] = {
        "opened": o.opened,
        "name": fact(connection, "name"),
        "organization": fact(connection, "organization"),
        "ends": fact(connection, "ends"),
    }
    order = [ordered(columns.get(chosen.sort, o.opened), descending=chosen.descending)]
    found = selection(connection, book_id, chosen).read(order, limit, offset)
    awarded = awarded_to(connection, book_id, [each.address for each in found])
    names_ = Names(connection, book_id, {address for each in found for address in parties_of(each.facts)})
    return [_line(each, awarded.get(each.address, 0), names_) for each in found]


def parties_of(facts: Mapping[str, Any]) -> set[str]:
    """List what a project names: its organization, communities and fund."""
    found = {f"community:{code}" for code in listed(facts.get("community"))}
    return found | {f"{kind}:{facts[kind]}" for kind in ("organization", "fund") if facts.get(kind)}


def _line(project: Object, awarded: int, names_: Names) -> ProjectLine:
    facts = project.facts
    planned = sum(line["amount"] for line in facts.get("budget", ()))
    return ProjectLine(
        facts["code"],
        name_of(facts),
        names_.ref(f"organization:{facts['organization']}") if facts.get("organization") else None,
        tuple(names_.ref(f"community:{code}") for code in listed(facts.get("community"))),
        names_.ref(f"fund:{facts['fund']}") if facts.get("fund") else None,
        facts.get("lead_element", ""),
        day(facts["starts"]) if facts.get("starts") else None,
        day(facts["ends"]) if facts.get("ends") else None,
        project.closed is None,
        names_.quantity(planned, CNY.code),
        names_.quantity(awarded, CNY.code),
        project.latest,
        facts,
    )


def project_object(connection: Connection, book_id: int, code: str) -> Object:
    """Read a project as it stands on the ledger; raise NotFoundError."""
    known = lookup.objects(connection, book_id, {f"project:{code}"}).get(f"project:{code}")
    if known is None:
        raise NotFoundError("this book has no project '%(code)s'", code=code)
    return known


def project_page(connection: Connection, book_id: int, code: str, today: date) -> ProjectPage:
    """Read one project with all that was used for it; some twenty statements, whatever its size."""
    project = project_object(connection, book_id, code)
    facts, address = project.facts, project.address
    used = used_by(connection, book_id, address)
    parties = took_part(connection, book_id, address)
    needs = [f"need:{need}" for need in listed(facts.get("need"))]
    decision = f"decision:{facts['decision']}" if facts.get("decision") else None
    named = parties_of(facts) | set(needs) | parties.keys() | ({decision} if decision else set())
    names_ = Names(connection, book_id, named | {f"unit:{each.unit}" for each in used} | {f"unit:{CNY.code}"})
    awarded = awarded_to(connection, book_id, [address]).get(address, 0)
    lines, total = budget_lines(facts, by_line(connection, book_id, address), _money(used), names_)
    found = grants.selection(connection, book_id, grants.Chosen(project=code))
    codes, count = _services(connection, book_id, address)
    return ProjectPage(
        _line(project, awarded, names_),
        told(facts, "plan"),
        lines,
        total,
        _others(used, names_),
        tuple(service_cards(connection, book_id, codes).values()),
        count,
        tuple(grants.lines(connection, book_id, found.read([o.opened.desc()], SHOWN), today)),
        found.count(),
        tuple(names_.ref(need) for need in needs),
        names_.ref(decision) if decision else None,
        tuple(sorted(((names_.ref(p), n) for p, n in parties.items()), key=lambda p: (p[0].type, -p[1], p[0].address))),
    )


def _money(used: Sequence[Any]) -> int:
    return sum(each.amount for each in used if each.unit == CNY.code)


def _others(used: Sequence[Any], names_: Names) -> tuple[Quantity, ...]:
    sums: dict[str, int] = {}
    for each in used:
        if each.unit != CNY.code:
            sums[each.unit] = sums.get(each.unit, 0) + each.amount
    return tuple(names_.quantity(amount, unit) for unit, amount in sorted(sums.items()))


def budget_lines(
    facts: Mapping[str, Any], used: Mapping[str, int], total: int, names_: Names
) -> tuple[tuple[BudgetLine, ...], BudgetLine]:
    """Set the budget against what was used: planned lines, lines nobody planned, and what no line says."""
    planned = facts.get("budget", ())
    made = [_budget(x["line"], x["name"], x["category"], x["amount"], used.get(x["line"], 0), names_) for x in planned]
    known = {x["line"] for x in planned}
    made += [_budget(c, "", "", None, amount, names_) for c, amount in sorted(used.items()) if c not in known]
    rest = total - sum(used.values())
    if rest:
        made.append(_budget("", "", "", None, rest, names_))
    budget = sum(x["amount"] for x in planned)
    return tuple(made), _budget("", "", "", budget, total, names_)


def _budget(code: str, name: str, category: str, budget: int | None, used: int, names_: Names) -> BudgetLine:
    return BudgetLine(
        code,
        name,
        category,
        None if budget is None else names_.quantity(budget, CNY.code),
        names_.quantity(used, CNY.code),
        names_.quantity((budget or 0) - used, CNY.code),
        used * 100 // budget if budget else None,
    )


def _services(connection: Connection, book_id: int, project: str) -> tuple[list[str], int]:
    """Find the newest standing services of a project, and how many there are."""
    m, h = t.mentions.c, t.headers.c
    query = (
        select(h.subject)
        .join(t.mentions, (h.book_id == after(m.seq, book_id)) & (m.seq == h.seq))
        .where(m.book_id == book_id, m.address == project, h.kind == "service.delivered", standing(h.seq, book_id))
    )
    count = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = connection.scalars(query.order_by((m.seq + 0).desc()).limit(SHOWN))  # plain, SQLite reads all mentions
    return [str(subject).partition(":")[2] for subject in newest], count


def choices(connection: Connection, book_id: int, kind: str) -> list[tuple[str, str]]:
    """List the open objects of a type with few of them, as code and name."""
    found = lookup.objects_of(connection, book_id, kind).values()
    return [(f.facts["code"], name_of(f.facts) or f.facts["code"]) for f in found if f.closed is None]
