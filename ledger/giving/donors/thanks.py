"""The public list of thanks: gifts newest first, under a name only where the donor agreed.

A page looks at no more gifts than it shows; a search looks at the newest gifts under names that begin so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import literal_column, select, text
from sqlalchemy.orm import aliased

from ledger.giving.donors.consents import PUBLISH, names_given, published_names
from ledger.giving.donors.tables import consents
from ledger.giving.intake.search import Chosen, Cursor, find_gifts
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.read import read_bodies
from ledger.web.convert import Names, day, moment

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy import Connection

    from ledger.core.entry import Body
    from ledger.journal.read import BookRow
    from ledger.web.pages import BookRef, Quantity, Ref

SIZE = 50  # gifts a page
MOST_NAMED = 500  # gifts under names that begin as searched for
LEAST = 1  # letters of a search
_A_NAME = text("private.field = 'donor' AND length(private.value) <= 200")  # word for word as the index says it
_AFTER_ALL = "\U0010ffff"

p, c = t.private.c, consents.c


@dataclass(frozen=True, slots=True)
class Thanked:
    """A gift on the list; `name` None: unnamed, or not to be named."""

    seq: int
    dated: date
    quantity: Quantity
    fund: Ref
    name: str | None


@dataclass(frozen=True, slots=True)
class ThanksPage:
    """A page of the list. `fund`: only its gifts; `older`: where the next page begins; `more`: further ones fit."""

    book: BookRef
    gifts: tuple[Thanked, ...]
    fund: Ref | None
    words: str
    older: Cursor | None
    newest: bool
    more: bool
    as_of: datetime | None


def thanks_page(
    connection: Connection, book: tuple[BookRow, BookRef], fund: str, words: str, cursor: Cursor | None
) -> ThanksPage:
    """Read a page: of all gifts or those of a fund (its code), or the newest under names that begin with `words`."""
    row, ref = book
    account = f"fund:{fund}" if fund else ""
    older, more = None, False
    if words:
        seqs = _named(connection, row.id, words)
        more = len(seqs) > SIZE
        seqs = seqs[:SIZE]
    else:
        found = find_gifts(connection, row.id, Chosen(account=account, sort="seq", cursor=cursor), SIZE)
        seqs, older = found.seqs, found.next or found.reached
    gifts, known = _thanked(connection, row.id, seqs, account)
    return ThanksPage(
        ref,
        gifts,
        known.ref(account) if account else None,
        words,
        older,
        cursor is None,
        more,
        moment(row.recorded) if row.size else None,
    )


def _thanked(
    connection: Connection, book_id: int, seqs: Collection[int], account: str
) -> tuple[tuple[Thanked, ...], Names]:
    """Read gifts in the order given; those whose record was taken back are left out."""
    undone = lookup.reversals(connection, book_id, set(seqs))
    bodies = read_bodies(connection, book_id, [seq for seq in seqs if seq not in undone]) if seqs else {}
    said = published_names(connection, book_id, bodies)
    wanted = {address for body in bodies.values() for address in _addresses(body)} | ({account} if account else set())
    names = Names(connection, book_id, wanted)
    return tuple(_one(bodies[seq], said.get(seq), names) for seq in seqs if seq in bodies), names


def _addresses(body: Body) -> set[str]:
    flow = body["flows"][0]
    return {flow["to"], f"unit:{flow['unit']}"}


def _one(body: Body, name: str | None, names: Names) -> Thanked:
    flow = body["flows"][0]
    taker = names.ref(flow["to"])
    fund = (names.other(flow["to"], "fund") if taker.type == "earmark" else None) or taker
    return Thanked(body["seq"], day(body["dated"]), names.quantity(flow["amount"], flow["unit"]), fund, name)


def _named(connection: Connection, book_id: int, words: str) -> list[int]:
    """Find the newest gifts whose donor agreed to be named and whose name begins so, one more than a page has."""
    if connection.dialect.name == "sqlite":
        begins = (p.value >= words) & (p.value < words + _AFTER_ALL)
    else:
        after = words + _AFTER_ALL
        begins = p.value.op("~>=~", is_comparison=True)(words) & p.value.op("~<~", is_comparison=True)(after)
    near = (
        select(p.seq)
        .where(p.book_id == book_id, _A_NAME, begins)
        .order_by((p.seq + literal_column("0")).desc())
        .limit(MOST_NAMED)
    )
    found, agreed = near.subquery("near"), aliased(t.private)
    query = (
        select(found.c.seq, c.publish, agreed.c.value)
        .select_from(found)
        .outerjoin(consents, (c.book_id == book_id) & (c.seq == found.c.seq))
        .outerjoin(
            agreed,
            (agreed.c.book_id == book_id) & (agreed.c.seq == found.c.seq) & (agreed.c.field == "consent"),
        )
    )
    yes, open_ones = set(), set()
    for seq, publish, given in connection.execute(query):
        if publish == 1 or (publish is None and given == PUBLISH):
            yes.add(seq)
        elif publish is None and given is None:
            open_ones.add(seq)
    yes |= _by_facts(connection, book_id, open_ones)
    return sorted(yes, reverse=True)[: SIZE + 1]


def _by_facts(connection: Connection, book_id: int, seqs: set[int]) -> set[int]:
    """Find the gifts whose own facts say that the name is published."""
    if not seqs:
        return set()
    bodies = read_bodies(connection, book_id, sorted(seqs))
    return {seq for seq, named in names_given(connection, book_id, bodies).items() if named.published}
