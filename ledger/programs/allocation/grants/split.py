"""Out of what a payment is made: money given for such a purpose first, then the fund's own. It can be edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.journal import tables as t
from ledger.programs.allocation.decisions.queries import listed
from ledger.programs.allocation.entries import after
from ledger.programs.allocation.needs.matching import fit
from ledger.web.convert import Names, name_of, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from sqlalchemy import Connection

    from ledger.web.pages import Quantity, Ref

MOST = 30  # earmarks of a fund that are offered, those that hold most


class Giver(NamedTuple):
    """A fund or an earmark of it: what it holds, how well its purpose fits, how much of the payment it would give."""

    ref: Ref
    held: Quantity
    fit: int
    proposed: int


def propose_split(
    connection: Connection, book_id: int, grant: Mapping[str, Any], amount: int, unit: str
) -> list[Giver]:
    """Propose out of what to pay an amount on a grant (the facts of its award), in five statements.

    Earmarks that fit come first, the best first and of equals the oldest; then the fund; what is left over stays open.
    """
    fund = f"fund:{grant['fund']}"
    axes = _held(connection, book_id, fund, unit)
    about = {f"need:{code}" for code in listed(grant.get("need"))} | (
        {f"project:{grant['project']}"} if grant.get("project") else set()
    )
    names = Names(connection, book_id, {*axes, *about, fund, f"unit:{unit}"})
    words = [(names.facts(address).get("category", ""), name_of(names.facts(address))) for address in about]
    scores = {account: _score(words, told(names.facts(account), "purpose")) for account in axes if account != fund}
    order = sorted(scores, key=lambda account: (-scores[account], list(axes).index(account)))
    fitting, others = [a for a in order if scores[a]], [a for a in order if not scores[a]]
    givers, left = [], amount
    for account in (*fitting, fund, *others):
        held = axes.get(account, 0)
        part = min(held, left) if scores.get(account, 1) else 0
        left -= part
        givers.append(Giver(names.ref(account), names.quantity(held, unit), scores.get(account, 0), part))
    return givers


def _score(words: Iterable[tuple[str, str]], purpose: str) -> int:
    return max((fit(category, title, purpose) for category, title in words), default=0)


def _held(connection: Connection, book_id: int, fund: str, unit: str) -> dict[str, int]:
    """Read what a fund and its earmarks hold of a unit, in the order they were opened."""
    m, h, a = t.mentions.c, t.headers.c, t.axes.c
    held = a.received - a.given
    earmarks = (
        select(h.subject)
        .join(t.mentions, (h.book_id == after(m.seq, book_id)) & (m.seq == h.seq))
        .where(m.book_id == book_id, m.address == fund, h.kind == "earmark.opened")
    )
    query = select(a.no, a.account, held).where(a.book_id == book_id, a.unit == unit, a.received > a.given)
    own = connection.execute(query.where(a.account == fund)).all()
    most = connection.execute(query.where(a.account.in_(earmarks)).order_by(held.desc()).limit(MOST)).all()
    return {row[1]: int(row[2]) for row in sorted([*own, *most], key=lambda row: row[0])}
