"""One project: who does what with which money, held against its plan and its budget."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ledger.core.units import CNY
from ledger.journal import lookup
from ledger.programs.parties import needs as wants
from ledger.programs.parties.carried import carried_flows, tallies
from ledger.programs.parties.grants import grants_page
from ledger.programs.parties.lines import spent_by_line
from ledger.programs.parties.money import Money, grants_of, money_of
from ledger.programs.parties.pages import Budget, BudgetLine, Decision, ProjectPage
from ledger.programs.parties.parts import (
    accounts_of,
    codes_of,
    cutoff_of,
    day_of,
    named_in,
    need_object,
    published_about,
    refs,
    services_of,
)
from ledger.web.convert import Names, day, read_book, told

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.journal.lookup import Object
    from ledger.journal.read import BookRow
    from ledger.programs.parties.lines import LineSums
    from ledger.programs.parties.money import Grants


def project_page(
    connection: Connection, code: str, project: str, number: int = 1, grants_number: int = 1
) -> ProjectPage:
    """Read one project; raise NotFoundError."""
    row, book = read_book(connection, code)
    address = f"project:{project}"
    known = need_object(connection, row, address)
    facts = known.facts
    grants = grants_of(connection, row.id, [address])
    flows = carried_flows(connection, row, grants.numbers)
    tally = tallies(connection, row, [address])[address]
    money = money_of(flows, tally)
    needed = lookup.objects(connection, row.id, {f"need:{need}" for need in codes_of(facts, "need")}).values()
    named = named_in(money) | set(grants.owners) | _named(facts) | wants.units_of(needed)
    names = Names(connection, row.id, {address} | named)
    account, others = accounts_of(money, names)
    return ProjectPage(
        book=book,
        cutoff=cutoff_of(row),
        project=names.ref(address),
        opened=known.opened,
        closed=known.closed is not None,
        plan=told(facts, "plan", "description"),
        lead=str(facts.get("lead_element", "")),
        starts=day_of(facts, "starts"),
        ends=day_of(facts, "ends"),
        organization=names.other(address, "organization"),
        fund=names.other(address, "fund"),
        communities=refs(names, "community", codes_of(facts, "community")),
        decision=decision_of(names, facts),
        needs=wants.need_rows(list(needed), wants.states_of(connection, row.id, needed), names),
        money=account,
        others=others,
        budget=_budget(connection, row, known, grants, money.get(CNY.code, Money())),
        grants=grants_page(connection, row.id, grants.owners, grants_number, flows, names),
        services=services_of(connection, row.id, address, tally, number),
        published=published_about(connection, row.id, address),
    )


def _named(facts: dict[str, Any]) -> set[str]:
    """List what the facts of a project name, beyond its organization and community."""
    kinds = ("fund", "decision", "community", "need")
    return {f"{kind}:{code}" for kind in kinds for code in codes_of(facts, kind)}


def decision_of(names: Names, facts: dict[str, Any]) -> Decision | None:
    """Describe the decision that facts name, when `names` knows it."""
    for code in codes_of(facts, "decision"):
        known = names.objects.get(f"decision:{code}")
        if known is not None:
            said = known.facts
            votes = (int(said.get("for", 0)), int(said.get("against", 0)), int(said.get("abstained", 0)))
            held = day_of(said, "held") or day(known.body["dated"])
            return Decision(names.ref(known.address), known.opened, held, votes, said.get("result") == "adopted")
    return None


def _budget(connection: Connection, row: BookRow, known: Object, grants: Grants, money: Money) -> Budget | None:
    """Set what was used against the lines of the budget; None without a budget."""
    planned = known.facts.get("budget") or ()
    if not planned:
        return None
    return budget_of(planned, spent_by_line(connection, row, known.address, grants.owners), money.used)


def budget_of(planned: list[dict[str, Any]], spent: LineSums, used: int) -> Budget:
    """Make the table of a budget; what entries state on no line of it is its last row, so that it adds up."""
    stated = Counter(spent.sums)
    lines = [
        BudgetLine(
            str(one["line"]),
            told(one, "name"),
            str(one.get("category", "")),
            int(one.get("amount", 0)),
            stated.pop(str(one["line"]), 0),
        )
        for one in planned
    ]
    elsewhere = used - sum(line.actual for line in lines)
    if elsewhere:
        lines.append(BudgetLine("", "", "", 0, elsewhere))
    return Budget(tuple(lines), sum(line.budget for line in lines), used, spent.size)
