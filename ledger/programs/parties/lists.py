"""Lists of projects, organizations, communities and campaigns: searched, sorted, a page at a time.

Those are few, beside gifts and services: their descriptions are read all, their figures only for the page shown.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.core.units import CNY
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.programs.parties.campaigns import Received, received_by
from ledger.programs.parties.carried import carried_flows, tallies
from ledger.programs.parties.communities import used_in
from ledger.programs.parties.flows import by_owner
from ledger.programs.parties.money import Grants, Money, grants_of, money_of
from ledger.programs.parties.naming import naming
from ledger.programs.parties.pages import Line, ListPage
from ledger.programs.parties.parts import codes_of, cutoff_of, day_of
from ledger.reports.figures import CHINA
from ledger.web.convert import Names, name_of, read_book
from ledger.web.pages import Pager, Ref

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from ledger.journal.lookup import Object
    from ledger.journal.read import BookRow
    from ledger.programs.parties.pages import Chosen
    from ledger.programs.parties.tally import Tally

SIZE = 20  # a page
SORTS = {
    "project": ("newest", "name", "ends"),
    "organization": ("name", "newest"),
    "community": ("name", "newest"),
    "campaign": ("newest", "name", "ends"),
}
STATES = ("planned", "running", "ended")
NAMED = ("organization", "community", "fund")
NEVER = "9999-12-31"


def list_page(connection: Connection, code: str, kind: str, chosen: Chosen, number: int) -> ListPage:
    """Read a page of the objects of a kind; beyond the last page, the last."""
    row, book = read_book(connection, code)
    today = datetime.now(CHINA).date()
    known = list(lookup.objects_of(connection, row.id, kind).values())
    fitting = [one for one in known if _fits(one, chosen, today)]
    fitting.sort(key=lambda one: _order(one, chosen.sort))
    pager = Pager.turned(number, SIZE, len(fitting))
    lines = _lines(connection, row, kind, pager.cut(fitting), today)
    return ListPage(book, cutoff_of(row), kind, lines, pager, len(known), chosen, SORTS[kind])


def state_of(known: Object, today: date) -> str:
    """Tell whether something is planned, running or ended (closed, or past its end)."""
    starts, ends = day_of(known.facts, "starts"), day_of(known.facts, "ends")
    if known.closed is not None or (ends is not None and ends < today):
        return "ended"
    return "planned" if starts is not None and starts > today else "running"


def _fits(known: Object, chosen: Chosen, today: date) -> bool:
    if chosen.state and state_of(known, today) != chosen.state:
        return False
    words = f"{name_of(known.facts)} {known.facts.get('name', '')} {known.facts['code']}".casefold()
    return chosen.search.casefold() in words


def _order(known: Object, sort: str) -> tuple[str | int, ...]:
    if sort == "name":
        return name_of(known.facts), known.opened
    if sort == "ends":
        return str(known.facts.get("ends") or NEVER), known.opened
    return (-known.opened,)


def _lines(connection: Connection, row: BookRow, kind: str, shown: list[Object], today: date) -> tuple[Line, ...]:
    addresses = [known.address for known in shown]
    found = tallies(connection, row, addresses)
    named = {f"{name}:{code}" for known in shown for name in NAMED for code in codes_of(known.facts, name)}
    names = Names(connection, row.id, named | {f"unit:{CNY.code}"})
    money = _money(connection, row, kind, addresses, found)
    wanted = open_needs(connection, row.id, addresses) if kind == "community" else {}
    return tuple(
        _line(known, found[known.address], money[known.address], wanted.get(known.address), names, today)
        for known in shown
    )


def _money(
    connection: Connection, row: BookRow, kind: str, addresses: list[str], found: Mapping[str, Tally]
) -> dict[str, Money]:
    """Add up the money of each address; of grants, in four statements."""
    if kind == "community":
        return {address: used_in(found[address]).get(CNY.code, Money()) for address in addresses}
    grants = grants_of(connection, row.id, addresses) if kind != "campaign" else Grants({}, [])
    flows = carried_flows(connection, row, grants.numbers)
    own = by_owner(flows)
    return {
        address: money_of(own.get(at, []), found[address]).get(CNY.code, Money())
        for at, address in enumerate(addresses)
    }


def open_needs(connection: Connection, book_id: int, communities: list[str]) -> dict[str, int]:
    """Count the open needs of communities, in two statements."""
    entries = naming(connection, book_id, communities, ("need.opened",))
    o = t.objects.c
    which = lookup.among(connection, o.address, {one.subject for one in entries})
    query = select(o.address).where(o.book_id == book_id, which, o.closed.is_(None))
    still = set(connection.scalars(query)) if entries else set()
    return Counter(one.address for one in entries if one.subject in still)


def _line(known: Object, tally: Tally, money: Money, second: int | None, names: Names, today: date) -> Line:
    facts = known.facts
    gifts = received_by(tally).get(CNY.code, Received({}, {})) if known.address.startswith("campaign:") else None
    received = money.received if gifts is None else gifts.amount
    return Line(
        names_ref(known),
        state_of(known, today),
        tuple(names.ref(f"{name}:{code}") for name in NAMED for code in codes_of(facts, name))[:3],
        str(facts.get("lead_element", "")),
        day_of(facts, "starts"),
        day_of(facts, "ends"),
        names.quantity(int(facts["target"]), CNY.code) if facts.get("target") else None,
        tally.services.total(),
        tally.residents.total(),
        second or (gifts.gifts if gifts is not None else 0),
        money.shares(names.unit(CNY.code)),
        *(names.quantity(n, CNY.code) for n in (received, money.used, money.held)),
    )


def names_ref(known: Object) -> Ref:
    """Name an object that was read."""
    return Ref(known.address, name_of(known.facts))
