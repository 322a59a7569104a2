"""Parties enter the book, and personal data leaves it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete

from ledger.core.entry import Draft
from ledger.core.errors import MalformedError, NotFoundError
from ledger.journal import tables as t
from ledger.journal.append import Appended, Writer
from ledger.journal.read import read_bodies


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when it happened, and the reference that makes asking twice the same as asking once."""

    by: str
    dated: date
    ref: str
    approved_by: str | None = None
    memo: str = ""

    def draft(self, kind: str, **parts: Any) -> Draft:
        """Make the draft of an entry of this kind."""
        return Draft(kind, self.dated, self.by, self.ref, memo=self.memo, approved_by=self.approved_by, **parts)


def one(writer: Writer, draft: Draft) -> Appended:
    """Append a single entry."""
    return writer.append([draft])[0]


def open_party(writer: Writer, act: Act, kind: str, code: str, /, **facts: object) -> Appended:
    """Open an organization, community or project (`kind`) under a code, with its public facts."""
    present = {key: value for key, value in facts.items() if value is not None}
    return one(writer, act.draft(f"{kind}.opened", facts={"code": code, **present}))


def open_person(writer: Writer, act: Act, kind: str, code: str, name: str, /, **facts: object) -> Appended:
    """Open a worker or volunteer; the ledger holds a commitment to the name, never the name."""
    present = {key: value for key, value in facts.items() if value is not None}
    if not name.strip():
        raise MalformedError(
            "%(kind)s %(code)s needs a name; it is kept beside the ledger, not on it",
            kind=kind,
            code=code,
        )
    return one(writer, act.draft(f"{kind}.opened", facts={"code": code, **present}, private={"name": name}))


def erase(writer: Writer, act: Act, entries: list[int]) -> Appended:
    """Erase the personal data of some entries and say so on the ledger; every hash and balance still verifies."""
    wanted = sorted(set(entries))
    if not wanted:
        raise MalformedError("name at least one entry whose personal data is to be erased")
    writer.lock()
    _check_personal(writer, wanted)
    erased = one(writer, act.draft("person.erased", facts={"entries": wanted}))
    p = t.private.c
    writer.connection.execute(delete(t.private).where(p.book_id == writer.book_id, p.seq.in_(wanted)))
    return erased


def _check_personal(writer: Writer, entries: list[int]) -> None:
    """Refuse to say that something was erased where there never was anything."""
    bodies = read_bodies(writer.connection, writer.book_id, entries)
    for seq in entries:
        if seq not in bodies:
            raise NotFoundError("the book has no entry %(seq)s; nothing was erased", seq=seq)
        if not bodies[seq]["facts"].get("private"):
            raise MalformedError(
                "entry %(seq)s (%(kind)s) holds no personal data; nothing was erased",
                seq=seq,
                kind=bodies[seq]["kind"],
            )
