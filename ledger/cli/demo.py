"""`flask demo`: the invented book that shows what Shanliu does."""

from pathlib import Path

from flask import current_app

from ledger.cli.common import Group, engine, json_option, show
from ledger.demo.codes import Code
from ledger.demo.queues import fill
from ledger.demo.staff import Login, hire
from ledger.demo.story import load
from ledger.desk.commands import Tools
from ledger.journal.engine import write_transaction
from ledger.programs.linkage.keeping import refresh
from ledger.web.addresses import Addresses

group = Group("demo", help="Load the demo book.")


@group.command("load")
@json_option
def load_(*, as_json: bool) -> None:
    """Load the demo book, once; print its address, the tracking codes to try, and who may sign in."""
    key = current_app.config["CODE_KEY"]
    loaded = load(engine(), key, Path(current_app.instance_path) / "evidence")
    with write_transaction(engine()) as connection:
        staff = hire(connection, key)
    if loaded.added:
        refresh(engine(), loaded.book)
    fill(engine(), Tools(key, Path(current_app.instance_path)))
    public = current_app.config["SETTINGS"].public_url
    address = f"{public}/{loaded.book}/"
    show(
        {
            "book": loaded.book,
            "address": address,
            "codes": [code._asdict() for code in loaded.codes],
            "staff": [login._asdict() for login in staff],
        },
        lambda: _tell(address, Addresses(public).trace(loaded.codes[0].code), loaded.codes, staff),
        as_json=as_json,
    )


def _tell(address: str, trace: str, codes: list[Code], staff: list[Login]) -> str:
    lines = [f"Demo book: {address}", f"Follow a gift: {trace}", "Tracking codes:"]
    lines += [f"  {code.code}  {code.shows}" for code in codes]
    lines += [f"Work in it: {address}desk/ as", *(f"  {who.login:<16} {who.password}  {who.role}" for who in staff)]
    return "\n".join(lines)
