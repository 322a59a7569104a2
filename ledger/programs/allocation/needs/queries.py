"""Needs as pages show them: lists, one need with what it has got, and what is unmet over all communities."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.core.entry import public_residents
from ledger.core.errors import NotFoundError
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.allocation.needs.allocated import allocated_to, is_allocated
from ledger.programs.allocation.rows import Selection, fact, has_words, names, o, ordered
from ledger.web.convert import Names, day, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from ledger.journal.lookup import Object
    from ledger.programs.allocation.needs.allocated import Allocated
    from ledger.web.pages import Quantity, Ref

STATES = ("open", "partly", "met", "withdrawn")
MOST_OPEN = 5_000  # open needs whose unmet wants are added up


class Chosen(NamedTuple):
    """What a reader asks for; empty: anything."""

    community: str = ""
    category: str = ""
    state: str = ""
    words: str = ""
    sort: str = "raised"
    descending: bool = True


class Want(NamedTuple):
    """How much of a unit is wanted, set aside in grants, delivered, and still unmet."""

    wanted: Quantity
    awarded: Quantity
    delivered: Quantity
    unmet: Quantity


class NeedLine(NamedTuple):
    """A need in a list. `residents` 0: not known; 1: a small group. `age`: days since it was raised, until closed."""

    code: str
    title: str
    category: str
    community: Ref
    raised_by: str
    raised: date
    age: int
    residents: int
    state: str
    wants: tuple[Want, ...]
    seq: int
    description: str = ""
    reason: str = ""  # for which it was closed

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be met."""
        return self.state in STATES[:2]

    @property
    def unmet(self) -> tuple[Quantity, ...]:
        """Return what is wanted and not yet set aside."""
        return tuple(want.unmet for want in self.wants if want.unmet.amount)


def selection(connection: Connection, book_id: int, chosen: Chosen) -> Selection:
    """Select the needs that fit."""
    where: list[ColumnElement[bool]] = []
    if chosen.community:
        where.append(names(f"community:{chosen.community}"))
    if chosen.category:
        where.append(fact(connection, "category") == chosen.category)
    if chosen.words:
        where.append(has_words(connection, chosen.words, "title", "description"))
    where += _state(connection, book_id, chosen.state)
    return Selection(connection, book_id, "need", tuple(where))


def _state(connection: Connection, book_id: int, state: str) -> list[ColumnElement[bool]]:
    if state in {"open", "partly"}:
        some = is_allocated(book_id)
        return [o.closed.is_(None), some if state == "partly" else ~some]
    if state not in {"met", "withdrawn"}:
        return []
    closing = t.entries.alias("closing")
    ended = select(closing.c.seq).where(closing.c.book_id == book_id, closing.c.seq == o.closed)
    ended = ended.where(fact(connection, "outcome", body=closing.c.body) == state)
    return [o.closed.is_not(None), ended.correlate(t.objects).exists()]


def read_needs(
    connection: Connection, book_id: int, chosen: Chosen, today: date, *, limit: int, offset: int = 0
) -> list[NeedLine]:
    """Read a page of needs, in seven statements."""
    columns = {"raised": "raised", "title": "title", "category": "category", "community": "community"}
    key = fact(connection, columns.get(chosen.sort, "raised"))
    found = selection(connection, book_id, chosen).read([ordered(key, descending=chosen.descending)], limit, offset)
    return lines(connection, book_id, found, today)


def lines(connection: Connection, book_id: int, found: Collection[Object], today: date) -> list[NeedLine]:
    """Make the lines of needs."""
    got = allocated_to(connection, book_id, [need.address for need in found])
    named = {f"community:{need.facts['community']}" for need in found}
    named |= {f"unit:{want['unit']}" for need in found for want in need.facts["wanted"]}
    book = Names(connection, book_id, named)
    closings = _closings(connection, book_id, found)
    return [_line(need, book, got.get(need.address), closings.get(need.closed or -1), today) for need in found]


