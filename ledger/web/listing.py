"""Lists of the desk: columns, order, page and search as asked for in the address, and the same list as a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import xlsxwriter
from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from ledger.web import asked as address
from ledger.web.pages import Pager, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Kind = Literal["text", "amount", "number", "date", "hours"]
SIZE = 50  # rows a page
MOST_EXPORTED = 100_000  # rows of a workbook
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `sortable`: the list can be put in its order. Numbers are written to the right."""

    key: str
    label: str
    kind: Kind = "text"
    sortable: bool = False

    @property
    def right(self) -> bool:
        """Tell whether its cells stand to the right."""
        return self.kind in {"amount", "number", "hours"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a list: page, order, words, and whether as a workbook."""

    page: int
    sort: str
    descending: bool
    words: str
    xlsx: bool
    size: int = SIZE

    @property
    def limit(self) -> int:
        """Return how many rows to read."""
        return MOST_EXPORTED if self.xlsx else self.size

    def pager(self, total: int) -> Pager:
        """Return the page that is shown of `total` rows; beyond the last page, the last."""
        return Pager.turned(1 if self.xlsx else self.page, self.limit, total)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list. A row is whatever the template's cells make of it, or a mapping by the columns' keys."""

    columns: Sequence[Column]
    rows: Sequence[Any]
    pager: Pager
    asked: Asked


def ask(columns: Sequence[Column], default: str, size: int = SIZE) -> Asked:
    """Read what was asked of a list; `default` is the key of a column, with a minus for descending order."""
    sortable = {column.key for column in columns if column.sortable}
    wanted = request.args.get("sort", "").strip() or default
    if wanted.removeprefix("-") not in sortable | {default.removeprefix("-")}:
        wanted = default
    form = request.args.get("format", "")
    if form not in {"", "xlsx"}:
        raise BadRequest(_("A list can be had as a page or, with format=xlsx, as a workbook."))
    return Asked(
        address.page(), wanted.removeprefix("-"), wanted.startswith("-"), address.word("search"), form == "xlsx", size
    )


def xlsx_response(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], name: str) -> Response:
    """Write a list as a workbook: amounts as numbers with their decimals, days as days, nothing as a formula.

    Cells are texts, integers, days, `Quantity`, or None.
    """
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True, "bottom": 1})
    formats: dict[str | int, Any] = {
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        **{places: book.add_format({"num_format": f"#,##0.{'0' * places}".rstrip(".")}) for places in range(4)},
    }
    for x, column in enumerate(columns):
        sheet.write_string(0, x, str(column.label), head)
        sheet.set_column(x, x, 30 if column.kind == "text" else 16)
    sheet.freeze_panes(1, 0)
    for y, row in enumerate(rows, 1):
        for x, column in enumerate(columns):
            _write(sheet, formats, y, x, row.get(column.key))
    book.close()
    response = Response(file.getvalue(), content_type=XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.xlsx")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _write(sheet: Any, formats: Mapping[Any, Any], y: int, x: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, Quantity):
        hours = value.unit.kind == "hours"
        scale = 2 if hours else value.unit.scale
        sheet.write_number(y, x, value.amount / 60 if hours else value.amount / 10**scale, formats[scale])
    elif isinstance(value, bool | str):
        sheet.write_string(y, x, str(value))
    elif isinstance(value, int):
        sheet.write_number(y, x, value, formats[0])
    elif isinstance(value, date | datetime):
        sheet.write_datetime(y, x, datetime(value.year, value.month, value.day), formats["day"])  # noqa: DTZ001  # a day
    else:
        sheet.write_string(y, x, str(value))
