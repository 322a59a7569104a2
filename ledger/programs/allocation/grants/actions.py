"""A grant is awarded with its agreement, and closed; paying and taking back are in `programs.actions`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from ledger.core.entry import check_amount
from ledger.core.errors import MalformedError, RuleError, Word
from ledger.core.units import Counted
from ledger.journal.append import Appended, Writer
from ledger.people.actions import Act, one
from ledger.programs.allocation.checks import check_period, check_text, iso, present
from ledger.programs.allocation.decisions.limits import Wish, check_decision


class Instalment(NamedTuple):
    """A part of a grant: when it is due, and on what condition (none: '')."""

    amount: int
    due: date
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Award:
    """A grant as agreed: to whom, out of which fund, how much of a unit, in which instalments (none: any)."""

    code: str
    organization: str
    fund: str
    amount: int
    unit: str = "CNY"
    project: str | None = None
    decision: str | None = None
    need: Sequence[str] = ()
    starts: date | None = None
    ends: date | None = None
    instalments: Sequence[Instalment] = ()
    conditions: str = ""
    evidence: Sequence[dict[str, Any]] = ()


def award(writer: Writer, act: Act, grant: Award) -> Appended:
    """Award a grant, under a decision if it names one; units move only when it is paid."""
    writer.lock()
    _check(writer, grant)
    if grant.decision and writer.ref_used(act.ref) is None:
        wish = Wish(grant.amount, grant.unit, grant.fund, grant.project)
        check_decision(writer, grant.decision, wish)
    facts = {
        "code": grant.code,
        "organization": grant.organization,
        "fund": grant.fund,
        "amount": grant.amount,
        "unit": grant.unit,
    } | present(
        {
            "project": grant.project,
            "decision": grant.decision,
            "need": list(grant.need),
            "starts": iso(grant.starts),
            "ends": iso(grant.ends),
            "instalments": [_agreed(n, each) for n, each in enumerate(grant.instalments, 1)],
            "conditions": grant.conditions.strip(),
            "evidence": list(grant.evidence),
        }
    )
    return one(writer, act.draft("grant.awarded", facts=facts))


def close_grant(writer: Writer, act: Act, code: str, reason: str) -> Appended:
    """Close a grant that holds nothing; what was not paid is not paid any more."""
    return one(
        writer, act.draft("grant.closed", facts={"code": code, "reason": check_text(Word("the reason"), reason)})
    )


def _agreed(number: int, each: Instalment) -> dict[str, Any]:
    facts = {"n": number, "amount": each.amount, "due": each.due.isoformat(), "condition": each.condition.strip()}
    return present(facts)


def _check(writer: Writer, grant: Award) -> None:
    check_amount(grant.amount)
    check_period(grant.starts, grant.ends)
    writer.known(f"unit:{grant.unit}")
    for each in grant.instalments:
        check_amount(each.amount)
    total = sum(each.amount for each in grant.instalments)
    if grant.instalments and total != grant.amount:
        raise RuleError(
            "the instalments add up to %(total)s, the grant is %(amount)s; make them equal",
            total=Counted(total, grant.unit),
            amount=Counted(grant.amount, grant.unit),
        )
    days = [each.due for each in grant.instalments]
    if days != sorted(days):
        raise MalformedError("the instalments are due one after the other; put them in the order of their dates")
