"""Decisions as pages show them: the list, and one with what was given under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, cast

from ledger.core.errors import NotFoundError
from ledger.core.units import CNY
from ledger.journal import lookup
from ledger.programs.allocation.decisions.actions import doubts
from ledger.programs.allocation.decisions.limits import granted_under
from ledger.programs.allocation.rows import Selection, fact, has_words, names, ordered
from ledger.web.convert import Names, day, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from ledger.journal.lookup import Object
    from ledger.programs.allocation.decisions.limits import Granted
    from ledger.web.pages import Quantity, Ref

RESULTS = ("adopted", "rejected")


class Chosen(NamedTuple):
    """What a reader asks for; empty: anything."""

    result: str = ""
    fund: str = ""
    words: str = ""
    sort: str = "held"
    descending: bool = True


class DecisionLine(NamedTuple):
    """A decision in a list; `allowed` None when it names no amount. `left` is what may still be given under it."""

    code: str
    title: str
    held: date
    body: str
    result: str
    fund: Ref | None
    allowed: Quantity | None
    given: Quantity
    left: Quantity
    seq: int
    facts: dict[str, Any]
    doubts: tuple[str, ...]


class DecisionPage(NamedTuple):
    """A decision, what it is about, and the entries that gave something under it."""

    line: DecisionLine
    needs: tuple[Ref, ...]
    projects: tuple[Ref, ...]
    given: tuple[tuple[Granted, Ref | None, Quantity], ...]


def selection(connection: Connection, book_id: int, chosen: Chosen) -> Selection:
    """Select the decisions that fit."""
    where: list[ColumnElement[bool]] = []
    if chosen.result:
        where.append(fact(connection, "result") == chosen.result)
    if chosen.fund:
        where.append(names(f"fund:{chosen.fund}"))
    if chosen.words:
        where.append(has_words(connection, chosen.words, "title", "summary"))
    return Selection(connection, book_id, "decision", tuple(where))


def read_decisions(
    connection: Connection, book_id: int, chosen: Chosen, *, limit: int, offset: int = 0
) -> list[DecisionLine]:
    """Read a page of decisions, in five statements."""
    column: ColumnElement[Any] = fact(connection, chosen.sort if chosen.sort in {"title", "amount"} else "held")
    if chosen.sort == "amount":
        column = cast(column, BigInteger)
    order = [ordered(column, descending=chosen.descending)]
    found = selection(connection, book_id, chosen).read(order, limit, offset)
    return _lines(connection, book_id, found)[0]


def _lines(
    connection: Connection, book_id: int, found: Sequence[Object], more: Collection[str] = ()
) -> tuple[list[DecisionLine], dict[str, list[Granted]], Names]:
    given = granted_under(connection, book_id, [each.facts["code"] for each in found])
    named = {f"fund:{each.facts['fund']}" for each in found if each.facts.get("fund")} | set(more)
    named |= {f"unit:{each.facts.get('unit', CNY.code)}" for each in found}
    named |= {str(g.subject) for granted in given.values() for g in granted if g.subject and more}
    names_ = Names(connection, book_id, named | {f"unit:{CNY.code}"})
    return [_line(each, given.get(each.facts["code"], []), names_) for each in found], given, names_


def _line(decision: Object, given: Sequence[Granted], names_: Names) -> DecisionLine:
    facts = decision.facts
    unit, allowed = facts.get("unit", CNY.code), facts.get("amount")
    used = sum(each.amount for each in given if each.unit == unit)
    open_amount = (allowed or 0) - used if facts["result"] == "adopted" else 0
    return DecisionLine(
        facts["code"],
        name_of(facts),
        day(facts["held"]),
        facts["body"],
        facts["result"],
        names_.ref(f"fund:{facts['fund']}") if facts.get("fund") else None,
        None if allowed is None else names_.quantity(allowed, unit),
        names_.quantity(used, unit),
        names_.quantity(open_amount, unit),
        decision.opened,
        facts,
        doubts(facts["body"], facts["members"], facts.get("supervisor", "")),
    )


def decision_page(connection: Connection, book_id: int, code: str) -> DecisionPage:
    """Read one decision, in six statements; raise NotFoundError."""
    address = f"decision:{code}"
    known = lookup.objects(connection, book_id, {address}).get(address)
    if known is None:
        raise NotFoundError("this book has no decision '%(code)s'", code=code)
    needs, projects = listed(known.facts.get("need")), listed(known.facts.get("project"))
    named = {address, *(f"need:{need}" for need in needs), *(f"project:{project}" for project in projects)}
    lines, given, names_ = _lines(connection, book_id, [known], named)
    return DecisionPage(
        lines[0],
        tuple(names_.ref(f"need:{need}") for need in needs),
        tuple(names_.ref(f"project:{project}") for project in projects),
        tuple(
            (each, names_.place(each.subject) if each.subject else None, names_.quantity(each.amount, each.unit))
            for each in given.get(code, [])
        ),
    )


def listed(codes: str | Sequence[str] | None) -> list[str]:
    """Return what a fact names, one code or several, as a list."""
    return [codes] if isinstance(codes, str) else list(codes or ())


def usable(connection: Connection, book_id: int, most: int = 100) -> list[DecisionLine]:
    """Read the adopted decisions under which something may still be given, newest first."""
    lines = read_decisions(connection, book_id, Chosen(result="adopted"), limit=most)
    return [line for line in lines if line.left.amount > 0]
