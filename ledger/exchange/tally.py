"""Add up what is read, and hold it against the totals that the list states."""

from dataclasses import dataclass, field, replace

from ledger.exchange.cells import Cell, amount_of, scaled, text_of
from ledger.exchange.footer import Scope, Stated, TotalRow
from ledger.exchange.header import Header
from ledger.exchange.lines import Check, GoodsLine, IssueLine, Line, MoneyLine
from ledger.exchange.messages import CellError


def unlabelled_total(cell: Cell, header: Header, factor: int, tally: "Tally") -> TotalRow | None:
    """Return the total that a figure alone states, if it is the sum of two rows or more above it."""
    what = "quantity" if header.is_goods else "amount"
    try:
        figure = scaled(text_of(cell), 1000) if header.is_goods else amount_of(cell, factor)
    except (CellError, ValueError):
        return None
    for scope, sums in ((Scope.TOTAL, tally.all), (Scope.PART, tally.part)):
        if sums.count > 1 and sums.of(what) == figure:
            return TotalRow(scope, "", (Stated(what, figure, text_of(cell)),))
    return None


@dataclass(slots=True)
class Sums:
    """Count of lines, fen (money, and value of goods), and thousandths of goods."""

    count: int = 0
    amount: int = 0
    quantity: int = 0

    def add(self, line: Line) -> None:
        """Add one line."""
        self.count += 1
        if isinstance(line, MoneyLine):
            self.amount += line.amount
        elif isinstance(line, (GoodsLine, IssueLine)):
            self.quantity += line.quantity * 10 ** (3 - line.scale)
            if isinstance(line, GoodsLine):
                self.amount += line.value or 0

    def of(self, what: str) -> int:
        """Return one of the three sums."""
        return {"count": self.count, "amount": self.amount, "quantity": self.quantity}[what]


@dataclass(slots=True)
class _Claim:
    """A stated figure with the sums it may mean: those up to its row, and those that go on growing."""

    sheet: str
    row: int
    scope: Scope
    label: str
    stated: Stated
    fixed: tuple[int, ...]
    growing: tuple[Sums, ...]
    refused: Sums


@dataclass(slots=True)
class Ledger:
    """The sums of a whole file, and the claims that its lists make."""

    file: Sums = field(default_factory=Sums)
    claims: list[_Claim] = field(default_factory=list)

    def checks(self) -> tuple[Check, ...]:
        """Compare each claim with the sum it may mean; of several, the one that agrees or comes nearest."""
        return tuple(_check(claim) for claim in self.claims)


def _check(claim: _Claim) -> Check:
    what, stated = claim.stated.what, claim.stated.figure
    meant = [*claim.fixed, *(sums.of(what) for sums in claim.growing)]
    read = min(meant, key=lambda figure: abs(figure - stated))
    agrees = abs(read - stated) <= claim.stated.slack
    if not agrees:
        read = meant[0]
    return Check(
        claim.sheet,
        claim.row,
        claim.scope.value,
        what,
        claim.label if claim.label == claim.stated.text else f"{claim.label} {claim.stated.text}".strip(),
        stated,
        read,
        claim.refused.of(what),
        agrees,
    )


@dataclass(slots=True)
class Tally:
    """The running sums of one table: all of it, and since the last total row."""

    ledger: Ledger
    sheet: Sums
    all: Sums = field(default_factory=Sums)
    part: Sums = field(default_factory=Sums)
    refused: Sums = field(default_factory=Sums)

    def add(self, line: Line) -> None:
        """Count a line everywhere."""
        for sums in (self.ledger.file, self.sheet, self.all, self.part):
            sums.add(line)

    def refuse(self, amount: int = 0) -> None:
        """Count a refused row, with its amount in fen where that could be read (negative for refunds)."""
        self.refused.count += 1
        self.refused.amount += amount

    def claim(self, sheet: str, row: int, total: TotalRow) -> None:
        """Note what a total row states; a part begins anew after it."""
        for stated in total.stated:
            fixed = [self.part.of(stated.what)]
            growing: tuple[Sums, ...] = ()
            if total.scope is Scope.TOTAL:
                fixed = [self.all.of(stated.what), *fixed]
                growing = (self.sheet, self.ledger.file)
            claim = _Claim(sheet, row, total.scope, total.label, stated, tuple(fixed), growing, replace(self.refused))
            self.ledger.claims.append(claim)
        self.part = Sums()

    def claim_ahead(self, sheet: str, row: int, total: TotalRow) -> None:
        """Note what a total above the table states."""
        for stated in total.stated:
            self.ledger.claims.append(
                _Claim(
                    sheet,
                    row,
                    Scope.TOTAL,
                    total.label,
                    stated,
                    (),
                    (self.sheet, self.ledger.file),
                    self.refused,
                )
            )
