"""Make small invented lists: XLSX with openpyxl, CSV by hand, and XLS (BIFF8 in a compound file) by hand."""

import csv
import io
import struct

import openpyxl


def xlsx(path, rows, *, merges=(), name="Sheet1", hidden=(), more=None):
    """Write rows into one sheet (and `more`: {name: rows}); merges as 'A1:A3'."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    _fill(sheet, rows)
    for merge in merges:
        sheet.merge_cells(merge)
    for other, others in (more or {}).items():
        _fill(book.create_sheet(other), others)
    for other in hidden:
        book[other].sheet_state = "hidden"
    book.save(path)
    return path


def _fill(sheet, rows):
    for at, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            if value not in {None, ""}:
                sheet.cell(at, place, value)


def text_of(rows, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def csv_file(path, rows, *, encoding="utf-8", delimiter=","):
    path.write_bytes(text_of(rows, delimiter).encode(encoding))
    return path


def xls(path, rows, merges=()):
    """Write an Excel 97 workbook of one sheet; merges as (first row, last row, first column, last column) from 0."""
    bof = struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 6)
    sheet = _record(0x0809, bof)
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, str) and value:
                text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
                sheet += _record(0x0204, struct.pack("<HHH", at, place, 0) + text)
            elif not isinstance(value, str) and value is not None:
                sheet += _record(0x0203, struct.pack("<HHHd", at, place, 0, value))
    if merges:
        sheet += _record(
            0x00E5, struct.pack("<H", len(merges)) + b"".join(struct.pack("<4H", *each) for each in merges)
        )
    sheet += _record(0x000A, b"")
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 6))
    size = len(head) + len(_record(0x0085, struct.pack("<IBBBB", 0, 0, 0, 2, 0) + b"S1")) + len(_record(0x000A, b""))
    stream = head + _record(0x0085, struct.pack("<IBBBB", size, 0, 0, 2, 0) + b"S1") + _record(0x000A, b"") + sheet
    path.write_bytes(_compound(stream))
    return path


def _record(kind, data):
    return struct.pack("<HH", kind, len(data)) + data


def _compound(stream, name="Workbook"):
    """Wrap a stream into an OLE compound file: header, allocation table, directory, the stream's sectors."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    assert len(table) <= 128
    fat = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    nothing = 0xFFFFFFFF
    entries = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry(name, 2, nothing, 2, len(stream))
    directory = entries + _entry("", 0, nothing, 0, 0) * 2
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    return head + struct.pack("<109I", 0, *[nothing] * 108) + fat + directory + stream


def _entry(name, kind, child, start, size):
    wide = (name + "\0").encode("utf-16-le") if name else b""
    nothing = 0xFFFFFFFF
    return struct.pack(
        "<64sHBBIII16xI8x8xIQ", wide, len(wide), kind, 1, nothing, nothing, child, 0, start, size
    )  # fmt: skip
