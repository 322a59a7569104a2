"""One organization: what it was granted, what it did with it, and what it still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.journal import lookup
from ledger.programs.parties.carried import carried_flows, tallies
from ledger.programs.parties.grants import grants_page
from ledger.programs.parties.money import grants_of, money_of
from ledger.programs.parties.naming import naming
from ledger.programs.parties.pages import OrganizationPage
from ledger.programs.parties.parts import (
    accounts_of,
    cutoff_of,
    named_in,
    need_object,
    published_about,
    services_of,
)
from ledger.web.convert import Names, name_of, read_book
from ledger.web.pages import Pager, Ref

if TYPE_CHECKING:
    from sqlalchemy import Connection

PROJECTS = 12  # a page


def organization_page(
    connection: Connection, code: str, organization: str, number: int = 1, grants_number: int = 1, projects: int = 1
) -> OrganizationPage:
    """Read one organization; raise NotFoundError."""
    row, book = read_book(connection, code)
    address = f"organization:{organization}"
    known = need_object(connection, row, address)
    grants = grants_of(connection, row.id, [address])
    flows = carried_flows(connection, row, grants.numbers)
    tally = tallies(connection, row, [address])[address]
    money = money_of(flows, tally)
    names = Names(connection, row.id, {address} | named_in(money) | set(grants.owners))
    account, others = accounts_of(money, names)
    own = projects_naming(connection, row.id, address)
    pager = Pager.turned(projects, PROJECTS, len(own))
    return OrganizationPage(
        book=book,
        cutoff=cutoff_of(row),
        organization=names.ref(address),
        kind=str(known.facts.get("kind", "")),
        opened=known.opened,
        closed=known.closed is not None,
        projects=tuple(pager.cut(own)),
        projects_pager=pager,
        money=account,
        others=others,
        grants=grants_page(connection, row.id, grants.owners, grants_number, flows, names),
        services=services_of(connection, row.id, address, tally, number),
        published=published_about(connection, row.id, address),
    )


def projects_naming(connection: Connection, book_id: int, address: str) -> list[Ref]:
    """Name the projects whose description names a party, newest first, in two statements."""
    entries = naming(connection, book_id, [address], ("project.opened", "project.changed"))
    found = lookup.objects(connection, book_id, {one.subject for one in entries})
    kind, _, code = address.partition(":")
    ours = [known for known in found.values() if code in _codes(known.facts.get(kind))]
    return [Ref(known.address, name_of(known.facts)) for known in sorted(ours, key=lambda known: -known.opened)]


def _codes(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)
