"""Lists of gifts on screen: taken, read with a mapping that can be changed, checked, proposed.

A list lies in the folder `uploads` under its SHA-256 until it is decided; what reading it gave stands in `gift_lists`,
so that looking at it reads no file. Both hold donors' names: they go with the decision, and after `KEPT` days.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, insert, select, update

from ledger.core.errors import MalformedError, NotFoundError
from ledger.desk.tables import proposals
from ledger.exchange.errors import TooLargeListError
from ledger.giving.intake.tables import gift_lists, list_mappings
from ledger.people.accounts import clock
from ledger.web.evidence import clean_name, store
from ledger.web.labels import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, RowMapping, Select

MIB = 1024 * 1024
MOST_SIZE = 10 * MIB
KEPT = 30  # days that an undecided list is kept
FOLDER = "uploads"
PERSONAL = frozenset({"sample", "refusals", "columns", "notes", "problem"})  # parts of a report that quote the list

STATES = {
    "open": N_("being prepared"),
    "waiting": N_("waits for approval"),
    "returned": N_("sent back"),
    "rejected": N_("rejected"),
    "withdrawn": N_("withdrawn"),
    "recorded": N_("imported"),
    "imported": N_("imported"),
    "discarded": N_("discarded"),
}

g, mapped = gift_lists.c, list_mappings.c


@dataclass(frozen=True, slots=True)
class Taken:
    """A list that was taken: where it stands, what it is called, how it is read and what came of it."""

    code: str
    sha256: str
    name: str
    size: int
    state: str  # open, imported, discarded; of the proposal when there is one: waiting, returned, rejected, withdrawn
    by: str
    at: str
    profile: dict[str, Any]
    terms: dict[str, Any]
    report: dict[str, Any]
    seq: int | None
    proposal: str | None
    kept: bool

    @property
    def imported(self) -> int:
        """Return how many gifts it brought, or would bring."""
        return int(self.report.get("done", {}).get("imported", 0))


# ------------------------------------------------------------------ taking a list


def take(connection: Connection, book_id: int, folder: Path, by: str, name: str, data: bytes) -> str:
    """Keep a list; return the code under which it is found. The same file by the same person is one list."""
    if not data.strip():
        raise MalformedError("the list is empty; choose the file that holds it, or paste its rows")
    if len(data) > MOST_SIZE:
        raise TooLargeListError(
            "the list is larger than %(most)s MiB; split it into several files", most=MOST_SIZE // MIB
        )
    digest = store(folder / FOLDER, data)
    known = select(g.code).where(g.book_id == book_id, g.sha256 == digest, g.by == by, g.kept == 1, ~_over())
    code = connection.scalar(known.limit(1))
    if code is None:
        code = clock.now().strftime("%y%m%d") + "-" + digest[:8]
        code = _free(connection, book_id, code)
        row = {"code": code, "sha256": digest, "name": clean_name(name), "size": len(data), "state": "open"}
        empty = {"profile": "{}", "terms": "{}", "report": "{}", "kept": 1}
        at = {"book_id": book_id, "by": by, "at": clock.stamp(clock.now())}
        connection.execute(insert(gift_lists).values(row | empty | at))
    return code


def _free(connection: Connection, book_id: int, code: str) -> str:
    taken = connection.scalar(
        select(func.count()).where(g.book_id == book_id, g.code.startswith(code, autoescape=True))
    )
    return f"{code}-{taken + 1}" if taken else code


def pasted(text: str) -> bytes:
    """Make a file of pasted rows, as spreadsheet programs put them on the clipboard."""
    return "\n".join(text.splitlines()).encode()


def find_list(connection: Connection, book_id: int, code: str) -> Taken:
    """Read a list; NotFoundError when there is none of this code."""
    row = connection.execute(_lists(book_id).where(g.code == code)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("there is no list %(code)s in this book", code=code)
    return _taken(row)


def list_of_proposal(connection: Connection, book_id: int, proposal: str) -> str | None:
    """Find the list that a proposal is about."""
    return connection.scalar(select(g.code).where(g.book_id == book_id, g.proposal == proposal))


def _lists(book_id: int) -> Select[Any]:
    beside = (proposals.c.book_id == g.book_id) & (proposals.c.code == g.proposal)
    return (
        select(gift_lists, proposals.c.state.label("decision")).outerjoin(proposals, beside).where(g.book_id == book_id)
    )


def _taken(row: RowMapping) -> Taken:
    said = {name: json.loads(row[name]) for name in ("profile", "terms", "report")}
    plain = {name: row[name] for name in ("code", "sha256", "name", "size", "by", "at", "seq", "proposal")}
    state = row["decision"] if row["state"] == "open" and row["decision"] else row["state"]
    return Taken(**plain, **said, state=state, kept=bool(row["kept"]))


def lists_of(connection: Connection, book_id: int, limit: int, offset: int = 0) -> list[Taken]:
    """Read a page of lists, newest first."""
    query = _lists(book_id).order_by(g.at.desc(), g.id.desc())
    return [_taken(row) for row in connection.execute(query.limit(limit).offset(offset)).mappings()]


def count_lists(connection: Connection, book_id: int) -> int:
    """Count the lists of a book."""
    return connection.scalar(select(func.count()).where(g.book_id == book_id)) or 0


def change(connection: Connection, book_id: int, code: str, **values: Any) -> None:
    """Change what is kept of a list; `profile`, `terms` and `report` are given as values for JSON."""
    said = {name: _json(value) if isinstance(value, dict) else value for name, value in values.items()}
    connection.execute(update(gift_lists).where(g.book_id == book_id, g.code == code).values(said))


def sweep(connection: Connection, folder: Path) -> int:
    """Drop the files of lists that are decided or old, and the names that their reports hold; return how many files.

    A file goes before its row says so: after a crash in between it is looked for once more.
    """
    old = clock.stamp(clock.now() - timedelta(days=KEPT))
    connection.execute(update(gift_lists).where(g.kept == 1, g.state == "open", g.at < old).values(state="discarded"))
    over = _over()
    rows = connection.execute(select(g.id, g.sha256, g.report).where(g.kept == 1, over)).all()
    if not rows:
        return 0
    needed = set(connection.scalars(select(g.sha256).where(g.kept == 1, ~over)))
    gone = {row.sha256 for row in rows} - needed
    for digest in gone:
        (folder / FOLDER / digest).unlink(missing_ok=True)
    for row in rows:
        said = {name: value for name, value in json.loads(row.report).items() if name not in PERSONAL}
        connection.execute(update(gift_lists).where(g.id == row.id).values(kept=0, report=_json(said)))
    return len(gone)


def has_leftovers(connection: Connection) -> bool:
    """Tell whether `sweep` would find something to do."""
    old = clock.stamp(clock.now() - timedelta(days=KEPT))
    over = _over() | ((g.state == "open") & (g.at < old))
    return connection.scalar(select(g.id).where(g.kept == 1, over).limit(1)) is not None


def _over() -> ColumnElement[bool]:
    """Say that a list is imported, discarded, or was refused by those who decide."""
    refused = exists().where(
        proposals.c.book_id == g.book_id,
        proposals.c.code == g.proposal,
        proposals.c.state.in_(("rejected", "withdrawn")),
    )
    return g.state.in_(("imported", "discarded")) | refused


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# ------------------------------------------------------------------ saved mappings


def mappings_of(connection: Connection, book_id: int) -> dict[str, dict[str, Any]]:
    """Read the saved mappings of a book by name."""
    query = select(mapped.name, mapped.profile).where(mapped.book_id == book_id).order_by(mapped.name)
    return {row.name: json.loads(row.profile) for row in connection.execute(query)}


def save_mapping(connection: Connection, book_id: int, by: str, name: str, profile: Mapping[str, Any]) -> None:
    """Keep a mapping under a name, in the place of one of the same name."""
    connection.execute(delete(list_mappings).where(mapped.book_id == book_id, mapped.name == name))
    row = {"book_id": book_id, "name": name, "profile": json.dumps(dict(profile), ensure_ascii=False)}
    connection.execute(insert(list_mappings).values(row | {"saved": clock.stamp(clock.now()), "saved_by": by}))


def forget_mapping(connection: Connection, book_id: int, name: str) -> None:
    """Drop a saved mapping."""
    connection.execute(delete(list_mappings).where(mapped.book_id == book_id, mapped.name == name))
