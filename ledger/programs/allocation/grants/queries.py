"""Grants as pages show them: what was awarded, paid, spent, returned and is left; instalments and their states."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, String, cast, select

from ledger.core.errors import NotFoundError
from ledger.core.units import CNY
from ledger.funds.crossing import crossings
from ledger.funds.grants import paid_and_returned
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.allocation.grants.paid import payments
from ledger.programs.allocation.rows import Selection, fact, has_words, names, names_any, o, ordered
from ledger.web.convert import Names, day

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Connection

    from ledger.journal.lookup import Object
    from ledger.programs.allocation.grants.paid import Payment
    from ledger.web.pages import Quantity, Ref

STATES = ("open", "closed", "reversed")
SOON = timedelta(days=30)  # before an instalment is due it is told


class Chosen(NamedTuple):
    """What a reader asks for; empty: anything. `own`: the organizations whose grants the reader may see, None: all."""

    organization: str = ""
    fund: str = ""
    project: str = ""
    state: str = ""
    words: str = ""
    sort: str = "dated"
    descending: bool = True
    own: frozenset[str] | None = None


class Instalment(NamedTuple):
    """An instalment as agreed, and its state: `paid`, `late`, `soon`, `later`."""

    number: int
    amount: Quantity
    due: date
    condition: str
    paid: Quantity
    left: Quantity
    state: str
    payments: tuple[Payment, ...]


class Amounts(NamedTuple):
    """The figures of a grant: `spent + returned + held = paid`; `open` is not paid yet (nothing once it is closed)."""

    awarded: Quantity
    paid: Quantity
    spent: Quantity
    returned: Quantity
    held: Quantity
    open: Quantity


class GrantLine(NamedTuple):
    """A grant in a list."""

    code: str
    organization: Ref
    project: Ref | None
    fund: Ref
    dated: date
    state: str
    sums: Amounts
    instalments: tuple[Instalment, ...]
    seq: int
    facts: dict[str, Any]

    @property
    def next(self) -> Instalment | None:
        """Return the instalment that is to be paid next."""
        waiting = (each for each in self.instalments if each.state != "paid")
        return next(waiting, None) if self.state == "open" else None


def selection(connection: Connection, book_id: int, chosen: Chosen) -> Selection:
    """Select the grants that fit."""
    where: list[ColumnElement[bool]] = []
    for kind in ("organization", "fund", "project"):
        code = getattr(chosen, kind)
        if code:
            where.append(names(f"{kind}:{code}"))
    if chosen.own is not None:
        where.append(names_any(connection, {f"organization:{code}" for code in chosen.own}))
    if chosen.words:
        where.append(has_words(connection, chosen.words, "conditions"))
    if chosen.state == "open":
        where.append(o.closed.is_(None))
    elif chosen.state:
        back = taken_back()
        where += [o.closed.is_not(None), back if chosen.state == "reversed" else ~back]
    return Selection(connection, book_id, "grant", tuple(where))


def taken_back() -> ColumnElement[bool]:
    """Say that the award of a row of `objects` was reversed."""
    other = t.objects.alias("reversals")
    reversal = "reversal:" + cast(o.opened, String)
    found = select(other.c.address).where(other.c.book_id == o.book_id, other.c.address == reversal)
    return found.correlate(t.objects).exists()


def read_grants(
    connection: Connection, book_id: int, chosen: Chosen, today: date, *, limit: int, offset: int = 0
) -> list[GrantLine]:
    """Read a page of grants, in nine statements."""
    columns: dict[str, ColumnElement[Any]] = {
        "dated": o.opened,
        "code": o.address,
        "organization": fact(connection, "organization"),
        "awarded": cast(fact(connection, "amount"), BigInteger),
    }
    order = [ordered(columns.get(chosen.sort, o.opened), descending=chosen.descending)]
    return lines(connection, book_id, selection(connection, book_id, chosen).read(order, limit, offset), today)


def read_grant(connection: Connection, book_id: int, code: str, today: date) -> GrantLine:
    """Read one grant; raise NotFoundError."""
    return lines(connection, book_id, [grant_object(connection, book_id, code)], today)[0]


def grant_object(connection: Connection, book_id: int, code: str) -> Object:
    """Read a grant as it was awarded; raise NotFoundError."""
    known = lookup.objects(connection, book_id, {f"grant:{code}"}).get(f"grant:{code}")
    if known is None:
        raise NotFoundError("this book has no grant '%(code)s'", code=code)
    return known


def lines(connection: Connection, book_id: int, found: Sequence[Object], today: date) -> list[GrantLine]:
    """Make the lines of grants."""
    paid = payments(connection, book_id, [each.facts["code"] for each in found])
    moved = moved_on(connection, book_id, found)
    back = lookup.reversals(connection, book_id, {each.opened for each in found if each.closed is not None})
    named = {
        f"{kind}:{each.facts[kind]}"
        for each in found
        for kind in ("organization", "fund", "project", "unit")
        if each.facts.get(kind)
    }
    names_ = Names(connection, book_id, named | {each.address for each in found} | {f"unit:{CNY.code}"})
    made = []
    for each in found:
        state = "open" if each.closed is None else "reversed" if each.opened in back else "closed"
        sums = moved.get(each.address, (0, 0, 0))
        made.append(_line(each, state, sums, paid.get(each.facts["code"], []), names_, today))
    return made


def moved_on(connection: Connection, book_id: int, found: Collection[Object]) -> dict[str, tuple[int, int, int]]:
    """Add up what grants were paid, returned and hold in the unit of the award, in three statements."""
    units = {each.address: each.facts.get("unit", CNY.code) for each in found}
    if not units:
        return {}
    a = t.axes.c
    query = select(a.no, a.account, a.unit, a.received - a.given).where(
        a.book_id == book_id, lookup.among(connection, a.account, units.keys())
    )
    axes = {row[0]: (row[1], int(row[3])) for row in connection.execute(query) if row[2] == units[row[1]]}
    moves = defaultdict(list)
    leaving, entering = crossings(connection, book_id, {no: no for no in axes})
    for crossing, out in (*((c, True) for c in leaving), *((c, False) for c in entering)):
        moves[crossing.owner].append((crossing, out))
    return {account: (*paid_and_returned(moves[no]), held) for no, (account, held) in axes.items()}


def _line(
    grant: Object, state: str, sums: tuple[int, int, int], paid_by: Sequence[Payment], names_: Names, today: date
) -> GrantLine:
    facts, (paid, returned, held) = grant.facts, sums
    unit = facts.get("unit", CNY.code)
    open_amount = facts["amount"] - paid if state == "open" else 0
    parts = (facts["amount"], paid, paid - returned - held, returned, held, open_amount)
    return GrantLine(
        facts["code"],
        names_.ref(f"organization:{facts['organization']}"),
        names_.ref(f"project:{facts['project']}") if facts.get("project") else None,
        names_.ref(f"fund:{facts['fund']}"),
        day(grant.body["dated"]),
        state,
        Amounts(*(names_.quantity(amount, unit) for amount in parts)),
        tuple(_instalment(each, unit, paid_by, names_, today) for each in facts.get("instalments", ())),
        grant.opened,
        facts,
    )


def _instalment(
    agreed: dict[str, Any], unit: str, paid_by: Sequence[Payment], names_: Names, today: date
) -> Instalment:
    own = tuple(each for each in paid_by if each.instalment == agreed["n"] and each.unit == unit)
    paid, due = sum(each.amount for each in own), day(agreed["due"])
    state = (
        "paid" if paid >= agreed["amount"] else "late" if due < today else "soon" if due - today <= SOON else "later"
    )
    amounts = (names_.quantity(amount, unit) for amount in (agreed["amount"], paid, agreed["amount"] - paid))
    amount, got, left = amounts
    return Instalment(agreed["n"], amount, due, agreed.get("condition", ""), got, left, state, own)
