"""The grants of a project or an organization as rows, a page at a time, with the sums of all of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ledger.core.units import CNY
from ledger.journal import lookup
from ledger.programs.parties.money import GIVERS
from ledger.programs.parties.pages import GrantRow, Grants, Instalment
from ledger.programs.parties.parts import day_of
from ledger.web.convert import day
from ledger.web.pages import Pager, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from ledger.core.entry import Body
    from ledger.journal.lookup import Header
    from ledger.programs.parties.flows import Flow
    from ledger.web.convert import Names
    from ledger.web.pages import Unit

SIZE = 10  # grants a page


def grants_page(
    connection: Connection, book_id: int, grants: Iterable[str], number: int, flows: Sequence[Flow], names: Names
) -> Grants:
    """Make a page of grants, newest first, in three statements; `names` knows them, `flows` are those of all of them.

    A grant that was closed or taken back before anything was paid is left out.
    """
    unit = names.unit(CNY.code)
    money: dict[str, list[Flow]] = {grant: [] for grant in grants}
    for flow in flows:
        if flow.unit == CNY.code:
            money[flow.account].append(flow)
    standing = [grant for grant, own in money.items() if own or names.objects[grant].closed is None]
    pager = Pager.turned(number, SIZE, len(standing))
    chosen = pager.cut(standing[::-1])
    names.read(f"fund:{names.facts(grant)['fund']}" for grant in chosen if names.facts(grant).get("fund"))
    payments = _payments(connection, book_id, chosen)
    rows = [_row(grant, money[grant], payments.get(grant, []), names, unit) for grant in chosen]
    awarded = sum(awarded_by(names.facts(grant)) for grant in standing)
    sums = sums_of(flow for own in money.values() for flow in own)
    return Grants(tuple(rows), pager, *(Quantity(n, unit) for n in (awarded, *sums)))


def _payments(connection: Connection, book_id: int, grants: Sequence[str]) -> dict[str, list[tuple[Header, Body]]]:
    """Read the payments of grants that stand."""
    found = lookup.mentioning(connection, book_id, grants, "grant.paid")
    undone = lookup.reversals(connection, book_id, {header.seq for paid in found.values() for header, _ in paid})
    return {
        grant: [(header, body) for header, body in paid if header.seq not in undone] for grant, paid in found.items()
    }


def sums_of(flows: Iterable[Flow]) -> tuple[int, int, int, int]:
    """Add up what was paid, used, returned and is held."""
    paid = used = returned = 0
    for flow in flows:
        if not flow.other.startswith(GIVERS):
            used += flow.amount if flow.out else -flow.amount
        elif flow.out:
            returned += flow.amount
        else:
            paid += flow.amount
    return paid, used, returned, paid - used - returned


def _row(
    grant: str, flows: Iterable[Flow], payments: Sequence[tuple[Header, Body]], names: Names, unit: Unit
) -> GrantRow:
    known = names.objects[grant]
    amounts = (awarded_by(known.facts), *sums_of(flows))
    return GrantRow(
        names.ref(grant),
        names.other(grant, "organization"),
        names.other(grant, "project"),
        names.other(grant, "fund"),
        day(known.body["dated"]),
        known.opened,
        known.closed is not None,
        _instalments(known.facts, payments, unit),
        *(Quantity(n, unit) for n in amounts),
    )


def awarded_by(facts: dict[str, Any]) -> int:
    """Tell what a grant awarded in fen."""
    return int(facts.get("amount", 0)) if facts.get("unit", CNY.code) == CNY.code else 0


def _instalments(facts: dict[str, Any], payments: Sequence[tuple[Header, Body]], unit: Unit) -> tuple[Instalment, ...]:
    """Set payments beside the instalments that were agreed; payments of none of them come last."""
    paid: dict[int, int] = defaultdict(int)
    entries: dict[int, list[int]] = defaultdict(list)
    for header, body in payments:
        number = body["facts"].get("instalment") or 0
        paid[number] += sum(flow["amount"] for flow in body["flows"] if flow["unit"] == CNY.code)
        entries[number].append(header.seq)
    agreed = {int(one["n"]): one for one in facts.get("instalments") or ()}
    numbers = [*sorted(agreed), *sorted(number for number in paid if number not in agreed)]
    return tuple(
        Instalment(
            number if number in agreed else 0,
            Quantity(int(agreed[number]["amount"]), unit) if number in agreed else None,
            day_of(agreed.get(number, {}), "due"),
            str(agreed.get(number, {}).get("condition") or ""),
            Quantity(paid[number], unit),
            tuple(entries[number]),
        )
        for number in numbers
    )
