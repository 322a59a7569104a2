"""Parts that several of these pages have: accounts in and out, services, disclosures, cut-off."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, select

from ledger.core import canonical
from ledger.core.errors import NotFoundError
from ledger.core.units import CNY
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.parties.pages import Account, Cutoff, Part, Published, ServiceList
from ledger.web.cards import service_cards
from ledger.web.convert import bucket_of, day, moment, name_of
from ledger.web.pages import Pager, Quantity, Ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from ledger.journal.lookup import Object
    from ledger.journal.read import BookRow
    from ledger.programs.parties.money import Money
    from ledger.programs.parties.tally import Tally
    from ledger.web.convert import Names

SERVICES = 10  # a page
PUBLISHED = 6  # shown
ABOUT = 80  # characters of a subject in the code of a disclosure about it


def need_object(connection: Connection, row: BookRow, address: str) -> Object:
    """Read an object; raise NotFoundError."""
    known = lookup.objects(connection, row.id, {address}).get(address)
    if known is None:
        raise NotFoundError("book '%(book)s' has no %(object)s", book=row.code, object=address)
    return known


def cutoff_of(row: BookRow) -> Cutoff:
    """Tell up to where the figures of a page count."""
    return Cutoff(row.size, moment(row.recorded) if row.recorded else None)


def day_of(facts: Mapping[str, Any], name: str) -> date | None:
    """Read a day in facts; None when there is none, or it is no day."""
    try:
        return date.fromisoformat(str(facts.get(name) or ""))
    except ValueError:
        return None


def codes_of(facts: Mapping[str, Any], name: str) -> list[str]:
    """Read the codes in a fact that may be one or several."""
    found = facts.get(name) or []
    return [found] if isinstance(found, str) else [str(code) for code in found]


def named_in(money: Mapping[str, Money]) -> set[str]:
    """List what accounts name: givers, uses, units."""
    places = {place for one in money.values() for place in [*one.by_giver, *one.by_use]}
    return places | {f"unit:{unit}" for unit in money} | {f"unit:{CNY.code}"}


def accounts_of(money: Mapping[str, Money], names: Names) -> tuple[Account | None, tuple[Account, ...]]:
    """Make the account of money, and those of hours and goods."""
    made = {code: account_of(code, one, names) for code, one in money.items() if one.received or one.paid}
    others = [made[code] for code in sorted(made) if code != CNY.code]
    others.sort(key=lambda account: (account.unit.kind != "hours", -account.received.amount))
    return made.get(CNY.code), tuple(others)


def account_of(code: str, money: Money, names: Names) -> Account:
    """Make the account of a unit; what is held is the last use."""
    unit = names.unit(code)
    uses = [
        Part(names.ref(place), Quantity(amount, unit), bucket_of(place))
        for place, amount in sorted(money.by_use.items(), key=lambda item: (-item[1], item[0]))
        if amount
    ]
    if money.held:
        uses.append(Part(Ref("grant:", ""), Quantity(money.held, unit), "organization"))
    by_giver: dict[Ref, int] = {}
    for place, amount in money.by_giver.items():
        giver = giver_of(place, names)
        by_giver[giver] = by_giver.get(giver, 0) + amount
    givers = [
        Part(giver, Quantity(amount, unit))
        for giver, amount in sorted(by_giver.items(), key=lambda item: (-item[1], item[0].address))
        if amount
    ]
    amounts = (money.received, money.used, money.held, money.returned)
    return Account(unit, tuple(givers), tuple(uses), money.shares(unit), *(Quantity(n, unit) for n in amounts))


def giver_of(place: str, names: Names) -> Ref:
    """Name out of what units came: a grant by its project, else by its organization."""
    if not place.startswith("grant:"):
        return names.ref(place)
    return names.other(place, "project") or names.place(place)


def services_of(connection: Connection, book_id: int, address: str, tally: Tally, number: int) -> ServiceList:
    """Read a page of the standing services that name something, newest first, in five statements."""
    pager = Pager.turned(number, SERVICES, tally.services.total())
    m, s, o = t.mentions.c, t.services.c, t.objects.c
    reversal = "reversal:" + cast(s.seq, String)
    query = (
        select(s.code)
        .join(t.mentions, (m.book_id == s.book_id) & (m.seq == s.seq))
        .where(m.book_id == book_id, m.address == address)
        .where(~select(o.address).where(o.book_id == s.book_id, o.address == reversal).exists())
        .order_by(m.seq.desc())
        .limit(SERVICES)
        .offset((pager.number - 1) * SERVICES)
    )
    codes = list(connection.scalars(query)) if pager.total else []
    kinds = [(kind, n, tally.residents[kind]) for kind, n in tally.services.items()]
    kinds.sort(key=lambda one: (-one[1], one[0]))
    return ServiceList(
        tuple(service_cards(connection, book_id, codes).values()),
        pager,
        tally.residents.total(),
        tally.small > 0,
        tuple(kinds),
    )


def published_about(connection: Connection, book_id: int, address: str) -> tuple[Published, ...]:
    """Read the newest disclosures about something, in one statement: their codes begin with what they are about."""
    o, e = t.objects.c, t.entries.c
    begin = f"disclosure:{address.replace(':', '/', 1)[:ABOUT]}/"
    query = (
        select(o.address, o.opened, o.latest, e.body)
        .join(t.entries, (e.book_id == o.book_id) & (e.seq == o.latest))
        .where(o.book_id == book_id, o.address >= begin, o.address < f"{begin[:-1]}0")  # "0" comes after "/"
        .order_by(o.opened.desc())
        .limit(PUBLISHED)
    )
    rows = [(row, canonical.decode(bytes(row.body))) for row in connection.execute(query)]
    return tuple(
        Published(Ref(row.address, name_of(body["facts"])), row.opened, day(body["dated"]), row.latest != row.opened)
        for row, body in rows
    )


def refs(names: Names, kind: str, codes: Iterable[str]) -> tuple[Ref, ...]:
    """Name objects of a type by their codes."""
    return tuple(names.ref(f"{kind}:{code}") for code in codes)
