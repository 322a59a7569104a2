"""What was granted under a decision, and that it never exceeds what the decision allows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.errors import RuleError
from ledger.core.units import Counted
from ledger.journal import lookup
from ledger.programs.allocation.checks import facts_of
from ledger.programs.allocation.entries import naming
from ledger.programs.allocation.grants.paid import payments

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection

    from ledger.journal.append import Writer
    from ledger.programs.allocation.entries import Naming

CITING = ("grant.awarded", "fund.transferred", "expense.recorded")
"""Entries that may name the decision under which they give something."""


class Granted(NamedTuple):
    """What one entry gives under a decision; a closed grant counts with what was paid on it."""

    seq: int
    kind: str
    dated: str
    subject: str | None
    unit: str
    amount: int


class Wish(NamedTuple):
    """What is to be given under a decision."""

    amount: int
    unit: str = "CNY"
    fund: str | None = None
    project: str | None = None


def granted_under(connection: Connection, book_id: int, decisions: Collection[str]) -> dict[str, list[Granted]]:
    """Read what was given under decisions (codes) and stands, oldest first, in three statements."""
    entries = naming(connection, book_id, {f"decision:{code}" for code in decisions}, CITING)
    grants = {str(each.subject) for found in entries.values() for each in found if each.kind == "grant.awarded"}
    closed = {
        known.facts["code"]
        for known in lookup.objects(connection, book_id, grants).values()
        if known.closed is not None  # by grant.closed: what a reversal took back does not stand
    }
    paid: dict[str, Counter[str]] = {}
    for code, found in payments(connection, book_id, closed).items():
        paid[code] = Counter()
        for payment in found:
            paid[code][payment.unit] += payment.amount
    return {
        address.partition(":")[2]: [given for each in found for given in _given(each, closed, paid)]
        for address, found in entries.items()
    }


def _given(entry: Naming, closed: set[str], paid: Mapping[str, Counter[str]]) -> list[Granted]:
    facts, sums = entry.body["facts"], Counter[str]()
    if entry.kind != "grant.awarded":
        for flow in entry.body["flows"]:
            sums[flow["unit"]] += flow["amount"]
    elif facts["code"] in closed:
        sums[facts["unit"]] = paid.get(facts["code"], Counter())[facts["unit"]]
    else:
        sums[facts["unit"]] = facts["amount"]
    return [Granted(*entry[:4], unit, amount) for unit, amount in sums.items()]


def check_decision(writer: Writer, code: str, wish: Wish) -> None:
    """Refuse to give under a decision what it does not allow. Call it under the book's lock."""
    facts = facts_of(writer, f"decision:{code}")
    if facts["result"] != "adopted":
        raise RuleError("decision %(decision)s was rejected; nothing is given under it", decision=code)
    if "amount" not in facts:
        raise RuleError("decision %(decision)s names no amount; nothing is given under it", decision=code)
    _check_fits(code, facts, wish)
    given = granted_under(writer.connection, writer.book_id, [code]).get(code, [])
    total = sum(each.amount for each in given if each.unit == wish.unit)
    if total + wish.amount > facts["amount"]:
        raise RuleError(
            "decision %(decision)s allows %(allowed)s, %(given)s are given under it; %(amount)s more is too much"
            "%(entries)s",
            decision=code,
            allowed=Counted(facts["amount"], wish.unit),
            given=Counted(total, wish.unit),
            amount=Counted(wish.amount, wish.unit),
            entries=listed([each.seq for each in given if each.amount]),
        )


def listed(seqs: Sequence[int]) -> str:
    """List entries at the end of a message: ` (#12, #15)`; nothing for none."""
    return f" ({', '.join(f'#{seq}' for seq in seqs)})" if seqs else ""


def _check_fits(code: str, facts: Mapping[str, Any], wish: Wish) -> None:
    if facts["unit"] != wish.unit:
        raise RuleError(
            "decision %(decision)s allows %(allowed)s, not %(unit)s",
            decision=code,
            allowed=facts["unit"],
            unit=wish.unit,
        )
    if facts.get("fund") and wish.fund and facts["fund"] != wish.fund:
        raise RuleError(
            "decision %(decision)s allows money of fund %(fund)s, not of %(other)s",
            decision=code,
            fund=facts["fund"],
            other=wish.fund,
        )
    projects = facts.get("project") or []
    if projects and wish.project not in ([projects] if isinstance(projects, str) else projects):
        raise RuleError(
            "decision %(decision)s is for project %(projects)s; name it, or another decision",
            decision=code,
            projects=projects if isinstance(projects, str) else ", ".join(projects),
        )
