"""What staff should look at: parties that never meet, names without proof, resources that wait. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.programs.linkage.pages import Warn
from ledger.programs.linkage.scoring import EVERYBODY, NAMED, each_alone, groups, keys_of
from ledger.web.pages import Quantity, Ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from ledger.programs.linkage.pages import Flow, Row

LONG = 180  # days after which what waits is worth a look
ENOUGH = 3  # services from which a party's absence means something
KINDS = ("apart", "unproven", "missing", "waiting", "unspent", "unpaid")
"""In this order they are listed."""


def warnings(projects: Iterable[Row], communities: Iterable[Row], flow: Flow | None, today: date) -> tuple[Warn, ...]:
    """List what to look at, the gravest kind first, each kind by how much there is of it."""
    found = [warn for row in projects for warn in _of_project(row)]
    found += [warn for row in communities for warn in _of_community(row)]
    found += _of_flow(flow, today) if flow else ()
    return tuple(sorted(found, key=lambda warn: (KINDS.index(warn.kind), -warn.count, -warn.days, warn.ref.address)))


def _of_project(row: Row) -> Iterator[Warn]:
    tally, parties = row.tally, (row.organization.address,) if row.organization else ()
    if each_alone(tally):
        parted = tuple(keys_of(group) for group in groups(mask for mask, n in tally.masks.items() if n))
        yield Warn("apart", row.ref, groups=parted, count=tally.services, parties=parties)
    missing = keys_of(EVERYBODY & ~tally.reach)
    if tally.services >= ENOUGH and missing:
        yield Warn("missing", row.ref, keys=missing, count=tally.services, parties=parties)


def _of_community(row: Row) -> Iterator[Warn]:
    """Tell of the parties named most often without proof; a community's own first."""
    tally = row.tally
    for key in NAMED:
        unproven = tally.unproven(key)
        if key in {"community", "worker"} and 3 * unproven > tally.services >= ENOUGH:
            yield Warn("unproven", row.ref, keys=(key,), count=unproven, of=tally.services, parties=(row.ref.address,))


def _of_flow(flow: Flow, today: date) -> Iterator[Warn]:
    for kind, age in (("waiting", flow.funds), ("unspent", flow.organizations)):
        if age and (today - age.oldest).days > LONG:
            days, held = (today - age.oldest).days, Quantity(age.amount, flow.unit)
            yield Warn(kind, Ref(age.oldest_account, ""), days=days, quantity=held, of=(today - age.median).days)
    pending = flow.pending
    if pending and pending.oldest and (today - pending.oldest).days > LONG // 2:
        days, amount = (today - pending.oldest).days, Quantity(pending.amount, flow.unit)
        yield Warn("unpaid", Ref("grant:", ""), count=pending.awards, days=days, quantity=amount)
