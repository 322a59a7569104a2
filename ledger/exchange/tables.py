"""Open a file as sheets of rows of raw cells: XLSX and XLS by calamine, CSV by the standard library.

The format is told from the content, never from the name. A row keeps the number it has in the spreadsheet program
(for CSV: the number of the record), a column its place from the left (0 = A).
"""

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from ledger.core.errors import Word
from ledger.exchange.delimited import open_delimited
from ledger.exchange.errors import EmptyListError, EncryptedListError, NotAListError, TooLargeListError
from ledger.exchange.merges import Merges

Cell = str | int | float | bool | date | datetime | time | timedelta
Row = Sequence[Cell]

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STRANGERS = {
    b"%PDF": Word("a PDF document"),
    b"\x89PNG": Word("a picture"),
    b"\xff\xd8\xff": Word("a picture"),
    b"{\\rtf": Word("a text document (RTF)"),
    b"\x1f\x8b": Word("a compressed archive (gzip)"),
    b"7z\xbc\xaf": Word("a compressed archive (7z)"),
    b"Rar!": Word("a compressed archive (RAR)"),
}
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml|head|meta)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read: bytes of the file, bytes unpacked, rows of a sheet, cells of a sheet's rectangle."""

    size: int = 64 * 2**20
    unpacked: int = 512 * 2**20
    rows: int = 500_000
    cells: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its rows are read anew, one by one, each time `rows` is called."""

    name: str
    hidden: bool
    rows: Callable[[], Iterator[Row]]
    merges: Merges = field(default_factory=Merges)


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: `form` is xlsx, xls or csv; `digest` is the SHA-256 of its bytes in hexadecimal."""

    name: str
    form: str
    digest: str
    sheets: tuple[Sheet, ...]


def open_table(path: Path, limits: Limits | None = None, encoding: str | None = None) -> Table:
    """Open a file; raises a `ListError` that says what it is instead of a list."""
    limits = limits or Limits()
    size = path.stat().st_size
    if size > limits.size:
        raise TooLargeListError(
            "%(name)s has %(size)s bytes; at most %(most)s are read. Split the list into several files",
            name=path.name,
            size=f"{size:,}",
            most=f"{limits.size:,}",
        )
    with path.open("rb") as file:
        head = file.read(4096)
        digest = hashlib.sha256(head)
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    if not head.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise EmptyListError("%(name)s is empty. Choose the file that holds the list", name=path.name)
    return Table(path.name, (form := _form(path, head)), digest.hexdigest(), _sheets(path, form, limits, encoding))


def _form(path: Path, head: bytes) -> str:
    if head.startswith(_ZIP):
        return "xlsx"
    if head.startswith(_OLE):
        return "xls"
    for mark, name in _STRANGERS.items():
        if head.startswith(mark):
            raise NotAListError(
                "%(name)s is %(what)s, not a list. Open it in a spreadsheet program, save it as XLSX or CSV, and "
                "import that file",
                name=path.name,
                what=name,
            )
    if _MARKUP.match(head):
        raise NotAListError(
            "%(name)s is a web page or XML document, whatever its name says. Open it in a spreadsheet program, save it "
            "as XLSX or CSV, and import that file",
            name=path.name,
        )
    return "csv"


def _sheets(path: Path, form: str, limits: Limits, encoding: str | None) -> tuple[Sheet, ...]:
    if form == "csv":
        rows = open_delimited(path, limits.rows, encoding)
        return (Sheet("", hidden=False, rows=rows),)
    if form == "xlsx":
        _check_archive(path, limits)
    elif "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise _locked(path)
    return _open_workbook(path, limits)


def _locked(path: Path) -> EncryptedListError:
    return EncryptedListError(
        "%(name)s is locked with a password. Remove the password and save it again", name=path.name
    )


def _broken(path: Path, why: object) -> NotAListError:
    return NotAListError(
        "%(name)s cannot be read as a spreadsheet (%(why)s). Open it in a spreadsheet program, save it as XLSX or CSV, "
        "and import that file",
        name=path.name,
        why=why,
    )


def _check_archive(path: Path, limits: Limits) -> None:
    """Refuse archives that are no workbook, unpack to too much, or spread few cells over a huge rectangle."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {info.filename.lower(): info for info in archive.infolist()}
            if not any(name.startswith("xl/workbook") and name.endswith(".xml") for name in parts):
                raise _broken(path, Word("it is an archive without an Excel workbook inside"))
            if sum(info.file_size for info in parts.values()) > limits.unpacked:
                raise TooLargeListError(
                    "%(name)s unpacks to more than %(unpacked)s bytes. Split the list into several files",
                    name=path.name,
                    unpacked=f"{limits.unpacked:,}",
                )
            for name, info in parts.items():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    with archive.open(info) as part:
                        _check_spread(path, part, limits)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
    ) as error:
        raise _broken(path, error) from error


_FILLED = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*[^/>]>')


def _check_spread(path: Path, part: IO[bytes], limits: Limits) -> None:
    """Refuse a sheet whose filled cells span more than `limits.cells`: calamine holds the whole rectangle."""
    columns: set[bytes] = set()
    last, rest = 0, b""
    while chunk := part.read(1 << 20):
        found = _FILLED.findall(rest + chunk)
        columns.update(column for column, _row in found)
        last = max(last, max((int(row) for _column, row in found), default=0))
        rest = chunk[-200:]
    width = max((_column_number(name) for name in columns), default=0)
    if last * width > limits.cells or last > limits.rows:
        raise TooLargeListError(
            "%(name)s has a sheet with cells down to row %(last)s and out to column %(width)s; that is too much. "
            "Copy the list alone into a new file",
            name=path.name,
            last=f"{last:,}",
            width=f"{width:,}",
        )


def _column_number(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _open_workbook(path: Path, limits: Limits) -> tuple[Sheet, ...]:
    try:
        book = CalamineWorkbook.from_path(str(path))
        found = [(meta, book.get_sheet_by_name(meta.name)) for meta in book.sheets_metadata if "Work" in str(meta.typ)]
    except PasswordError as error:
        raise _locked(path) from error
    except CalamineError as error:
        raise _broken(path, error) from error
    except BaseException as error:  # a panic of the Rust side is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise _broken(path, Word("it is damaged")) from error
    for _meta, sheet in found:
        if sheet.total_height > limits.rows:
            raise TooLargeListError(
                "%(name)s: sheet '%(sheet)s' has more than %(rows)s rows. Split it into several files",
                name=path.name,
                sheet=sheet.name,
                rows=f"{limits.rows:,}",
            )
    return tuple(
        Sheet(
            meta.name,
            meta.visible != SheetVisibleEnum.Visible,
            _reader(sheet),
            Merges(sheet.merged_cell_ranges or ()),
        )
        for meta, sheet in found
    )


def _reader(sheet: CalamineSheet) -> Callable[[], Iterator[Row]]:
    """Read a sheet's rows from row 1 and column A on, whatever corner its data begins in."""

    def rows() -> Iterator[Row]:
        if sheet.start is None:
            return
        left: list[Cell] = [""] * sheet.start[1]
        for row in sheet.iter_rows():
            yield left + row if left else row

    return rows
