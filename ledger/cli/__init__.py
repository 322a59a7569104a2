"""Commands of `flask --app wsgi`, a file a group. `GROUPS` is the whole list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.cli import audit, books, demo, funds, giving, journal, linkage, people, programs

if TYPE_CHECKING:
    import click
    from flask import Flask

GROUPS: tuple[click.Group, ...] = (
    books.group,
    funds.group,
    giving.group,
    programs.group,
    linkage.group,
    people.group,
    journal.group,
    audit.group,
    demo.group,
)


def init_app(app: Flask) -> None:
    """Add every group to `flask`."""
    for group in GROUPS:
        app.cli.add_command(group)
