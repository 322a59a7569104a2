"""Checks that several actions of this room share."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from ledger.core.errors import MalformedError, NotFoundError, Word
from ledger.journal.append import Writer
from ledger.journal.checks import read_body
from ledger.people.actions import Act

OneAct = TypeVar("OneAct", bound=Act)


def part(act: OneAct, number: int) -> OneAct:
    """Return the act for a further entry of the same request: its own ref, the same for every try."""
    return replace(act, ref=f"{act.ref}/{number}")


def facts_of(writer: Writer, address: str) -> dict[str, Any]:
    """Read the facts that describe an open object now."""
    facts: dict[str, Any] = read_body(writer.connection, writer.book_id, writer.known(address).latest)["facts"]
    return facts


def facts_ever(writer: Writer, address: str) -> dict[str, Any]:
    """Read the facts that describe an object, open or closed."""
    if not writer.knows(address):
        raise NotFoundError("%(address)s is not in this book; check its code", address=address)
    return facts_of(writer, address)


def present(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the facts that say nothing."""
    return {key: value for key, value in facts.items() if value not in (None, "", [], ())}


def check_text(what: Word, text: str) -> str:
    """Return a text that has to be there, without white space around it."""
    if not text.strip():
        raise MalformedError("%(what)s is missing; write it in a few words", what=what)
    return text.strip()


def check_period(starts: date | None, ends: date | None) -> None:
    """Refuse a period that ends before it begins."""
    if starts and ends and ends < starts:
        raise MalformedError("the period ends on %(ends)s, before it begins on %(starts)s", starts=starts, ends=ends)


def check_once(what: Word, codes: Sequence[object]) -> None:
    """Refuse a list that names something twice."""
    twice = {code for code in codes if list(codes).count(code) > 1}
    if twice:
        raise MalformedError(
            "%(what)s %(twice)s stands there twice; once is enough", what=what, twice=min(map(str, twice))
        )


def iso(day: date | None) -> str | None:
    """Write a day as it stands in facts."""
    return day.isoformat() if day else None
