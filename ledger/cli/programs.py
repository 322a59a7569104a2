"""`flask programs`: import lists of goods issued; ask what a service or a recipient was made of."""

from collections.abc import Mapping
from pathlib import Path

import click
from flask import current_app

from ledger.cli.common import Group, act, book_option, engine, json_option, progressing, show
from ledger.cli.giving import quantity
from ledger.cli.lists import list_options, options_of, tell_report
from ledger.exchange.errors import ListError
from ledger.exchange.lists import read_gifts, read_issues
from ledger.giving.imports import Terms
from ledger.journal.read import find_book, snapshot
from ledger.programs.imports import STORE, import_issues
from ledger.programs.sources import Sources, resolve, sources_of
from ledger.web.convert import units
from ledger.web.pages import Quantity
from ledger.web.pages import Unit as UnitName

group = Group("programs", help="Import lists of goods issued; ask what services and recipients were made of.")


@group.command("import-issues")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@book_option
@list_options
@json_option
def import_issues_(file: Path, book: str, *, as_json: bool, **given: object) -> None:
    """Import FILE, a list of goods issued to recipients (XLSX, XLS, CSV).

    Goods issued beyond what was received are refused for the shortfall and reported. The same list again adds nothing.
    """
    options = options_of(given)
    reading = read_issues(file, profile=options.profile, default_year=options.year)
    terms = Terms(
        "", STORE, "cli", options.undated or act("").dated, None, options.origin, options.accept, options.dry_run
    )
    with progressing(len(reading.lines), file.name, quiet=as_json) as progress:
        done = import_issues(
            engine(),
            book,
            reading,
            terms,
            code_key=current_app.config["CODE_KEY"],
            gifts_key=_gifts_key(file, options.profile, options.year),
            progress=progress,
        )
    data = {
        "file": file.name,
        "dry_run": options.dry_run,
        "imported": done.imported,
        "duplicates": done.repeated,
        "already": done.already,
        "short": done.short,
        "entry": done.seq,
        "report": reading.report.as_dict(),
    }
    show(data, lambda: tell_report(reading, done, dry_run=options.dry_run), as_json=as_json)


def _gifts_key(file: Path, profile: object, year: int | None) -> str | None:
    """Give the identity of the same file as a list of gifts, when it is one."""
    try:
        return read_gifts(file, profile=profile, default_year=year).list_key  # type: ignore[arg-type]
    except ListError:
        return None


@group.command("sources")
@click.argument("what", metavar="SERVICE-OR-RECIPIENT")
@book_option
@click.option("--limit", default=50, show_default=True, help="Gifts listed a unit; --json lists all.")
@click.option("--search", default="", help="Only units whose code contains this, e.g. 口罩.")
@json_option
def sources(what: str, book: str, limit: int, search: str, *, as_json: bool) -> None:
    """Show which gifts a service or a recipient was made of."""
    with snapshot(engine()) as connection:
        row = find_book(connection, book)
        address = resolve(connection, row.id, what)
        found = [s for s in sources_of(connection, row.id, address) if search in s.unit]
        known = units(connection, row.id, {s.unit for s in found})
    data = {
        "book": book,
        "account": address,
        "sources": [{"unit": s.unit, "amount": s.amount, "given": [g._asdict() for g in s.given]} for s in found],
    }
    show(data, lambda: "\n".join([address, *(_tell(s, known, limit) for s in found)]), as_json=as_json)


def _tell(found: Sources, known: Mapping[str, UnitName], limit: int) -> str:
    def amount(parts: int) -> str:
        return quantity(Quantity(parts, known[found.unit]))

    lines = [f"{found.unit}: {amount(found.amount)} out of {len(found.given)} gifts"]
    lines += [
        f"  entry {g.seq:<8} {g.dated}  {amount(g.amount):>20}  {g.donor or '-'}  ({g.source})"
        for g in found.given[:limit]
    ]
    if len(found.given) > limit:
        rest = found.given[limit:]
        lines.append(f"  and {len(rest)} more gifts, {amount(sum(g.amount for g in rest))} together")
    return "\n".join(lines)
