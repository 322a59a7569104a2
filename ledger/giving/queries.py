"""What became of a gift: the page of a trace, in a number of statements that depends on nothing.

The sums are exact however many pieces there are; what is listed one by one is limited, and only that is named.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.errors import CorruptError
from ledger.core.spans import Span
from ledger.giving.donors.consents import published_names
from ledger.giving.find import Found, check_of, find_gift
from ledger.giving.routes import Move, Route, moves, routes
from ledger.journal import lookup
from ledger.journal.paths import forward
from ledger.web.cards import service_cards
from ledger.web.convert import Names, bucket_of, day, moment
from ledger.web.flowing import picture_of
from ledger.web.pages import (
    BUCKETS,
    Gift,
    PieceOfService,
    Quantity,
    Ref,
    Rest,
    Share,
    TraceEvent,
    TracePage,
    TraceRow,
    Unit,
    Waiting,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from ledger.journal.lookup import AxisKey, Header
    from ledger.web.pages import Bucket

CHINA = timezone(timedelta(hours=8))
MOST_ROWS = 50
MOST_EVENTS = 20
FULLY = 40  # times as many rows and events when everything is asked for
MOST_SERVICES = 6
MOST_WAITING = 12
MOST_DRAWN = 12  # of each bucket, named because the picture may draw them one by one
PLACES: frozenset[Bucket] = frozenset({"issued", "expense", "organization", "fund", "other"})  # that a share names


class _Part(NamedTuple):
    """A route with what the ledger says of its end."""

    route: Route
    account: str
    bucket: Bucket
    header: Header


class _Walk(NamedTuple):
    """A gift's walk, read and not yet named. `parts` in the order of the table."""

    found: Found
    axes: dict[int, AxisKey]
    headers: dict[int, Header]
    parts: list[_Part]
    moves: list[Move]
    undone: dict[int, int]  # reversing entry → reversed entry

    def account(self, axis: int) -> str:
        """Return the account of an axis."""
        return self.axes[axis].account


def trace_page(connection: Connection, code: str, now: datetime, *, full: bool = False) -> TracePage:
    """Follow the gift of a normalised tracking code; raise UnknownCodeError."""
    walk = _walk(connection, find_gift(connection, code))
    found, many = walk.found, FULLY if full else 1
    all_events = _events(walk, full=full)
    events = all_events[: MOST_EVENTS * many]
    names = Names(connection, found.row.id, _to_name(walk, events, MOST_ROWS * many))
    unit = names.unit(found.flow["unit"])
    rows = _rows(walk.parts, walk, names, unit)
    listed, rest = rows[: MOST_ROWS * many], _rest(rows[MOST_ROWS * many :], unit)
    shares = _shares(walk.parts, names, unit)
    _check_sums(found, rows, shares)
    services = _by_service(walk.parts)
    return TracePage(
        book=found.book,
        code=code,
        gift=_gift(connection, found, names),
        shares=shares,
        service_count=len(services),
        services=_services(connection, found, services, names, unit),
        waiting=_waiting(walk.parts, names, unit, now.astimezone(CHINA).date()),
        events=tuple(_event(move, walk, names, unit) for move in events),
        events_total=len(all_events),
        rows=tuple(listed),
        rest=rest,
        picture=picture_of(unit, rows),
        rule="earmark" if found.flow["to"].startswith("earmark:") else "fifo",
        reversed_pairs=len(walk.undone),
        full=full,
        as_of=moment(found.row.recorded),
        check=check_of(found, now),
        confirmation=not any(lookup.reversed_by(h.subject) == found.seq for h in walk.headers.values()),
    )


def _walk(connection: Connection, found: Found) -> _Walk:
    """Walk the gift and read what every step is, in three statements."""
    book_id = found.row.id
    steps = forward(connection, book_id, found.taker, Span(found.at, found.at + found.amount))
    axes = lookup.axes(connection, book_id, {step.axis for step in steps})
    headers = lookup.headers(connection, book_id, {found.seq, *(step.seq for step in steps if step.seq >= 0)})
    undone = {seq: lookup.reversed_by(h.subject) for seq, h in headers.items() if h.kind == "entry.reversed"}
    undone = {seq: old for seq, old in undone.items() if old != found.seq}
    parts = [_part(route, axes, headers) for route in routes(steps, found.seq, undone)]
    return _Walk(found, axes, headers, sorted(parts, key=_order), moves(steps), undone)


def _part(route: Route, axes: dict[int, AxisKey], headers: dict[int, Header]) -> _Part:
    account = axes[route.axes[-1]].account
    return _Part(route, account, bucket_of(account), headers[route.seq])


def _order(part: _Part) -> tuple[int, int, tuple[int, ...]]:
    """Order the table: by bucket, the newest first."""
    return BUCKETS.index(part.bucket), -part.route.seq, part.route.axes


def _to_name(walk: _Walk, events: Sequence[Move], rows: int) -> set[str]:
    """List what the page names: every place on the way, and the services that it lists or may draw."""
    found = walk.found
    named = {found.flow["from"], found.flow["to"], f"unit:{found.flow['unit']}", "unit:CNY"}
    named |= {key.account for key in walk.axes.values() if not key.account.startswith("service:")}
    services = _by_service(walk.parts)
    largest = sorted(services, key=lambda account: (-services[account], account))[:MOST_DRAWN]
    named.update(largest, list(services)[:MOST_SERVICES], (part.account for part in walk.parts[:rows]))
    named.update(walk.account(move.taker) for move in events)
    named.update(walk.account(move.giver) for move in events if move.giver >= 0)
    return named


