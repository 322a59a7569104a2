"""Goods as pages show them: by item, by lot, one item with all that went in and out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import or_, select

from ledger.core.errors import NotFoundError
from ledger.core.units import CNY
from ledger.funds.recent import page_of_entries
from ledger.funds.region import Axis
from ledger.funds.rows import read_by_rows
from ledger.giving.stock.lots import HOLDERS, Lot, holdings, lots_in
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import Names, name_of
from ledger.web.lines import entry_lines, fund_of
from ledger.web.pages import Pager, Quantity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from ledger.web.pages import EntryLine, Ref, Unit

PLACES = ("inventory", "receivable", "payable")  # where goods can be, on the side of the accountant
MONTH, SOON = 30, 60  # days before a lot expires
STATES = ("expired", "month", "soon", "later", "none")
LOTS_SHOWN = 30  # on the page of an item
LOT_SORTS = ("expires", "dated", "unit", "left", "value")


class Sum(NamedTuple):
    """What an account holds of an item now."""

    account: str
    unit: str
    amount: int


@dataclass(frozen=True, slots=True)
class Item:
    """An item in stock. `held`: by funds; `stored`: in the stores and what is owed; the two agree."""

    unit: Unit
    held: Quantity
    stored: Quantity
    funds: tuple[tuple[Ref, Quantity], ...]
    stores: tuple[tuple[Ref, Quantity], ...]
    lots: int | None  # None: too many to be read for a list
    value: Quantity | None  # fair value; None when a lot has none, or too many
    expires: date | None  # the first lot to expire, of those read
    state: str

    @property
    def agrees(self) -> bool:
        """Tell whether the funds' goods are the stores' goods."""
        return self.held.amount == self.stored.amount


@dataclass(frozen=True, slots=True)
class LotLine:
    """What is left of a lot in one fund."""

    lot: Lot
    unit: Unit
    left: Quantity
    received: Quantity
    value: Quantity | None
    account: Ref
    fund: Ref
    store: Ref | None
    source: Ref
    state: str
    giver: str | None = None  # the name, when it was asked for


@dataclass(frozen=True, slots=True)
class Turnover:
    """What an item came in by, or went out by: a kind of entry and how much; `into`: it came in."""

    kind: str
    quantity: Quantity
    into: bool


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item: what is left, lot by lot, and what moved."""

    item: Item
    lots: tuple[LotLine, ...]
    lots_pager: Pager
    more: bool
    entries: tuple[EntryLine, ...]
    pager: Pager
    turnover: tuple[Turnover, ...]


@dataclass(frozen=True, slots=True)
class LotFilter:
    """Which lots to list."""

    words: str = ""
    account: str = ""
    store: str = ""
    state: str = ""
    unit: str = ""


def state_of(expires: date | None, today: date) -> str:
    """Tell how near a lot is to expiring: one of `STATES`."""
    if expires is None:
        return "none"
    days = (expires - today).days
    if days < 0:
        return "expired"
    return "month" if days <= MONTH else "soon" if days <= SOON else "later"


def sums(connection: Connection, book_id: int) -> list[Sum]:
    """Read what funds, earmarks, stores and debts hold of goods; one row an account and item that ever had any."""
    a = t.axes.c
    kinds = (lookup.of_type(a.account, kind) for kind in (*HOLDERS, *PLACES))
    query = (
        select(a.account, a.unit, a.received - a.given)
        .where(a.book_id == book_id, or_(*kinds), a.unit.contains(":"))
        .order_by(a.unit, a.account)
    )
    return [Sum(*row) for row in connection.execute(query)]


def in_stock(found: Iterable[Sum], words: str = "", account: str = "") -> dict[str, list[Sum]]:
    """Group by item, those of which something is held; `account`: a fund, earmark or store that holds some."""
    grouped: dict[str, list[Sum]] = defaultdict(list)
    for one in found:
        if one.amount:
            grouped[one.unit].append(one)
    return {
        unit: rows
        for unit, rows in grouped.items()
        if words.casefold() in unit.casefold() and (not account or any(row.account == account for row in rows))
    }


def items(connection: Connection, book_id: int, grouped: dict[str, list[Sum]], today: date) -> tuple[Item, ...]:
    """Describe items: the ones shown on a page."""
    lots = lots_in(connection, book_id, holdings(connection, book_id, grouped.keys()))
    accounts = {row.account for rows in grouped.values() for row in rows}
    names = Names(connection, book_id, accounts | {f"unit:{unit}" for unit in grouped} | {f"unit:{CNY.code}"})
    by_unit: dict[str, list[Lot]] = defaultdict(list)
    for lot in lots.lots:
        by_unit[lot.unit].append(lot)
    return tuple(_item(names, unit, rows, by_unit[unit], today) for unit, rows in grouped.items())


