"""`flask funds`: open funds, and the balance of every account."""

import click

from ledger.cli.common import Group, act, book_option, engine, json_option, show
from ledger.core.errors import AlreadyOpenError, RepeatedRefError
from ledger.funds.actions import open_fund
from ledger.journal.append import writing
from ledger.journal.balances import trial_balance
from ledger.journal.read import find_book, snapshot

group = Group("funds", help="Open funds; show balances.")


@group.command("open")
@click.argument("book")
@click.argument("fund")
@click.option("--name", required=True, help="Name of the fund, as readers see it.")
@click.option("--restricted", is_flag=True, help="Its money may only serve its purpose (限定性).")
@click.option("--purpose", default="", help="What the fund is for.")
@json_option
def open_(book: str, fund: str, name: str, purpose: str, *, restricted: bool, as_json: bool) -> None:
    """Open FUND in BOOK."""
    with writing(engine(), book) as writer:
        try:
            made = open_fund(writer, act(f"open/fund:{fund}"), fund, name, restricted=restricted, purpose=purpose)
        except RepeatedRefError as error:
            opened = writer.known(f"fund:{fund}").opened
            raise AlreadyOpenError(
                "fund '%(fund)s' was opened by entry %(opened)s; choose another code",
                fund=fund,
                opened=opened,
            ) from error
    show(
        {"book": book, "fund": fund, "seq": made.seq, "leaf": made.leaf.hex()},
        lambda: f"Fund '{fund}' ({name}) is open in book '{book}' (entry {made.seq}).",
        as_json=as_json,
    )


@group.command("balances")
@book_option
@click.option("--unit", default=None, help="Only this unit, e.g. CNY.")
@json_option
def balances(book: str, unit: str | None, *, as_json: bool) -> None:
    """Show what every account received, gave and holds, in the unit's smallest part."""
    with snapshot(engine()) as connection:
        rows = trial_balance(connection, find_book(connection, book).id, unit)
    show(
        {"book": book, "accounts": [row._asdict() | {"balance": row.balance} for row in rows]},
        lambda: "\n".join(
            f"{r.account:50} {r.unit:24} {r.received:>16,} {r.given:>16,} {r.balance:>16,}" for r in rows
        ),
        as_json=as_json,
    )