def _by_service(parts: Sequence[_Part]) -> dict[str, int]:
    """Sum what is in each service by its account, newest first."""
    sums: dict[str, int] = defaultdict(int)
    for part in parts:
        if part.bucket == "service":
            sums[part.account] += part.route.amount
    return dict(sums)


def _rows(parts: Sequence[_Part], walk: _Walk, names: Names, unit: Unit) -> list[TraceRow]:
    rows, running = [], 0
    for route, account, bucket, header in parts:
        running += route.amount
        through = tuple(names.place(walk.account(axis)) for axis in route.axes[:-1])
        what, amount = names.place(account), Quantity(route.amount, unit)
        rows.append(TraceRow(bucket, what, through, day(header.dated), header.seq, amount, running))
    return rows


def _rest(rows: Sequence[TraceRow], unit: Unit) -> Rest | None:
    return Rest(len(rows), Quantity(sum(row.quantity.amount for row in rows), unit)) if rows else None


def _shares(parts: Sequence[_Part], names: Names, unit: Unit) -> tuple[Share, ...]:
    """Sum the parts by bucket, and name the places of each, the largest first."""
    sums: dict[Bucket, int] = defaultdict(int)
    places: dict[Bucket, dict[Ref, int]] = defaultdict(lambda: defaultdict(int))
    for part in parts:
        sums[part.bucket] += part.route.amount
        if part.bucket in PLACES:
            places[part.bucket][names.place(part.account)] += part.route.amount
    ranked = {bucket: sorted(found, key=_larger(found)) for bucket, found in places.items()}
    return tuple(Share(b, Quantity(sums[b], unit), tuple(ranked.get(b, ()))) for b in BUCKETS if b in sums)


def _larger(sums: dict[Ref, int]) -> Callable[[Ref], tuple[int, str]]:
    return lambda ref: (-sums[ref], ref.address)


def _check_sums(found: Found, rows: Sequence[TraceRow], shares: Sequence[Share]) -> None:
    """Refuse to show a page on which rows or shares do not add up to the gift, as its entry states it."""
    whole = found.flow["amount"]
    for sums in (sum(row.quantity.amount for row in rows), sum(share.quantity.amount for share in shares)):
        if sums != whole or found.amount != whole:
            raise CorruptError(
                "donation %(seq)s of book '%(code)s' is %(whole)s, its parts add up to %(sums)s; run `flask "
                "journal verify`",
                seq=found.seq,
                code=found.row.code,
                whole=whole,
                sums=sums,
            )


def _gift(connection: Connection, found: Found, names: Names) -> Gift:
    flow = found.flow
    earmark = names.ref(flow["to"]) if flow["to"].startswith("earmark:") else None
    fund = names.other(flow["to"], "fund") if earmark else None
    return Gift(
        seq=found.seq,
        hash=found.leaf.hex(),
        dated=day(found.body["dated"]),
        recorded=moment(found.body["recorded"]),
        quantity=names.quantity(flow["amount"], flow["unit"]),
        source=names.ref(flow["from"]),
        fund=fund or names.ref(flow["to"]),
        earmark=earmark,
        value=names.quantity(flow["value"], "CNY") if "value" in flow else None,
        donor=published_names(connection, found.row.id, {found.seq: found.body}).get(found.seq),
    )


def _services(
    connection: Connection, found: Found, services: dict[str, int], names: Names, unit: Unit
) -> tuple[PieceOfService, ...]:
    newest = [account.partition(":")[2] for account in list(services)[:MOST_SERVICES]]
    cards = service_cards(connection, found.row.id, newest, names)
    return tuple(PieceOfService(card, Quantity(services[f"service:{code}"], unit)) for code, card in cards.items())


def _waiting(parts: Sequence[_Part], names: Names, unit: Unit, today: date) -> tuple[Waiting, ...]:
    """Tell what waits where: by account and the entry that brought it, the largest, then the longest first."""
    sums: dict[tuple[str, int], int] = defaultdict(int)
    kinds: dict[tuple[str, int], _Part] = {}
    for part in parts:
        if part.bucket in {"fund", "organization"}:
            sums[part.account, part.header.seq] += part.route.amount
            kinds[part.account, part.header.seq] = part
    largest = sorted(sums, key=lambda key: (-sums[key], key))[:MOST_WAITING]
    found = [_waits(kinds[key], sums[key], names, unit, today) for key in largest]
    return tuple(sorted(found, key=lambda waiting: (waiting.since, waiting.seq, waiting.where.address)))


def _waits(part: _Part, amount: int, names: Names, unit: Unit, today: date) -> Waiting:
    since = day(part.header.dated)
    days = max(0, (today - since).days)
    where, project = names.place(part.account), names.other(part.account, "project")
    return Waiting(part.bucket, where, Quantity(amount, unit), since, days, part.header.seq, project)


def _events(walk: _Walk, *, full: bool) -> list[Move]:
    """List what moved the gift, newest first; without the reversed pairs unless `full`."""
    pairs = _pairs(walk)
    shown = [move for move in walk.moves if full or move.seq not in pairs]
    return [*reversed(shown), Move(walk.found.seq, -1, walk.found.taker, walk.found.amount)]


def _pairs(walk: _Walk) -> set[int]:
    return {*walk.undone, *walk.undone.values()}


def _event(move: Move, walk: _Walk, names: Names, unit: Unit) -> TraceEvent:
    header = walk.headers[move.seq]
    giver = walk.found.flow["from"] if move.giver < 0 else walk.account(move.giver)
    return TraceEvent(
        seq=move.seq,
        kind=header.kind,
        dated=day(header.dated),
        quantity=Quantity(move.amount, unit),
        giver=names.place(giver),
        receiver=names.place(walk.account(move.taker)),
        collapsed=move.seq in _pairs(walk),
    )
