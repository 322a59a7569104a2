"""Something is published, or what was published is corrected; never unless every total equals its detail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ledger.audit.disclosure.figures import KEYS, SUBJECTS, figures_of
from ledger.audit.disclosure.residuals import residuals_of
from ledger.audit.disclosure.rules import CLOCKS
from ledger.core.errors import ConflictError, MalformedError, RuleError
from ledger.journal.checks import read_body
from ledger.journal.read import find_book
from ledger.people.actions import Act, one
from ledger.programs.parties.parts import ABOUT
from ledger.programs.parties.tally import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from ledger.audit.disclosure.figures import Figure
    from ledger.journal.append import Appended, Writer
    from ledger.journal.read import BookRow

MOST_DETAIL = 60  # rows of detail kept with a figure; those beyond are one row
MOST_TITLE, MOST_NOTE = 120, 1000  # characters
REST = "rest"


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published: about whom, of which period or of all time, counting entries below `size`, for which clock."""

    subject: str
    title: str
    basis: str
    since: str | None
    until: str
    size: int
    clock: str
    title_en: str = ""

    @property
    def span(self) -> Span:
        """Return which entries count; all time is not bounded by dates."""
        return Span(self.size, self.since or "", self.until) if self.basis == "period" else Span(self.size)

    def facts(self) -> dict[str, Any]:
        """Return what the ledger says of it."""
        facts: dict[str, Any] = {
            "subject": self.subject,
            "title": self.title,
            "basis": self.basis,
            "until": self.until,
            "size": self.size,
            "clock": self.clock,
        }
        facts |= {"title_en": self.title_en} if self.title_en else {}
        return facts | ({"since": self.since} if self.since else {})


def publication_of(facts: Mapping[str, Any]) -> Publication:
    """Read a publication from a payload or from the ledger; raise MalformedError."""
    try:
        made = Publication(
            str(facts["subject"]),
            " ".join(str(facts["title"]).split()),
            str(facts["basis"]),
            str(facts["since"]) if facts.get("since") else None,
            date.fromisoformat(str(facts["until"])).isoformat(),
            int(facts["size"]),
            str(facts.get("clock", "none")),
            str(facts.get("title_en") or ""),
        )
        since = date.fromisoformat(made.since) if made.since else None
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedError("a disclosure does not say what it is: %(problem)s", problem=repr(error)) from error
    _check(made, since)
    return made


def _check(made: Publication, since: date | None) -> None:
    if made.subject.partition(":")[0] not in SUBJECTS:
        raise MalformedError("nothing is published about %(subject)s", subject=made.subject)
    if made.clock not in CLOCKS:
        raise MalformedError("'%(clock)s' is no clock of disclosure", clock=made.clock)
    if not 0 < len(made.title) <= MOST_TITLE:
        raise MalformedError("a disclosure needs a title of at most %(most)s characters", most=MOST_TITLE)
    if made.basis not in {"period", "cumulative"} or (made.basis == "period") != (since is not None):
        raise MalformedError("figures are of a period, with its first day, or cumulative, without one")
    if since is not None and since > date.fromisoformat(made.until):
        raise MalformedError("a period ends on its first day or later")


def code_of(made: Publication, number: int = 1) -> str:
    """Give a disclosure its code: about what, for which clock, up to which day; the address of its page."""
    subject = made.subject.replace(":", "/", 1)[:ABOUT]
    return f"{subject}/{made.clock}-{made.until}" + (f"-{number}" if number > 1 else "")


def free_code(writer: Writer, made: Publication) -> str:
    """Return the first code that no disclosure has."""
    number = 1
    while writer.knows(f"disclosure:{code_of(made, number)}"):
        number += 1
    return code_of(made, number)


def told_figures(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """Write figures as the ledger keeps them; the smallest rows of a long detail are one."""
    return [
        {"key": figure.key, "unit": figure.unit, "amount": figure.amount, "detail": _rows(figure.detail)}
        for figure in figures
    ]


def _rows(detail: tuple[tuple[str, int], ...]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"what": what, "amount": amount} for what, amount in detail[:MOST_DETAIL]]
    rest = detail[MOST_DETAIL:]
    if rest:
        rows.append({"what": REST, "amount": sum(amount for _, amount in rest), "count": len(rest)})
    return rows


def checked_figures(connection: Connection, row: BookRow, made: Publication) -> list[Figure]:
    """Compute the figures of a publication; raise RuleError when a total does not equal its detail."""
    if not 0 < made.size <= row.size:
        raise RuleError("the book has %(size)s entries; figures cannot count %(asked)s", size=row.size, asked=made.size)
    figures = figures_of(connection, row, made.subject, made.span)
    for one_ in residuals_of(made.subject, figures):
        raise RuleError(
            "%(figure)s of %(subject)s in %(unit)s is %(total)s, its detail adds up to %(detail)s; the difference of "
            "%(residual)s must be found before anything is published",
            figure=one_.where,
            subject=made.subject,
            unit=one_.unit,
            total=one_.total,
            detail=one_.detail,
            residual=one_.amount,
        )
    if not figures:
        raise RuleError("there is nothing to publish about %(subject)s: no entry counts", subject=made.subject)
    assert all(figure.key in KEYS for figure in figures)  # noqa: S101  # pages know a word for each
    return figures


def publish(writer: Writer, act: Act, made: Publication, figures: list[dict[str, Any]]) -> Appended:
    """Publish figures as they were prepared, after computing them once more at the same cut-off."""
    writer.lock()
    _same(writer, made, figures)
    code = free_code(writer, made) if writer.ref_used(act.ref) is None else _given(writer, act)
    return one(writer, act.draft("disclosure.published", facts={"code": code, **made.facts(), "figures": figures}))


def correct(
    writer: Writer, act: Act, code: str, made: Publication, figures: list[dict[str, Any]], note: str
) -> Appended:
    """Correct what was published: new figures and a note that says why; the old ones stay on the ledger."""
    writer.lock()
    note = note.strip()
    if not 0 < len(note) <= MOST_NOTE:
        raise MalformedError("a correction needs a note of at most %(most)s characters that says why", most=MOST_NOTE)
    before = publication_of(_latest(writer, f"disclosure:{code}"))
    if before.subject != made.subject:
        raise MalformedError("a correction is about %(subject)s, as what it corrects", subject=before.subject)
    _same(writer, made, figures)
    facts = {"code": code, **made.facts(), "figures": figures, "note": note}
    return one(writer, act.draft("disclosure.corrected", facts=facts))


def _latest(writer: Writer, address: str) -> dict[str, Any]:
    found: dict[str, Any] = read_body(writer.connection, writer.book_id, writer.known(address).latest)["facts"]
    return found


def _given(writer: Writer, act: Act) -> str:
    """Return the code that the same request was given before."""
    seq = writer.ref_used(act.ref)
    assert seq is not None  # noqa: S101  # asked by the caller
    return str(read_body(writer.connection, writer.book_id, seq)["facts"]["code"])


def _same(writer: Writer, made: Publication, figures: list[dict[str, Any]]) -> None:
    """Refuse figures that are not those of the ledger at their cut-off."""
    row = find_book(writer.connection, writer.code)
    if told_figures(checked_figures(writer.connection, row, made)) != figures:
        raise ConflictError(
            "the figures differ from what the ledger gives at entry %(size)s; verify the book, then prepare them anew",
            size=made.size,
        )
