"""Lists of gifts as they are read: the table on screen, the mapping a person chose, the report, the rehearsal."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.core.errors import ConflictError, MalformedError
from ledger.exchange.cells import is_blank, text_of
from ledger.exchange.errors import ListError, TooLargeListError
from ledger.exchange.lists import GoodsLine, MoneyLine, read_gifts
from ledger.exchange.profiles import Profile, profile_from
from ledger.exchange.roles import Role, plain_label
from ledger.exchange.tables import Limits, open_table
from ledger.giving.imports import Imported, Terms, import_gifts
from ledger.giving.intake.lists import FOLDER, MOST_SIZE
from ledger.web.evidence import path_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy import Engine

    from ledger.exchange.lines import Line, ListReading, Refusal, Report
    from ledger.exchange.messages import Reason
    from ledger.exchange.tables import Sheet, Table
    from ledger.giving.intake.lists import Taken

MOST_LINES = 20_000  # of a list approved at the desk; `flask giving import` takes more
LIMITS = Limits(size=MOST_SIZE, unpacked=100 * 1024 * 1024, rows=50_000, cells=2_000_000)
SHOWN = 5  # lines told in plain words, and sample cells of a column
MOST_TOLD = 300  # refusals and notes that a report names one by one
MOST_COLUMNS = 40
AHEAD = 60  # rows in which the table on screen is looked for


class NotReadError(ListError):
    """Offer a list whose file is no longer at hand."""


class Column(NamedTuple):
    """A column of the file: its number from 1, letter, label, first cells, and what it is read as ("" not at all)."""

    number: int
    letter: str
    label: str
    cells: tuple[str, ...]
    role: str


def read(taken: Taken, folder: Path, profile: Mapping[str, Any]) -> ListReading:
    """Read a list as a mapping says; errors name the file as its owner does."""
    path = _path(taken, folder)
    try:
        reading = read_gifts(path, profile=_profile(profile), limits=LIMITS)
    except ListError as error:
        if error.values.get("name") == path.name:
            raise type(error)(error.text, **{**error.values, "name": taken.name}) from None
        raise
    return replace(reading, name=taken.name)


def _profile(said: Mapping[str, Any]) -> Profile | None:
    return profile_from({"shanliu-profile": 1, **said}, "screen") if said else None


class Shown(NamedTuple):
    """The table of a list as it lies in the file: the sheet, the row that names the columns (0: none), the columns."""

    sheet: str
    header_row: int
    columns: list[Column]


def columns_of(taken: Taken, folder: Path, reading: ListReading | None, header_row: int | None = None) -> Shown:
    """Show the table of a list as it was read or, when it was not, with its names in `header_row`."""
    path = _path(taken, folder)
    table = open_table(path, LIMITS)
    read_as = reading.report.sheets[0] if reading and reading.report.sheets else None
    sheet = _sheet(table, read_as.name if read_as else None)
    rows = [[text_of(cell) for cell in row[:MOST_COLUMNS]] for row in islice(sheet.rows(), AHEAD)] if sheet else []
    header = read_as.header_row if read_as and header_row is None else header_row
    if header is None:  # nothing was recognised: the first row with two cells or more names the columns, probably
        header = next((number for number, row in enumerate(rows, 1) if sum(map(bool, row)) > 1), 0)
    labels = rows[header - 1] if 0 < header <= len(rows) else []
    below = [row for row in rows[header:] if any(row)]
    roles = _roles(read_as.columns if read_as else {}, labels)
    columns = [
        Column(
            at + 1,
            _letters(at),
            labels[at] if at < len(labels) else "",
            tuple(row[at] for row in below if at < len(row) and row[at])[:SHOWN],
            roles.get(at, ""),
        )
        for at in range(max((len(row) for row in rows), default=0))
    ]
    return Shown(sheet.name if sheet else "", header, [each for each in columns if each.label or each.cells])


def _path(taken: Taken, folder: Path) -> Path:
    path = path_of(folder / FOLDER, taken.sha256)
    if path is None:
        raise NotReadError("the file of list %(code)s is no longer kept; upload it again", code=taken.code)
    return path


def _sheet(table: Table, name: str | None) -> Sheet | None:
    """Choose the sheet that was read, else the first that has anything."""
    if name is not None:
        return next((sheet for sheet in table.sheets if sheet.name == name), None)
    return next((s for s in table.sheets if any(not all(map(is_blank, row)) for row in islice(s.rows(), AHEAD))), None)


def _roles(columns: Mapping[str, str], labels: Sequence[str]) -> dict[int, str]:
    """Tell which column was read as what, from the labels (or letters) that a report names."""
    found: dict[int, str] = {}
    for role, said in columns.items():
        for label in said.split(", ") if role == Role.REMARK.value else [said]:
            places = [at for at, each in enumerate(labels) if each == label and at not in found]
            place = places[0] if places else _place(label)
            if place is not None:
                found[place] = role
    return found


def _letters(place: int) -> str:
    letters, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _place(letters: str) -> int | None:
    """Return the place of a column named by letters, as spreadsheet programs do."""
    if not letters.isascii() or not letters.isupper() or len(letters) > 2:  # noqa: PLR2004  # AN is the last shown
        return None
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def profile_of(columns: Sequence[Column], roles: Mapping[int, str], header_row: int) -> dict[str, Any]:
    """Make a profile of what a person chose for each column: by label where that is clear, else by number."""
    labels = [plain_label(column.label) for column in columns]
    named: dict[str, Any] = {}
    by_number = False
    for column in columns:
        role = roles.get(column.number, "")
        if not role:
            continue
        clear = bool(column.label) and labels.count(plain_label(column.label)) == 1
        by_number = by_number or not clear
        said: str | int = column.label if clear else column.number
        if role == Role.REMARK.value:
            named.setdefault(role, []).append(said)
        elif role in named:
            raise MalformedError(
                "two columns are said to hold the same; choose one of %(first)s and %(second)s",
                first=named[role],
                second=said,
            )
        else:
            named[role] = said
    if not {Role.AMOUNT.value, Role.ITEM.value} & named.keys():
        raise MalformedError("say which column holds the amount of money, or the name of the goods")
    if header_row == 0:
        named = {role: _numbers(columns, said) for role, said in named.items()}
    return {"columns": named, "exact": True} | ({"header_row": header_row} if by_number or not header_row else {})


def _numbers(columns: Sequence[Column], said: Any) -> Any:
    if isinstance(said, list):
        return [_numbers(columns, each) for each in said]
    return said if isinstance(said, int) else next(column.number for column in columns if column.label == said)


# ------------------------------------------------------------------ the report


def report_of(reading: ListReading) -> dict[str, Any]:
    """Write what reading gave as values for JSON: counts in full, reasons up to `MOST_TOLD`."""
    report = reading.report
    return {
        "kind": reading.kind,
        "rows": report.rows,
        "lines": report.lines,
        "amount": report.amount,
        "goods": sum(1 for line in reading.lines if isinstance(line, GoodsLine)),
        "value": sum(line.value or 0 for line in reading.lines if isinstance(line, GoodsLine)),
        "sheets": [
            {"name": s.name, "header_row": s.header_row, "columns": dict(s.columns), "lines": s.lines}
            for s in report.sheets
        ],
        "first": _day(min((s.first for s in report.sheets if s.first), default=None)),
        "last": _day(max((s.last for s in report.sheets if s.last), default=None)),
        "sample": [_told(line) for line in reading.lines[:SHOWN]],
        "refused": len(report.refusals),
        "refusals": [_refusal(refusal) for refusal in report.refusals[:MOST_TOLD]],
        "by_reason": report.refused_by_reason(),
        "checks": [_check(report, number) for number in range(len(report.checks))],
        "agrees": report.agrees,
        "equal": report.repeated,
        "notes": [_reason(note.sheet, note.row, note.reason) for note in report.notes[:MOST_TOLD]],
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _told(line: Line) -> dict[str, Any]:
    told: dict[str, Any] = {"row": line.row, "dated": _day(line.dated), "remark": line.remark}
    if isinstance(line, MoneyLine):
        return told | {"donor": line.donor, "amount": line.amount, "channel": line.channel}
    if isinstance(line, GoodsLine):
        what = {"item": line.item, "quantity": line.quantity, "scale": line.scale, "measure": line.measure}
        return told | what | {"donor": line.donor, "value": line.value, "unit": line.unit}
    return told


def _reason(sheet: str, row: int | None, reason: Reason) -> dict[str, Any]:
    return {"sheet": sheet, "row": row, "code": reason.code, "values": dict(reason.values)}


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return _reason(refusal.sheet, refusal.row, refusal.reason) | {"cells": list(refusal.cells)}


def _check(report: Report, number: int) -> dict[str, Any]:
    check = report.checks[number]
    names = ("sheet", "row", "scope", "what", "text", "stated", "read", "refused", "agrees", "difference")
    return {name: getattr(check, name) for name in names}


def terms_of(said: Mapping[str, Any], by: str, undated: date, **more: Any) -> Terms:
    """Make the importer's terms of what was chosen on screen."""
    return Terms(
        said["taker"],
        said["place"],
        by,
        undated,
        said.get("source") or None,
        said.get("origin") or None,
        said.get("accept") or None,
        campaign=said.get("campaign") or None,
        **more,
    )


def rehearse(engine: Engine, book: str, reading: ListReading, terms: Terms, code_key: bytes) -> dict[str, Any]:
    """Import a list and take it back: what it would bring, what is there already."""
    if len(reading.lines) > MOST_LINES:
        raise TooLargeListError(
            "the list has %(lines)s lines; at most %(most)s are imported at once. Split it into several files",
            lines=f"{len(reading.lines):,}",
            most=f"{MOST_LINES:,}",
        )
    return done_of(import_gifts(engine, book, reading, replace(terms, dry_run=True), code_key=code_key))


def done_of(done: Imported) -> dict[str, Any]:
    """Write what an import did, or would do, as values for JSON."""
    names = ("imported", "amount", "repeated", "earmarked", "purposes", "new_units", "organizations", "already", "seq")
    return {name: getattr(done, name) for name in names}


def check_new(done: Mapping[str, Any]) -> None:
    """Refuse a list that would add nothing."""
    if done["already"] is not None:
        raise ConflictError(
            "this list was imported before, by entry %(seq)s; nothing of it is new", seq=done["already"]
        )
    if not done["imported"]:
        raise ConflictError("every line of this list is in the book already; nothing of it is new")
