"""From what the journal tells to what pages show: units, names, book, state of the ledger.

`Names` reads everything that a page names in two statements: the objects, then what grants and services name in turn.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ledger.core import canonical
from ledger.core.errors import NotFoundError
from ledger.journal import lookup
from ledger.journal.read import find_book, read_entry
from ledger.web.language import in_english
from ledger.web.pages import BookRef, LedgerState, Quantity, Ref, Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Connection

    from ledger.journal.lookup import Object
    from ledger.journal.read import BookRow
    from ledger.web.pages import Bucket, UnitKind

NAMED = ("organization", "project", "community", "worker")  # facts of grants and services that name others
UNITS: dict[str, UnitKind] = {"CNY": "money", "volunteer-hour": "hours"}
OUTCOMES: dict[str, Bucket] = {"refund": "refunded", "loss": "lost"}


def moment(text: str) -> datetime:
    """Read a `recorded`: aware, UTC."""
    return datetime.fromisoformat(text)


def day(text: str) -> date:
    """Read a `dated`."""
    return date.fromisoformat(text)


def bucket_of(address: str) -> Bucket:
    """Tell what it means that units stand on an account; `other` for sources (taken back)."""
    kind, _, code = address.partition(":")
    if kind == "outcome":
        return "issued" if code.startswith("recipient/") else OUTCOMES.get(code, "expense")
    known: dict[str, Bucket] = {"service": "service", "fund": "fund", "earmark": "fund", "grant": "organization"}
    return known.get(kind, "other")


def told(facts: Mapping[str, Any], *names: str) -> str:
    """Return the first of these facts that there is: on an English page its `…_en`, when the ledger has it; else ''."""
    english = in_english()
    found = ((english and facts.get(f"{name}_en")) or facts.get(name) for name in names)
    return next((str(text) for text in found if text), "")


def name_of(facts: Mapping[str, Any]) -> str:
    """Return the name in the facts of an object: a name, a title, a purpose, else empty."""
    return told(facts, "name", "title", "purpose")


def unit_of(code: str, facts: Mapping[str, Any] | None) -> Unit:
    """Make a unit of the facts of `unit.opened`; what they lack follows from the code."""
    known = dict(facts or {})
    item, _, measure = code.rpartition(":") if ":" in code else (code, "", "")
    kind: UnitKind = known.get("kind") or UNITS.get(code, "goods")
    scale = known.get("scale", 2 if kind == "money" else 0)
    return Unit(code, name_of(known) or item, told(known, "measure") or measure, scale, kind)


class Names:
    """The objects that a page names, read at once; and what the grants and services among them name.

    Give account addresses and `unit:<code>`; ask for `ref`, `unit`, `quantity`, `place`. What the book does not have
    is named by its code.
    """

    def __init__(self, connection: Connection, book_id: int, addresses: Iterable[str]) -> None:
        self._connection, self._book_id = connection, book_id
        self.objects: dict[str, Object] = {}
        self._units: dict[str, Unit] = {}
        self.read(addresses)
        self.read(self.named())

    def read(self, addresses: Iterable[str]) -> None:
        """Read more objects, in one statement; none when all are known."""
        wanted = set(addresses) - self.objects.keys()
        self.objects |= lookup.objects(self._connection, self._book_id, wanted)

    def named(self) -> set[str]:
        """Return what grants and services name, and the funds of earmarks."""
        found: set[str] = set()
        for address, known in self.objects.items():
            kind, facts = address.partition(":")[0], known.facts
            if kind in {"grant", "service", "project"}:
                found.update(f"{name}:{facts[name]}" for name in NAMED if facts.get(name))
            if kind == "service":
                found.update(f"unit:{flow['unit']}" for flow in known.body["flows"])
            if kind == "earmark":
                found.add(f"fund:{facts['fund']}")
        return found

    def facts(self, address: str) -> dict[str, Any]:
        """Return the facts of an object, empty when it is not known."""
        known = self.objects.get(address)
        return known.facts if known else {}

    def ref(self, address: str) -> Ref:
        """Name an object or account; a grant is named by its project, else by its organization."""
        facts = self.facts(address)
        if address.startswith("grant:"):
            other = next((f"{n}:{facts[n]}" for n in ("project", "organization") if facts.get(n)), "")
            return Ref(address, name_of(facts) or name_of(self.facts(other)))
        return Ref(address, name_of(facts))

    def other(self, address: str, fact: str) -> Ref | None:
        """Name what an object's facts name: `other('grant:G1', 'organization')`."""
        code = self.facts(address).get(fact)
        return self.ref(f"{fact}:{code}") if code else None

    def place(self, address: str) -> Ref:
        """Name where units are, as a reader thinks of it: a grant is with its organization."""
        return (self.other(address, "organization") if address.startswith("grant:") else None) or self.ref(address)

    def unit(self, code: str) -> Unit:
        """Return a unit by its code."""
        if f"unit:{code}" not in self.objects:
            return unit_of(code, None)
        if code not in self._units:
            self._units[code] = unit_of(code, self.facts(f"unit:{code}"))
        return self._units[code]

    def quantity(self, amount: int, unit: str) -> Quantity:
        """Return an amount of a unit."""
        return Quantity(amount, self.unit(unit))


def units(connection: Connection, book_id: int, codes: Collection[str]) -> dict[str, Unit]:
    """Read units by code, in one statement."""
    found = lookup.objects(connection, book_id, {f"unit:{code}" for code in codes})
    return {code: unit_of(code, found[f"unit:{code}"].facts if f"unit:{code}" in found else None) for code in codes}


def book_ref(row: BookRow, opening: Mapping[str, Any]) -> BookRef:
    """Make the reference to a book of the facts of its first entry."""
    return BookRef(row.code, name_of(opening) or row.code, told(opening, "foundation"))


def read_book(connection: Connection, code: str) -> tuple[BookRow, BookRef]:
    """Read a book and its names, in two statements; raise NotFoundError."""
    try:
        row = find_book(connection, code)
    except NotFoundError:
        raise NotFoundError("there is no book '%(code)s' here", code=code) from None
    opening = canonical.decode(read_entry(connection, row.id, 0).body)["facts"] if row.size else {}
    return row, book_ref(row, opening)


def ledger_state(row: BookRow) -> LedgerState | None:
    """Tell size and head of a book; None while it is empty."""
    if row.head is None:
        return None
    return LedgerState(row.size, bytes(row.head).hex(), moment(row.recorded))
