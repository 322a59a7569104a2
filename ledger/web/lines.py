"""Entries as lines of a list and as sentences, in five statements for any number of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from ledger.core import canonical
from ledger.core.entry import subject_of
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.web.convert import Names, day, moment
from ledger.web.pages import EntryLine, Ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from ledger.core.entry import Body
    from ledger.journal.lookup import Header
    from ledger.web.pages import Quantity

UNNAMED = {"donation", "reversal"}  # subjects that are no object of the book's parties


class Record(NamedTuple):
    """An entry of the log: its hash and its decoded body."""

    leaf: bytes
    body: Body


def read_records(connection: Connection, book_id: int, seqs: Collection[int]) -> dict[int, Record]:
    """Read entries by number, in one statement."""
    if not seqs:
        return {}
    e = t.entries.c
    query = select(e.seq, e.leaf, e.body).where(e.book_id == book_id, lookup.among(connection, e.seq, set(seqs)))
    rows = connection.execute(query)
    return {row.seq: Record(bytes(row.leaf), canonical.decode(bytes(row.body))) for row in rows}


def entry_lines(connection: Connection, book_id: int, seqs: Collection[int]) -> tuple[EntryLine, ...]:
    """Make the lines of entries, in the order of `seqs`; numbers that the book does not have are left out."""
    records = read_records(connection, book_id, seqs)
    bodies = [record.body for record in records.values()]
    names = Names(connection, book_id, (address for body in bodies for address in addresses_of(body)))
    reversed_by = lookup.reversals(connection, book_id, records.keys())
    return tuple(line_of(records[seq], names, reversed_by.get(seq)) for seq in seqs if seq in records)


def addresses_of(body: Body) -> set[str]:
    """List what a line or a page of an entry names: accounts, units, its subject."""
    found = {flow[end] for flow in body["flows"] for end in ("from", "to")}
    found |= {posting["account"] for posting in body["postings"]}
    found |= {f"unit:{part['unit']}" for part in (*body["flows"], *body["postings"])}
    if body["facts"].get("unit"):
        found.add(f"unit:{body['facts']['unit']}")
    subject = subject_address(body)
    return found | {subject} if subject else found


def subject_address(body: Body) -> str | None:
    """Tell the object that an entry is about: opened, changed, confirmed, paid or taken back."""
    facts = body["facts"]
    if body["kind"] == "entry.reversed":
        return str(facts["object"]) if facts.get("object") else None
    _, subject = subject_of(body["kind"], facts)
    if subject is None:
        named = (f"{fact}:{facts[fact]}" for fact in ("service", "grant") if facts.get(fact))
        return next(named, None)
    return None if subject.partition(":")[0] in UNNAMED else subject


def line_of(record: Record, names: Names, taken_back: Header | None) -> EntryLine:
    """Make the line of an entry; `taken_back` is the header of its reversal."""
    body = record.body
    giver, receiver = ends_of(body, names)
    subject = subject_address(body)
    return EntryLine(
        seq=body["seq"],
        kind=body["kind"],
        dated=day(body["dated"]),
        recorded=moment(body["recorded"]),
        hash=record.leaf.hex(),
        quantities=quantities_of(body, names),
        giver=giver,
        receiver=receiver,
        subject=names.ref(subject) if subject else None,
        memo=body["memo"] or None,
        reverses=body["facts"].get("reverses"),
        reversed_by=taken_back.seq if taken_back else None,
    )


def ends_of(body: Body, names: Names) -> tuple[Ref | None, Ref | None]:
    """Tell giver and receiver when there is one of each; earmarks count as their fund when there are several."""
    ends = [{flow[end] for flow in body["flows"]} for end in ("from", "to")]
    one = [accounts if len(accounts) == 1 else {fund_of(account) for account in accounts} for accounts in ends]
    if any(len(accounts) != 1 for accounts in one):
        return None, None
    giver, receiver = (held_by(accounts.pop(), names) for accounts in one)
    return giver, receiver


def held_by(account: str, names: Names) -> Ref:
    """Name an account by who holds it: a grant by its organization."""
    return Ref(account, names.place(account).name)


def fund_of(account: str) -> str:
    """Return the fund of an earmark, any other account as it is."""
    kind, _, code = account.partition(":")
    return f"fund:{code.partition('/')[0]}" if kind == "earmark" else account


def quantities_of(body: Body, names: Names) -> tuple[Quantity, ...]:
    """Sum an entry by unit: its flows, else what was debited, else the amount it speaks of."""
    sums: dict[str, int] = defaultdict(int)
    debits = [posting for posting in body["postings"] if posting["amount"] > 0]
    for part in body["flows"] or debits:
        sums[part["unit"]] += part["amount"]
    facts = body["facts"]
    if not sums and body["kind"] == "grant.awarded" and facts.get("amount"):
        sums[facts["unit"]] = facts["amount"]
    return tuple(names.quantity(amount, unit) for unit, amount in sums.items())


def seqs_down(newest: int, count: int) -> Iterable[int]:
    """List `count` entry numbers from `newest` down, none below 0."""
    return range(newest, max(-1, newest - count), -1)
