"""`flask demo`: the invented book that shows what Shanliu does."""

from pathlib import Path

from flask import current_app

from ledger.cli.common import Group, engine, json_option, show
from ledger.demo.codes import Code
from ledger.demo.story import load
from ledger.web.addresses import Addresses

group = Group("demo", help="Load the demo book.")


@group.command("load")
@json_option
def load_(*, as_json: bool) -> None:
    """Load the demo book, once; print its address and the tracking codes to try."""
    loaded = load(engine(), current_app.config["CODE_KEY"], Path(current_app.instance_path) / "evidence")
    public = current_app.config["SETTINGS"].public_url
    address = f"{public}/{loaded.book}/"
    show(
        {"book": loaded.book, "address": address, "codes": [code._asdict() for code in loaded.codes]},
        lambda: _tell(address, Addresses(public).trace(loaded.codes[0].code), loaded.codes),
        as_json=as_json,
    )


def _tell(address: str, trace: str, codes: list[Code]) -> str:
    lines = [f"Demo book: {address}", f"Follow a gift: {trace}", "Tracking codes:"]
    return "\n".join([*lines, *(f"  {code.code}  {code.shows}" for code in codes)])
