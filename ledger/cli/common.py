"""What commands share: exit status 0 = all well, 1 = the thing asked about is not well, 2 = wrong usage.

A group is `Group("books", help=…)`; a command raises `NotWell`, a `LedgerError`, or `click.UsageError`.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup

from ledger.core.errors import LedgerError
from ledger.extensions import db
from ledger.people.actions import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

BY = "cli"
"""Who prepared what the command line records."""


class NotWell(click.ClickException):
    """Answer that the thing asked about is not well."""

    exit_code = 1

    def show(self, file: Any = None) -> None:  # as click declares it
        """Write the answer to standard error."""
        click.echo(self.format_message(), file=file, err=True)


class Group(AppGroup):
    """A group of commands in which a named error of the ledger ends the command with status 1."""

    def invoke(self, ctx: click.Context) -> Any:  # whatever the command returns
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LedgerError as error:
            raise NotWell(f"{type(error).__name__}: {error}") from error
        except DBAPIError as error:
            raise NotWell(
                f"The database cannot answer ({error.orig}). Check LEDGER_DATABASE_URL; a new or older database needs "
                "`flask --app wsgi db upgrade`."
            ) from error


def engine() -> Engine:
    """Return the installation's database."""
    return db.engine


def act(ref: str, *, memo: str = "") -> Act:
    """Act as the command line, today (Chinese time)."""
    return Act(BY, datetime.now(ZoneInfo("Asia/Shanghai")).date(), ref, memo=memo)


def show(data: dict[str, Any], text: Callable[[], str], *, as_json: bool) -> None:
    """Write a result: as JSON for programs, else as text for people."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str) if as_json else text())


@contextmanager
def progressing(total: int, label: str, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal."""
    hidden = quiet or not sys.stderr.isatty()
    with click.progressbar(length=total, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield bar.update


json_option = click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
book_option = click.option("--book", required=True, metavar="B", help="Code of the book.")
