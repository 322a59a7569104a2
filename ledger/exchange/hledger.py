"""Write entries as a plain-text accounting journal that hledger reads.

Each entry is one transaction: its business date, `(seq)` as the code, its kind as the description, the memo as a
comment. Both faces stand in it, each balanced in itself:

- a flow debits `flow:<to>` and credits `flow:<from>`, so that `hledger bal flow` gives received − given;
- a posting changes `assets:<account>` (or `liabilities:<account>` for payables), against `equity:funds`, so that
  `hledger bal assets liabilities` gives the ledger's balances, and `equity:funds` what the funds hold, negated.

Commodities are the unit codes in quotation marks (one inside a code becomes ”, as hledger cannot write it); amounts
are exact decimals by the scale that `unit.opened` states (CNY: 2).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.exchange.cells import decimal

HEADER = "; Written by Shanliu. Each entry is one transaction.\ndecimal-mark .\n\n"
_EQUITY = "equity:funds"
_OWED = "payable"


def journal(entries: Iterable[Mapping[str, Any]], scales: Mapping[str, int] | None = None) -> Iterator[str]:
    """Yield the journal's text, the header first, then one piece an entry.

    `entries` are parsed bodies in order. `scales` gives the scales of units opened before the first of them.
    """
    known = {"CNY": 2} | dict(scales or {})
    yield HEADER
    for entry in entries:
        if entry["kind"] == "unit.opened":
            known[entry["facts"]["code"]] = entry["facts"].get("scale", 0)
        yield transaction(entry, known)


def transaction(entry: Mapping[str, Any], scales: Mapping[str, int]) -> str:
    """Return one entry as a transaction, with a blank line after it."""
    memo = " ".join(str(entry["memo"]).split())
    lines = [f"{entry['dated']} ({entry['seq']}) {entry['kind']}" + (f"  ; {memo}" if memo else "")]
    changes: dict[tuple[str, str], int] = {}
    for posting in entry["postings"]:
        account, unit, amount = posting["account"], posting["unit"], posting["amount"]
        _add(changes, (f"{'liabilities' if _type(account) == _OWED else 'assets'}:{account}", unit), amount)
        _add(changes, (_EQUITY, unit), -amount)
    for flow in entry["flows"]:
        _add(changes, (f"flow:{flow['to']}", flow["unit"]), flow["amount"])
        _add(changes, (f"flow:{flow['from']}", flow["unit"]), -flow["amount"])
    lines += [
        f"    {_name(account)}  {decimal(amount, scales.get(unit, 0))} {commodity(unit)}"
        for (account, unit), amount in changes.items()
        if amount
    ]
    return "\n".join(lines) + "\n\n"


def _add(changes: dict[tuple[str, str], int], key: tuple[str, str], amount: int) -> None:
    changes[key] = changes.get(key, 0) + amount


def _type(account: str) -> str:
    return account.partition(":")[0]


def _name(account: str) -> str:
    """Keep an account's name from ending early: a semicolon begins a comment."""
    return account.replace(";", "；")


def commodity(unit: str) -> str:
    """Quote a unit code."""
    return '"' + unit.replace('"', "”").replace(";", "；") + '"'
