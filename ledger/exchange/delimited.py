"""CSV files: find out encoding and delimiter, then stream the records."""

import codecs
import csv
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from ledger.exchange.errors import NotAListError, TooLargeListError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 200


def open_delimited(path: Path, most: int, encoding: str | None = None) -> Callable[[], Iterator[list[str]]]:
    """Return a function that streams the records of a CSV file, at most `most` of them."""
    encoding = encoding or find_encoding(path)
    delimiter = find_delimiter(path, encoding)

    def rows() -> Iterator[list[str]]:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            try:
                for number, record in enumerate(reader, 1):
                    if number > most:
                        raise TooLargeListError(
                            "%(name)s has more than %(most)s rows. Split it into several files",
                            name=path.name,
                            most=f"{most:,}",
                        )
                    yield [_unwrap(cell) for cell in record]
            except (csv.Error, UnicodeError) as error:
                raise NotAListError(
                    "%(name)s, line %(line_num)s: not readable as CSV (%(error)s). Look for a quotation mark "
                    "without its partner, or save the list as XLSX",
                    name=path.name,
                    line_num=reader.line_num,
                    error=error,
                ) from error

    return rows


def _unwrap(cell: str) -> str:
    """Take off the ="…" with which programs keep long numbers as text."""
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:  # noqa: PLR2004 - the wrapping itself
        return cell[2:-1]
    return cell


def find_encoding(path: Path) -> str:
    """Tell the encoding by its mark, else by what decodes the whole file: UTF-8 before GB18030."""
    with path.open("rb") as file:
        head = file.read(4)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    for name in ("utf-8", "gb18030"):
        if _decodes(path, name):
            return name
    raise NotAListError(
        "%(name)s is neither text in UTF-8 nor in GB18030, nor a spreadsheet. Save the list as XLSX or CSV (UTF-8)",
        name=path.name,
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                if "\x00" in decoder.decode(chunk):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def find_delimiter(path: Path, encoding: str) -> str:
    """Choose the delimiter that gives the most rows of one and the same width above 1; the comma when none does."""
    with path.open(encoding=encoding, newline="") as file:
        sample = [line for line, _ in zip(file, range(_SAMPLE_LINES), strict=False)]
    return max(_DELIMITERS, key=lambda delimiter: (_evenness(sample, delimiter), delimiter == ","))


def _evenness(sample: list[str], delimiter: str) -> int:
    try:
        widths = Counter(len(record) for record in csv.reader(sample, delimiter=delimiter) if len(record) > 1)
    except csv.Error:
        return 0
    return max(widths.values(), default=0)