def _item(names: Names, unit: str, rows: Sequence[Sum], lots: Sequence[Lot], today: date) -> Item:
    funds = [row for row in rows if row.account.partition(":")[0] in HOLDERS]
    stores = [row for row in rows if row.account.partition(":")[0] in PLACES]
    values = [lot.value for lot in lots]
    held = sum(row.amount for row in funds)
    read = sum(lot.left for lot in lots) == held
    whole = None if None in values or not read else sum(value for value in values if value is not None)
    expires = min((lot.expires for lot in lots if lot.expires), default=None)
    return Item(
        unit=names.unit(unit),
        held=names.quantity(held, unit),
        stored=names.quantity(sum(row.amount for row in stores), unit),
        funds=tuple((names.ref(row.account), names.quantity(row.amount, unit)) for row in funds),
        stores=tuple((names.ref(row.account), names.quantity(row.amount, unit)) for row in stores),
        lots=len({lot.seq for lot in lots}) if read else None,
        value=None if whole is None else names.quantity(whole, CNY.code),
        expires=expires,
        state=state_of(expires, today),
    )


def chosen_lots(
    connection: Connection, book_id: int, chosen: LotFilter, today: date, sort: str = "expires"
) -> tuple[list[Lot], bool]:
    """List the lots in hand that were asked for; and tell whether there are more than can be read at once."""
    units = {chosen.unit} if chosen.unit else None
    held = [one for one in holdings(connection, book_id, units) if chosen.words.casefold() in one.unit.casefold()]
    if chosen.account:
        held = [one for one in held if chosen.account in {one.account, fund_of(one.account)}]
    found = lots_in(connection, book_id, held)
    lots = [
        lot
        for lot in found.lots
        if chosen.store in {"", lot.store} and chosen.state in {"", state_of(lot.expires, today)}
    ]
    return (sorted(lots, key=lambda lot: lot_order(lot, sort)) if sort in LOT_SORTS else lots), found.more


def described(connection: Connection, book_id: int, lots: Sequence[Lot], today: date) -> list[LotLine]:
    """Name what lots consist of."""
    named = {address for lot in lots for address in (lot.account, fund_of(lot.account), lot.source, f"unit:{lot.unit}")}
    named |= {lot.store for lot in lots if lot.store}
    names = Names(connection, book_id, named | {f"unit:{CNY.code}"})
    return [
        LotLine(
            lot,
            names.unit(lot.unit),
            names.quantity(lot.left, lot.unit),
            names.quantity(lot.received, lot.unit),
            None if lot.value is None else names.quantity(lot.value, CNY.code),
            names.ref(lot.account),
            names.ref(fund_of(lot.account)),
            names.ref(lot.store) if lot.store else None,
            names.ref(lot.source),
            state_of(lot.expires, today),
        )
        for lot in lots
    ]


def lot_order(lot: Lot, sort: str = "expires") -> tuple[object, ...]:
    """Give what lots are sorted by; without a date of expiry, those that came first stand last."""
    if sort == "expires":
        return (lot.expires is None, lot.expires or lot.dated, lot.seq)
    if sort == "value":
        return (lot.value or 0, lot.seq)
    return (getattr(lot, sort), lot.seq)


def first_expired(lots: Iterable[Lot], amount: int, today: date) -> list[tuple[int, int]]:
    """Suggest (lot, how much): what expires first goes first, then what came first; never what has expired.

    Less than the amount when there is less.
    """
    suggested, left = [], amount
    good = (lot for lot in lots if state_of(lot.expires, today) != "expired")
    for lot in sorted(good, key=lot_order):
        part = min(left, lot.left)
        if part:
            suggested.append((lot.seq, part))
        left -= part
    return suggested


