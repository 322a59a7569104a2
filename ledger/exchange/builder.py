"""Make lines of one row: money, goods, or goods issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.core.units import UnitError
from ledger.exchange.carry import Carry
from ledger.exchange.cells import (
    FEN,
    Cell,
    amount_of,
    decimal,
    is_blank,
    quantity_of,
    scale_of,
    text_of,
)
from ledger.exchange.findings import Findings, Tallied
from ledger.exchange.goods import Goods, goods_in, measure_and_spec, recipients_in, shares_in
from ledger.exchange.header import Header
from ledger.exchange.lines import GoodsLine, IssueLine, Line, MoneyLine, Share, unit_code
from ledger.exchange.merges import Merges
from ledger.exchange.messages import CellError
from ledger.exchange.repeats import Numbers
from ledger.exchange.roles import Role
from ledger.exchange.timing import Timing


@dataclass(frozen=True, slots=True)
class Manner:
    """How a table is read: as issues, with which measure and which columns' blanks as "the same as above"."""

    issues: bool
    measure: str = ""
    carry: frozenset[Role] | None = None


_CASH = frozenset({"现金", "人民币", "捐款", "资金", "善款", "款", "货币", "爱心款", "cash", "Cash", "money", "Money"})


def _named(kind: Goods) -> Goods:
    """Refuse goods whose name and measure make no unit."""
    try:
        unit_code(kind.item, kind.measure)
    except UnitError:
        raise CellError("no-item") from None
    return kind


