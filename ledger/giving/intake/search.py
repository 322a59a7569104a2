"""Find gifts of a book, newest first, whatever their number: a page costs the same in a book of a million.

What is asked for is either a small set (a name, a campaign, a fund with few gifts), which is read whole and put in
order, or the book is walked from the newest gift backwards, at most `WALK` gifts at a time. When a walk ends before
the page is full, `Found.reached` says how far it looked, and the cursor goes on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import exists, func, literal_column, select, text, tuple_

from ledger.core import canonical, tracking
from ledger.core.units import CNY, HOUR
from ledger.funds.region import regions
from ledger.giving.intake.tables import receipts
from ledger.journal import lookup
from ledger.journal import tables as t

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

SMALL = 5_000  # gifts of a set that is read whole
WALK = 20_000  # gifts that one page looks through
KINDS = ("money", "goods", "hours")
SORTS = ("dated", "seq")
_A_NAME = text("private.field = 'donor' AND length(private.value) <= 200")  # word for word as the index says it
_AFTER_ALL = "\U0010ffff"

h, f, a, m, p, r, e = t.headers.c, t.flows.c, t.axes.c, t.mentions.c, t.private.c, receipts.c, t.entries.c


class Cursor(NamedTuple):
    """A place in a list of gifts: what comes next lies beyond it."""

    dated: str
    seq: int

    def __str__(self) -> str:
        return f"{self.dated}.{self.seq}"

    @classmethod
    def read(cls, given: str) -> Cursor | None:
        """Read a cursor; None for anything else."""
        dated, _, seq = given.partition(".")
        plain = seq.isascii() and seq.isdigit() and len(seq) < 17  # noqa: PLR2004  # digits of 2^53
        return cls(dated, int(seq)) if plain and len(dated) == 10 and dated.isascii() else None  # noqa: PLR2004


class Chosen(NamedTuple):
    """What a reader asks for; empty: anything. `account` is a fund (with its earmarks) or an earmark."""

    since: str = ""
    until: str = ""
    account: str = ""
    kind: str = ""
    campaign: str = ""
    channel: str = ""
    receipt: str = ""  # "yes", "no"
    words: str = ""  # a tracking code, the number of an entry, or how the donor's name begins
    sort: str = "dated"
    descending: bool = True
    cursor: Cursor | None = None

    @property
    def narrowed(self) -> bool:
        """Tell whether less than everything is asked for."""
        return any(self[:8])


class Found(NamedTuple):
    """A page: entries of gifts in order; where the next page begins; how far an unfinished walk looked.

    `truncated`: more gifts bear the name than are looked at.
    """

    seqs: list[int]
    next: Cursor | None = None
    reached: Cursor | None = None
    truncated: bool = False


def find_gifts(connection: Connection, book_id: int, chosen: Chosen, size: int) -> Found:
    """Find one page of gifts."""
    sets, wide, truncated = _sets(connection, book_id, chosen)
    if sets:
        within = set.intersection(*sets)
        if not within:
            return Found([], truncated=truncated)
        gifts = _gifts(book_id, chosen).where(lookup.among(connection, h.seq, within))
        query = _fitting(connection, chosen, gifts, wide)
        rows = connection.execute(_ordered(query, h.dated, h.seq, chosen).limit(size + 1)).all()
        return _page(rows, size, truncated=truncated)
    return _walk(connection, book_id, chosen, wide, size)


def _page(rows: Any, size: int, *, truncated: bool = False) -> Found:
    shown = [row.seq for row in rows[:size]]
    last = rows[size - 1] if len(rows) > size else None
    return Found(shown, Cursor(last.dated, last.seq) if last else None, truncated=truncated)


def _walk(connection: Connection, book_id: int, chosen: Chosen, wide: list[ColumnElement[bool]], size: int) -> Found:
    """Look through the next gifts in order, as many as `WALK` when few of them fit."""
    if not wide and not chosen.channel:
        return _page(connection.execute(_gifts_in_order(book_id, chosen).limit(size + 1)).all(), size)
    near = _gifts_in_order(book_id, chosen).limit(WALK).subquery("near")
    query = select(h.seq, h.dated).join(near, (h.seq == near.c.seq) & (h.book_id == book_id))
    query = _ordered(_fitting(connection, chosen, query, wide), near.c.dated, near.c.seq, chosen)
    found = _page(connection.execute(query.limit(size + 1)).all(), size)
    if found.next is not None:
        return found
    end = connection.execute(_gifts_in_order(book_id, chosen).offset(WALK - 1).limit(1)).one_or_none()
    return found._replace(reached=Cursor(end.dated, end.seq) if end else None)


def _gifts(book_id: int, chosen: Chosen) -> Select[Any]:
    """Select the gifts of the period beyond the cursor."""
    query = select(h.seq, h.dated).where(h.book_id == book_id, h.kind == "donation.received")
    if chosen.since:
        query = query.where(h.dated >= chosen.since)
    if chosen.until:
        query = query.where(h.dated <= chosen.until)
    if chosen.cursor:
        query = query.where(_beyond(chosen, chosen.cursor))
    return query


def _beyond(chosen: Chosen, cursor: Cursor) -> ColumnElement[bool]:
    if chosen.sort == "seq":
        return h.seq < cursor.seq if chosen.descending else h.seq > cursor.seq
    at, here = tuple_(h.dated, h.seq), tuple_(cursor.dated, cursor.seq)
    return at < here if chosen.descending else at > here


def _gifts_in_order(book_id: int, chosen: Chosen) -> Select[Any]:
    return _ordered(_gifts(book_id, chosen), h.dated, h.seq, chosen)


def _ordered(query: Select[Any], dated: ColumnElement[Any], seq: ColumnElement[Any], chosen: Chosen) -> Select[Any]:
    keys = (dated, seq) if chosen.sort == "dated" else (seq,)
    return query.order_by(*(key.desc() if chosen.descending else key.asc() for key in keys))


def _fitting(
    connection: Connection, chosen: Chosen, query: Select[Any], wide: list[ColumnElement[bool]]
) -> Select[Any]:
    """Keep what fits the conditions that are no small set."""
    if chosen.channel:
        said = canonical.encode({"channel": chosen.channel})[1:-1]
        inside = func.instr if connection.dialect.name == "sqlite" else func.pg_catalog.position
        query = query.join(t.entries, (e.book_id == h.book_id) & (e.seq == h.seq)).where(inside(e.body, said) > 0)
    return query.where(*wide)


# ------------------------------------------------------------------ small sets


def _sets(
    connection: Connection, book_id: int, chosen: Chosen
) -> tuple[list[set[int]], list[ColumnElement[bool]], bool]:
    """Read the small sets that are asked for; what is not small becomes a condition."""
    sets: list[set[int]] = []
    wide: list[ColumnElement[bool]] = []
    truncated = False
    if chosen.words:
        named, truncated = _by_words(connection, book_id, chosen.words)
        sets.append(named)
    asked = [
        (chosen.campaign, _of_campaign),
        (chosen.account or chosen.kind, _of_accounts),
        (chosen.receipt, _with_receipt),
    ]
    for wanted, source in asked:
        if wanted:
            some, condition = source(connection, book_id, chosen)
            few = set(connection.scalars(some.limit(SMALL + 1))) if some is not None else None
            if few is None or len(few) > SMALL:
                wide.append(condition)
            else:
                sets.append(few)
    return sets, wide, truncated


_Source = tuple["Select[Any] | None", "ColumnElement[bool]"]


def _of_campaign(_connection: Connection, book_id: int, chosen: Chosen) -> _Source:
    named = (m.book_id == book_id) & (m.address == f"campaign:{chosen.campaign}")
    return select(m.seq).where(named), exists().where(named, m.seq == h.seq)


def _with_receipt(_connection: Connection, book_id: int, chosen: Chosen) -> _Source:
    there = exists().where(r.book_id == book_id, r.seq == h.seq)
    if chosen.receipt == "no":
        return None, ~there
    return select(r.seq).where(r.book_id == book_id), there


def _of_accounts(connection: Connection, book_id: int, chosen: Chosen) -> _Source:
    """Gifts laid on some accounts, of some kind of unit: counted by what their axes know of themselves."""
    which = [a.book_id == book_id, a.gifts > 0, *_of_kind(chosen.kind)]
    if chosen.account:
        kind, _, code = chosen.account.partition(":")
        accounts = regions(connection, book_id, [code])[0].accounts if kind == "fund" else {chosen.account}
        which.append(lookup.among(connection, a.account, accounts))
    laid = (f.book_id == book_id) & (f.gift == 1) & (f.taker == a.no)
    axes = {row.no: row.gifts for row in connection.execute(select(a.no, a.gifts).where(*which))}
    mine = (f.book_id == book_id) & (f.gift == 1) & lookup.among(connection, f.taker, axes)
    few = select(f.seq).where(mine) if sum(axes.values()) <= SMALL else None
    return few, exists().where(f.seq == h.seq, laid, *which).correlate(t.headers)


def _of_kind(kind: str) -> list[ColumnElement[bool]]:
    known: dict[str, ColumnElement[bool]] = {
        "money": a.unit == CNY.code,
        "hours": a.unit == HOUR,
        "goods": a.unit.not_in((CNY.code, HOUR)),
    }
    return [known[kind]] if kind in known else []


def _by_words(connection: Connection, book_id: int, words: str) -> tuple[set[int], bool]:
    """Find gifts by tracking code, number of the entry, number of the receipt, or the beginning of the donor's name."""
    try:
        subject = f"donation:{tracking.digest(tracking.parse(words))}"
    except tracking.TrackingCodeError:
        number = words.removeprefix("#")
        if number.isascii() and number.isdigit():
            return _numbered(connection, book_id, number), False
        return _named(connection, book_id, words)
    return set(connection.scalars(select(h.seq).where(h.subject == subject, h.book_id + 0 == book_id))), False


def _numbered(connection: Connection, book_id: int, number: str) -> set[int]:
    found = set(connection.scalars(select(r.seq).where(r.book_id == book_id, r.number == number).limit(SMALL)))
    return found | ({int(number)} if len(number) < 16 else set())  # noqa: PLR2004  # digits of 2^53


def _named(connection: Connection, book_id: int, words: str) -> tuple[set[int], bool]:
    """Find gifts whose donor's name begins so, through the index of names; the newest of very many."""
    if connection.dialect.name == "sqlite":
        begins = (p.value >= words) & (p.value < words + _AFTER_ALL)
    else:
        after = words + _AFTER_ALL
        begins = p.value.op("~>=~", is_comparison=True)(words) & p.value.op("~<~", is_comparison=True)(after)
    query = select(p.seq).where(p.book_id == book_id, _A_NAME, begins)
    found = set(connection.scalars(query.order_by((p.seq + literal_column("0")).desc()).limit(SMALL + 1)))
    truncated = len(found) > SMALL
    return (found - {min(found)} if truncated else found), truncated
