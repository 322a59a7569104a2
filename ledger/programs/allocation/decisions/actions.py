"""A decision of a committee is recorded: who was there, how they voted, what it allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.core.entry import check_amount
from ledger.core.errors import MalformedError, Word
from ledger.journal.append import Appended, Writer
from ledger.people.actions import Act, one
from ledger.programs.allocation.checks import check_text, present

BODIES = ("committee", "board", "residents")
"""The committee of a community fund, the foundation's board, a meeting of residents; others by their own name."""
LEAST_MEMBERS = 5
"""Of the committee of a community fund, which is odd and has a supervisor (Hunan's rules for community funds)."""


@dataclass(frozen=True, slots=True)
class Votes:
    """How many members the body has, were present, are needed, and how they voted."""

    members: int
    present: int
    quorum: int
    agreed: int
    against: int
    abstained: int = 0

    @property
    def adopted(self) -> bool:
        """Tell whether the motion carried: a quorum, and more for it than against."""
        return self.present >= self.quorum and self.agreed > self.against


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision. `amount` of `unit` is what may be granted under it, out of `fund` if it names one."""

    code: str
    title: str
    held: date
    body: str
    votes: Votes
    summary: str = ""
    supervisor: str = ""
    need: Sequence[str] = ()
    project: Sequence[str] = ()
    fund: str | None = None
    amount: int | None = None
    unit: str = "CNY"
    evidence: Sequence[dict[str, Any]] = ()


def doubts(body: str, members: int, supervisor: str) -> tuple[str, ...]:
    """Tell in what a committee differs from the rules for community funds: `few`, `even`, `unsupervised`."""
    if body != "committee":
        return ()
    found = {"few": members < LEAST_MEMBERS, "even": members % 2 == 0, "unsupervised": not supervisor.strip()}
    return tuple(doubt for doubt, holds in found.items() if holds)


def record_decision(writer: Writer, act: Act, decision: Decision) -> Appended:
    """Record a decision; whether it was adopted follows from the votes."""
    votes = decision.votes
    check_text(Word("the title of the decision"), decision.title)
    check_text(Word("the body that decided"), decision.body)
    if decision.held > act.dated:
        raise MalformedError("the meeting was held on %(held)s, which is still to come", held=decision.held)
    facts = {
        "code": decision.code,
        "title": decision.title.strip(),
        "held": decision.held.isoformat(),
        "body": decision.body,
        "members": votes.members,
        "present": votes.present,
        "quorum": votes.quorum,
        "for": votes.agreed,
        "against": votes.against,
        "abstained": votes.abstained,
        "result": "adopted" if votes.adopted else "rejected",
        "evidence": list(decision.evidence),
    }
    facts |= present(
        {
            "summary": decision.summary.strip(),
            "supervisor": decision.supervisor.strip(),
            "need": list(decision.need),
            "project": list(decision.project),
            "fund": decision.fund,
        }
    )
    if decision.amount is not None:
        check_amount(decision.amount)
        writer.known(f"unit:{decision.unit}")
        facts |= {"amount": decision.amount, "unit": decision.unit}
    return one(writer, act.draft("decision.recorded", facts=facts))
