"""Read the sums: tallies by month, community, project; moves by kind. Each is a short walk along one index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, select

from ledger.programs.linkage import tables as own
from ledger.programs.linkage.cells import CUTS
from ledger.programs.linkage.scoring import BITS, NAMED, Tally, tally_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from ledger.programs.linkage.chosen import Chosen

_LETTERS = {"organization": "o", "community": "c", "project": "p"}
_S = own.sums.c
_NUMBERS = (
    _S.services,
    _S.money,
    _S.minutes,
    _S.residents,
    _S.small,
    _S.named_community,
    _S.named_organization,
    _S.named_worker,
    _S.named_volunteer,
)


def tallies(connection: Connection, book_id: int, chosen: Chosen, by: str, *, project: str = "") -> dict[str, Tally]:
    """Add up services by `by`: "community", "project" or "month". A code of "" stands for services that name none."""
    asked = {"organization": chosen.organization, "community": chosen.community, "project": project}
    fixed = {name: code for name, code in asked.items() if code and name != by}
    cut = "".join(letter for name, letter in _LETTERS.items() if name in fixed or name == by)
    grain = "m" if by == "month" or chosen.grain == "m" else "y"
    if grain not in CUTS[cut]:
        return by_service(connection, book_id, chosen, by, fixed)
    first, last = _months(chosen) if grain == "m" else chosen.spans
    key = _S.span if by == "month" else _S[by]
    query = (
        select(key, _S.mask, *(func.sum(number) for number in _NUMBERS))
        .where(_S.book_id == book_id, _S.cut == cut, _S.fund == chosen.fund, _S.grain == grain, _S.services > 0)
        .where(*(_S[name] == fixed.get(name, "") for name in _LETTERS if name != by))
        .group_by(key, _S.mask)
    )
    if last:
        query = query.where(_S.span >= first, _S.span <= last)
    return _added(connection.execute(query).all())


def _added(rows: Iterable[Sequence[Any]]) -> dict[str, Tally]:
    """Add up rows (key, mask, services, and the numbers of a tally) by key."""
    masks: dict[str, dict[int, int]] = {}
    sums: dict[str, list[int]] = {}
    for key, mask, services, *numbers in rows:
        of_key = masks.setdefault(key, {})
        of_key[mask] = of_key.get(mask, 0) + int(services)
        so_far = sums.get(key)
        sums[key] = [a + int(b) for a, b in zip(so_far or [0] * len(numbers), numbers, strict=True)]
    return {key: tally_of(of_key, sums[key]) for key, of_key in masks.items()}


def by_service(
    connection: Connection, book_id: int, chosen: Chosen, by: str, fixed: Mapping[str, str]
) -> dict[str, Tally]:
    """Add up the services themselves: of a party in some months, for which no sums are kept."""
    s, (first, last) = own.services.c, _months(chosen)
    query = (
        select(s[by], s.mask, s.named, s.residents, s.small, s.drawn)
        .where(s.book_id == book_id, *(s[name] == code for name, code in fixed.items()))
        .where(s.dated >= first, s.dated <= f"{last}-31", s.gone == 0)
    )
    rows = []
    for name, mask, named, residents, small, drawn in connection.execute(query).all():
        used = json.loads(drawn).get(chosen.fund)
        if used is not None:
            rows.append((name, mask, 1, *used, residents, small, *(int(bool(named & BITS[key])) for key in NAMED)))
    return _added(rows)


def _months(chosen: Chosen) -> tuple[str, str]:
    return chosen.since or "0000-01", chosen.until or "9999-12"


class Moved(NamedTuple):
    """What moved of a unit in one way: before the period, and in it."""

    what: str
    unit: str
    place: str
    before: int
    amount: int


def moved(connection: Connection, book_id: int, chosen: Chosen, units: tuple[str, ...]) -> list[Moved]:
    """Add up moves by way, unit and place, before the period and in it."""
    m = own.moves.c
    grain, (first, last) = chosen.grain, chosen.spans
    query = (
        select(
            m.what,
            m.unit,
            m.place,
            func.sum(case((m.span < first, m.amount), else_=0)),
            func.sum(case((m.span < first, 0), else_=m.amount)),
        )
        .where(m.book_id == book_id, m.fund == chosen.fund, m.grain == grain, m.unit.in_(units))
        .group_by(m.what, m.unit, m.place)
    )
    if grain != "a":
        query = query.where(m.span <= last)
    return [Moved(what, unit, place, int(a), int(b)) for what, unit, place, a, b in connection.execute(query)]


def units_received(connection: Connection, book_id: int, fund: str) -> list[str]:
    """List the units ever received, those given most often first."""
    m = own.moves.c
    query = (
        select(m.unit)
        .where(m.book_id == book_id, m.fund == fund, m.grain == "a", m.what.in_(("received", "in", "direct", "spot")))
        .group_by(m.unit)
        .order_by(func.sum(m.flows).desc(), m.unit)
    )
    return list(connection.scalars(query))


def years(connection: Connection, book_id: int) -> tuple[str, ...]:
    """List the years in which anything moved or was done, newest first."""
    m = own.moves.c
    moved_in = select(m.span).where(m.book_id == book_id, m.fund == "", m.grain == "y", m.what == "received")
    done_in = select(_S.span).where(_S.book_id == book_id, _S.cut == "", _S.fund == "", _S.grain == "y")
    return tuple(sorted(set(connection.scalars(moved_in.union(done_in))), reverse=True))


def income(connection: Connection, book_id: int, fund: str, unit: str) -> dict[tuple[str, str], int]:
    """Add up what came in of a unit by year and source, whatever the period."""
    m = own.moves.c
    query = (
        select(m.span, m.place, func.sum(m.amount))
        .where(m.book_id == book_id, m.fund == fund, m.grain == "y", m.unit == unit)
        .where(m.what.in_(("received", "direct", "spot")))
        .group_by(m.span, m.place)
    )
    return {(year, place): int(amount) for year, place, amount in connection.execute(query) if amount}