class Builder:
    """Makes lines of rows under one header."""

    def __init__(
        self,
        sheet: str,
        header: Header,
        merges: Merges,
        timing: Timing,
        findings: Findings,
        tallied: Tallied,
        manner: Manner,
    ) -> None:
        self.sheet, self.header, self.merges, self.timing = sheet, header, merges, timing
        self.findings, self.tallied, self.manner = findings, tallied, manner
        self.carry = Carry(merges)
        self.numbers = Numbers(goods=header.is_goods)
        self.party = Role.RECIPIENT if manner.issues and Role.DONOR not in header.columns else Role.DONOR
        customary = {Role.DATE, self.party} if header.is_goods else {Role.DATE}
        self._above = frozenset(customary) if manner.carry is None else manner.carry
        self._number = 0
        self._row: Sequence[Cell] = ()
        self._spec = self._extra = ""

    # ------------------------------------------------------------------ cells

    def has(self, role: Role) -> bool:
        """Tell whether the row has something of its own in that column."""
        place = self.header.columns.get(role)
        return place is not None and place < len(self._row) and not is_blank(self._row[place])

    def own(self, role: Role) -> Cell:
        """Return the cell itself."""
        place = self.header.columns.get(role)
        return self._row[place] if place is not None and place < len(self._row) else ""

    def shown(self, role: Role, *, above: bool = False) -> Cell:
        """Return what the cell shows or stands for."""
        place = self.header.columns.get(role)
        if place is None:
            return ""
        return self.carry.look(self._number, place, self._row, role, blank_is_above=above or role in self._above)

    def carries(self, role: Role) -> bool:
        """Tell whether a blank cell of that column means the one above."""
        return role in self._above and role in self.header.columns

    def remark(self) -> str:
        """Join the remark columns."""
        texts = (text_of(self._row[place]) for place in self.header.remarks if place < len(self._row))
        return "; ".join(text for text in texts if text)

    # ------------------------------------------------------------------ lines

    def build(self, number: int, row: Sequence[Cell]) -> list[Line]:
        """Return the lines of a row; raises `CellError` with the reason to refuse it."""
        self._number, self._row = number, row
        dated = self._date()
        party = text_of(self.shown(self.party))
        if not self.header.is_goods:
            return [self._money(dated, party)]
        if self.party is Role.RECIPIENT:
            return list(self._issued(dated, party))
        if self._is_cash():
            return [self._money(dated, party)]
        if self.has(Role.AMOUNT):
            raise CellError("money-and-goods", given=text_of(self.own(Role.AMOUNT)))
        goods = self._goods(dated, party)
        return [issue for gift in goods for issue in self._shared(gift)] if self.manner.issues else list(goods)

    def _date(self) -> date | None:
        """Read the row's date; a new day ends what blanks in the party's column stand for."""
        before = self.timing.last
        dated = self.timing.read(self.shown(Role.DATE))
        if self.has(Role.DATE) and self.timing.last != before and not self.manner.issues:
            self.carry.end_blanks(self.header.columns.get(self.party))
        return dated

    def _is_cash(self) -> bool:
        """Tell a row of money in a list of goods: an amount and no goods, or goods that are called money."""
        if self.has(Role.QUANTITY):
            return False
        if not self.has(Role.ITEM):
            return self.has(Role.AMOUNT)
        return text_of(self.own(Role.ITEM)) in _CASH and (self.has(Role.AMOUNT) or self.has(Role.VALUE))

    def _money(self, dated: date | None, donor: str) -> MoneyLine:
        reference = text_of(self.own(Role.REFERENCE))
        role = Role.AMOUNT if self.has(Role.AMOUNT) or Role.VALUE not in self.header.columns else Role.VALUE
        amount = amount_of(self.own(role), self.header.factors.get(role, FEN))
        remark, channel = self.remark(), text_of(self.own(Role.CHANNEL))
        self._check_number(f"{donor}\0{amount}\0{remark}")
        self.findings.references.check(reference, self._number)
        if not donor:
            self.tallied.count("anonymous")
        return MoneyLine(self.sheet, self._number, dated, donor, amount, remark, reference, channel)

    def _check_number(self, content: str) -> None:
        number = text_of(self.own(Role.NUMBER))
        if number and self.numbers.check(number, content, self._number):
            self.findings.note(self.sheet, self._number, "number-restart", given=number)

    def _goods(self, dated: date | None, donor: str) -> list[GoodsLine]:
        """Read the goods of a row: one kind, or several that its text divides exactly."""
        kinds = self._kinds()
        value = self._value()
        if len(kinds) > 1 and value is not None:
            raise CellError("several-goods", given=text_of(self.own(Role.ITEM)))
        spec = self._spec
        remark = "; ".join(text for text in (self.remark(), self._extra) if text)
        self._check_number("\0".join([donor, *(f"{kind.item}\0{kind.count}{kind.measure}" for kind in kinds), spec]))
        if not donor:
            self.tallied.count("anonymous")
        return [
            GoodsLine(
                self.sheet,
                self._number,
                dated,
                donor,
                kind.item,
                spec,
                kind.measure,
                kind.count,
                scale_of(kind.measure),
                value,
                remark,
                self._recipients(kind),
            )
            for kind in kinds
        ]

    def _kinds(self) -> list[Goods]:
        """Read what and how much; leaves the specification and the text after a quantity in `_spec` and `_extra`."""
        same_block = not self.has(self.party)
        quantity = self.own(Role.QUANTITY)
        item_cell = self.shown(Role.ITEM, above=same_block and not is_blank(quantity))
        item, self._extra = text_of(item_cell), ""
        self._spec = text_of(self.shown(Role.SPEC))
        if not item:
            raise CellError("no-item")
        measure, spec = measure_and_spec(self.shown(Role.MEASURE, above=same_block))
        if spec:
            self.tallied.count("measure-split", spec)
            self._spec = "; ".join(text for text in (self._spec, spec) if text)
        if is_blank(quantity):
            found = goods_in(item_cell if isinstance(item_cell, str) else item)
            if Role.QUANTITY in self.header.columns:
                self.tallied.count("quantity-in-item")
            return [_named(kind) for kind in found]
        count, measure, self._extra = quantity_of(quantity, measure or self._default_measure(quantity))
        return [_named(Goods(item, count, measure))]

    def _default_measure(self, quantity: Cell) -> str:
        """Return the unit that the column's label or the profile gives, for a quantity that has none of its own."""
        text = text_of(quantity)
        return (
            (self.header.measure or self.manner.measure)
            if text and (text[-1].isdecimal() or text[-1] in "万亿")
            else ""
        )

    def _value(self) -> int | None:
        """Read the fair value in fen; one that several rows share by a merged cell cannot be divided."""
        place = self.header.columns.get(Role.VALUE)
        if place is None:
            return None
        if self.merges.above(self._number, place) or self.merges.anchor(self._number + 1, place) == (
            self._number,
            place,
        ):
            self.tallied.count("value-shared", by=int(self.has(Role.VALUE)))
            return None
        return (
            amount_of(self.own(Role.VALUE), self.header.factors.get(Role.VALUE, FEN)) if self.has(Role.VALUE) else None
        )

    # ------------------------------------------------------------------ recipients

    def _recipients(self, kind: Goods) -> tuple[Share, ...]:
        """Name the recipients of a gift, with their shares where the list says them."""
        cell = self.shown(Role.RECIPIENT)
        if is_blank(cell):
            return ()
        given = cell if isinstance(cell, str) else text_of(cell)
        try:
            return shares_in(given, kind.count, kind.measure, scale_of(kind.measure)).shares
        except CellError:
            return tuple(Share(name) for name in recipients_in(given))

    def _issued(self, dated: date | None, recipient: str) -> list[IssueLine]:
        """Read a row of a list of issues."""
        if not recipient:
            raise CellError("no-recipient")
        kinds = self._kinds()
        self._check_number(
            "\0".join([recipient, *(f"{kind.item}\0{kind.count}{kind.measure}" for kind in kinds), self._spec])
        )
        remark = "; ".join(text for text in (self.remark(), self._extra) if text)
        return [
            IssueLine(
                self.sheet,
                self._number,
                dated,
                recipient,
                kind.item,
                self._spec,
                kind.measure,
                kind.count,
                scale_of(kind.measure),
                remark,
            )
            for kind in kinds
        ]

    def _shared(self, gift: GoodsLine) -> list[IssueLine]:
        """Read where the goods of a gift went, in a list that says both; notes what remains."""
        signed = self.findings.gift_keys.sign(gift)
        cell = self.shown(Role.RECIPIENT)
        if is_blank(cell):
            self.tallied.count("not-issued")
            return []
        shares = shares_in(cell if isinstance(cell, str) else text_of(cell), gift.quantity, gift.measure, gift.scale)
        for given, other in shares.assumed:
            self.findings.note(
                self.sheet, gift.row, "multiplier-shared", given=given, measure=gift.measure, other=other
            )
        issued = sum(share.quantity or 0 for share in shares.shares)
        if issued < gift.quantity:
            given, other, left = (decimal(n, gift.scale) for n in (gift.quantity, issued, gift.quantity - issued))
            says = {"given": given, "measure": gift.measure, "item": gift.item, "other": other, "left": left}
            self.findings.note(self.sheet, gift.row, "unissued", **says)
        return [
            IssueLine(
                self.sheet,
                gift.row,
                gift.dated,
                share.name,
                gift.item,
                gift.spec,
                gift.measure,
                share.quantity or 0,
                gift.scale,
                gift.remark,
                gift.donor,
                signed.key,
            )
            for share in shares.shares
        ]
