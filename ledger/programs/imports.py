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
    Progress,
    Terms,
    check_totals,
    completed,
    import_transaction,
    imported_before,
    line_prefix,
)
from ledger.journal import tables as t
from ledger.journal.append import Writer
from ledger.people.actions import Act
from ledger.programs.actions import open_recipient

STORE = "inventory:main"


@dataclass(slots=True)
class _Stock:
    """What the funds hold of each unit, in the order in which it is drawn: as the list goes on."""

    held: dict[str, list[list[str | int]]] = field(default_factory=dict)

    def draw(self, unit: str, amount: int) -> list[tuple[str, int]]:
        """Take up to `amount`; return (account, part) of what there was."""
        parts = []
        for place in self.held.get(unit, []):
            part = min(int(place[1]), amount)
            if part:
                place[1] = int(place[1]) - part
                amount -= part
                parts.append((str(place[0]), part))
        return parts


def import_issues(
    engine: Engine,
    book: str,
    reading: ListReading,
    terms: Terms,
    *,
    gifts_key: str | None = None,
    progress: Progress = lambda _: None,
) -> Imported:
    """Import the lines of a list as goods issued, in one transaction.

    A line beyond what is there is issued as far as it goes, and the shortfall is refused and reported. `gifts_key` is
    the `list_key` of the same file read as gifts, when its lines say whose goods went where: those are drawn.
    """
    check_totals(reading, terms.accept)
    done = Imported()
    with import_transaction(engine, book, dry_run=terms.dry_run) as writer:
        done.already = imported_before(writer, reading, terms)
        if done.already is not None:
            done.repeated = len(reading.lines)
            return done
        lines = [line for line in reading.lines if isinstance(line, IssueLine)]
        stock = _stock(writer, {line.unit for line in lines})
        prefix = line_prefix("issue", reading, terms.origin)
        used = writer.used([prefix + line.key for line in lines])
        gifts = _gift_entries(writer, lines, f"gift/{terms.origin or (gifts_key or '')[:16]}/")
        for line in lines:
            if prefix + line.key in used:
                done.repeated += 1
            else:
                _issue(writer, line, Act(terms.by, line.dated or terms.undated, prefix + line.key), stock, gifts, done)
            progress(1)
        done.seq = writer.append([completed(reading, terms, done)])[0].seq
    return done


def _stock(writer: Writer, units: set[str]) -> _Stock:
    """Read what funds and earmarks hold of these units; funds before earmarks, since an earmark is for another use."""
    a, stock = t.axes.c, _Stock()
    wanted = sorted(units)
    for start in range(0, len(wanted), 500):
        query = (
            select(a.account, a.unit, a.received - a.given)
            .where(a.book_id == writer.book_id, a.unit.in_(wanted[start : start + 500]), a.received > a.given)
            .where(a.account.like("fund:%") | a.account.like("earmark:%"))
            .order_by(a.account.desc())
        )
        for account, unit, held in writer.connection.execute(query):
            stock.held.setdefault(unit, []).append([account, held])
    return stock


def _gift_entries(writer: Writer, lines: list[IssueLine], prefix: str) -> dict[str, int]:
    refs = sorted({prefix + line.gift for line in lines if line.gift})
    return {ref.removeprefix(prefix): seq for ref, seq in writer.used(refs).items()} if refs else {}


def _issue(writer: Writer, line: IssueLine, act: Act, stock: _Stock, gifts: dict[str, int], done: Imported) -> None:
    address = open_recipient(writer, act, line.recipient)
    moves = list(_designated(writer, line, address, stock, gifts)) or [
        Move(account, address, part, line.unit) for account, part in stock.draw(line.unit, line.quantity)
    ]
    issued = sum(move.amount for move in moves)
    if issued < line.quantity:
        done.short.append(_shortfall(line, issued))
    if not moves:
        return
    writer.append([_draft(act, line, moves, issued)])
    done.imported += 1


def _designated(writer: Writer, line: IssueLine, address: str, stock: _Stock, gifts: dict[str, int]) -> Iterator[Move]:
    """Draw on the very gift that the list names, as far as it still lies in funds."""
    seq = gifts.get(line.gift)
    if seq is None:
        return
    free, unit = unspent(writer, seq)
    left = line.quantity
    for account, spans in free.items():
        pieces: tuple[Span, ...] = first(spans, left)
        part = sum(hi - lo for lo, hi in pieces)
        if part:
            stock.draw(unit, part)
            yield Move(account, address, part, unit, of=seq, pieces=pieces)
        left -= part


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
