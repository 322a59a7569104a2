"""What was paid on grants, instalment by instalment; what was taken back is left out."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.programs.actions import PAYS
from ledger.programs.allocation.entries import naming

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection


class Payment(NamedTuple):
    """Units that one entry brought to a grant; `instalment` None when the agreement has none."""

    seq: int
    dated: str
    kind: str
    instalment: int | None
    unit: str
    amount: int
    met: str


def payments(connection: Connection, book_id: int, grants: Collection[str]) -> dict[str, list[Payment]]:
    """Read the standing payments of grants (codes), oldest first, in one statement."""
    found: dict[str, list[Payment]] = defaultdict(list)
    for address, entries in naming(connection, book_id, {f"grant:{code}" for code in grants}, PAYS).items():
        for entry in entries:
            facts = entry.body["facts"]
            sums: dict[str, int] = defaultdict(int)
            for flow in entry.body["flows"]:
                if flow["to"] == address:
                    sums[flow["unit"]] += flow["amount"]
            found[address.partition(":")[2]] += [
                Payment(entry.seq, entry.dated, entry.kind, facts.get("instalment"), unit, amount, facts.get("met", ""))
                for unit, amount in sums.items()
            ]
    return found
