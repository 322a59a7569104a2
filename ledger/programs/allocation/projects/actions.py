"""A project is opened, changed and closed; it moves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from ledger.core.entry import check_amount
from ledger.core.errors import MalformedError, RuleError, Word
from ledger.funds.actions import EXPENSES
from ledger.journal import tables as t
from ledger.journal.append import Appended, Writer
from ledger.people.actions import Act, one
from ledger.programs.allocation.checks import check_once, check_period, check_text, iso, present
from ledger.programs.allocation.entries import after
from ledger.web.pages import ELEMENTS


class Line(NamedTuple):
    """A line of a budget: its code, name, kind of expense, amount in fen."""

    line: str
    name: str
    category: str
    amount: int


@dataclass(frozen=True, slots=True)
class Project:
    """A project: who carries it, where, out of what fund, led by which of the five parties, with what budget."""

    code: str
    name: str
    organization: str
    communities: Sequence[str] = ()
    fund: str | None = None
    lead_element: str = "organization"
    plan: str = ""
    starts: date | None = None
    ends: date | None = None
    budget: Sequence[Line] = ()
    need: Sequence[str] = ()
    decision: str | None = None


def open_project(writer: Writer, act: Act, project: Project) -> Appended:
    """Open a project under its code."""
    return one(writer, act.draft("project.opened", facts=_facts(project)))


def change_project(writer: Writer, act: Act, project: Project) -> Appended:
    """Say anew what a project is."""
    return one(writer, act.draft("project.changed", facts=_facts(project)))


def close_project(writer: Writer, act: Act, code: str, reason: str) -> Appended:
    """Close a project whose grants are closed."""
    writer.lock()
    if writer.ref_used(act.ref) is None:
        waiting = _open_grants(writer, code)
        if waiting:
            raise RuleError(
                "grants %(grants)s of project %(project)s are still open; close those first",
                grants=", ".join(waiting),
                project=code,
            )
    return one(
        writer, act.draft("project.closed", facts={"code": code, "reason": check_text(Word("the reason"), reason)})
    )


def _facts(project: Project) -> dict[str, Any]:
    _check(project)
    communities = list(project.communities)
    return {"code": project.code, "name": project.name.strip(), "organization": project.organization} | present(
        {
            "community": communities[0] if len(communities) == 1 else communities,
            "fund": project.fund,
            "lead_element": project.lead_element,
            "plan": project.plan.strip(),
            "starts": iso(project.starts),
            "ends": iso(project.ends),
            "budget": [line._asdict() for line in project.budget],
            "need": list(project.need),
            "decision": project.decision,
        }
    )


def _check(project: Project) -> None:
    check_text(Word("the name of the project"), project.name)
    check_period(project.starts, project.ends)
    if project.lead_element not in ELEMENTS:
        raise MalformedError("a project is led by one of %(known)s", known=", ".join(ELEMENTS))
    check_once(Word("the budget line"), [line.line for line in project.budget])
    for line in project.budget:
        check_amount(line.amount)
        check_text(Word("the code of a budget line"), line.line)
        if line.category not in EXPENSES:
            raise MalformedError(
                "'%(category)s' is not a category of expense; choose one of %(known)s",
                category=line.category,
                known=", ".join(EXPENSES),
            )


def _open_grants(writer: Writer, project: str) -> list[str]:
    m, h, o = t.mentions.c, t.headers.c, t.objects.c
    query = (
        select(h.subject)
        .join(t.mentions, (h.book_id == after(m.seq, writer.book_id)) & (m.seq == h.seq))
        .join(t.objects, (o.book_id == h.book_id) & (o.address == h.subject))
        .where(m.book_id == writer.book_id, m.address == f"project:{project}")
        .where(h.kind == "grant.awarded", o.closed.is_(None))
        .order_by(m.seq + 0)
        .limit(5)
    )
    return [str(subject).partition(":")[2] for subject in writer.connection.scalars(query)]
