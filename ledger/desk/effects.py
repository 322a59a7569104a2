"""The effect of a proposal, shown before it is approved: found by doing it and taking it back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.core.entry import Side, side_of
from ledger.core.spans import Span
from ledger.journal import lookup, paths
from ledger.journal.append import writing
from ledger.web.convert import Names
from ledger.web.lines import entry_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from ledger.core.entry import Body
    from ledger.desk.commands import Command, DeskAct, Payload
    from ledger.journal.append import Appended, Writer
    from ledger.journal.paths import Gap
    from ledger.web.pages import EntryLine, Quantity, Ref

MOST_PIECES = 200  # of flows whose gifts are looked up for a preview
MOST_LINES = 50  # entries told one by one


@dataclass(frozen=True, slots=True)
class Change:
    """What an account holds before and after."""

    account: Ref
    before: Quantity
    after: Quantity


@dataclass(frozen=True, slots=True)
class Draws:
    """The gifts an account would draw on: how many, from which entry to which, and how much of a unit."""

    account: Ref
    quantity: Quantity
    gifts: int
    first_seq: int | None
    last_seq: int | None
    otherwise: int = 0  # units that no gift brought


@dataclass(frozen=True, slots=True)
class Effect:
    """What recording a proposal would do."""

    lines: tuple[EntryLine, ...]
    count: int
    changes: tuple[Change, ...]
    draws: tuple[Draws, ...]


class _TakenBack(Exception):  # noqa: N818  # it is no error: it ends a rehearsal
    def __init__(self, effect: Effect) -> None:
        self.effect = effect


def rehearse(engine: Engine, book: str, command: Command, act: DeskAct, payload: Payload) -> Effect:
    """Do it, look, and take it back; raise what the ledger would refuse it with.

    Takes the book's lock for as long as the command takes; nothing of it is ever committed.
    """
    try:
        with writing(engine, book) as writer:
            made = [one for one in command.run(writer, act, payload) if not one.repeated]
            raise _TakenBack(_look(writer, made))  # noqa: TRY301  # what ends the transaction
    except _TakenBack as taken:
        return taken.effect


def _look(writer: Writer, made: Sequence[Appended]) -> Effect:
    """Tell what entries, not yet committed, did to accounts, and on which gifts they draw."""
    bodies = [one.body for one in made[:MOST_LINES]]
    lines = entry_lines(writer.connection, writer.book_id, [one.seq for one in made[:MOST_LINES]])
    deltas: dict[tuple[str, str], int] = defaultdict(int)
    for one in made:
        for account, unit, amount in _deltas(one.body):
            deltas[account, unit] += amount
    shown = {key: amount for key, amount in deltas.items() if not key[0].startswith("source:")}
    after = {key: writer.axis(*key).balance for key in shown}
    found = _draws(writer, bodies)
    named = {address for account, unit in (*shown, *found) for address in (account, f"unit:{unit}")}
    names = Names(writer.connection, writer.book_id, named)
    return Effect(
        lines,
        len(made),
        tuple(
            Change(names.ref(key[0]), names.quantity(after[key] - amount, key[1]), names.quantity(after[key], key[1]))
            for key, amount in sorted(shown.items(), key=_order)
        ),
        tuple(_told(writer, names, *key, *value) for key, value in found.items()),
    )


def _order(item: tuple[tuple[str, str], int]) -> tuple[bool, str, str]:
    (account, unit), _ = item
    return side_of(account) is Side.PLACE, account, unit


def _deltas(body: Body) -> list[tuple[str, str, int]]:
    changes = [(posting["account"], posting["unit"], posting["amount"]) for posting in body["postings"]]
    for flow in body["flows"]:
        changes.append((flow["from"], flow["unit"], -flow["amount"]))
        changes.append((flow["to"], flow["unit"], flow["amount"]))
    return changes


_Key = tuple[str, str]


def _draws(writer: Writer, bodies: Sequence[Body]) -> dict[_Key, tuple[int, list[Gap]]]:
    """Find the pieces of gifts that flows out of funds and grants draw on, by account and unit."""
    pieces = [
        flow
        for body in bodies
        for flow in body["flows"]
        if body["kind"] != "donation.received" and side_of(flow["from"]) in {Side.FUND, Side.GRANTEE}
    ][:MOST_PIECES]
    found: dict[_Key, tuple[int, list[Gap]]] = {}
    numbers = _numbers(writer, {(flow["from"], flow["unit"]) for flow in pieces})
    for flow in pieces:
        key = flow["from"], flow["unit"]
        span = Span(flow["out"], flow["out"] + flow["amount"])
        steps = paths.backward_to_gifts(writer.connection, writer.book_id, numbers[key], span)
        amount, gaps = found.get(key, (0, []))
        found[key] = amount + flow["amount"], [*gaps, *paths.gaps(steps)]
    return {key: (amount, _gifts_only(writer, gaps)) for key, (amount, gaps) in found.items()}


def _gifts_only(writer: Writer, gaps: list[Gap]) -> list[Gap]:
    axes = lookup.axes(writer.connection, writer.book_id, {gap.axis for gap in gaps})
    return [gap for gap in gaps if not axes[gap.axis].account.startswith("source:")]


def _numbers(writer: Writer, keys: set[_Key]) -> dict[_Key, int]:
    return {key: writer.axis_number(*key) for key in keys}


def _told(writer: Writer, names: Names, account: str, unit: str, amount: int, gaps: list[Gap]) -> Draws:
    counted = paths.count_gifts(writer.connection, writer.book_id, gaps) if gaps else []
    return Draws(
        names.ref(account),
        names.quantity(amount, unit),
        sum(gifts.count for gifts in counted),
        min((gifts.first_seq for gifts in counted), default=None),
        max((gifts.last_seq for gifts in counted), default=None),
        amount - sum(gap.hi - gap.lo for gap in gaps),
    )
