"""What the accounts' desk shows: entries of some kinds, balances by account, the parties of a book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from ledger.core.entry import ACCOUNTS
from ledger.journal import carried, lookup
from ledger.journal import tables as t
from ledger.web.convert import Names, day, name_of
from ledger.web.lines import entry_lines
from ledger.web.pages import Ref

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Select

    from ledger.web.pages import EntryLine, Quantity

H = t.headers.c
ORDERS = {"seq": H.seq, "dated": H.dated}
FLOW_TYPES = ("source", "fund", "earmark", "grant", "outcome")  # services have a list of their own
PLACE_TYPES = ("bank", "cash", "wallet", "inventory", "receivable", "payable")
MOST = 150
SHORT = 100  # days; a period as short is read whole and sorted, instead of the log being walked back to it


class Chosen(NamedTuple):
    """Which entries are listed."""

    kinds: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    ref: str = ""  # an entry's number, or the beginning of its ref


def count_entries(connection: Connection, book_id: int, size: int, chosen: Chosen) -> int:
    """Count the entries chosen; all of a book are known without counting."""
    if chosen == Chosen():
        return size
    query = _fitting(select(func.count()).select_from(t.headers), book_id, chosen)
    return carried.count_entries(connection, book_id, ("desk", *chosen), query)


def list_entries(
    connection: Connection, book_id: int, chosen: Chosen, sort: str, *, descending: bool, limit: int, offset: int
) -> tuple[EntryLine, ...]:
    """Read a page of entries, in six statements."""
    order: ColumnElement[Any] = ORDERS[sort]
    if sort == "seq" and is_short(chosen.since, chosen.until):
        order = order + 0  # keeps the database from walking the log
    query = _fitting(select(H.seq), book_id, chosen)
    query = query.order_by(*((order.desc(), H.seq.desc()) if descending else (order.asc(), H.seq)))
    return entry_lines(connection, book_id, list(connection.scalars(query.limit(limit).offset(offset))))


def is_short(since: date | None, until: date | None) -> bool:
    """Tell whether a period is so short that few entries are in it."""
    return since is not None and until is not None and (until - since).days <= SHORT


def _fitting(query: Select[Any], book_id: int, chosen: Chosen) -> Select[Any]:
    query = query.where(H.book_id == book_id)
    if chosen.kinds:
        query = query.where(H.kind.in_(chosen.kinds))
    if chosen.since:
        query = query.where(H.dated >= chosen.since.isoformat())
    if chosen.until:
        query = query.where(H.dated <= chosen.until.isoformat())
    number = chosen.ref.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 16:  # noqa: PLR2004  # more is no entry's number
        query = query.where(H.seq == int(number))
    elif chosen.ref:
        query = query.where(H.ref >= chosen.ref, H.ref < chosen.ref + "\U0010ffff")
    return query


@dataclass(frozen=True, slots=True)
class Held:
    """An account in one unit: what it received (debits), gave (credits) and holds."""

    account: Ref
    received: Quantity
    given: Quantity
    balance: Quantity


@dataclass(frozen=True, slots=True)
class Balances:
    """All accounts but services, by kind; `left_out`: there are more earmarks or grants than are listed."""

    held: dict[str, tuple[Held, ...]]
    left_out: bool


def balances(connection: Connection, book_id: int) -> Balances:
    """Read what every account holds; services, of which there may be very many, have a list of their own."""
    a = t.axes.c
    rows: list[Any] = []
    left_out = False
    for kind in (*FLOW_TYPES, *PLACE_TYPES):
        query = select(a.account, a.unit, a.received, a.given).where(a.book_id == book_id)
        found = connection.execute(
            query.where(lookup.of_type(a.account, kind)).order_by(a.account, a.unit).limit(MOST + 1)
        ).all()
        left_out = left_out or len(found) > MOST
        rows += found[:MOST]
    names = Names(connection, book_id, {row.account for row in rows} | {f"unit:{row.unit}" for row in rows})
    held: dict[str, list[Held]] = {kind: [] for kind in ACCOUNTS}
    for row in rows:
        amounts = (row.received, row.given, row.received - row.given)
        line = Held(names.ref(row.account), *(names.quantity(amount, row.unit) for amount in amounts))
        held[row.account.partition(":")[0]].append(line)
    return Balances({kind: tuple(lines) for kind, lines in held.items() if lines}, left_out)


@dataclass(frozen=True, slots=True)
class Party:
    """An organization, community or worker. `name` is of the ledger; a worker's stands in the side store."""

    ref: Ref
    detail: str
    opened: date
    seq: int
    closed: bool


def parties(connection: Connection, book_id: int, kinds: Sequence[str]) -> tuple[Party, ...]:
    """List the parties of some types, in two statements a type."""
    found: list[Party] = []
    for kind in kinds:
        known = lookup.objects_of(connection, book_id, kind)
        named = {line.ref.code: line.ref.name for line in found if line.ref.type == "organization"}
        private = _names(connection, book_id, [each.latest for each in known.values()]) if kind == "worker" else {}
        for each in known.values():
            name = private.get(each.latest) or name_of(each.facts) or each.facts["code"]
            carrier = each.facts.get("organization") or ""
            detail = str(each.facts.get("street") or named.get(carrier, carrier))
            found.append(
                Party(Ref(each.address, name), detail, day(each.body["dated"]), each.opened, each.closed is not None)
            )
    return tuple(found)


def _names(connection: Connection, book_id: int, seqs: list[int]) -> dict[int, str]:
    p = t.private.c
    query = select(p.seq, p.value).where(
        p.book_id == book_id, p.field == "name", lookup.among(connection, p.seq, set(seqs))
    )
    return {row.seq: row.value for row in connection.execute(query)} if seqs else {}
