"""Import a list of goods issued to recipients, drawing on what the book received: never more than is there."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Engine, select

from ledger.core.entry import Draft, Move, Posting
from ledger.core.spans import Span, first
from ledger.exchange.lines import IssueLine, ListReading
from ledger.giving.actions import unspent
from ledger.giving.imports import (
    Imported,
    LineRefs,
    Progress,
    Terms,
    check_totals,
    import_transaction,
    imported_before,
    record_import,
)
from ledger.journal import tables as t
from ledger.journal.append import CHUNK, Writer
from ledger.people.actions import Act
from ledger.programs.actions import recipient_code, recipient_opened

STORE = "inventory:main"


@dataclass(slots=True)
class _Stock:
    """What the funds hold of each unit, in the order in which it is drawn: as the list goes on."""

    held: dict[str, dict[str, int]] = field(default_factory=dict)  # unit → account → amount

    def draw(self, unit: str, amount: int) -> list[tuple[str, int]]:
        """Take up to `amount`; return (account, part) of what there was."""
        parts = []
        for account, held in self.held.get(unit, {}).items():
            part = min(held, amount)
            if part:
                self.take(unit, account, part)
                amount -= part
                parts.append((account, part))
        return parts

    def take(self, unit: str, account: str, amount: int) -> None:
        """Take an amount out of one account."""
        self.held[unit][account] -= amount


class _Issuing:
    """The lines of one list on their way into the book: drafts are held back and written many at a time."""

    def __init__(self, writer: Writer, stock: _Stock, gifts: dict[str, int], terms: Terms) -> None:
        self.done = Imported()
        self._writer, self._stock, self._gifts, self._terms = writer, stock, gifts, terms
        self._opened: set[str] = set()
        self._drafts: list[Draft] = []

    def issue(self, line: IssueLine, ref: str) -> None:
        """Issue a line as far as there are goods; what is short is noted and not issued."""
        act = Act(self._terms.by, line.dated or self._terms.undated, ref)
        address = f"outcome:{recipient_code(line.recipient)}"
        moves = list(self._designated(line, address))
        left = line.quantity - sum(move.amount for move in moves)
        moves += [Move(account, address, part, line.unit) for account, part in self._stock.draw(line.unit, left)]
        issued = sum(move.amount for move in moves)
        if issued < line.quantity:
            self.done.short.append(_shortfall(line, issued))
        if not moves:
            return
        if address not in self._opened and not self._writer.knows(address):
            self._drafts.append(recipient_opened(act, line.recipient))
            self._opened.add(address)
        self._drafts.append(_draft(act, line, moves, issued))
        self.done.imported += 1
        if len(self._drafts) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Write what was held back; not yet committed."""
        self._writer.append(self._drafts)
        self._drafts = []

    def _designated(self, line: IssueLine, address: str) -> Iterator[Move]:
        """Draw on the very gift that the list names, as far as it still lies in funds."""
        seq = self._gifts.get(line.gift)
        if seq is None:
            return
        self.flush()  # the walk below must see every flow
        free, unit = unspent(self._writer, seq)
        left = line.quantity
        for account, spans in free.items():
            pieces: tuple[Span, ...] = first(spans, left)
            part = sum(hi - lo for lo, hi in pieces)
            if part:
                self._stock.take(unit, account, part)
                yield Move(account, address, part, unit, of=seq, pieces=pieces)
            left -= part


def import_issues(
    engine: Engine,
    book: str,
    reading: ListReading,
    terms: Terms,
    *,
    code_key: bytes,
    gifts_key: str | None = None,
    progress: Progress = lambda _: None,
) -> Imported:
    """Import the lines of a list as goods issued, in one transaction.

    A line beyond what is there is issued as far as it goes, and the shortfall is refused and reported. `gifts_key` is
    the `list_key` of the same file read as gifts, when its lines say whose goods went where: those are drawn first.
    """
    check_totals(reading, terms.accept)
    with import_transaction(engine, book, dry_run=terms.dry_run) as writer:
        already = imported_before(writer, reading, terms, code_key)
        if already is not None:
            return Imported(already=already, repeated=len(reading.lines))
        lines = [line for line in reading.lines if isinstance(line, IssueLine)]
        refs = LineRefs("issue", terms.origin or reading.list_key, code_key)
        used = writer.used([refs.of(line.key) for line in lines])
        gifts = _gift_entries(writer, lines, LineRefs("gift", terms.origin or gifts_key or "", code_key))
        writer.preload({f"outcome:{recipient_code(line.recipient)}" for line in lines})
        issuing = _Issuing(writer, _stock(writer, {line.unit for line in lines}), gifts, terms)
        for line in lines:
            if refs.of(line.key) in used:
                issuing.done.repeated += 1
            else:
                issuing.issue(line, refs.of(line.key))
            progress(1)
        issuing.flush()
        record_import(writer, reading, terms, issuing.done, code_key)
    return issuing.done


def _stock(writer: Writer, units: set[str]) -> _Stock:
    """Read what funds and earmarks hold of these units; funds before earmarks, since an earmark is for another use."""
    a, stock = t.axes.c, _Stock()
    wanted = sorted(units)
    for start in range(0, len(wanted), 500):
        query = (
            select(a.account, a.unit, a.received - a.given)
            .where(a.book_id == writer.book_id, a.unit.in_(wanted[start : start + 500]), a.received > a.given)
            .where(a.account.like("fund:%") | a.account.like("earmark:%"))
        )
        for account, unit, held in sorted(writer.connection.execute(query), key=lambda row: _turn(row[0])):
            stock.held.setdefault(unit, {})[account] = held
    return stock


def _turn(account: str) -> tuple[bool, str]:
    return account.startswith("earmark:"), account


def _gift_entries(writer: Writer, lines: list[IssueLine], refs: LineRefs) -> dict[str, int]:
    """Find the entries of the gifts that the lines name, by the keys of those gifts' lines."""
    named = {refs.of(line.gift): line.gift for line in lines if line.gift}
    return {named[ref]: seq for ref, seq in writer.used(sorted(named)).items()} if named else {}


def _draft(act: Act, line: IssueLine, moves: list[Move], issued: int) -> Draft:
    facts = {"recipient": line.recipient} | ({"spec": line.spec[:200]} if line.spec else {})
    return act.draft("goods.issued", moves=moves, postings=[Posting(STORE, -issued, line.unit)], facts=facts)


def _shortfall(line: IssueLine, issued: int) -> dict[str, object]:
    return {
        "sheet": line.sheet,
        "row": line.row,
        "recipient": line.recipient,
        "unit": line.unit,
        "asked": line.quantity,
        "issued": issued,
        "short": line.quantity - issued,
    }
