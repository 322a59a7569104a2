"""Append: the one way in. One function writes the log, in one transaction, under the book's lock.

What a crash leaves behind: nothing. Entries, projections, side store and head are written between one BEGIN and one
COMMIT; before the COMMIT returns none of it can be seen, afterwards all of it is durable. There is no step in which a
part of an entry exists.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, islice
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select, text

from ledger.core import canonical
from ledger.core.book import Book, Known
from ledger.core.chain import leaf_hash, stamp
from ledger.core.commit import commit, new_salt
from ledger.core.entry import KINDS, Body, Draft, Effect, mentions_of, subject_of
from ledger.core.errors import AlreadyOpenError, ConflictError, MalformedError
from ledger.core.merkle import Frontier
from ledger.core.spans import Axis, Span
from ledger.journal import project
from ledger.journal import tables as t
from ledger.journal.checks import check_designations, same_request
from ledger.journal.collector import no_cycles
from ledger.journal.engine import write_transaction
from ledger.journal.store import Head, Loaded, Rows, Wanted, store_for

_BOOK = re.compile(r"\w[\w.-]{0,59}")
_UNFIT = re.compile(r"[\0\ud800-\udfff]")  # PostgreSQL takes neither
_CREATE = text(
    "INSERT INTO books (code, size, recorded, frontier, axes) VALUES (:code, :size, :recorded, :frontier, :axes) "
    "ON CONFLICT (code) DO NOTHING"
)
CHUNK = 4000  # entries held in memory before they are written (still one transaction)


class Appended(NamedTuple):
    """Where an entry stands. `repeated`: the same request had been appended before; this is that entry."""

    seq: int
    leaf: bytes
    data: bytes
    repeated: bool = False

    @property
    def body(self) -> Body:
        """Return the entry's body, decoded; kept as bytes, since an import appends 100,000 of them."""
        return canonical.parse(self.data)


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


@contextmanager
def writing(engine: Engine, book: str, *, clock: Callable[[], datetime] = utc_now) -> Iterator["Writer"]:
    """Open one writing transaction on a book; commits at the end, rolls everything back on an exception.

    A refusal that the caller swallowed rolls back too: what memory holds after one is no book.
    """
    with write_transaction(engine) as connection:
        writer = Writer(connection, book, clock)
        yield writer
        writer.check_whole()


def create_book(connection: Connection, code: str) -> None:
    """Make room for a new book; its first entry, `book.opened`, belongs in the same transaction."""
    if not _BOOK.fullmatch(code):
        raise MalformedError(
            "the code of a book has 1 to 60 letters, digits, points, dashes or underscores; got %(code)s",
            code=repr(code),
        )
    # Waits for whoever is opening a book of this code at the moment.
    made = connection.execute(_CREATE, {"code": code, "size": 0, "recorded": "", "frontier": b"", "axes": 0})
    if not made.rowcount:
        raise AlreadyOpenError("there is a book '%(code)s' already; choose another code", code=code)


