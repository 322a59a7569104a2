"""Which gifts a service or a recipient was made of, one by one; for staff and auditors, never for public pages."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, select

from ledger.core.errors import NotFoundError
from ledger.core.spans import Span
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.paths import backward


class Given(NamedTuple):
    """What one entry gave: a donation, or public money and hours that came without one."""

    seq: int
    dated: str
    kind: str
    source: str
    amount: int
    donor: str | None


@dataclass(frozen=True, slots=True)
class Sources:
    """What an account is made of in one unit; `given` in the order of the ledger, summing to `amount`."""

    unit: str
    amount: int
    given: tuple[Given, ...]


def resolve(connection: Connection, book_id: int, name: str) -> str:
    """Find the account that is meant by a service's code, a recipient's name, or an address."""
    tries = [name, f"service:{name}", "outcome:recipient/" + "_".join(name.split()), f"outcome:{name}", f"grant:{name}"]
    found = lookup.objects(connection, book_id, tries)
    for address in tries:
        if address in found:
            return address
    o = t.objects.c
    near = connection.scalars(
        select(o.address).where(o.book_id == book_id, o.address.contains(name, autoescape=True)).limit(10)
    ).all()
    if near:
        raise NotFoundError(
            "the book has no service or recipient '%(name)s'; did you mean %(near)s", name=name, near=", ".join(near)
        )
    raise NotFoundError(
        "the book has no service or recipient '%(name)s'; give a service's code, a recipient's name or an address",
        name=name,
    )


def sources_of(connection: Connection, book_id: int, address: str) -> list[Sources]:
    """Trace what an account received, and was not taken back, to the entries that gave it, by unit."""
    a = t.axes.c
    axes = connection.execute(
        select(a.no, a.unit, a.received)
        .where(a.book_id == book_id, a.account == address, a.received > 0)
        .order_by(a.unit)
    ).all()
    sums: dict[str, dict[tuple[int, int], int]] = {}
    for axis in axes:
        parts: dict[tuple[int, int], int] = defaultdict(int)
        for piece in _kept(connection, book_id, axis.no, axis.received):
            steps = backward(connection, book_id, axis.no, piece)
            parents = {step.near for step in steps}
            for step in steps:
                if step.seq >= 0 and step.axis not in parents:
                    parts[(step.seq, step.axis)] += step.hi - step.lo
        if parts:
            sums[axis.unit] = parts
    return _described(connection, book_id, sums)


def _kept(connection: Connection, book_id: int, axis: int, received: int) -> Iterator[Span]:
    """Give the units of an axis without those that a reversal or a return took back."""
    f, h = t.flows.c, t.headers.c
    query = (
        select(f.out_at, f.amount)
        .join(t.headers, (h.book_id == f.book_id) & (h.seq == f.seq))
        .where(f.book_id == book_id, f.giver == axis, h.kind.in_(("entry.reversed", "grant.returned")))
        .order_by(f.out_at)
    )
    at = 0
    for out, amount in connection.execute(query):
        if at < out:
            yield Span(at, out)
        at = out + amount
    if at < received:
        yield Span(at, received)


def _described(connection: Connection, book_id: int, sums: dict[str, dict[tuple[int, int], int]]) -> list[Sources]:
    seqs = {seq for parts in sums.values() for seq, _ in parts}
    headers = lookup.headers(connection, book_id, seqs)
    accounts = lookup.axes(connection, book_id, {axis for parts in sums.values() for _, axis in parts})
    p = t.private.c
    donors = {
        row.seq: row.value
        for row in connection.execute(
            select(p.seq, p.value).where(
                p.book_id == book_id, p.field == "donor", lookup.among(connection, p.seq, seqs)
            )
        )
    }
    return [
        Sources(
            unit,
            sum(parts.values()),
            tuple(
                Given(seq, str(headers[seq].dated), headers[seq].kind, accounts[axis].account, amount, donors.get(seq))
                for (seq, axis), amount in sorted(parts.items())
            ),
        )
        for unit, parts in sums.items()
    ]
