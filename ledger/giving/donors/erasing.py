"""The personal data of gifts is erased, in one transaction: names, words, receipts, consents, claims.

What stays is what the ledger says without it: amounts, days, hashes. The tracking codes go on working.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from ledger.core.errors import MalformedError, NotFoundError
from ledger.desk import commands
from ledger.desk.tables import proposals
from ledger.giving.donors.actions import done
from ledger.giving.donors.tables import claims, consents, erasures
from ledger.giving.intake.tables import receipts
from ledger.journal import lookup
from ledger.journal import tables as t
from ledger.journal.read import read_bodies
from ledger.people.accounts.trail import note
from ledger.people.actions import erase

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Engine

    from ledger.core.entry import Body
    from ledger.journal.append import Appended, Writer
    from ledger.people.actions import Act

MOST = 2_000  # gifts at once


def erase_gifts(writer: Writer, act: Act, seqs: Collection[int], request: str | None = None) -> list[Appended]:
    """Erase the personal data of gifts; with a `request`, carry it out: only the asker lets the gifts go.

    Gifts of which nothing is kept need no entry; without any other, the ledger says nothing.
    """
    writer.lock()
    wanted = set(seqs)
    bodies = _gifts(writer, wanted)
    kept = _with_names(writer.connection, writer.book_id, wanted)
    made = [erase(writer, act, sorted(kept))] if kept else []
    asker = _asker(writer, request, wanted) if request else None
    _sweep(writer.connection, writer.book_id, wanted, asker)
    _sweep_proposals(writer.connection, writer.book_id, bodies)
    if request:
        done(writer.connection, act.by, writer.book_id, request, made[0].seq if made else None)
    note(
        writer.connection,
        act.by,
        "erased personal data",
        book=writer.code,
        object=f"erasure:{request}" if request else None,
        detail=f"gifts: {len(wanted)}",
    )
    return made


def cut_journal(engine: Engine) -> None:
    """Write SQLite's write-ahead log back and empty it: earlier pages with what was erased may stand there.

    Call it with no transaction open. While others read it does what it can, and the next one does the rest.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _gifts(writer: Writer, wanted: set[int]) -> dict[int, Body]:
    if not wanted or len(wanted) > MOST:
        raise MalformedError("name 1 to %(most)s gifts whose personal data is to be erased", most=MOST)
    bodies = read_bodies(writer.connection, writer.book_id, sorted(wanted))
    for seq in sorted(wanted):
        if seq not in bodies or bodies[seq]["kind"] != "donation.received":
            raise NotFoundError("entry %(seq)s of this book is not a gift", seq=seq)
    return bodies


def _with_names(connection: Connection, book_id: int, wanted: set[int]) -> set[int]:
    """Find the gifts of which something is still kept in the side store."""
    p = t.private.c
    return set(connection.scalars(select(p.seq).where(p.book_id == book_id, lookup.among(connection, p.seq, wanted))))


def _asker(writer: Writer, request: str, wanted: set[int]) -> str:
    """Return who asked; refuse to erase other gifts than were asked for."""
    x = erasures.c
    query = select(x.user, x.entries).where(x.book_id == writer.book_id, x.code == request, x.state == "open")
    row = writer.connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("this request is not open any more")
    if set(json.loads(row.entries)) != wanted:
        raise MalformedError("these are not the gifts of the request")
    return str(row.user)


def _sweep(connection: Connection, book_id: int, wanted: set[int], asker: str | None) -> None:
    """Take away receipts, consents and claims; of claims only the asker's, where somebody asked."""
    for table in (receipts, consents, claims):
        which = (table.c.book_id == book_id) & lookup.among(connection, table.c.seq, wanted)
        if table is claims and asker is not None:
            which &= table.c.user == asker
        connection.execute(delete(table).where(which))


def _sweep_proposals(connection: Connection, book_id: int, bodies: dict[int, Body]) -> None:
    """Take personal data out of the proposals that brought the gifts, should any still be there."""
    refs = {str(body["ref"]) for body in bodies.values()}
    codes = {ref.removeprefix("desk/").partition("/")[0] for ref in refs if ref.startswith("desk/")}
    if not codes:
        return
    q = proposals.c
    query = select(q.id, q.command, q.payload).where(q.book_id == book_id, lookup.among(connection, q.code, codes))
    for number, command, payload in connection.execute(query).all():
        personal = commands.find(command).personal
        left = {key: value for key, value in json.loads(payload).items() if key not in personal}
        values = {"payload": json.dumps(left, ensure_ascii=False, sort_keys=True), "form": "{}"}
        connection.execute(update(proposals).where(q.id == number).values(values))
