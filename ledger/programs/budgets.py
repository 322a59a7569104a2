"""What a project planned by budget line, and what its services have used of it.

Read from `budget_used`, a row a line: call `ledger.programs.delivery.states.refresh` before, on pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from ledger.programs.delivery.tables import budget_used

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


class BudgetLine(NamedTuple):
    """A line: planned and used in fen; `code` '' is money that reports put on no line."""

    code: str
    name: str
    category: str
    planned: int
    used: int
    services: int

    @property
    def left(self) -> int:
        """Return what may still be used; negative when too much was."""
        return self.planned - self.used

    @property
    def over(self) -> bool:
        """Tell whether more was used than planned."""
        return self.used > self.planned


class Budget(NamedTuple):
    """The lines of a project, in its order, then what was used outside them."""

    lines: tuple[BudgetLine, ...]

    @property
    def planned(self) -> int:
        """Return the sum of the plan."""
        return sum(line.planned for line in self.lines)

    @property
    def used(self) -> int:
        """Return what was used in all."""
        return sum(line.used for line in self.lines)


def of_project(connection: Connection, book_id: int, code: str, facts: Mapping[str, Any]) -> Budget:
    """Read budget against actual of a project by its facts, in one statement; sums over all its grants."""
    u = budget_used.c
    where = (u.book_id == book_id, u.project == code)
    query = select(u.line, func.sum(u.amount), func.sum(u.services)).where(*where).group_by(u.line)
    return _budget(facts, {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)})


def of_grant(connection: Connection, book_id: int, grant: str, project: str, facts: Mapping[str, Any]) -> Budget:
    """Read the same for what came out of one grant; the plan is the whole project's."""
    u = budget_used.c
    query = select(u.line, u.amount, u.services).where(u.book_id == book_id, u.project == project, u.of_grant == grant)
    return _budget(facts, {row[0]: (row[1], row[2]) for row in connection.execute(query)})


def _budget(facts: Mapping[str, Any], used: dict[str, tuple[int, int]]) -> Budget:
    lines = []
    for line in facts.get("budget") or ():
        amount, services = used.pop(line["line"], (0, 0))
        name, category = str(line.get("name") or line["line"]), str(line.get("category", ""))
        lines.append(BudgetLine(line["line"], name, category, line["amount"], amount, services))
    others = [BudgetLine(code, code, "", 0, *sums) for code, sums in sorted(used.items()) if any(sums)]
    return Budget((*lines, *others))
