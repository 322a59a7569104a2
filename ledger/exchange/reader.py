"""Read the rows of one table, below its header: tell lines from totals, headings, notes and repeated headers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.exchange.builder import Builder, Manner
from ledger.exchange.cells import Cell, amount_of, is_blank, text_of
from ledger.exchange.dates import names_date
from ledger.exchange.findings import Findings, Tallied
from ledger.exchange.footer import total_row
from ledger.exchange.header import Header
from ledger.exchange.lines import IssueLine, Line, MoneyLine
from ledger.exchange.merges import Merges
from ledger.exchange.messages import CellError, Reason
from ledger.exchange.roles import Role
from ledger.exchange.tally import Tally, unlabelled_total
from ledger.exchange.timing import Timing

if TYPE_CHECKING:
    from datetime import date

_NOTE = re.compile(
    r"(?:注|备注|说明|附注|制表|制单|审核|复核|填表|填报|统计|负责|联系|日期|公示|公布|盖章|经办|监督|地址|电话|来源)[^:：]{0,8}[:：]"
    r"|特此公|以上|[（(]?[一二三四五六七八九十]+[、.)）]|第.{1,3}[页部批]|(?:note|source|prepared|checked|approved)\b",
    re.IGNORECASE,
)


class TableReader:
    """Reads one table; `feed` its rows in order, then `finish`."""

    def __init__(
        self,
        sheet: str,
        header: Header,
        merges: Merges,
        timing: Timing,
        findings: Findings,
        tally: Tally,
        manner: Manner,
    ) -> None:
        self.sheet, self.merges, self.timing, self.findings, self.tally = (
            sheet,
            merges,
            timing,
            findings,
            tally,
        )
        self._manner = manner
        self.tallied = Tallied()
        self.rows = self.blank = self.lines = self.refused = 0
        self.first: date | None = None
        self.last: date | None = None
        self.cut_offs: Counter[str] = Counter()
        self.restated: Counter[str] = Counter()
        self._carried: Counter[tuple[str, str]] = Counter()
        self._parties: set[str] = set()
        self._pending: list[Line] = []
        self._lone: list[tuple[int, Sequence[Cell], str]] = []
        self._source = self._chain = 0
        self._totalled = False
        self._figure: tuple[int, Sequence[Cell], str] | None = None
        self.skip_cut_off = False
        self.bind(header)

    def bind(self, header: Header) -> None:
        """Take the columns of a header: the first, or that of a further table below."""
        self.header = header
        self._builder = Builder(self.sheet, header, self.merges, self.timing, self.findings, self.tallied, self._manner)
        self._party = header.columns.get(self._builder.party)
        self._what = header.columns.get(Role.QUANTITY if header.is_goods else Role.AMOUNT)
        self._factor = header.factors.get(Role.AMOUNT, header.factors.get(Role.VALUE, 100))
        self._labels = [(place, header.labels.get(place)) for place in header.columns.values()]
        self._totalled = False

    # ------------------------------------------------------------------ rows

    def feed(self, number: int, row: Sequence[Cell]) -> None:
        """Read one row that is no header."""
        filled = [place for place, cell in enumerate(row) if not is_blank(cell)]
        if not filled:
            self._read_blank()
            return
        self.rows += 1
        self.findings.rows += 1
        if self._continues(number, row):
            return
        self._flush()
        total = total_row(row, self.header.columns, self._factor)
        if total is not None:
            self._settle_lone(refuse=True)
            self.tally.claim(self.sheet, number, total)
            self._builder.carry.end_blanks(self._party)
            self._totalled = True
        elif len(filled) == 1 or self._is_note(row, filled):
            self._read_lone(number, row, filled)
        else:
            self._read_line(number, row)

    def repeats_header(self, row: Sequence[Cell]) -> bool:
        """Pass over a row that repeats the labels of this table's header (a new page)."""
        same = sum(1 for place, label in self._labels if label and place < len(row) and text_of(row[place]) == label)
        if same < max(2, len(self._labels) - 1):
            return False
        self._flush()
        self._settle_lone(refuse=False)
        self.rows += 1
        self.findings.rows += 1
        self.tallied.count("page-header")
        return True

    def may_be_header(self, row: Sequence[Cell]) -> bool:
        """Tell cheaply whether the row could name columns: nothing but texts, and no figure where figures go."""
        if self._what is not None and self._what < len(row):
            cell = row[self._what]
            if not isinstance(cell, str) or cell[:1].isdigit():
                return False
        return all(isinstance(cell, str) for cell in row)

    def change_header(self, header: Header) -> None:
        """Go on under another header: a further table in the same sheet."""
        self._flush()
        self._settle_lone(refuse=False)
        self._carried.update(self._builder.carry.counts)
        self.bind(header)

    def finish(self) -> None:
        """Close the table and note what was counted."""
        self._flush()
        self._settle_lone(refuse=False)
        self._carried.update(self._builder.carry.counts)
        for (way, role), count in self._carried.items():
            self.findings.note(self.sheet, None, way, count=count, given=role)
        self.tallied.note(self.findings, self.sheet)
        for text, count in self.cut_offs.items():
            code = "cut-off-skipped" if self.skip_cut_off else "cut-off"
            self.findings.note(self.sheet, None, code, count=count, given=text, repeated=self.restated[text])

    # ------------------------------------------------------------------ kinds of rows

    def _read_blank(self) -> None:
        self._flush()
        self.blank += 1
        if self._builder.party is Role.DONOR:
            self._builder.carry.end_blanks(self._party)

    def _continues(self, number: int, row: Sequence[Cell]) -> bool:
        """Add a row to the one above when its quantity or amount is merged with that one's."""
        if self._what is None or self._chain == 0:
            return False
        if self.merges.above(number, self._what) != self._source or (
            self._what < len(row) and not is_blank(row[self._what])
        ):
            return False
        self.tallied.count("continued")
        if self._pending:
            self._pending[-1] = self._extended(self._pending[-1], row)
        return True

    def _extended(self, line: Line, row: Sequence[Cell]) -> Line:
        """Add the texts of a continuing row: goods to goods, specification to specification, others to the remark."""
        columns = self.header.columns

        def added(text: str, *places: int | None, gap: str = " ") -> str:
            more = [text_of(row[place]) for place in places if place is not None and place < len(row)]
            return gap.join(each for each in (text, *more) if each)

        remark = added(line.remark, self._party, *self.header.remarks, gap="; ")
        if isinstance(line, MoneyLine):
            return replace(line, remark=remark)
        item = added(line.item, columns.get(Role.ITEM))
        spec = added(line.spec, columns.get(Role.SPEC))
        return replace(line, remark=remark, item=item, spec=spec)

    def _is_note(self, row: Sequence[Cell], filled: Sequence[int]) -> bool:
        """Tell a note or signature: nothing where the figure goes, and it reads like one or follows the totals."""
        if self._what is not None and self._what in filled:
            return False
        return self._totalled or bool(_NOTE.match(text_of(row[filled[0]])))

    def _read_lone(self, number: int, row: Sequence[Cell], filled: Sequence[int]) -> None:
        """Read a row with a single text: a date heading, a note, or a gift that lacks everything but a name."""
        cell = row[filled[0]]
        text = " ".join(text_of(row[place]) for place in filled)
        is_date = not isinstance(cell, (str, float, int)) or (names_date(text) and not _NOTE.match(text))
        if is_date and Role.DATE not in self.header.columns:
            self.timing.read_heading(cell)
        party = filled[0] == self._party and not self.merges.wide(number, filled[0]) and not is_date
        if party and not self._totalled and not _NOTE.match(text) and not isinstance(cell, (int, float)):
            self._settle_lone(refuse=True)
            self._lone.append((number, row, text))
            if self.header.is_goods:
                self._builder.carry.remember(filled[0], number, cell)
        elif filled[0] == self._what:
            self._read_figure(number, row, text)
        else:
            self.findings.note(self.sheet, number, "not-a-line", given=text)

    def _read_figure(self, number: int, row: Sequence[Cell], text: str) -> None:
        """Read a row with a figure alone: the sum of the rows above, or a gift without a donor if lines follow."""
        party = self._party
        merged = party is not None and self.merges.above(number, party) is not None
        carried = merged or self._builder.carries(self._builder.party)
        total = None if merged else unlabelled_total(row[self._what or 0], self.header, self._factor, self.tally)
        if total is not None:
            self._settle_lone(refuse=True)
            self.findings.note(self.sheet, number, "unlabelled-total", given=text)
            self.tally.claim(self.sheet, number, total)
            self._totalled = True
        elif carried or self.header.is_goods:
            self._read_line(number, row)
        else:
            self._settle_figure(as_gift=True)
            self._figure = (number, row, text)

    def _settle_figure(self, *, as_gift: bool) -> None:
        """Decide what a figure alone was: an anonymous gift when lines follow, else nobody knows."""
        if self._figure is not None:
            (number, row, text), self._figure = self._figure, None
            if as_gift:
                self._read_line(number, row)
                self._flush()
            else:
                self._refuse(number, row, Reason("lone-figure", {"given": text}))

    def _settle_lone(self, *, refuse: bool) -> None:
        """Decide what rows with a lone name were: gifts without a figure when lines follow, else notes."""
        self._settle_figure(as_gift=False)
        for number, row, text in self._lone:
            if refuse:
                self._refuse(number, row, Reason("no-quantity" if self.header.is_goods else "no-amount"))
            else:
                self.findings.note(self.sheet, number, "not-a-line", given=text)
        self._lone = []

    def _read_line(self, number: int, row: Sequence[Cell]) -> None:
        self._settle_figure(as_gift=True)
        heads = (
            self.header.is_goods and self._party is not None and self._party < len(row) and is_blank(row[self._party])
        )
        self._settle_lone(refuse=not heads)
        self._source, self._chain = number, 1
        try:
            built = self._builder.build(number, row)
        except CellError as error:
            self._refuse(number, row, error.reason)
            return
        if self.timing.cut_off and self._cuts_off(built):
            return
        self._pending = built

    def _cuts_off(self, built: Sequence[Line]) -> bool:
        """Count a row of a cumulative section; tell whether it is to be left out."""
        self.cut_offs[self.timing.cut_off] += 1
        names = {line.recipient if isinstance(line, IssueLine) else line.donor for line in built}
        self.restated[self.timing.cut_off] += bool(names & self._parties)
        return self.skip_cut_off

    def _refuse(self, number: int, row: Sequence[Cell], reason: Reason) -> None:
        self.findings.refuse(self.sheet, number, reason, row)
        self.refused += 1
        self.tally.refuse(self._amount_in(row))

    def _amount_in(self, row: Sequence[Cell]) -> int:
        """Return the amount of a refused row in fen, negative for a refund; 0 when it cannot be read."""
        place = self.header.columns.get(Role.AMOUNT)
        if place is None or place >= len(row):
            return 0
        try:
            return amount_of(row[place], self._factor)
        except CellError as error:
            if error.reason.code != "negative":
                return 0
        try:
            return -amount_of(text_of(row[place]).strip("-−–()（） "), self._factor)
        except CellError:
            return 0

    def _flush(self) -> None:
        """Sign and keep the lines of the row above: nothing can be added to them any more."""
        for line in self._pending:
            signed = self.findings.keys.sign(line)
            self.findings.lines.append(signed)
            self.tally.add(signed)
            self.lines += 1
            if line.dated is None:
                self.tallied.count("no-date")
            else:
                self.first = min(self.first or line.dated, line.dated)
                self.last = max(self.last or line.dated, line.dated)
            if not isinstance(line, IssueLine) and line.donor and not self.timing.cut_off:
                self._parties.add(line.donor)
        self._pending = []
