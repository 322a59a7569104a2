"""Keep the sums of the linkage up with the log: each entry is read once, in order, a bounded number at a time.

A page lets `keep_up` read the newest entries; `refresh` reads as many as there are. Entries that come later change
what earlier ones meant: a confirmation proves a party, a reversal takes a service back. Both are applied as the
difference between what the service added before and what it adds now, so that the sums are always what a reading from
the first entry would give (a test compares the two).

All of a step is one transaction: a crash leaves the sums as they were, with the number of entries they cover.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import OperationalError

from ledger.core import canonical
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.engine import write_transaction
from ledger.journal.read import find_book, octets, snapshot
from ledger.programs.linkage import donors
from ledger.programs.linkage import tables as own
from ledger.programs.linkage.cells import Cell, Known, Worth
from ledger.programs.linkage.moves import Group, Move, moves_of, pool_of, read_groups
from ledger.programs.linkage.scoring import BITS
from ledger.programs.linkage.writing import upsert, write
from ledger.web.elements import CONFIRMING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection, Engine

    from ledger.core.entry import Body
    from ledger.journal.read import BookRow

VERSION = 1  # of the way of counting: another number makes all sums again
MOST = 500  # entries that a page view reads in one transaction
SECONDS = 1.0  # after which a page view begins no further transaction
CHUNK = 50_000  # entries that a refresh reads in one transaction
FEW_GIFTS = 20_000  # up to so many gifts donors are counted on a page view
KINDS = ("service.delivered", "service.confirmed", "entry.reversed", "grant.awarded", "grant.closed")


class State(NamedTuple):
    """How far the sums of a book are."""

    upto: int
    head: bytes | None
    gifts: int
    donors_at: int


class Covered(NamedTuple):
    """How many entries the sums of a book cover, and whether those are all there are."""

    upto: int
    current: bool


EMPTY = State(0, None, 0, -1)


def keep_up(engine: Engine, code: str) -> None:
    """Let the sums of a book read on for a moment, unless they have read all; raise NotFoundError.

    Somebody else reading or writing at the moment is no reason to wait: the page says how far its sums are.
    """
    with snapshot(engine) as connection:
        row = find_book(connection, code)
        if covered(connection, row).current:
            return
    until, read = monotonic() + SECONDS, MOST
    try:
        while read == MOST:
            with _at_once(engine) as connection:
                read = _step(connection, code, MOST)
            if monotonic() > until:
                break
    except OperationalError:
        if engine.dialect.name != "sqlite":
            raise


def refresh(engine: Engine, code: str, *, anew: bool = False, progress: Callable[[int], None] = lambda _: None) -> int:
    """Read all entries that the sums have not; with `anew` from the first. Return how many were read."""
    done = 0
    while True:
        with write_transaction(engine) as connection:
            if anew:
                clear(connection, find_book(connection, code).id)
                anew = False
            read = _step(connection, code, CHUNK, count_donors=True)
        done += read
        progress(read)
        if not read:
            return done


def covered(connection: Connection, row: BookRow) -> Covered:
    """Tell how many entries of a book its sums cover, and whether those are all."""
    s = own.state.c
    query = select(s.upto, s.head).where(s.book_id == row.id, s.version == VERSION)
    found = connection.execute(query).one_or_none()
    if found is None:
        return Covered(0, row.size == 0)
    same = row.head is None or (found.head is not None and octets(found.head) == octets(row.head))
    return Covered(found.upto, found.upto == row.size and same)


def clear(connection: Connection, book_id: int) -> None:
    """Empty the sums of a book."""
    for table in own.ALL:
        connection.execute(delete(table).where(table.c.book_id == book_id))


@contextmanager
def _at_once(engine: Engine) -> Iterator[Connection]:
    """Open a writing transaction that on SQLite fails when another is writing; on PostgreSQL rows are locked."""
    if engine.dialect.name != "sqlite":
        with write_transaction(engine) as connection:
            yield connection
        return
    with engine.connect().execution_options(ledger_writing=True) as connection:
        raw = connection.connection.driver_connection
        (usual,) = raw.execute("PRAGMA busy_timeout").fetchone()  # type: ignore[union-attr]
        raw.execute("PRAGMA busy_timeout = 50")  # type: ignore[union-attr]
        try:
            with connection.begin():
                yield connection
        finally:
            raw.execute(f"PRAGMA busy_timeout = {int(usual)}")  # type: ignore[union-attr]


def _step(connection: Connection, code: str, most: int, *, count_donors: bool = False) -> int:
    """Read up to `most` entries further; return how many."""
    state = _lock(connection, find_book(connection, code).id)
    row = find_book(connection, code)  # after the lock: no entry is missed, none is read twice
    if state is None:
        return 0
    if state.upto and not _is_ours(connection, row, state):
        clear(connection, row.id)
        _lock(connection, row.id)
        state = EMPTY
    end = min(row.size, state.upto + most)
    gifts = state.gifts
    if state.upto < end:
        gifts += _Reading(connection, row.id, state.upto, end).apply()
    due = end == row.size and state.donors_at < end
    if due and (count_donors or gifts <= FEW_GIFTS):
        donors.count(connection, row.id)
        state = state._replace(donors_at=end)
    _note(connection, row.id, state._replace(upto=end, gifts=gifts))
    return end - state.upto


def _lock(connection: Connection, book_id: int) -> State | None:
    """Take the sums of a book for this transaction; None when somebody else has them."""
    first = {"book_id": book_id, "version": VERSION, "upto": 0, "head": None, "gifts": 0, "donors_at": -1}
    connection.execute(upsert(own.state, ()), first)
    s = own.state.c
    query = select(s.version, s.upto, s.head, s.gifts, s.donors_at).where(s.book_id == book_id)
    found = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
    if found is None:
        return None
    # Counted in another way: as if another log had been read, which empties the sums.
    return State(*found[1:]) if found.version == VERSION else State(found.upto or 1, b"", 0, -1)


def _is_ours(connection: Connection, row: BookRow, state: State) -> bool:
    """Tell whether the log is the one that was read: restored from an older copy it is not."""
    e = t.entries.c
    leaf = connection.scalar(select(e.leaf).where(e.book_id == row.id, e.seq == state.upto - 1))
    return leaf is not None and state.head is not None and octets(leaf) == octets(state.head)


def _note(connection: Connection, book_id: int, state: State) -> None:
    e, s = t.entries.c, own.state.c
    head = connection.scalar(select(e.leaf).where(e.book_id == book_id, e.seq == state.upto - 1))
    values = state._replace(head=head)._asdict() | {"version": VERSION}
    connection.execute(update(own.state).where(s.book_id == book_id).values(values))


class _Reading:
    """One step: the entries from `start` up to, not with, `end`."""

    def __init__(self, connection: Connection, book_id: int, start: int, end: int) -> None:
        self.connection, self.book_id, self.start, self.end = connection, book_id, start, end
        self.cells: dict[Cell, list[int]] = defaultdict(lambda: [0] * len(Worth._fields))

    def apply(self) -> int:
        """Bring the sums up to `end`; return how many donations were among the entries."""
        bodies = self._bodies()
        groups = read_groups(self.connection, self.book_id, self.start, self.end)
        funds = self._grants(bodies, groups)
        self._moves(groups, funds)
        self._services(bodies, funds)
        h = t.headers.c
        query = select(func.count()).where(
            h.book_id == self.book_id, h.kind == "donation.received", h.seq >= self.start, h.seq < self.end
        )
        return self.connection.scalar(query) or 0

    def _bodies(self) -> list[Body]:
        h, e = t.headers.c, t.entries.c
        query = (
            select(e.body)
            .join(t.headers, (h.book_id == e.book_id) & (h.seq == e.seq))
            .where(h.book_id == self.book_id, h.kind.in_(KINDS), h.seq >= self.start, h.seq < self.end)
            .order_by(e.seq)
        )
        return [canonical.parse(bytes(body)) for body in self.connection.scalars(query)]

    # ------------------------------------------------------------------ grants

    def _grants(self, bodies: Iterable[Body], groups: Iterable[Group]) -> dict[str, str]:
        """Bring the grants up to date; return the funds of all that these entries speak of, by code."""
        awarded = [_award(self.book_id, body) for body in bodies if body["kind"] == "grant.awarded"]
        write(self.connection, own.grants, awarded)
        named = {flow["from"] for body in bodies if body["kind"] == "service.delivered" for flow in body["flows"]}
        named |= {account for group in groups for account in (group.giver, group.taker)}
        codes = {account.partition(":")[2] for account in named if account.startswith("grant:")}
        g = own.grants.c
        query = select(g.code, g.fund, g.unit).where(
            g.book_id == self.book_id, lookup.among(self.connection, g.code, codes)
        )
        known = {row.code: row for row in self.connection.execute(query)} if codes else {}
        paid = [row for group in groups if (row := _paid(self.book_id, group, {c: r.unit for c, r in known.items()}))]
        if paid:
            self.connection.execute(_PAID, paid)
        closed = [{"b": self.book_id, "c": code} for body in bodies if (code := _closed(body))]
        if closed:
            self.connection.execute(_CLOSED, closed)
        return {code: row.fund for code, row in known.items()}

    # ------------------------------------------------------------------- moves

    def _moves(self, groups: Iterable[Group], funds: dict[str, str]) -> None:
        found: dict[tuple[Move, str], list[int]] = defaultdict(lambda: [0, 0])
        for group in groups:
            for move, amount, flows in moves_of(group, funds):
                for grain, length in (("a", 0), ("y", 4), ("m", 7)):
                    sums = found[move._replace(span=move.span[:length]), grain]
                    sums[0] += amount
                    sums[1] += flows
        rows = [
            {"book_id": self.book_id, "grain": grain, "amount": amount, "flows": flows, **move._asdict()}
            for (move, grain), (amount, flows) in found.items()
            if amount or flows
        ]
        write(self.connection, own.moves, rows, ("amount", "flows"))

    # ---------------------------------------------------------------- services

    def _services(self, bodies: Iterable[Body], funds: dict[str, str]) -> None:
        """Add new services; change those that were confirmed or taken back."""
        bodies = list(bodies)
        new = {
            body["facts"]["code"]: Known.of(body, lambda account: pool_of(account, funds))
            for body in bodies
            if body["kind"] == "service.delivered"
        }
        changes = [change for body in bodies if (change := _change(body))]
        old = self._known({code for code, _, _ in changes} - new.keys())
        for service in old.values():
            self._count(service, -1)
        after = {**old, **new}
        for code, proven, gone in changes:
            if code in after:
                service = after[code]
                after[code] = service._replace(mask=service.mask | proven, gone=int(gone or service.gone))
        for service in after.values():
            self._count(service, 1)
        rows = [{"book_id": self.book_id, **service._asdict()} for service in after.values()]
        write(self.connection, own.services, rows, replace=("mask", "gone"))
        names = Worth._fields
        sums = [
            {"book_id": self.book_id, **cell._asdict(), **dict(zip(names, numbers, strict=True))}
            for cell, numbers in self.cells.items()
            if any(numbers)
        ]
        write(self.connection, own.sums, sums, names)

    def _known(self, codes: set[str]) -> dict[str, Known]:
        if not codes:
            return {}
        s = own.services.c
        query = select(*(s[name] for name in Known._fields)).where(
            s.book_id == self.book_id, lookup.among(self.connection, s.code, codes)
        )
        return {row.code: Known(*row) for row in self.connection.execute(query)}

    def _count(self, service: Known, sign: int) -> None:
        for cell, worth in service.cells():
            numbers = self.cells[cell]
            for at, number in enumerate(worth):
                numbers[at] += sign * number


def _change(body: Body) -> tuple[str, int, bool] | None:
    """Tell which service an entry changes: the parties it proves, and whether it takes it back."""
    facts = body["facts"]
    if body["kind"] == "service.confirmed":
        key = CONFIRMING.get(str(facts.get("role")))
        return str(facts["service"]), BITS[key] if key else 0, False
    kind, _, code = str(facts.get("object") or "").partition(":")
    return (code, 0, True) if body["kind"] == "entry.reversed" and kind == "service" else None


def _closed(body: Body) -> str | None:
    """Tell which grant an entry closes or takes back."""
    if body["kind"] == "grant.closed":
        return str(body["facts"]["code"])
    kind, _, code = str(body["facts"].get("object") or "").partition(":")
    return code if body["kind"] == "entry.reversed" and kind == "grant" else None


def _award(book_id: int, body: Body) -> dict[str, object]:
    facts = body["facts"]
    return {
        "book_id": book_id,
        "code": facts["code"],
        "fund": str(facts.get("fund") or ""),
        "organization": str(facts.get("organization") or ""),
        "project": str(facts.get("project") or ""),
        "dated": body["dated"],
        "unit": str(facts.get("unit") or "CNY"),
        "amount": int(facts.get("amount") or 0),
        "paid": 0,
        "returned": 0,
        "closed": 0,
    }


def _paid(book_id: int, group: Group, units: dict[str, str]) -> dict[str, object] | None:
    """Tell what a group of flows adds to the payments or returns of a grant, in the unit it was awarded in."""
    sign = -1 if group.undone else 1
    giver, taker = (group.taker, group.giver) if group.undone else (group.giver, group.taker)
    into, out = taker.startswith("grant:"), giver.startswith("grant:") and taker.startswith(("fund:", "earmark:"))
    code = (taker if into else giver).partition(":")[2]
    if not (into or out) or units.get(code) != group.unit:
        return None
    return {"b": book_id, "c": code, "paid": sign * group.amount * into, "back": sign * group.amount * out}


_PAID = text(
    "UPDATE linkage_grants SET paid = paid + :paid, returned = returned + :back WHERE book_id = :b AND code = :c"
)
_CLOSED = text("UPDATE linkage_grants SET closed = 1 WHERE book_id = :b AND code = :c")
