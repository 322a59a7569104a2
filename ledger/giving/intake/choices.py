"""What the forms of the intake desk let one choose from; each list is read in a statement, and has an end."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ledger.core import canonical
from ledger.core.units import CNY, HOUR
from ledger.desk.tables import proposals
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.people.accounts import clock
from ledger.web.convert import name_of
from ledger.web.labels import N_

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.journal.lookup import Object

MOST_KNOWN = 200  # units and purposes offered while typing
PLACES = ("bank", "cash", "wallet")
NO_DONORS = ("contract/", "surplus", "opening", "interest", "sales", "volunteer")
CHANNELS = {
    "bank": N_("Bank transfer"),
    "wechat": N_("WeChat"),
    "alipay": N_("Alipay"),
    "cash": N_("Cash"),
    "box": N_("Collection box"),
    "market": N_("Charity market"),
    "website": N_("Own website"),
    "platform": N_("Fundraising platform"),
    "time-bank": N_("Time bank"),
}
"""By which way gifts come, as the ledger says it; lists that are imported may say others."""
MOST_TODAY = 1000
CHINA = ZoneInfo("Asia/Shanghai")

o, a, q = t.objects.c, t.axes.c, proposals.c

Pair = tuple[str, str]


class Known(NamedTuple):
    """What the book has, for a form: pairs of address (or code) and name."""

    funds: list[Pair]
    places: list[Pair]
    stores: list[Pair]
    sources: list[Pair]
    campaigns: list[Pair]


class Mine(NamedTuple):
    """What somebody entered today: how many gifts, money in fen, minutes, kinds of goods; the newest ones."""

    gifts: int
    money: int
    minutes: int
    goods: int
    newest: list[tuple[str, str, str]]  # code, title, state


def known(connection: Connection, book_id: int) -> Known:
    """Read the open funds, places, sources and campaigns of a book, in one statement."""
    kinds = ("fund", *PLACES, "inventory", "source", "campaign")
    within = lookup.of_type(o.address, kinds[0])
    for kind in kinds[1:]:
        within |= lookup.of_type(o.address, kind)
    e = t.entries.c
    query = (
        select(o.address, e.body)
        .join(t.entries, (e.book_id == o.book_id) & (e.seq == o.latest))
        .where(o.book_id == book_id, within, o.closed.is_(None))
        .order_by(o.opened)
    )
    named: dict[str, list[Pair]] = {kind: [] for kind in kinds}
    for address, body in connection.execute(query):
        kind, _, code = address.partition(":")
        name = name_of(canonical.decode(bytes(body))["facts"]) or code
        named[kind].append((code if kind == "campaign" else address, name))
    return Known(
        named["fund"],
        [pair for kind in PLACES for pair in named[kind]],
        named["inventory"],
        [pair for pair in named["source"] if not pair[0].partition(":")[2].startswith(NO_DONORS)],
        named["campaign"],
    )


def goods_known(connection: Connection, book_id: int) -> list[Object]:
    """Read the kinds of goods given most often: their facts say how each is counted."""
    query = (
        select(a.unit)
        .where(a.book_id == book_id, lookup.of_type(a.account, "inventory"), a.unit.not_in((CNY.code, HOUR)))
        .order_by((a.received - a.given).desc(), a.no)
        .limit(MOST_KNOWN)
    )
    units = {f"unit:{code}" for code in connection.scalars(query)}
    return list(lookup.objects(connection, book_id, units).values())


def unit_scale(connection: Connection, book_id: int, code: str) -> int | None:
    """Return the decimal places of a unit, None when the book does not have it."""
    address = f"unit:{code}"
    found = lookup.objects(connection, book_id, {address}).get(address)
    return int(found.facts.get("scale", 0)) if found else None


def purposes_known(connection: Connection, book_id: int) -> list[str]:
    """Read the purposes for which something is left, those with most first."""
    query = (
        select(a.account)
        .where(a.book_id == book_id, lookup.of_type(a.account, "earmark"), a.received > a.given)
        .order_by((a.received - a.given).desc(), a.no)
        .limit(MOST_KNOWN)
    )
    found = lookup.objects(connection, book_id, set(connection.scalars(query)))
    return sorted({name_of(each.facts) for each in found.values()} - {""})


def entered_today(connection: Connection, book_id: int, by: str, command: str) -> Mine:
    """Add up what somebody entered today (in China)."""
    midnight = datetime.now(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    query = (
        select(q.code, q.title, q.state, q.payload)
        .where(q.book_id == book_id, q.by == by, q.at >= clock.stamp(midnight), q.command == command)
        .where(q.state.not_in(("withdrawn", "rejected")))
        .order_by(q.at.desc())
        .limit(MOST_TODAY)
    )
    rows = connection.execute(query).all()
    said = [json.loads(row.payload) for row in rows]
    sums = {kind: [each["amount"] for each in said if each["resource"] == kind] for kind in ("money", "hours", "goods")}
    newest = [(row.code, row.title, row.state) for row in rows[:5]]
    return Mine(len(rows), sum(sums["money"]), sum(sums["hours"]), len(sums["goods"]), newest)
