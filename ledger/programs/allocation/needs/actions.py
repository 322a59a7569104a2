"""A need of a community is raised, changed and closed; it moves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.core.entry import SMALL_GROUP, check_amount
from ledger.core.errors import MalformedError, Word
from ledger.journal.append import Appended, Writer
from ledger.people.actions import Act, one
from ledger.programs.allocation.checks import check_once, check_text, present
from ledger.web.labels import SERVICES

RAISERS = ("community", "organization", "worker", "volunteer", "resident")
OUTCOMES = ("met", "withdrawn")


@dataclass(frozen=True, slots=True)
class Need:
    """A need: whose, what kind (a key of `labels.SERVICES`), for how many residents (0: not known), how much of what.

    `wanted` are (unit, amount in its smallest part). The number of a small group stays off the log.
    """

    code: str
    title: str
    category: str
    community: str
    raised_by: str
    raised: date
    residents: int = 0
    wanted: Sequence[tuple[str, int]] = ()
    description: str = ""


def raise_need(writer: Writer, act: Act, need: Need) -> Appended:
    """Record a need of a community."""
    return _say(writer, act, "need.opened", need)


def change_need(writer: Writer, act: Act, need: Need) -> Appended:
    """Say anew what is needed."""
    return _say(writer, act, "need.changed", need)


def close_need(writer: Writer, act: Act, code: str, outcome: str, reason: str) -> Appended:
    """Close a need that was met, or that nobody has any more."""
    if outcome not in OUTCOMES:
        raise MalformedError("'%(outcome)s' is no way to close a need; it is met or withdrawn", outcome=outcome)
    facts = {"code": code, "outcome": outcome, "reason": check_text(Word("the reason"), reason)}
    return one(writer, act.draft("need.closed", facts=facts))


def _say(writer: Writer, act: Act, kind: str, need: Need) -> Appended:
    _check(writer, act, need)
    facts = {
        "code": need.code,
        "title": need.title.strip(),
        "category": need.category,
        "community": need.community,
        "raised_by": need.raised_by,
        "raised": need.raised.isoformat(),
        "wanted": [{"unit": unit, "amount": amount} for unit, amount in need.wanted],
    } | present({"description": need.description.strip()})
    group, private = residents_facts(need.residents)
    return one(writer, act.draft(kind, facts=facts | group, private=private))


def residents_facts(residents: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Give public facts and private data for a number of residents: that of a small group points at persons."""
    if residents < 0:
        raise MalformedError("%(residents)s residents cannot be; write 0 or more", residents=residents)
    if 0 < residents < SMALL_GROUP:
        return {"residents_below": SMALL_GROUP}, {"residents": str(residents)}
    return {"residents": residents}, {}


def _check(writer: Writer, act: Act, need: Need) -> None:
    check_text(Word("the title of the need"), need.title)
    if need.category not in SERVICES:
        raise MalformedError("'%(category)s' is not a kind of service; choose one of the list", category=need.category)
    if need.raised_by not in RAISERS:
        raise MalformedError("a need is raised by one of %(known)s", known=", ".join(RAISERS))
    if need.raised > act.dated:
        raise MalformedError("the need was raised on %(raised)s, which is still to come", raised=need.raised)
    check_once(Word("the unit"), [unit for unit, _ in need.wanted])
    for unit, amount in need.wanted:
        check_amount(amount)
        writer.known(f"unit:{unit}")
