"""One community: what its residents need, what they got, and with whose resources."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ledger.programs.parties import needs as wants
from ledger.programs.parties.carried import tallies
from ledger.programs.parties.money import Money
from ledger.programs.parties.organizations import projects_naming
from ledger.programs.parties.pages import CommunityPage
from ledger.programs.parties.parts import (
    accounts_of,
    cutoff_of,
    named_in,
    need_object,
    published_about,
    services_of,
)
from ledger.web.convert import Names, read_book
from ledger.web.pages import Pager

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.programs.parties.tally import Tally

SIZE = 12  # needs a page


def community_page(
    connection: Connection, code: str, community: str, number: int = 1, needs_number: int = 1, state: str = ""
) -> CommunityPage:
    """Read one community; raise NotFoundError. `state` chooses needs: open, met, withdrawn, or all."""
    row, book = read_book(connection, code)
    address = f"community:{community}"
    known = need_object(connection, row, address)
    tally = tallies(connection, row, [address])[address]
    money = used_in(tally)
    needs = wants.needs_of(connection, row.id, community)
    states = wants.states_of(connection, row.id, needs)
    chosen = [need for need in needs if not state or states[need.address] == state]
    pager = Pager.turned(needs_number, SIZE, len(chosen))
    shown = pager.cut(chosen)
    names = Names(connection, row.id, {address} | named_in(money) | wants.units_of(shown))
    account, others = accounts_of(money, names)
    return CommunityPage(
        book=book,
        cutoff=cutoff_of(row),
        community=names.ref(address),
        street=str(known.facts.get("street", "")),
        opened=known.opened,
        closed=known.closed is not None,
        needs=wants.need_rows(shown, states, names),
        needs_pager=pager,
        needs_by_state={one: Counter(states.values())[one] for one in wants.STATES},
        state=state,
        projects=tuple(projects_naming(connection, row.id, address)),
        money=account,
        others=others,
        services=services_of(connection, row.id, address, tally, number),
        published=published_about(connection, row.id, address),
    )


def used_in(tally: Tally) -> dict[str, Money]:
    """Add up, by unit, what services and costs that name a community used, and out of what."""
    found: dict[str, Money] = {}
    for way, amount in tally.moved(("service:", "outcome:")).items():
        one = found.setdefault(way.unit, Money())
        one.by_giver[way.giver] += amount
        one.by_use[way.taker] += amount
    return found
