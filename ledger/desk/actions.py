"""Proposals are prepared by one person and decided by another.

Nothing of a proposal is on the ledger before it is approved. Approving records its entries and marks it as recorded
in one transaction under the book's lock, so that it is recorded once however often and by however many it is asked
for; a crash at any step leaves it waiting, with nothing of it on the ledger.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from ledger.core.chain import stamp
from ledger.core.tracking import SYMBOLS
from ledger.desk.commands import DeskAct, find
from ledger.desk.effects import rehearse
from ledger.desk.errors import DecidedError, NotAllowedError, ReasonError
from ledger.desk.tables import concerned, proposals, steps
from ledger.journal.append import utc_now, writing
from ledger.journal.tables import books
from ledger.people.accounts.settings import book_settings
from ledger.reports.figures import decimal
from ledger.web.actor import PARTIES, Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Engine, RowMapping

    from ledger.desk.commands import Command, Payload, Tools
    from ledger.journal.append import Appended, Writer
    from ledger.web.actor import Actor

MOST_REASON = 1000  # characters


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for: the payload, the form it came from, its day, and a short title without personal data.

    `once` names the page it was sent from: the same from the same page by the same person is asked for once.
    """

    command: Command
    payload: Payload
    dated: date
    title: str
    memo: str = ""
    form: Mapping[str, Sequence[str]] | None = None
    once: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a proposal stands after an action, and the entries it made."""

    code: str
    state: str
    seqs: tuple[int, ...] = ()


def propose(engine: Engine, actor: Actor, book: str, request: Request, tools: Tools) -> Outcome:
    """Put a request before those who approve it, after rehearsing it; what needs no approval is recorded at once.

    A form that was sent twice gives the outcome of the first time.
    """
    command = request.command
    _check_prepares(actor, book, command)
    code = _code_of(actor, book, request) if request.once else new_code()
    with engine.connect() as connection:
        before = _before(connection, book, code)
    if before:
        return before
    if command.approves and command.rehearses:
        rehearse(engine, book, command, _act(actor.code, request.dated, code, request.memo, tools), request.payload)
    with writing(engine, book) as writer:
        writer.lock()
        if before := _before(writer.connection, book, code):
            return before
        _insert(writer, actor, code, request)
        if command.approves:
            return Outcome(code, "waiting")
        act = _act(actor.code, request.dated, code, request.memo, tools, approved_by=None, rehearsal=False)
        return _record(writer, code, actor, act, command, request.payload)


def correct(engine: Engine, actor: Actor, book: str, code: str, request: Request, tools: Tools) -> Outcome:
    """Put a returned proposal forward again, with other contents."""
    command = request.command
    if command.rehearses:
        rehearse(engine, book, command, _act(actor.code, request.dated, code, request.memo, tools), request.payload)
    with writing(engine, book) as writer:
        row = _locked(writer, code, "returned")
        if row["by"] != actor.code or row["command"] != command.name:
            raise NotAllowedError("proposal %(code)s is corrected by the person who prepared it", code=code)
        _check_prepares(actor, book, command)
        _update(writer.connection, row["id"], state="waiting", **_contents(request))
        _set_parties(writer.connection, row["id"], request)
        _step(writer.connection, row["id"], "corrected", actor.code)
    return Outcome(code, "waiting")


def approve(engine: Engine, actor: Actor, book: str, code: str, tools: Tools) -> Outcome:
    """Approve a proposal: with the last approval it needs, its entries are recorded."""
    with writing(engine, book) as writer:
        row = _locked(writer, code, "waiting")
        command, connection = find(row["command"]), writer.connection
        check_approves(connection, actor, book, row)
        if _wants_another(writer, row, command, actor):
            _step(connection, row["id"], "approved", actor.code)
            return Outcome(code, "waiting")
        act = _act(row["by"], date.fromisoformat(row["dated"]), code, row["memo"], tools, actor.code, rehearsal=False)
        return _record(writer, code, actor, act, command, json.loads(row["payload"]))


def refuse(engine: Engine, actor: Actor, book: str, code: str, reason: str, *, final: bool) -> Outcome:
    """Send a proposal back to be corrected or, when `final`, reject it; with a reason."""
    said = " ".join(reason.split())
    if not said or len(said) > MOST_REASON:
        raise ReasonError("say why, in 1 to %(most)s characters: whoever prepared it will read it", most=MOST_REASON)
    state = "rejected" if final else "returned"
    with writing(engine, book) as writer:
        row = _locked(writer, code, "waiting")
        check_approves(writer.connection, actor, book, row, limited=False)
        _decide(writer.connection, row, state, actor.code, said)
    return Outcome(code, state)


def withdraw(engine: Engine, actor: Actor, book: str, code: str) -> Outcome:
    """Take back a proposal that one has prepared and nobody has decided on."""
    with writing(engine, book) as writer:
        row = _locked(writer, code, "waiting", "returned")
        if row["by"] != actor.code:
            raise NotAllowedError("proposal %(code)s is withdrawn by the person who prepared it", code=code)
        _decide(writer.connection, row, "withdrawn", actor.code, "")
    return Outcome(code, "withdrawn")


def new_code() -> str:
    """Make the code of a proposal: 50 random bits, so that none is taken in practice (the index holds it)."""
    return "".join(secrets.choice(SYMBOLS) for _ in range(10))


def _code_of(actor: Actor, book: str, request: Request) -> str:
    """Make the code of a proposal out of everything in it, and the page it was sent from."""
    whole = [request.once, actor.code, book, request.command.name, request.payload, str(request.dated), request.memo]
    return "".join(SYMBOLS[byte % len(SYMBOLS)] for byte in sha256(_json(whole).encode()).digest()[:10])


def _before(connection: Connection, book: str, code: str) -> Outcome | None:
    """Return the outcome of a proposal that was made before; None when there is none of this code."""
    query = select(proposals).join(books, books.c.id == proposals.c.book_id)
    row = connection.execute(query.where(books.c.code == book, proposals.c.code == code)).mappings().one_or_none()
    if row is None:
        return None
    first = row["first_seq"] or 0
    return Outcome(code, row["state"], tuple(range(first, first + row["entries"])))


def check_approves(connection: Connection, actor: Actor, book: str, row: RowMapping, *, limited: bool = True) -> None:
    """Refuse an approver without the role, without the party, above their limit, or who prepared it."""
    command = find(row["command"])
    if row["by"] == actor.code:
        raise NotAllowedError("nobody decides on what they prepared; another person with the right has to")
    if not may_approve(actor, book, command, parties_of(connection, row["id"])):
        raise NotAllowedError("this is decided by others: you hold no role in this book that approves it")
    limit = actor.limit(book)
    if limited and Role.APPROVER in command.approves and limit is not None and row["worth"] > limit:
        raise NotAllowedError(
            "this is worth ¥%(worth)s and you approve up to ¥%(limit)s; an approver with a higher limit has to",
            worth=decimal(row["worth"], 2),
            limit=decimal(limit, 2),
        )


def may_approve(actor: Actor, book: str, command: Command, parties: Sequence[str]) -> bool:
    """Tell whether somebody holds a role that approves a command; roles of a party only for their own."""
    held = actor.roles(book) & command.approves
    own = {f"{PARTIES[role]}:{code}" for role in held & PARTIES.keys() for code in actor.parties(book, role)}
    return bool(held - PARTIES.keys()) or not own.isdisjoint(parties)


def parties_of(connection: Connection, proposal: int) -> list[str]:
    """List the parties that a proposal concerns."""
    return list(connection.scalars(select(concerned.c.address).where(concerned.c.proposal_id == proposal)))


def approvals(connection: Connection, proposal: int) -> set[str]:
    """Return who has approved a proposal since it was last put forward."""
    since = select(func.max(steps.c.no)).where(
        steps.c.proposal_id == proposal, steps.c.what.in_(("prepared", "corrected"))
    )
    query = select(steps.c.by).where(
        steps.c.proposal_id == proposal, steps.c.what == "approved", steps.c.no > since.scalar_subquery()
    )
    return set(connection.scalars(query))


def _wants_another(writer: Writer, row: RowMapping, command: Command, actor: Actor) -> bool:
    """Tell whether the book wants a second approver for this worth, and the first is only now approving."""
    above = book_settings(writer.connection, writer.book_id).two_above
    if above is None or row["worth"] <= above or Role.APPROVER not in command.approves:
        return False
    before = approvals(writer.connection, row["id"])
    if actor.code in before:
        raise DecidedError("you have approved this already; it waits for a second approver")
    return not before


def _check_prepares(actor: Actor, book: str, command: Command) -> None:
    if not actor.has(book, *command.prepares):
        raise NotAllowedError("you hold no role in this book that prepares this")


def _act(
    by: str,
    dated: date,
    code: str,
    memo: str,
    tools: Tools,
    approved_by: str | None = "approver",
    *,
    rehearsal: bool = True,
) -> DeskAct:
    return DeskAct(by, dated, f"desk/{code}", approved_by, memo, tools=tools, rehearsal=rehearsal)


def rehearsal_act(row: RowMapping, tools: Tools) -> DeskAct:
    """Make the act with which a proposal is rehearsed."""
    return _act(row["by"], date.fromisoformat(row["dated"]), row["code"], row["memo"], tools)


def _record(writer: Writer, code: str, actor: Actor, act: DeskAct, command: Command, payload: Payload) -> Outcome:
    """Append the entries of a proposal and mark it, in the transaction of `writer`."""
    made: Sequence[Appended] = command.run(writer, act, payload)
    row = _read(writer, code)
    seqs = tuple(one.seq for one in made)
    _update(writer.connection, row["id"], first_seq=min(seqs, default=None), entries=len(seqs))
    _decide(writer.connection, row, "recorded", actor.code, "")
    return Outcome(code, "recorded", seqs)


def _decide(connection: Connection, row: RowMapping, state: str, by: str, reason: str) -> None:
    """Move a proposal on; what is decided for good keeps no personal data."""
    values: dict[str, Any] = {"state": state}
    if state != "returned":
        personal = find(row["command"]).personal
        kept = {key: value for key, value in json.loads(row["payload"]).items() if key not in personal}
        values |= {"payload": _json(kept), "form": "{}", "decided_at": stamp(utc_now())}
    _update(connection, row["id"], **values)
    _step(connection, row["id"], state, by, reason)


def _insert(writer: Writer, actor: Actor, code: str, request: Request) -> None:
    now = stamp(utc_now())
    values = {
        "book_id": writer.book_id,
        "code": code,
        "command": request.command.name,
        "state": "waiting",
        "by": actor.code,
        "at": now,
        "entries": 0,
        **_contents(request),
    }
    made = writer.connection.execute(insert(proposals).values(values).returning(proposals.c.id)).scalar_one()
    _set_parties(writer.connection, made, request)
    _step(writer.connection, made, "prepared", actor.code)


def _contents(request: Request) -> dict[str, Any]:
    return {
        "title": request.title,
        "payload": _json(request.payload),
        "form": _json(request.form or {}),
        "dated": request.dated.isoformat(),
        "memo": request.memo,
        "worth": request.command.worth(request.payload),
    }


def _set_parties(connection: Connection, proposal: int, request: Request) -> None:
    connection.execute(delete(concerned).where(concerned.c.proposal_id == proposal))
    rows = [{"proposal_id": proposal, "address": a} for a in sorted(set(request.command.parties(request.payload)))]
    if rows:
        connection.execute(insert(concerned), rows)


def _locked(writer: Writer, code: str, *states: str) -> RowMapping:
    """Read a proposal under the book's lock; it must be in one of the states."""
    writer.lock()
    row = _read(writer, code)
    if row["state"] not in states:
        raise DecidedError("proposal %(code)s is %(state)s by now; look at it again", code=code, state=row["state"])
    return row


def _read(writer: Writer, code: str) -> RowMapping:
    query = select(proposals).where(proposals.c.book_id == writer.book_id, proposals.c.code == code)
    row = writer.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise DecidedError("there is no proposal %(code)s in this book", code=code)
    return row


def _update(connection: Connection, proposal: int, **values: Any) -> None:
    connection.execute(update(proposals).where(proposals.c.id == proposal).values(values))


def _step(connection: Connection, proposal: int, what: str, by: str, reason: str = "") -> None:
    last = connection.scalar(select(func.max(steps.c.no)).where(steps.c.proposal_id == proposal))
    connection.execute(
        insert(steps).values(
            proposal_id=proposal,
            no=0 if last is None else last + 1,
            what=what,
            by=by,
            at=stamp(utc_now()),
            reason=reason,
        )
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
