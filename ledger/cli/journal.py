"""`flask journal`: verify, replay and export the ledger."""

import time
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import Connection

from ledger.checkpoints.logs import Logs
from ledger.checkpoints.status import remember
from ledger.checkpoints.timestamps import roots_in
from ledger.checkpoints.verify import verify_proofs
from ledger.cli.common import Group, NotWell, book_option, engine, json_option, progressing, show
from ledger.core.errors import LedgerError
from ledger.exchange.export import export_book
from ledger.journal.engine import write_transaction
from ledger.journal.findings import Finding
from ledger.journal.guards import grants
from ledger.journal.read import BookRow, find_book, list_books, snapshot
from ledger.journal.replay import compare, rebuild
from ledger.journal.verify import LIMIT, Report, check_strays, verify_book

group = Group("journal", help="Verify, replay and export the ledger.")


class Leaf(click.ParamType):  # type: ignore[type-arg]
    """SEQ:LEAF — an entry number and its leaf hash, as a confirmation shows them."""

    name = "SEQ:LEAF"

    def convert(
        self, value: str | tuple[int, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        """Read the pair."""
        if isinstance(value, tuple):
            return value
        seq, _, leaf = value.partition(":")
        if not seq.isdigit() or len(leaf) != 64 or set(leaf.lower()) - set("0123456789abcdef"):  # noqa: PLR2004
            self.fail(f"'{value}' is not an entry number, a colon and 64 hexadecimal digits", param, ctx)
        return int(seq), leaf.lower()


def _chosen(connection: Connection, book: str | None) -> list[BookRow]:
    return list_books(connection) if book is None else [find_book(connection, book)]


@group.command("verify")
@click.option("--book", default=None, metavar="B", help="Only this book; all books if not given.")
@click.option("--expect", type=Leaf(), help="An entry you know from elsewhere: detects a cut or rewritten log.")
@json_option
def verify(book: str | None, expect: tuple[int, str] | None, *, as_json: bool) -> None:
    """Check everything that can be checked: chain, tree, rules, projections, personal data, evidence, all signatures.

    Ends with status 1 and names the pass, the entry and the difference when something is not as the log says.
    """
    if expect and book is None:
        raise click.UsageError("--expect speaks of one book; name it with --book")
    started = time.perf_counter()
    reports = []
    with snapshot(engine()) as connection:
        for row in _chosen(connection, book):
            with progressing(row.size * 2, row.code) as progress:
                folder = Path(current_app.instance_path) / "evidence"
                report = verify_book(connection, row, evidence=folder, known=expect, progress=progress)
            report.extend(
                verify_proofs(connection, row, _logs(), roots_in(current_app.config["SETTINGS"].timestamp_roots))
            )
            reports.append(report)
        strays = [] if reports else list(check_strays(connection))  # else each report has them
    seconds = time.perf_counter() - started
    _remember(reports)
    data = {
        "clean": all(r.clean for r in reports) and not strays,
        "seconds": round(seconds, 3),
        "books": [_report(r) for r in reports],
        "findings": [_finding(f) for f in strays],
    }
    told = [*map(_tell, reports), *([] if reports else ["There is no book."]), *map(str, strays)]
    show(data, lambda: "\n".join(told), as_json=as_json)
    if not data["clean"]:
        raise NotWell("Verification failed.")


def _logs() -> Logs:
    return Logs(Path(current_app.instance_path), current_app.config["SETTINGS"].public_url)


def _remember(reports: list[Report]) -> None:
    """Write down for the status page what was verified and how many differences were found."""
    for report in reports:
        with write_transaction(engine()) as connection:
            count = len(report.findings) + sum(report.more.values())
            remember(connection, find_book(connection, report.book).id, report.entries, count)


def _finding(found: Finding) -> dict[str, object]:
    return {"pass": found.name, "entry": found.seq, "difference": found.difference}


def _report(report: Report) -> dict[str, object]:
    return {
        "book": report.book,
        "entries": report.entries,
        "root": report.root,
        "head": report.head,
        "clean": report.clean,
        "findings": [_finding(f) for f in report.findings],
        "more": report.more,
    }


def _tell(report: Report) -> str:
    if report.clean:
        return (
            f"{report.book}: {report.entries} entries verified, nothing found. Root {report.root}, head {report.head}."
        )
    lines = [f"{report.book}: {len(report.findings) + sum(report.more.values())} findings in {report.entries} entries"]
    lines += [f"  {finding}" for finding in report.findings]
    lines += [f"  [{name}] and {count} more" for name, count in report.more.items()]
    return "\n".join(lines)


@group.command("replay")
@click.option("--book", default=None, metavar="B", help="Only this book; all books if not given.")
@click.option(
    "--check", is_flag=True, help="Change nothing: rebuild beside the live projections and compare both ways."
)
@json_option
def replay(book: str | None, *, check: bool, as_json: bool) -> None:
    """Rebuild every projection from the log; with --check, only compare."""
    if check:
        _compare(book, as_json=as_json)
        return
    with snapshot(engine()) as connection:
        codes = [row.code for row in _chosen(connection, book)]
    done = []
    for code in codes:
        with write_transaction(engine()) as connection:
            row = find_book(connection, code)
            with progressing(row.size, code) as progress:
                rebuild(connection, row, progress)
        done.append({"book": code, "entries": row.size})
    show(
        {"rebuilt": True, "books": done},
        lambda: (
            "\n".join(f"{each['book']}: {each['entries']} entries replayed, projections rebuilt." for each in done)
            or "There is no book."
        ),
        as_json=as_json,
    )


def _compare(book: str | None, *, as_json: bool) -> None:
    found: list[tuple[BookRow, list[Finding]]] = []
    with snapshot(engine()) as connection:
        for row in _chosen(connection, book):
            with progressing(row.size, row.code) as progress:
                found.append((row, list(compare(connection, row, progress))))
    clean = not any(findings for _, findings in found)
    data = {
        "clean": clean,
        "books": [
            {"book": row.code, "entries": row.size, "findings": [_finding(f) for f in findings]}
            for row, findings in found
        ],
    }
    show(data, lambda: "\n".join(line for each in found for line in _differences(*each)), as_json=as_json)
    if not clean:
        raise NotWell("The projections are not what the log gives; `flask journal replay` rebuilds them.")


def _differences(row: BookRow, findings: list[Finding]) -> list[str]:
    shown = [f"{row.code}: {finding}" for finding in findings[:LIMIT]]
    return [*shown, f"{row.code}: {row.size} entries replayed, {len(findings)} differences."]


@group.command("grants")
@click.argument("role")
def grants_(role: str) -> None:
    """Write the SQL that lets ROLE of PostgreSQL serve this version: no way to change the log, and no ownership."""
    if not role.isidentifier():
        raise click.UsageError("the name of a role has letters, digits and underscores")
    click.echo(";\n".join(grants(role)) + ";")


@group.command("export")
@book_option
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder.")
@json_option
def export(book: str, folder: Path, *, as_json: bool) -> None:
    """Write the log as JSON lines (each line an exact body) and as an hledger journal into a folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with snapshot(engine()) as connection:
            row = find_book(connection, book)
            with progressing(row.size, book) as progress:
                files = export_book(connection, row, folder, progress)
    except OSError as error:
        raise LedgerError(
            "%(filename)s: %(strerror)s; choose a folder that can be written",
            filename=error.filename,
            strerror=error.strerror,
        ) from error
    show(
        {"book": book, "entries": row.size, "files": [str(f) for f in files]},
        lambda: f"{row.size} entries written to " + " and ".join(map(str, files)),
        as_json=as_json,
    )
