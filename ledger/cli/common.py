"""What commands share: exit status 0 = all well, 1 = the thing asked about is not well, 2 = wrong usage.

A group is `Group("books", help=…)`; a command raises `NotWell`, a `LedgerError`, or `click.UsageError`.
"""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from ledger.core.errors import LedgerError


class NotWell(click.ClickException):
    """Answer that the thing asked about is not well."""

    exit_code = 1

    def show(self, file: Any = None) -> None:  # noqa: ANN401  # as click declares it
        """Write the answer to standard error."""
        click.echo(self.format_message(), file=file, err=True)


class Group(AppGroup):
    """A group of commands in which a named error of the ledger ends the command with status 1."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # whatever the command returns
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LedgerError as error:
            raise NotWell(f"{type(error).__name__}: {error}") from error