class Writer:
    """Appends to one book inside one transaction. The book's lock is taken by the first `append` or `lock`."""

    def __init__(self, connection: Connection, code: str, clock: Callable[[], datetime] = utc_now) -> None:
        self.connection, self.code = connection, code
        self._clock = clock
        self._store = store_for(connection)
        self._head: Head | None = None
        self._book = Book(code)
        self._frontier = Frontier()
        self._seen: set[str] = set()  # addresses and axis keys already read
        self._rows = Rows()
        self._leaves: list[bytes] = []
        self._refs: dict[str, int] = {}
        self._made: set[int] = set()  # entries of the present chunk
        self._refused = False

    def lock(self) -> None:
        """Take the book's lock now, so that what is read next is still true when it is appended."""
        if self._head is None:
            self._load([])

    @property
    def book_id(self) -> int:
        """Return the number of the book; takes the lock."""
        return self._opened.id

    def preload(self, addresses: Iterable[str]) -> None:
        """Read many objects in one statement, for `knows` and `known` to find."""
        fresh = [address for address in addresses if address not in self._seen]
        if fresh:
            self._seen.update(fresh)
            self._read(Wanted([], fresh, [], [], []))

    def knows(self, address: str) -> bool:
        """Tell whether an object is in the book, as of the entries appended so far."""
        self.preload([address])
        return address in self._book.objects

    def known(self, address: str) -> Known:
        """Return an open object, as of the entries appended so far."""
        self.preload([address])
        return self._book.need_open(address)

    def axis(self, account: str, unit: str) -> Axis:
        """Return what an account received and gave of a unit, as of the entries appended so far."""
        self._read(Wanted([], [], [account], [unit], []))
        return self._book.axes.get((account, unit), Axis())

    def axis_number(self, account: str, unit: str) -> int:
        """Return the number of an account's axis in a unit; raise KeyError when it never held any."""
        self._read(Wanted([], [], [account], [unit], []))
        return self._book.numbers[(account, unit)]

    def used(self, refs: list[str]) -> dict[str, int]:
        """Return which of these refs were used, and by which entries."""
        self._read(Wanted([ref for ref in refs if ref not in self._refs], [], [], [], []))
        return {ref: self._refs[ref] for ref in refs if ref in self._refs}

    def ref_used(self, ref: str) -> int | None:
        """Return the entry that used a ref, None when none did."""
        return self.used([ref]).get(ref)

    def append(self, drafts: Iterable[Draft]) -> list[Appended]:
        """Append one or many entries, in order; return where each stands.

        All or nothing: any refusal leaves the transaction to be rolled back. A `ref` used before with the same content
        gives the entry it made then; with other content it is an error.
        """
        self.check_whole()
        self._refused = True  # until all of them are in
        source, appended = iter(drafts), []
        with no_cycles():
            while chunk := list(islice(source, CHUNK)):
                self._load(chunk)
                recorded = stamp(self._clock())
                appended += [self._append_one(draft, recorded) for draft in chunk]
                self._flush()
        self._refused = False
        return appended

    def check_whole(self) -> None:
        """Refuse to go on after a refusal: half of an entry may be in memory, half of a batch in the transaction."""
        if self._refused:
            raise ConflictError("an entry was refused in this transaction, so nothing of it is written; begin another")

    def _append_one(self, draft: Draft, recorded: str) -> Appended:
        seq = self._refs.get(draft.ref)
        if seq is not None:
            return self._repeat(seq, draft)
        book, head = self._book, self._opened
        salts = {field: new_salt() for field in draft.private}
        commitments = {field: commit(field, salt, draft.private[field]) for field, salt in salts.items()}
        body = book.settle(draft, recorded, commitments)
        if any(move.of is not None for move in draft.moves) or draft.kind == "entry.reversed":
            self._flush()
            check_designations(self.connection, head.id, body, book.numbers)
        data = canonical.encode(body)
        leaf = leaf_hash(data)
        rows, seq = self._rows, book.size
        rows.entries.append((head.id, seq, leaf, data))
        project.add_entry(rows, head.id, book, body)
        rows.private.extend((head.id, seq, field, salt, draft.private[field]) for field, salt in salts.items())
        book.advance(leaf, body["recorded"])
        self._leaves.append(leaf)
        self._refs[draft.ref] = seq
        self._made.add(seq)
        return Appended(seq, leaf, data)

    def _repeat(self, seq: int, draft: Draft) -> Appended:
        if seq in self._made:
            self._flush()
        row = self.connection.execute(
            select(t.entries.c.leaf, t.entries.c.body).where(
                t.entries.c.book_id == self._opened.id, t.entries.c.seq == seq
            )
        ).one()
        data = bytes(row.body)
        same_request(self.connection, self._opened.id, canonical.decode(data), draft)
        return Appended(seq, bytes(row.leaf), data, repeated=True)

    @property
    def _opened(self) -> Head:
        if self._head is None:
            self._load([])
        assert self._head is not None  # noqa: S101
        return self._head

    def _load(self, drafts: list[Draft]) -> None:
        """Read what these drafts need and memory lacks; the first time, under the lock."""
        wanted = self._wanted(drafts)
        if self._head is None:
            loaded = self._store.begin(self.code, wanted)
            self._head = loaded.head
            self._book.size, self._book.head = loaded.head.size, _bytes(loaded.head.head)
            self._book.recorded, self._book.count = loaded.head.recorded, loaded.head.axes
            self._frontier = Frontier.decode(loaded.head.size, bytes(loaded.head.frontier))
            self._take(loaded)
        elif any(wanted):
            self._read(wanted)

    def _read(self, wanted: Wanted) -> None:
        """Read more under the lock; what memory holds already is newer and stays."""
        self._take(self._store.read(self._opened, wanted))

    def _wanted(self, drafts: list[Draft]) -> Wanted:
        accounts: set[str] = set()
        units: set[str] = set()
        addresses: set[str] = set()
        whole: set[str] = set()
        for draft in drafts:
            for move in draft.moves:
                accounts.update((move.giver, move.taker))
                units.add(move.unit)
            for posting in draft.postings:
                accounts.add(posting.account)
                units.add(posting.unit)
            addresses.update(mentions_of(draft.facts))
            if KINDS.get(draft.kind) is not None:
                effect, subject = subject_of(draft.kind, draft.facts)
                addresses.add(str(subject))
                if effect is Effect.CLOSE:
                    whole.add(str(subject))
            closed = draft.facts.get("object") if draft.kind == "entry.reversed" else None
            if isinstance(closed, str):
                addresses.add(closed)
                whole.add(closed)
        _check_texts([draft.ref for draft in drafts], addresses, accounts, units)
        addresses |= accounts | {f"unit:{unit}" for unit in units}
        # Axes are read by account × unit; a pair is new unless both were asked for together before.
        pairs = {f"{account}\0{unit}" for account in accounts for unit in units}
        fresh = pairs - self._seen
        addresses -= self._seen
        self._seen |= fresh | addresses
        return Wanted(
            [draft.ref for draft in drafts if draft.ref not in self._refs],
            list(addresses),
            sorted({pair.partition("\0")[0] for pair in fresh}),
            sorted({pair.partition("\0")[2] for pair in fresh}),
            sorted(whole),
        )

    def _take(self, loaded: Loaded) -> None:
        """Put what was read into memory; what is there already is newer and stays."""
        book = self._book
        self._refs.update((str(ref), seq) for ref, seq in loaded.refs)
        for address, *known in loaded.objects:
            book.objects.setdefault(address, Known(*known))
        holes: dict[int, list[Span]] = {}
        for axis, lo, hi in loaded.holes:
            holes.setdefault(axis, []).append(Span(lo, hi))
        for no, account, unit, received, given, tail, _, gifts in loaded.axes:
            if (account, unit) not in book.numbers:
                book.numbers[(account, unit)] = no
                book.axes[(account, unit)] = Axis(received, given, tail, tuple(holes.get(no, ())), gifts)

    def _flush(self) -> None:
        """Write what memory holds and move the head; not yet committed."""
        if not self._leaves:
            return
        old, book = self._opened, self._book
        project.add_state(self._rows, old.id, book)
        self._frontier = self._frontier.extend(self._leaves)
        new = Head(old.id, book.size, book.head, book.recorded, self._frontier.encode(), book.count)
        self._store.write(self._rows, old, new)
        self._head, self._rows, self._leaves = new, Rows(), []
        self._made.clear()


def _check_texts(*lists: Iterable[object]) -> None:
    for value in chain.from_iterable(lists):
        if type(value) is not str or _UNFIT.search(value):
            raise MalformedError(
                "%(value)s cannot name anything: refs, accounts and units are text without control characters",
                value=repr(value),
            )


def _bytes(value: bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
