"""What the two importing commands share: options, progress, and the report."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

import click

from ledger.core import tracking
from ledger.exchange.lines import ListReading
from ledger.exchange.profiles import PROFILES, Profile, find_profile
from ledger.giving.imports import Imported

SHOWN = 20  # refusals and notes written out; --json has all of them


@dataclass(frozen=True, slots=True)
class Options:
    """What both commands take."""

    profile: Profile | None
    year: int | None
    undated: date | None
    origin: str | None
    accept: str | None
    dry_run: bool


def list_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of an import."""
    options: tuple[Callable[[Any], Any], ...] = (
        click.option("--profile", default=None, help=f"How to read the list: {', '.join(PROFILES)}, or a JSON file."),
        click.option("--year", type=click.IntRange(1990, 2100), default=None, help="Year of dates that say none."),
        click.option(
            "--date",
            "undated",
            type=click.DateTime(["%Y-%m-%d"]),
            default=None,
            help="Date of rows without one; today if not given.",
        ),
        click.option(
            "--origin",
            default=None,
            help="Name of a growing list, given from its first edition on: the next adds only what is new.",
        ),
        click.option(
            "--accept-difference",
            "accept",
            default=None,
            metavar="REASON",
            help="Import although totals disagree; the reason goes on the ledger.",
        ),
        click.option("--dry-run", is_flag=True, help="Do everything, then undo it: nothing is written."),
    )
    for option in reversed(options):
        command = option(command)
    return wraps(command)(command)


def options_of(given: dict[str, Any]) -> Options:
    """Collect the options."""
    profile = find_profile(given["profile"]) if given["profile"] else None
    undated = given["undated"].date() if given["undated"] else None
    return Options(profile, given["year"], undated, given["origin"], given["accept"], given["dry_run"])


def tell_report(reading: ListReading, done: Imported, *, dry_run: bool) -> str:
    """Write the report for people."""
    report = reading.report
    lines = [f"{reading.name}: a list of {reading.kind}, {report.rows} rows read, {report.lines} lines."]
    if done.already is not None:
        lines.append(f"  This list was imported before, by entry {done.already}; nothing was added.")
    else:
        lines.append(f"  {done.imported} {'would be ' if dry_run else ''}imported, {done.repeated} were there already.")
    if done.earmarked:
        lines.append(f"  {done.earmarked} are earmarked, for {done.purposes} new purposes.")
    if done.new_units:
        lines.append(f"  {done.new_units} kinds of goods are new to the book.")
    lines += [
        f"  {'✓' if check.agrees else '✗'} row {check.row} states {check.what} {check.stated}, read {check.read}"
        for check in report.checks
    ]
    lines += _some("refused", [refusal.message for refusal in report.refusals])
    lines += _some(
        "beyond what was received",
        [
            f"row {s['row']}: {s['recipient']} {s['unit']}: {s['asked']} asked, {s['issued']} there, {s['short']} short"
            for s in done.short
        ],
    )
    lines += _some("notes", [note.message for note in report.notes])
    if done.first_code:
        lines.append(f"  The first new gift can be followed with {tracking.display(done.first_code)}")
    return "\n".join(lines)


def _some(title: str, messages: list[str]) -> list[str]:
    if not messages:
        return []
    more = [f"    and {len(messages) - SHOWN} more; --json lists all"] if len(messages) > SHOWN else []
    return [f"  {len(messages)} {title}:", *(f"    {message}" for message in messages[:SHOWN]), *more]
