"""Merged cells: which cell stands for the cells it is merged with."""

from bisect import bisect_right
from collections.abc import Iterable

_WIDEST = 256
"""Columns beyond this are never part of a list, so that a merge over whole rows costs little."""

Corner = tuple[int, int]


class Merges:
    """The merged ranges of a sheet, looked up by cell; rows count from 1, columns from 0."""

    __slots__ = ("_columns",)

    def __init__(self, ranges: Iterable[tuple[Corner, Corner]] = ()) -> None:
        self._columns: dict[int, list[tuple[int, int, int]]] = {}
        for (top, left), (bottom, right) in ranges:
            for column in range(left, min(right, _WIDEST) + 1):
                self._columns.setdefault(column, []).append((top + 1, bottom + 1, left))
        for spans in self._columns.values():
            spans.sort()

    def anchor(self, row: int, column: int) -> Corner | None:
        """Return (row, column) of the cell whose value a merged cell shows; None for a cell that stands alone."""
        spans = self._columns.get(column)
        if spans is None:
            return None
        place = bisect_right(spans, (row, 1 << 30, 0)) - 1
        if place < 0 or row > spans[place][1]:
            return None
        top, _bottom, left = spans[place]
        return top, left

    def above(self, row: int, column: int) -> int | None:
        """Return the row of the cell above that stands for this one, if it is merged downwards."""
        anchor = self.anchor(row, column)
        return anchor[0] if anchor is not None and anchor[0] < row else None

    def wide(self, row: int, column: int) -> bool:
        """Tell whether the cell is merged with its neighbours to the right (a title, a heading)."""
        anchor = self.anchor(row, column)
        return anchor is not None and self.anchor(row, column + 1) == anchor
