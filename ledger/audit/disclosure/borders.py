"""What crossed the border of something that is published about: the accounts it has, and the entries that name it.

fund: its account, earmarks and grants; project, organization: their grants, and what entries that name them drew
directly; community, campaign: the entries that name them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.funds.region import regions
from ledger.funds.rows import read_by_rows
from ledger.funds.sums import RESTING
from ledger.programs.parties.carried import carried_flows
from ledger.programs.parties.communities import used_in
from ledger.programs.parties.flows import flows_of
from ledger.programs.parties.money import Money, grants_of, money_of
from ledger.programs.parties.tally import Span, Tally, tally_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from ledger.funds.region import Axis
    from ledger.journal.read import BookRow
    from ledger.programs.parties.flows import Flow


class Border(NamedTuple):
    """The accounts of a subject, what flowed into and out of them, what entries name it, and the sums by unit."""

    axes: tuple[Axis, ...]
    flows: tuple[Flow, ...]
    tally: Tally
    money: dict[str, Money]


_SINCE = """
SELECT r.no, CAST(sum(CASE WHEN f.taker = r.no THEN f.amount ELSE -f.amount END) AS bigint)
FROM given AS r CROSS JOIN flows AS f
WHERE f.book_id = :book AND f.seq >= :size AND (f.taker = r.no OR f.giver = r.no)
GROUP BY r.no
"""


def border_of(
    connection: Connection,
    book_id: int,
    subject: str,
    span: Span,
    *,
    gifts: bool = True,
    tally: Tally | None = None,
    row: BookRow | None = None,
) -> Border:
    """Read what crossed the border of a subject; without `gifts`, donations into a fund are left out.

    With `row`, the figures are those of all time at the end of the book: grants are carried from page to page.
    """
    kind, _, code = subject.partition(":")
    if kind == "fund":
        (region,) = regions(connection, book_id, [code])
        flows = flows_of(connection, book_id, {axis.no: 0 for axis in region.axes}, span, gifts=gifts)
        return Border(tuple(region.axes), tuple(flows), Tally(), fund_money(flows, region.accounts))
    if tally is None:
        tally = tally_of(connection, book_id, [subject], span)[subject]
    if kind in {"community", "campaign"}:
        return Border((), (), tally, used_in(tally))
    grants = grants_of(connection, book_id, [subject])
    numbers = grants.numbers
    flows = flows_of(connection, book_id, numbers, span) if row is None else carried_flows(connection, row, numbers)
    return Border(tuple(grants.axes), tuple(flows), tally, money_of(flows, tally))


def fund_money(flows: Iterable[Flow], inside: Collection[str]) -> dict[str, Money]:
    """Add up by unit what crossed the border of a fund; what moves inside it is left out."""
    found: dict[str, Money] = defaultdict(Money)
    for flow in flows:
        if flow.other in inside:
            continue
        one, out = found[flow.unit], flow.out
        if flow.other.startswith("source:") or (flow.other.startswith(RESTING) and not out):
            one.by_giver[flow.other] += -flow.amount if out else flow.amount
        else:
            one.by_use[flow.other] += flow.amount if out else -flow.amount
    return dict(found)


def balances_of(flows: Iterable[Flow]) -> dict[str, Counter[str]]:
    """Add up by unit what each account holds, flow by flow."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for flow in flows:
        found[flow.unit][flow.account] += -flow.amount if flow.out else flow.amount
    return dict(found)


def held_at(connection: Connection, book_id: int, axes: Iterable[Axis], size: int, now: int) -> Counter[str]:
    """Tell by unit what accounts held after `size` entries: what they hold now, less what moved since, at `now`."""
    axes = list(axes)
    rows = [(axis.no,) for axis in axes] if size < now else []
    since = dict(read_by_rows(connection, _SINCE, ("no",), rows, book=book_id, size=size))
    held: Counter[str] = Counter()
    for axis in axes:
        held[axis.unit] += axis.received - axis.given - since.get(axis.no, 0)
    return held