def worth_of(lots: Iterable[Lot], chosen: Iterable[tuple[int, int]]) -> int:
    """Estimate the fair value in fen of so much of each lot; lots without a value count nothing."""
    known = {lot.seq: lot for lot in lots}
    return sum((known[seq].value or 0) * amount // known[seq].left for seq, amount in chosen if seq in known)


def first_in(lots: Iterable[Lot], amount: int) -> list[tuple[int, int]]:
    """Tell of which lots the first units in are, for an estimate of what they are worth."""
    taken, left = [], amount
    for lot in sorted(lots, key=lambda lot: lot.pieces):
        part = min(left, lot.left)
        if part:
            taken.append((lot.seq, part))
        left -= part
    return taken


_TURNOVER = """
SELECT kind, CAST(sum(arrived) AS bigint), CAST(sum(gone) AS bigint) FROM (
  SELECT h.kind AS kind, f.amount AS arrived, 0 AS gone FROM given AS r CROSS JOIN flows AS f CROSS JOIN headers AS h
  WHERE f.book_id = :book AND f.taker = r.no AND f.in_at >= 0 AND f.gift = 0 AND h.book_id = :book AND h.seq = f.seq
  UNION ALL
  SELECT h.kind, 0, f.amount FROM given AS r CROSS JOIN flows AS f CROSS JOIN headers AS h
  WHERE f.book_id = :book AND f.giver = r.no AND f.out_at >= 0 AND h.book_id = :book AND h.seq = f.seq
) AS moved GROUP BY kind ORDER BY kind
"""


def item_page(
    connection: Connection, book_id: int, unit: str, number: int, today: date, lots_number: int = 1
) -> ItemPage:
    """Read one item, a page of its lots and one of what moved; raise NotFoundError."""
    axes = _axes(connection, book_id, unit)
    if not axes:
        raise NotFoundError("this book never had goods called %(unit)s", unit=unit)
    grouped = {unit: [one for one in sums(connection, book_id) if one.unit == unit and one.amount]}
    (item,) = items(connection, book_id, grouped, today)
    lots, more = chosen_lots(connection, book_id, LotFilter(unit=unit), today)
    lots_pager = Pager.turned(lots_number, LOTS_SHOWN, len(lots))
    seqs, pager = page_of_entries(connection, book_id, axes, number)
    return ItemPage(
        item,
        tuple(described(connection, book_id, lots_pager.cut(lots), today)),
        lots_pager,
        more,
        entry_lines(connection, book_id, seqs),
        pager,
        _turnover(connection, book_id, axes, item.unit),
    )


def _axes(connection: Connection, book_id: int, unit: str) -> list[Axis]:
    a = t.axes.c
    query = select(a.no, a.account, a.unit, a.received, a.given, a.gifts).where(
        a.book_id == book_id, a.unit == unit, or_(*(lookup.of_type(a.account, kind) for kind in HOLDERS))
    )
    return [Axis(*row) for row in connection.execute(query)]


def _turnover(connection: Connection, book_id: int, axes: Sequence[Axis], unit: Unit) -> tuple[Turnover, ...]:
    """Add up what came in and went out by kind of entry; transfers between funds stand on both sides.

    Donations are not read: they are what the axes received and nothing else brought.
    """
    rows = read_by_rows(connection, _TURNOVER, ("no",), [(axis.no,) for axis in axes], book=book_id)
    given = sum(axis.received for axis in axes) - sum(arrived for _, arrived, _ in rows)
    into = [("donation.received", given), *((kind, arrived) for kind, arrived, _ in rows)]
    lines = [Turnover(kind, Quantity(amount, unit), into=True) for kind, amount in into if amount]
    return (*lines, *(Turnover(kind, Quantity(gone, unit), into=False) for kind, _, gone in rows if gone))


def givers(connection: Connection, book_id: int, seqs: Collection[int]) -> dict[int, str]:
    """Read the donors' names of entries from the side store; who looks at them is noted by the caller."""
    p = t.private.c
    if not seqs:
        return {}
    query = select(p.seq, p.value).where(
        p.book_id == book_id, p.field == "donor", lookup.among(connection, p.seq, seqs)
    )
    return {row.seq: row.value for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class Place:
    """A store, and what lies there by item."""

    store: Ref
    lines: tuple[tuple[Unit, Quantity], ...]


def places(connection: Connection, book_id: int) -> dict[str, str]:
    """List the open stores of a book: address to name."""
    found = lookup.objects_of(connection, book_id, "inventory")
    return {address: name_of(known.facts) for address, known in found.items() if known.closed is None}


def in_store(connection: Connection, book_id: int, store: str) -> Place:
    """Read what lies in a store; raise NotFoundError."""
    rows = [one for one in sums(connection, book_id) if one.account == store and one.amount]
    names = Names(connection, book_id, {store, *(f"unit:{row.unit}" for row in rows)})
    if store not in names.objects or not store.startswith("inventory:"):
        raise NotFoundError("there is no store %(store)s in this book", store=store)
    lines = ((names.unit(row.unit), names.quantity(row.amount, row.unit)) for row in rows)
    return Place(names.ref(store), tuple(sorted(lines, key=lambda line: line[0].name)))
