"""The figures of something that is published about, each with the detail that it must equal.

Figures count the entries below a number (`span.size`) that none of these entries took back; of a period, those dated
within it. So they are the same for ever, whatever is recorded later: anyone who reads the ledger up to that entry
finds them again.

Totals and details come by different ways: what waits is what the accounts hold, what was received is what was used
and what waits, a period is the difference of two cumulative sums, gifts of a campaign are what reached the banks;
details are added up flow by flow. That they agree is checked before anything is published.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from ledger.audit.disclosure import kinds
from ledger.audit.disclosure.borders import balances_of, border_of, held_at
from ledger.core.units import CNY, HOUR
from ledger.funds.region import regions
from ledger.programs.parties.campaigns import received_by
from ledger.programs.parties.tally import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from ledger.audit.disclosure.borders import Border
    from ledger.journal.read import BookRow
    from ledger.programs.parties.tally import Tally

SUBJECTS = ("fund", "project", "campaign", "organization", "community")
COUNTS = ("gifts", "services", "residents")
KEYS = (
    "received",
    "used.service",
    "used.issued",
    "used.direct",
    "used.administration",
    "used.fundraising",
    "used.other",
    "refunded",
    "lost",
    "moved",
    "waiting",
    *COUNTS,
)
"""What is published, in this order; `moved`: to other funds. The unit of a count is the count itself."""
_COSTS = ("direct", "administration", "fundraising")
_ENDS = {"refund": "refunded", "loss": "lost"}
_START = "0001-01-01"

Amounts = dict[tuple[str, str], int]
"""Amounts by key and unit."""


class Figure(NamedTuple):
    """A figure and what it is made of: (address, kind of service or day; amount), largest first."""

    key: str
    unit: str
    amount: int
    detail: tuple[tuple[str, int], ...]

    @property
    def residual(self) -> int:
        """Return by how much the total differs from its detail."""
        return self.amount - sum(amount for _, amount in self.detail)


def figures_of(connection: Connection, row: BookRow, subject: str, span: Span) -> list[Figure]:
    """Compute all figures of a subject with their detail; for what is published, not for pages."""
    border = border_of(connection, row.id, subject, span)
    details = details_of(connection, row.id, subject, span, border)
    if span.since:
        amounts = _difference(connection, row.id, subject, span)
    else:
        amounts = cumulative(connection, row, subject, span, border)
        amounts |= posted(connection, row.id, subject, span)
    for key in COUNTS:
        amounts[key, key] = details[key, key].total()
    if not subject.startswith("fund:"):
        amounts["services", "services"] = kinds.standing_services(connection, row.id, subject, span)
    return made_of(amounts, details)


def made_of(amounts: Amounts, details: Mapping[tuple[str, str], Counter[str]]) -> list[Figure]:
    """Put totals and details together, in the order of `KEYS`, money first; what is nothing is left out."""
    found = []
    for key, unit in {*amounts, *details}:
        detail = sorted(details.get((key, unit), Counter()).items(), key=lambda one: (-one[1], one[0]))
        parts = tuple((what, amount) for what, amount in detail if amount)
        amount = amounts.get((key, unit), 0)
        if amount or parts:
            found.append(Figure(key, unit, amount, parts))
    return sorted(found, key=_place)


def _place(figure: Figure) -> tuple[bool, bool, bool, str, int]:
    unit = figure.unit
    return unit in COUNTS, unit != CNY.code, unit != HOUR, "" if unit in COUNTS else unit, KEYS.index(figure.key)


def key_of(place: str) -> str:
    """Tell under which figure a use counts."""
    kind, _, code = place.partition(":")
    if kind == "service":
        return "used.service"
    if kind != "outcome":
        return "moved"
    if code.startswith("recipient/"):
        return "used.issued"
    return _ENDS.get(code) or (f"used.{code}" if code in _COSTS else "used.other")


def amounts_of(connection: Connection, row: BookRow, subject: str, span: Span, tally: Tally | None = None) -> Amounts:
    """Compute cumulative amounts alone, without reading the gifts of a fund one by one; for pages."""
    live = row if tally is not None and span == Span(row.size) else None
    border = border_of(connection, row.id, subject, span, gifts=False, tally=tally, row=live)
    return _with_counts(connection, row.id, subject, span, border, cumulative(connection, row, subject, span, border))


def amounts_within(
    connection: Connection, row: BookRow, subject: str, span: Span, tally: Tally | None = None
) -> Amounts:
    """Compute the amounts of a period alone; of a fund all its gifts are read."""
    border = border_of(connection, row.id, subject, span, tally=tally)
    return _with_counts(connection, row.id, subject, span, border, flowed(subject, border))


def gifts_into(connection: Connection, book_id: int, subject: str) -> int:
    """Tell how many gifts a fund ever received, from its accounts."""
    (region,) = regions(connection, book_id, [subject.partition(":")[2]])
    return sum(axis.gifts for axis in region.axes)


def _with_counts(
    connection: Connection, book_id: int, subject: str, span: Span, border: Border, amounts: Amounts
) -> Amounts:
    found = _counts(connection, book_id, subject, span, border)
    counts = {key: detail.total() for key, detail in found.items()}
    gifts = border.tally.given.total() if subject.startswith("campaign:") else 0
    return {key: amount for key, amount in (amounts | counts | {("gifts", "gifts"): gifts}).items() if amount}


def cumulative(connection: Connection, row: BookRow, subject: str, span: Span, border: Border) -> Amounts:
    """Total all time: uses as they flowed, what waits as accounts hold it, what was received as both together."""
    amounts = flowed(subject, border)
    if not border.axes:
        return amounts
    held = held_at(connection, row.id, border.axes, span.size, row.size)
    received: Counter[str] = Counter(held)
    for (key, unit), amount in amounts.items():
        received[unit] += amount if key != "received" else 0
    totals = {("received", unit): amount for unit, amount in received.items()}
    return amounts | totals | {("waiting", unit): amount for unit, amount in held.items()}


def flowed(subject: str, border: Border) -> Amounts:
    """Add up what flowed: received and used."""
    amounts: Amounts = defaultdict(int)
    if subject.startswith("campaign:"):
        return {("received", unit): one.amount for unit, one in received_by(border.tally).items()}
    for unit, money in border.money.items():
        for place, amount in money.by_use.items():
            amounts[key_of(place), unit] += amount
        if not subject.startswith("community:"):
            amounts["received", unit] += money.received
    return dict(amounts)


def posted(connection: Connection, book_id: int, subject: str, span: Span) -> Amounts:
    """Total what gifts for a campaign brought into banks and stores; of hours there is no such face."""
    if not subject.startswith("campaign:"):
        return {}
    found = kinds.posted_gifts(connection, book_id, subject, span)
    return {("received", unit): amount for unit, amount in found.items()}


def _difference(connection: Connection, book_id: int, subject: str, span: Span) -> Amounts:
    """Total a period as the difference of all time up to its end and all time up to the day before it."""
    before = (date.fromisoformat(span.since) - timedelta(days=1)).isoformat()
    now, then = (
        flowed(subject, border_of(connection, book_id, subject, Span(span.size, _START, until)))
        for until in (span.until, before)
    )
    return {key: now.get(key, 0) - then.get(key, 0) for key in {*now, *then}}


def details_of(
    connection: Connection, book_id: int, subject: str, span: Span, border: Border
) -> dict[tuple[str, str], Counter[str]]:
    """Add up the detail of every figure, flow by flow."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    if subject.startswith("campaign:"):
        for unit, one in received_by(border.tally).items():
            found["received", unit] = Counter({day: amount for day, (amount, _) in one.by_day.items()})
            found["gifts", "gifts"].update({source: gifts for source, (_, gifts) in one.by_source.items()})
    else:
        for unit, money in border.money.items():
            if not subject.startswith("community:"):
                found["received", unit] = Counter(money.by_giver)
            for place, amount in money.by_use.items():
                if place != "service:":
                    found[key_of(place), unit][place] += amount
        for unit, by_kind in _services_used(connection, book_id, subject, span, border).items():
            found["used.service", unit] = by_kind
    if not span.since:
        for unit, balances in balances_of(border.flows).items():
            found["waiting", unit] = balances
    return found | _counts(connection, book_id, subject, span, border)


def _services_used(
    connection: Connection, book_id: int, subject: str, span: Span, border: Border
) -> dict[str, Counter[str]]:
    """Add up what services used, by unit and kind."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    if border.axes:
        found |= kinds.used_by_kind(connection, book_id, border.axes, span)
    if not subject.startswith("fund:"):
        granted = subject.startswith("community:")
        for unit, by_kind in kinds.used_by_named(connection, book_id, subject, span, granted=granted).items():
            found[unit] = found[unit] + by_kind
    return found


def _counts(
    connection: Connection, book_id: int, subject: str, span: Span, border: Border
) -> dict[tuple[str, str], Counter[str]]:
    """Count services and residents by kind."""
    if subject.startswith("fund:"):
        found = kinds.services_of_accounts(connection, book_id, border.axes, span)
    else:
        found = kinds.Kinds(border.tally.services, border.tally.residents)
    return {("services", "services"): found.services, ("residents", "residents"): found.residents}
