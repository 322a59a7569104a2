"""`flask giving`: import lists of gifts; follow a gift; give its code again."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from ledger.cli.common import Group, act, book_option, engine, json_option, progressing, show
from ledger.cli.lists import list_options, options_of, tell_report
from ledger.core import tracking
from ledger.core.units import Unit, format_amount
from ledger.exchange.lists import read_gifts
from ledger.giving.actions import code_of
from ledger.giving.imports import Imported, Terms, import_gifts
from ledger.giving.queries import trace_page
from ledger.journal.checks import read_body
from ledger.journal.read import find_book, snapshot
from ledger.web.pages import Quantity, TracePage

group = Group("giving", help="Import lists of gifts; follow a gift.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@book_option
@click.option("--fund", required=True, metavar="F", help="Code of the fund that receives the gifts.")
@click.option("--place", default="bank:main", show_default=True, help="Where the money lies: bank:…, wallet:…, cash:…")
@click.option(
    "--source",
    default=None,
    help="Kind of donor for all lines, e.g. source:individual; told from the names if not given.",
)
@list_options
@json_option
def import_(
    file: Path, book: str, fund: str, place: str, source: str | None, *, as_json: bool, **given: object
) -> None:
    """Import FILE, a list of gifts of money or goods (XLSX, XLS, CSV), into a fund: all of it or nothing.

    The list's own totals are checked first. Importing the same list again adds nothing.
    """
    options = options_of(given)
    reading = read_gifts(file, profile=options.profile, default_year=options.year)
    terms = Terms(
        f"fund:{fund}",
        place,
        "cli",
        options.undated or act("").dated,
        source,
        options.origin,
        options.accept,
        options.dry_run,
    )
    with progressing(len(reading.lines), file.name, quiet=as_json) as progress:
        done = import_gifts(engine(), book, reading, terms, code_key=current_app.config["CODE_KEY"], progress=progress)
    data = (
        {"file": file.name, "kind": reading.kind, "dry_run": options.dry_run}
        | _did(done)
        | {"report": reading.report.as_dict()}
    )
    show(data, lambda: tell_report(reading, done, dry_run=options.dry_run), as_json=as_json)


def _did(done: Imported) -> dict[str, object]:
    return {
        "imported": done.imported,
        "amount": done.amount,
        "duplicates": done.repeated,
        "already": done.already,
        "earmarked": done.earmarked,
        "purposes": done.purposes,
        "new_units": done.new_units,
        "from_organizations": done.organizations,
        "entry": done.seq,
        "first_code": tracking.display(done.first_code) if done.first_code else None,
    }


@group.command("code")
@click.argument("entry", type=click.IntRange(min=0))
@book_option
@json_option
def code_(entry: int, book: str, *, as_json: bool) -> None:
    """Write the tracking code of the donation in ENTRY, to be handed to its donor and nobody else."""
    with snapshot(engine()) as connection:
        body = read_body(connection, find_book(connection, book).id, entry)
    code = tracking.display(code_of(body, current_app.config["CODE_KEY"]))
    show({"book": book, "entry": entry, "code": code}, lambda: code, as_json=as_json)


@group.command("trace")
@click.argument("code")
@json_option
def trace(code: str, *, as_json: bool) -> None:
    """Show where the gift with tracking CODE is now."""
    with snapshot(engine()) as connection:
        page = trace_page(connection, tracking.parse(code), datetime.now(UTC))
    show(_trace_data(page), lambda: _trace_text(page), as_json=as_json)


def _trace_data(page: TracePage) -> dict[str, object]:
    gift = page.gift
    return {
        "book": page.book.code,
        "code": tracking.display(page.code),
        "entry": gift.seq,
        "leaf": gift.hash,
        "dated": gift.dated,
        "unit": gift.quantity.unit.code,
        "amount": gift.quantity.amount,
        "fund": gift.fund.address,
        "shares": [{"what": s.bucket, "amount": s.quantity.amount} for s in page.shares],
        "rows": [
            {
                "what": r.bucket,
                "where": r.what.address,
                "name": r.what.name,
                "dated": r.dated,
                "entry": r.seq,
                "amount": r.quantity.amount,
            }
            for r in page.rows
        ],
        "rest": {"rows": page.rest.count, "amount": page.rest.quantity.amount} if page.rest else None,
        "intact": page.check.passed if page.check else None,
    }


def quantity(found: Quantity) -> str:
    """Write an amount with its unit."""
    unit = Unit(found.unit.code, found.unit.scale, found.unit.kind)
    return f"{format_amount(found.amount, unit, grouping=True)} {found.unit.measure}"


def _trace_text(page: TracePage) -> str:
    gift = page.gift
    where = f"{gift.fund.name} (book {page.book.code}, entry {gift.seq})"
    lines = [
        f"{tracking.display(page.code)}: {quantity(gift.quantity)} given on {gift.dated} to {where}.",
        *(f"  {share.bucket:14} {quantity(share.quantity):>24}" for share in page.shares),
        "",
        *(
            f"  {row.dated}  entry {row.seq:<8} {quantity(row.quantity):>24}  {row.what.name} ({row.what.address})"
            for row in page.rows
        ),
    ]
    if page.rest:
        lines.append(f"  and {page.rest.count} more, {quantity(page.rest.quantity)} together")
    lines.append(
        f"  leaf {gift.hash}" + (", recomputed and found unchanged" if page.check and page.check.passed else "")
    )
    return "\n".join(lines)
