"""Figures with the names of what they are made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ledger.audit.disclosure.actions import REST
from ledger.audit.disclosure.figures import COUNTS
from ledger.audit.disclosure.pages import DetailRow, FigureRow
from ledger.core.entry import TYPES
from ledger.web.pages import Quantity, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.audit.disclosure.figures import Amounts
    from ledger.web.convert import Names

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def named_in(figures: Iterable[dict[str, Any]]) -> set[str]:
    """List the addresses that figures name."""
    found = set()
    for figure in figures:
        found.add(f"unit:{figure['unit']}")
        found.update(str(row["what"]) for row in figure["detail"] if is_address(str(row["what"])))
    return found


def is_address(what: str) -> bool:
    """Tell whether a row of detail names an object."""
    return what.partition(":")[0] in TYPES and ":" in what


def unit_of(code: str, names: Names) -> Unit:
    """Return the unit of a figure; counts have no measure."""
    return Unit(code, "", "", 0, "goods") if code in COUNTS else names.unit(code)


def figure_rows(
    figures: Sequence[dict[str, Any]], before: Sequence[Sequence[dict[str, Any]]], today: Amounts | None, names: Names
) -> tuple[FigureRow, ...]:
    """Make the rows of figures: published, as they stood before (newest first), and today."""
    old = [{(one["key"], one["unit"]): int(one["amount"]) for one in version} for version in before]
    keys = {(one["key"], one["unit"]): one for one in figures}
    for version in (*old, today or {}):
        for key, unit in version:
            keys.setdefault((key, unit), {"key": key, "unit": unit, "amount": 0, "detail": []})
    return tuple(_row(one, old, today, names) for one in keys.values())


def _row(
    figure: dict[str, Any], old: Sequence[dict[tuple[str, str], int]], today: Amounts | None, names: Names
) -> FigureRow:
    key, amount = (figure["key"], figure["unit"]), int(figure["amount"])
    unit = unit_of(figure["unit"], names)
    stood, last = [], amount
    for version in old:
        if version.get(key, 0) != last:
            stood.append(Quantity(version.get(key, 0), unit))
            last = version.get(key, 0)
    now = None if today is None else today.get(key, 0)
    return FigureRow(
        key[0],
        Quantity(amount, unit),
        tuple(stood),
        None if now is None else Quantity(now, unit),
        None if now is None or now == amount else Quantity(now - amount, unit),
        tuple(_detail(row, unit, names) for row in figure["detail"]),
    )


def _detail(row: dict[str, Any], unit: Unit, names: Names) -> DetailRow:
    what, quantity = str(row["what"]), Quantity(int(row["amount"]), unit)
    if what == REST:
        return DetailRow(None, REST, quantity, int(row.get("count", 0)))
    if is_address(what):
        return DetailRow(names.place(what), "", quantity)
    return DetailRow(None, f"day {what}" if _DAY.fullmatch(what) else what, quantity)
