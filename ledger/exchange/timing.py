"""When the gifts of a table were made: by their own date cells, by headings between them, or by the title."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from ledger.exchange.cells import Cell, is_blank, text_of
from ledger.exchange.dates import Span, day_of, names_date, span_in, year_in
from ledger.exchange.messages import CellError

_PUBLISHED = re.compile(
    r"(?:发布|公布|公示|制表|打印|填表|填报|更新|公开|导出)(?:日期|时间|于)|published|printed", re.IGNORECASE
)


class Timing:
    """The year, the title's period and the date read last."""

    __slots__ = (
        "_known",
        "assumed",
        "cut_off",
        "heading",
        "last",
        "openless",
        "period",
        "said_year",
        "used_heading",
        "year",
    )

    def __init__(self, texts: Sequence[Cell], dates: Iterable[Cell], year: int | None) -> None:
        """Take the cells above the header, the first rows' date cells, and the year to assume."""
        words = [text_of(cell) for cell in texts if isinstance(cell, str)]
        self.said_year = next((found for text in words if (found := year_in(text))), None)
        if self.said_year is None:
            self.said_year = next((cell.year for cell in texts if isinstance(cell, date)), None)
        near = next((cell for cell in dates if isinstance(cell, date)), None)
        self.year = self.said_year or (near.year if near else None) or year
        self.assumed = self.said_year is None and near is None and year is not None
        self.last: date | None = near.date() if isinstance(near, datetime) else near
        self.period: Span | None = None
        self.heading = ""
        self.openless = ""
        self.cut_off = ""
        self.used_heading: tuple[str, Span] | None = None
        self._known: dict[str, date] = {}
        for cell in texts:
            self._read_title(cell)

    def _read_title(self, cell: Cell) -> None:
        """Take a title's date, unless it is the day of publishing, or a mere day below a title that names a period."""
        before, heading = self.period, self.heading
        if isinstance(cell, str) and _PUBLISHED.search(text_of(cell)):
            return
        found = self.read_heading(cell) and self.period is not None and self.period.first == self.period.last
        if found and before is not None and before.first != before.last:
            self.period, self.heading = before, heading

    def read_heading(self, cell: Cell) -> bool:
        """Take the date of a title or heading for the rows below it; tell whether there was one."""
        if is_blank(cell):
            return False
        text = text_of(cell)
        day = None if isinstance(cell, str) else day_of(cell)
        span = Span(day, day) if day else span_in(text, self.year, self.last)
        if span is None:
            if isinstance(cell, str) and names_date(text):
                self.openless = self.openless or text
            return False
        self.period, self.heading = span, text
        return True

    def read(self, cell: Cell) -> date | None:
        """Read a row's date cell; "" means the heading's date. `cut_off` is then the text, if it was 截至….

        Raises `CellError` for what is no date. A date without a year that nobody knows is left open.
        """
        self.cut_off = ""
        if isinstance(cell, str):
            return self._read_text(cell)
        day = day_of(cell, self.year)
        if day is None:
            raise CellError("bad-date", given=text_of(cell))
        self.last = day
        return day

    def _read_text(self, cell: str) -> date | None:
        known = self._known.get(cell)
        if known is not None:
            self.last = known
            return known
        text = text_of(cell)
        if not text:
            if self.used_heading is None and self.period is not None:
                self.used_heading = self.heading, self.period
            return self.period.last if self.period else None
        day = day_of(text, self.year)
        if day is None:
            span = span_in(text, self.year, self.last)
            if span is None:
                if self.year is None and year_in(text) is None and names_date(text):
                    self.openless = self.openless or text
                    return None
                raise CellError("bad-date", given=text)
            if span.cut_off:
                self.cut_off = text
                return span.last
            day = span.last
        self._known[cell] = self.last = day
        return day
