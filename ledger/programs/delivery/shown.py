"""A report before it is on the ledger, and what the ledger says of a service beyond its public page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.core.entry import SMALL_GROUP
from ledger.core.units import HOUR
from ledger.giving.hours.queries import closed_shifts
from ledger.web.convert import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from ledger.web.evidence import EvidenceFile
    from ledger.web.pages import Quantity, Ref


class Given(NamedTuple):
    """A resource that a report uses, and out of what."""

    account: Ref
    quantity: Quantity


class Shown(NamedTuple):
    """A report as its page shows it."""

    parties: tuple[Ref, ...]
    kind: str
    residents: int | None  # None: erased with the decision; 1 stands for a small group afterwards
    description: str
    given: tuple[Given, ...]
    lines: tuple[tuple[str, Quantity], ...]
    minutes: Quantity | None
    shifts: tuple[str, ...]
    volunteers: int
    evidence: tuple[EvidenceFile, ...]


def report_shown(connection: Connection, book_id: int, payload: Mapping[str, Any]) -> Shown:
    """Name the parties of a report and count its amounts."""
    kinds = ("community", "organization", "worker", "project", "grant", "need")
    parties = [f"{kind}:{payload[kind]}" for kind in kinds if payload.get(kind)]
    gives = payload.get("gives") or ()
    accounts = {gift["from"] for gift in gives} | {f"unit:{gift['unit']}" for gift in gives}
    names = Names(connection, book_id, {*parties, *accounts, f"unit:{HOUR}"})
    codes = list(payload.get("shifts") or ())
    shifts = closed_shifts(connection, book_id, codes=codes) if codes else []
    stayed = [(row["volunteer"], row["minutes"]) for row in payload.get("hours") or ()]
    stayed += [(row.volunteer, row.minutes) for shift in shifts for row in shift.hours]
    minutes = sum(each for _, each in stayed)
    return Shown(
        tuple(names.ref(party) for party in parties),
        str(payload.get("kind", "")),
        payload.get("residents"),
        str(payload.get("description") or ""),
        tuple(Given(names.place(gift["from"]), names.quantity(gift["amount"], gift["unit"])) for gift in gives),
        _lines(names, payload),
        names.quantity(minutes, HOUR) if minutes else None,
        tuple(f"{shift.title} · {shift.starts[:10]}" for shift in shifts) or tuple(codes),
        len({code for code, _ in stayed}),
        tuple(payload.get("evidence") or ()),
    )


def _lines(names: Names, payload: Mapping[str, Any]) -> tuple[tuple[str, Quantity], ...]:
    plan = names.facts(f"project:{payload.get('project')}").get("budget") or ()
    called = {line["line"]: str(line.get("name") or line["line"]) for line in plan}
    lines = payload.get("lines") or ()
    return tuple((called.get(line["line"], line["line"]), names.quantity(line["amount"], "CNY")) for line in lines)


class Said(NamedTuple):
    """What the entry of a service says that its public page does not show."""

    lines: tuple[tuple[str, Quantity], ...]
    hours: tuple[tuple[str, Quantity], ...]
    need: Ref | None
    grant: Ref | None
    small: bool
    evidence: tuple[EvidenceFile, ...]


def said_on_ledger(connection: Connection, book_id: int, facts: Mapping[str, Any]) -> Said:
    """Read the lines, hours and files of a service, in two statements."""
    named = {f"{kind}:{facts[kind]}" for kind in ("need", "grant", "project") if isinstance(facts.get(kind), str)}
    names = Names(connection, book_id, {*named, f"unit:{HOUR}"})
    hours = [row for row in facts.get("hours") or () if isinstance(row, dict)]

    def ref(kind: str) -> Ref | None:
        return names.ref(f"{kind}:{facts[kind]}") if f"{kind}:{facts.get(kind)}" in named else None

    return Said(
        _lines(names, facts),
        tuple((str(row.get("volunteer")), names.quantity(int(row.get("minutes", 0)), HOUR)) for row in hours),
        ref("need"),
        ref("grant"),
        facts.get("residents_below") == SMALL_GROUP,
        tuple(facts.get("evidence") or ()),
    )
