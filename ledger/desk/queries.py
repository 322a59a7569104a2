"""What the desk shows of proposals: the queue, the decided ones, one of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, exists, func, or_, select

from ledger.core.errors import NotFoundError
from ledger.desk.commands import all_commands, find
from ledger.desk.tables import concerned, proposals, steps
from ledger.people.accounts.names import names_of
from ledger.reports.figures import CHINA
from ledger.web.actor import FOUNDATION, PARTIES
from ledger.web.convert import Names, day, moment
from ledger.web.labels import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, RowMapping, Select
    from sqlalchemy.sql.elements import ColumnElement

    from ledger.desk.commands import Command, Payload
    from ledger.web.actor import Actor

P = proposals.c
STATES = ("waiting", "returned", "recorded", "rejected", "withdrawn")
ORDERS = {"at": P.at, "title": P.title, "worth": P.worth, "dated": P.dated}


@dataclass(frozen=True, slots=True)
class Line:
    """A proposal in a list. `seqs`: first entry and how many."""

    code: str
    command: Command
    title: str
    dated: date
    worth: int
    state: str
    by: str
    by_name: str
    at: datetime
    first_seq: int | None
    entries: int


class Done(NamedTuple):
    """A step in the life of a proposal."""

    what: str
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """One proposal, its history, and its payload as far as it is kept."""

    line: Line
    memo: str
    payload: dict[str, Any]
    history: tuple[Done, ...]
    parties: tuple[str, ...]
    row: RowMapping


class Asked(NamedTuple):
    """What is asked of a list of proposals."""

    words: str = ""
    state: str = ""
    command: str = ""
    order: str = "at"
    descending: bool = True
    limit: int = 50
    offset: int = 0


def waiting_for(actor: Actor, book: str, book_id: int) -> ColumnElement[bool]:
    """Say which proposals wait for somebody: theirs to approve, or returned to them to be corrected."""
    wide, narrow = [], []
    for command in all_commands():
        held = actor.roles(book) & command.approves
        if held - PARTIES.keys():
            wide.append(command.name)
        else:
            narrow += [(command.name, f"{PARTIES[role]}:{code}") for role in held for code in actor.parties(book, role)]
    mine: list[ColumnElement[bool]] = [P.command.in_(wide)] if wide else []
    for name in sorted({name for name, _ in narrow}):
        own = [address for command, address in narrow if command == name]
        touched = exists().where(concerned.c.proposal_id == P.id, concerned.c.address.in_(own))
        mine.append(and_(P.command == name, touched))
    decide = and_(P.state == "waiting", P.by != actor.code, or_(False, *mine))  # noqa: FBT003
    return and_(P.book_id == book_id, or_(decide, and_(P.state == "returned", P.by == actor.code)))


def seen_by(actor: Actor, book: str, book_id: int) -> ColumnElement[bool]:
    """Say which proposals somebody may look at: all, in the foundation; else their own and their parties'."""
    if actor.has(book, *FOUNDATION):
        return P.book_id == book_id
    own = [f"{kind}:{code}" for role, kind in PARTIES.items() for code in actor.parties(book, role)]
    touched = exists().where(concerned.c.proposal_id == P.id, concerned.c.address.in_(own))
    return and_(P.book_id == book_id, or_(P.by == actor.code, touched))


def count(connection: Connection, which: ColumnElement[bool]) -> int:
    """Count proposals."""
    return connection.scalar(select(func.count()).select_from(proposals).where(which)) or 0


def lines(connection: Connection, which: ColumnElement[bool], asked: Asked) -> tuple[Line, ...]:
    """Read a page of proposals, in two statements."""
    order = ORDERS[asked.order]
    query = fitting(select(proposals), which, asked).order_by(order.desc() if asked.descending else order, P.id.desc())
    rows = connection.execute(query.limit(asked.limit).offset(asked.offset)).mappings().all()
    names = names_of(connection, {row["by"] for row in rows})
    return tuple(_line(row, names) for row in rows)


def fitting(query: Select[Any], which: ColumnElement[bool], asked: Asked) -> Select[Any]:
    """Narrow a query to what was asked."""
    query = query.where(which)
    if asked.state:
        query = query.where(P.state == asked.state)
    if asked.command:
        query = query.where(P.command == asked.command)
    if asked.words:
        query = query.where(or_(P.title.icontains(asked.words, autoescape=True), P.code == asked.words.upper()))
    return query


def count_fitting(connection: Connection, which: ColumnElement[bool], asked: Asked) -> int:
    """Count what a list would show on all its pages."""
    return connection.scalar(fitting(select(func.count()).select_from(proposals), which, asked)) or 0


def read_proposal(connection: Connection, actor: Actor, book: str, book_id: int, code: str) -> ProposalPage:
    """Read a proposal that somebody may look at, or approve; raise NotFoundError."""
    visible = or_(seen_by(actor, book, book_id), waiting_for(actor, book, book_id))
    row = connection.execute(select(proposals).where(P.code == code, visible)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("there is no proposal %(code)s here that you may see", code=code)
    query = select(steps).where(steps.c.proposal_id == row["id"]).order_by(steps.c.no)
    done = connection.execute(query).all()
    names = names_of(connection, {row["by"], *(step.by for step in done)})
    parties = connection.scalars(select(concerned.c.address).where(concerned.c.proposal_id == row["id"]))
    return ProposalPage(
        _line(row, names),
        row["memo"],
        json.loads(row["payload"]),
        tuple(Done(step.what, names.get(step.by, step.by), moment(step.at), step.reason) for step in done),
        tuple(parties),
        row,
    )


def names_in(connection: Connection, book_id: int, payload: Payload) -> Names:
    """Read the names of what a payload mentions, and its units, in two statements at most."""
    return Names(connection, book_id, set(_mentioned(payload)))


def _mentioned(payload: Payload) -> Iterator[str]:
    """Yield addresses: those that stand there, and those of codes under the name of a type, at any depth of lists."""
    for key, value in payload.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _mentioned(each)
            elif isinstance(each, str) and each.partition(":")[0] in TYPES:
                yield each
            elif isinstance(each, str) and key in TYPES:
                yield f"{key}:{each}"


def read_returned(connection: Connection, book_id: int, code: str, by: str, command: str) -> RowMapping | Any:
    """Read a proposal that was returned to somebody to be corrected; raise NotFoundError."""
    query = select(proposals).where(
        P.book_id == book_id, P.code == code, P.state == "returned", P.by == by, P.command == command
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("there is no proposal %(code)s that was returned to you", code=code)
    return row


def reason_of(connection: Connection, proposal: int) -> str:
    """Return why a proposal was sent back last."""
    query = select(steps.c.reason).where(steps.c.proposal_id == proposal, steps.c.what == "returned")
    return connection.scalar(query.order_by(steps.c.no.desc()).limit(1)) or ""


def _line(row: RowMapping, names: dict[str, str]) -> Line:
    return Line(
        row["code"],
        find(row["command"]),
        row["title"],
        day(row["dated"]),
        row["worth"],
        row["state"],
        row["by"],
        names.get(row["by"], row["by"]),
        moment(row["at"]).astimezone(CHINA),
        row["first_seq"],
        row["entries"],
    )


def labels(commands: Sequence[Command]) -> list[tuple[str, str]]:
    """Give (name, label) of commands, for a filter."""
    return [(command.name, command.label) for command in commands]
