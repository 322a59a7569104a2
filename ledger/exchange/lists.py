"""Read lists of gifts (money, goods) and lists of goods issued: a file in, typed lines and a report out.

    reading = read_gifts(Path("list.xlsx"), default_year=2020)
    reading.report.agrees, reading.report.refusals, reading.lines

Nothing is written anywhere: whoever imports looks at the report first (totals, refusals, notes), then takes the lines
in file order. A file of 50,000 rows is read in about a second; the lines are held in memory, the rows are not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, islice
from pathlib import Path

from ledger.exchange.blocks import Block, blocks_of
from ledger.exchange.builder import Manner
from ledger.exchange.cells import ZERO_WIDTH, Cell, is_blank, text_of
from ledger.exchange.errors import EmptyListError, NoHeaderError, ProfileError, WrongListError
from ledger.exchange.findings import Findings
from ledger.exchange.footer import total_row
from ledger.exchange.header import SURE, Header, Numbered, find_header, read_header
from ledger.exchange.keys import list_key
from ledger.exchange.lines import GoodsLine, IssueLine, ListReading, MoneyLine, Report, SheetReport
from ledger.exchange.profiles import PROFILES, Profile
from ledger.exchange.reader import TableReader
from ledger.exchange.roles import Role, money_factor
from ledger.exchange.tables import Limits, Sheet, open_table
from ledger.exchange.tally import Ledger, Sums, Tally
from ledger.exchange.timing import Timing

_AHEAD = 120
"""Rows read ahead to find the header, nameless columns and the year."""

_NAMED_ELSEWHERE = "the caller said so"


def read_gifts(
    path: Path,
    *,
    profile: Profile | None = None,
    default_year: int | None = None,
    limits: Limits | None = None,
) -> ListReading:
    """Read a list of gifts, of money or of goods as its header says; raises a `ListError` when it is none."""
    return _FileReader(path, profile, default_year, limits, issues=False).read()


def read_issues(
    path: Path,
    *,
    profile: Profile | None = None,
    default_year: int | None = None,
    limits: Limits | None = None,
) -> ListReading:
    """Read a list of goods issued to recipients; from a list of gifts that names recipients, what each of them got."""
    return _FileReader(path, profile, default_year, limits, issues=True).read()


@dataclass(slots=True)
class _Skipped:
    """A sheet that is not read, and why."""

    name: str
    code: str
    rows: int
    given: str = ""


class _FileReader:
    """Reads the sheets of one file, one after another."""

    def __init__(
        self,
        path: Path,
        profile: Profile | None,
        default_year: int | None,
        limits: Limits | None,
        *,
        issues: bool,
    ) -> None:
        self.profile = profile or PROFILES["auto"]
        self.table = open_table(path, limits, self.profile.encoding)
        self.year = self.profile.year or default_year
        self.issues = issues
        self.findings, self.ledger = Findings(), Ledger()
        self.reports: list[SheetReport] = []
        self.skipped: list[_Skipped] = []

    def read(self) -> ListReading:
        for sheet in self.table.sheets:
            self._read_sheet(sheet)
        if not self.reports:
            self._refuse_file()
        checks = self.ledger.checks()
        for check in checks:
            if check.agrees and check.difference:
                self.findings.note(check.sheet, check.row, "rounded-total", given=check.text)
        if not checks:
            self.findings.note("", None, "no-totals")
        lines = tuple(self.findings.lines)
        report = Report(
            self.findings.rows,
            len(lines),
            sum(line.amount for line in lines if isinstance(line, MoneyLine)),
            tuple(self.reports),
            tuple(self.findings.refusals),
            checks,
            self.findings.keys.repeated,
            tuple(self.findings.notes),
        )
        kind = _kind_of(self.reports)
        return ListReading(self.table.name, self.table.form, kind, self.table.digest, list_key(lines), lines, report)

    def _refuse_file(self) -> None:
        """Say why no sheet of the file could be read."""
        name = self.table.name
        if self.profile.sheets and not any(sheet.name in self.profile.sheets for sheet in self.table.sheets):
            sheets = ", ".join(self.profile.sheets)
            raise ProfileError(
                "%(name)s has no sheet %(sheets)s. Correct 'sheets' in profile '%(profile)s'",
                name=name,
                sheets=sheets,
                profile=self.profile.name,
            )
        other = next((each for each in self.skipped if each.code == "sheet-other-kind"), None)
        if other is not None:
            if self.issues:
                raise WrongListError(
                    "%(name)s is a list of %(given)s. It says who gave, not who received: import it as gifts",
                    name=name,
                    given=other.given,
                )
            raise WrongListError(
                "%(name)s is a list of %(given)s. It says who received, not who gave: import it as issues",
                name=name,
                given=other.given,
            )
        if all(each.code == "sheet-empty" for each in self.skipped):
            raise EmptyListError("%(name)s has no filled row. Choose the file that holds the list", name=name)
        if self.profile.columns:
            columns = ", ".join(f"{role} in column {column}" for role, column in self.profile.columns.items())
            raise ProfileError(
                "%(name)s: no row fits profile '%(profile)s', which asks for %(columns)s. Correct the profile",
                name=name,
                profile=self.profile.name,
                columns=columns,
            )
        raise NoHeaderError(
            "%(name)s: no row names the columns (such as 捐赠人 and 金额, or 品名 and 数量). Put a header above the "
            "list, or give a profile with the columns",
            name=name,
        )

    # ------------------------------------------------------------------ one sheet

    def _read_sheet(self, sheet: Sheet) -> None:
        wanted = self.profile.sheets
        if (wanted and sheet.name not in wanted) or (sheet.hidden and not wanted):
            rows = sum(1 for row in sheet.rows() if not all(map(is_blank, row)))
            if sheet.hidden and rows and not wanted:
                self._skip(sheet, "sheet-hidden", rows)
            return
        numbered = enumerate(sheet.rows(), 1)
        ahead = list(islice(numbered, _AHEAD))
        header = find_header(ahead, self.profile, issues=self.issues)
        if header is None:
            filled = sum(1 for _, row in chain(ahead, numbered) if not all(map(is_blank, row)))
            self._skip(sheet, "sheet-no-header" if filled else "sheet-empty", filled)
            return
        sums = Sums()
        for block in blocks_of(header):
            self._read_block(sheet, block, ahead, sums)

    def _skip(self, sheet: Sheet, code: str, rows: int, given: str = "") -> None:
        self.skipped.append(_Skipped(sheet.name, code, rows, given))
        self.findings.note(sheet.name, None, code, count=rows, given=given)

    def _read_block(self, sheet: Sheet, block: Block, ahead: Sequence[Numbered], sums: Sums) -> None:
        """Read one table of a sheet (there are several when columns repeat side by side)."""
        above = [(number, row) for number, row in ahead if number < block.header.row]
        below = [(number, row) for number, row in ahead if number > block.header.last]
        header = self._complete(sheet, block.header, above, below)
        kind = _kind_of_header(header, issues=self.issues)
        if self.issues != (kind == "issues"):
            self._skip(sheet, "sheet-other-kind", sum(1 for row in sheet.rows() if not all(map(is_blank, row))), kind)
            return
        timing = self._timing(sheet, header, above, below)
        tally = Tally(self.ledger, sums)
        reader = TableReader(
            sheet.name,
            header,
            sheet.merges,
            timing,
            self.findings,
            tally,
            Manner(self.issues, self.profile.measure, self.profile.carry),
        )
        reader.skip_cut_off = self.profile.skip_cut_off
        if block.first:
            self._read_above(sheet, header, above, tally)
        invisible = _feed(reader, block, sheet, self.profile, header.last, issues=self.issues)
        reader.finish()
        self._note_dates(sheet, timing, reader)
        if invisible:
            self.findings.note(sheet.name, None, "zero-width", count=invisible)
        if header.unused:
            self.findings.note(sheet.name, header.row, "ignored-columns", given=", ".join(header.unused))
        self.reports.append(
            SheetReport(
                sheet.name,
                kind,
                header.row,
                _named(header),
                reader.rows,
                reader.blank,
                reader.lines,
                reader.refused,
                reader.first,
                reader.last,
            )
        )

    def _complete(self, sheet: Sheet, header: Header, above: Sequence[Numbered], below: Sequence[Numbered]) -> Header:
        """Fill in what the labels leave open: the unit of money above the table, and nameless columns."""
        unit = money_factor(self.profile.money_unit) if self.profile.money_unit else None
        if unit is None:
            stated = (money_factor(text_of(c)) for _, row in above for c in row if isinstance(c, str) and "单位" in c)
            unit = next((factor for factor in stated if factor), None)
            factors = {role: f if role in header.stated or unit is None else unit for role, f in header.factors.items()}
        else:
            factors = dict.fromkeys(header.factors, unit)
        columns = dict(header.columns)
        for role, place in () if self.profile.exact else _nameless(header, below):
            columns[role] = place
            code = "date-column" if role is Role.DATE else "spec-column"
            self.findings.note(sheet.name, header.row, code, given=_letters(place))
        return replace(header, factors=factors, columns=columns)

    def _timing(self, sheet: Sheet, header: Header, above: Sequence[Numbered], below: Sequence[Numbered]) -> Timing:
        place = header.columns.get(Role.DATE)
        cells = (row[place] for _, row in below if place is not None and place < len(row))
        texts = [cell for _, row in above for cell in row if not is_blank(cell)]
        return Timing([sheet.name, *texts] if sheet.name else texts, cells, self.year)

    def _read_above(self, sheet: Sheet, header: Header, above: Sequence[Numbered], tally: Tally) -> None:
        """Take totals that stand above the table."""
        factor = header.factors.get(Role.AMOUNT, header.factors.get(Role.VALUE, 100))
        for number, row in above:
            total = total_row(row, header.columns, factor)
            if total is not None:
                tally.claim_ahead(sheet.name, number, total)

    def _note_dates(self, sheet: Sheet, timing: Timing, reader: TableReader) -> None:
        if timing.assumed and timing.year is not None and (timing.heading or reader.first):
            self.findings.note(sheet.name, None, "year-assumed", year=timing.year, given=_NAMED_ELSEWHERE)
        if timing.openless and timing.year is None:
            self.findings.note(sheet.name, None, "no-year", given=timing.openless)
        if timing.used_heading is not None:
            heading, span = timing.used_heading
            code = "date-from-heading" if span.first == span.last else "date-period"
            self.findings.note(sheet.name, None, code, given=heading, date=span.last.isoformat())


def _feed(reader: TableReader, block: Block, sheet: Sheet, profile: Profile, last: int, *, issues: bool) -> int:
    """Give a reader the rows below its header; returns how many invisible characters they held."""
    invisible, skip = 0, last
    for (number, row), below in _pairs(enumerate(sheet.rows(), 1)):
        if number <= skip:
            continue
        cells = block.cut(row)
        invisible += sum(
            len(ZERO_WIDTH.findall(cell)) for cell in cells if isinstance(cell, str) and not cell.isascii()
        )
        if reader.may_be_header(cells):
            if reader.repeats_header(cells):
                continue
            found = read_header(number, cells, below, profile, issues=issues) if profile.header_row is None else None
            if found is not None and found[0] >= SURE:
                reader.change_header(found[1])
                skip = found[1].last
                continue
        reader.feed(number, cells)
    return invisible


def _pairs(rows: Iterable[Numbered]) -> Iterator[tuple[Numbered, Numbered | None]]:
    """Give each row with the one after it."""
    before: Numbered | None = None
    for each in rows:
        if before is not None:
            yield before, each
        before = each
    if before is not None:
        yield before, None


def _nameless(header: Header, below: Sequence[Numbered]) -> list[tuple[Role, int]]:
    """Find columns without a label: dates, told by their cells; the specification, between goods and quantity."""
    filled = [row for _, row in below if not all(map(is_blank, row))]
    named = {*header.labels, *header.columns.values()}
    found: list[tuple[Role, int]] = []
    if Role.DATE not in header.columns:
        for place in range(max((len(row) for row in filled), default=0)):
            cells = [row[place] for row in filled if place < len(row) and not is_blank(row[place])]
            if place not in named and len(cells) * 2 > len(filled) and all(isinstance(cell, date) for cell in cells):
                found.append((Role.DATE, place))
                break
    item, quantity = header.columns.get(Role.ITEM), header.columns.get(Role.QUANTITY)
    if Role.SPEC not in header.columns and item is not None and quantity == item + 2 and item + 1 not in named:
        found.append((Role.SPEC, item + 1))
    return found


def _letters(place: int) -> str:
    """Name a column as spreadsheet programs do."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _named(header: Header) -> dict[str, str]:
    """Show which column was read as what, for the report."""
    columns = {role.value: header.labels.get(place, _letters(place)) for role, place in header.columns.items()}
    remarks = ", ".join(header.labels.get(place, _letters(place)) for place in header.remarks)
    return columns | ({"remark": remarks} if remarks else {})


def _kind_of_header(header: Header, *, issues: bool) -> str:
    if not header.is_goods:
        return "money"
    if Role.RECIPIENT in header.columns and (issues or Role.DONOR not in header.columns):
        return "issues"
    return "mixed" if header.is_money else "goods"


def _kind_of(reports: Sequence[SheetReport]) -> str:
    kinds = {report.kind for report in reports}
    return kinds.pop() if len(kinds) == 1 else "mixed"


__all__ = [
    "Cell",
    "GoodsLine",
    "IssueLine",
    "ListReading",
    "MoneyLine",
    "Report",
    "read_gifts",
    "read_issues",
]