def _closings(connection: Connection, book_id: int, found: Iterable[Object]) -> dict[int, tuple[str, str, str]]:
    """Read how needs were closed: outcome, reason and day, by entry."""
    seqs = {need.closed for need in found if need.closed is not None}
    e, h = t.entries.c, t.headers.c
    if not seqs:
        return {}
    query = (
        select(h.seq, h.dated, fact(connection, "outcome"), fact(connection, "reason"))
        .join(t.entries, (e.book_id == h.book_id) & (e.seq == h.seq))
        .where(h.book_id == book_id, lookup.among(connection, h.seq, seqs))
    )
    return {row[0]: (row[2], row[3], row[1]) for row in connection.execute(query)}


def _line(
    need: Object, names_: Names, got: Allocated | None, closing: tuple[str, str, str] | None, today: date
) -> NeedLine:
    facts = need.facts
    raised = day(facts["raised"])
    state = closing[0] if closing else ("partly" if got is not None and got.total else "open")
    until = day(closing[2]) if closing else today
    return NeedLine(
        facts["code"],
        name_of(facts),
        facts["category"],
        names_.ref(f"community:{facts['community']}"),
        facts["raised_by"],
        raised,
        max(0, (until - raised).days),
        public_residents(facts),
        state,
        wants_of(need, names_, got),
        need.latest,
        facts.get("description", ""),
        closing[1] if closing else "",
    )


def wants_of(need: Object, names_: Names, got: Allocated | None) -> tuple[Want, ...]:
    """Tell of each unit wanted what was set aside and delivered, and what is not met."""
    none: Counter[str] = Counter()
    awarded, delivered, total = (got.awarded, got.delivered, got.total) if got else (none, none, none)
    return tuple(
        Want(
            *(
                names_.quantity(amount, want["unit"])
                for amount in (
                    want["amount"],
                    awarded[want["unit"]],
                    delivered[want["unit"]],
                    max(0, want["amount"] - total[want["unit"]]),
                )
            )
        )
        for want in need.facts["wanted"]
    )


def read_need(connection: Connection, book_id: int, code: str, today: date) -> NeedLine:
    """Read one need; raise NotFoundError."""
    need = need_object(connection, book_id, code)
    return lines(connection, book_id, [need], today)[0]


def need_object(connection: Connection, book_id: int, code: str) -> Object:
    """Read a need as it stands on the ledger."""
    known = lookup.objects(connection, book_id, {f"need:{code}"}).get(f"need:{code}")
    if known is None:
        raise NotFoundError("this book has no need '%(code)s'", code=code)
    return known


class UnmetOf(NamedTuple):
    """Open needs by category: how many have no figures, and the sums of those that have."""

    category: str
    needs: int
    communities: tuple[Ref, ...]
    oldest: int  # days
    unmet: tuple[Quantity, ...]


def unmet_by_category(connection: Connection, book_id: int, today: date, community: str = "") -> list[UnmetOf]:
    """Add up what is unmet over the open needs, by category; most needs first."""
    chosen = Chosen(community=community)
    fits = selection(connection, book_id, chosen)
    fits = Selection(connection, book_id, "need", (*fits.where, o.closed.is_(None)))
    needs = lines(connection, book_id, fits.read([o.opened.asc()], MOST_OPEN), today)
    by_category: dict[str, list[NeedLine]] = defaultdict(list)
    for need in needs:
        by_category[need.category].append(need)
    found = [_unmet(category, of_it) for category, of_it in by_category.items()]
    return sorted(found, key=lambda line: (-line.needs, line.category))


def _unmet(category: str, needs: Collection[NeedLine]) -> UnmetOf:
    sums: dict[str, Quantity] = {}
    for quantity in (quantity for need in needs for quantity in need.unmet):
        known = sums.get(quantity.unit.code)
        sums[quantity.unit.code] = (
            quantity if known is None else type(quantity)(known.amount + quantity.amount, quantity.unit)
        )
    communities = {need.community.address: need.community for need in needs}
    order = sorted(sums.values(), key=lambda q: (("money", "goods", "hours").index(q.unit.kind), q.unit.code))
    return UnmetOf(category, len(needs), tuple(communities.values()), max(n.age for n in needs), tuple(order))
