"""What became of several gifts of one book: their walks in one statement, and the parts of each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.core.errors import CorruptError
from ledger.core.spans import Span
from ledger.giving.routes import routes
from ledger.journal import lookup
from ledger.journal.paths import forward_each
from ledger.web.convert import bucket_of
from ledger.web.pages import BUCKETS, Quantity, Share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from ledger.giving.donors.held import Held
    from ledger.web.convert import Names
    from ledger.web.pages import Bucket, Ref, Unit


class Part(NamedTuple):
    """A part of a gift: on which account it is, and since which entry."""

    account: str
    seq: int
    dated: str
    amount: int

    @property
    def bucket(self) -> Bucket:
        """Tell what it means that it is there."""
        return bucket_of(self.account)


class Walked(NamedTuple):
    """A gift and its parts, which add up to it; `undone`: the record of the gift was taken back."""

    held: Held
    parts: tuple[Part, ...]
    undone: bool


def walk_all(connection: Connection, book_id: int, gifts: Sequence[Held]) -> list[Walked]:
    """Follow gifts of one book to where they are, in three statements however many they are."""
    walks = forward_each(connection, book_id, [(it.taker, Span(it.at, it.at + it.amount)) for it in gifts])
    steps = [step for walk in walks for step in walk]
    axes = lookup.axes(connection, book_id, {step.axis for step in steps})
    entries = {step.seq for step in steps if step.seq >= 0} | {it.seq for it in gifts}
    headers = lookup.headers(connection, book_id, entries)
    reversals = {seq: lookup.reversed_by(it.subject) for seq, it in headers.items() if it.kind == "entry.reversed"}
    made = []
    for held, walk in zip(gifts, walks, strict=True):
        others = {seq: old for seq, old in reversals.items() if old != held.seq}
        found = routes(walk, held.seq, others)
        parts = tuple(Part(axes[it.axes[-1]].account, it.seq, headers[it.seq].dated, it.amount) for it in found)
        if sum(part.amount for part in parts) != held.amount:
            raise CorruptError(
                "the parts of donation %(seq)s of book '%(code)s' do not add up to it; run `flask journal verify`",
                seq=held.seq,
                code=held.book,
            )
        undone = any(reversals.get(step.seq) == held.seq for step in walk)
        made.append(Walked(held, parts, undone))
    return made


def shares_of(parts: Iterable[tuple[Part, Names]], unit: Unit) -> tuple[Share, ...]:
    """Sum parts by what they became, and name the places of each, the largest first."""
    sums: dict[Bucket, int] = defaultdict(int)
    places: dict[Bucket, dict[Ref, int]] = defaultdict(lambda: defaultdict(int))
    for part, names in parts:
        sums[part.bucket] += part.amount
        if part.bucket not in {"service", "refunded", "lost"}:
            places[part.bucket][names.place(part.account)] += part.amount
    ranked = {
        bucket: tuple(sorted(found, key=lambda ref, found=found: (-found[ref], ref.address)))  # type: ignore[misc]
        for bucket, found in places.items()
    }
    return tuple(
        Share(bucket, Quantity(sums[bucket], unit), ranked.get(bucket, ())) for bucket in BUCKETS if bucket in sums
    )


def services_of(parts: Iterable[Part]) -> dict[str, int]:
    """Sum what is in each service by its account, newest first."""
    sums: dict[str, int] = defaultdict(int)
    newest: dict[str, tuple[str, int]] = {}
    for part in parts:
        if part.bucket == "service":
            sums[part.account] += part.amount
            newest[part.account] = max(newest.get(part.account, ("", 0)), (part.dated, part.seq))
    return dict(sorted(sums.items(), key=lambda item: newest[item[0]], reverse=True))
