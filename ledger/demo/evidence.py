"""Evidence files of the services: a record in words, a sheet of figures, a small picture; the same everywhere."""

from hashlib import sha256
from pathlib import Path
from struct import pack
from typing import Any
from xml.sax.saxutils import escape
from zlib import adler32, crc32

from ledger.demo.dice import Dice

WIDTH, HEIGHT = 96, 64


def keep(folder: Path, name: str, media: str, data: bytes) -> dict[str, Any]:
    """Put a file into the folder of evidence under its SHA-256, whole or not at all; return its facts."""
    digest = sha256(data).hexdigest()
    path = folder / digest
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"{digest}.new"
        new.write_bytes(data)
        new.replace(path)
    return {"sha256": digest, "name": name, "size": len(data), "media": media}


def record(lines: list[str]) -> bytes:
    """Write the record of a service."""
    return "\n".join([*lines, ""]).encode()


def sheet(title: str, rows: list[tuple[str, str]]) -> bytes:
    """Draw a sheet of figures."""
    height = 96 + 36 * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{height}" viewBox="0 0 640 {height}">',
        f'<rect width="640" height="{height}" fill="#FAF7F2"/>',
        f'<text x="32" y="52" font-size="24" font-family="serif" fill="#1F2328">{escape(title)}</text>',
    ]
    for number, (name, value) in enumerate(rows):
        y = 96 + 36 * number
        parts.append(f'<path d="M32 {y + 10}H608" stroke="#E4DED4"/>')
        parts.append(
            f'<text x="32" y="{y}" font-size="17" font-family="sans-serif" fill="#5B6169">{escape(name)}</text>'
        )
        parts.append(
            f'<text x="608" y="{y}" font-size="17" text-anchor="end" font-family="sans-serif" fill="#1F2328">'
            f"{escape(value)}</text>"
        )
    return "\n".join([*parts, "</svg>", ""]).encode()


def picture(topic: str) -> bytes:
    """Paint a small picture: hills under a sky, stored without compression so that every zlib gives the same bytes."""
    dice = Dice(f"picture/{topic}")
    colours = [(250, 247, 242), (228, 222, 212), (47, 111, 94), (46, 74, 125)]
    slopes = [(dice.whole(16, 40), dice.whole(1, 5), dice.whole(7, 19)) for _ in colours[1:]]
    columns = [_edges(slopes, x) for x in range(WIDTH)]
    rows = [
        b"\0" + bytes(max(n for n, edge in enumerate(edges) if y >= edge) for edges in columns) for y in range(HEIGHT)
    ]
    raw = b"".join(rows)
    stored = b"\x78\x01\x01" + pack("<HH", len(raw), len(raw) ^ 0xFFFF) + raw + pack(">I", adler32(raw))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(part for colour in colours for part in colour)),
            _chunk(b"IDAT", stored),
            _chunk(b"IEND", b""),
        )
    )


def _edges(slopes: list[tuple[int, int, int]], x: int) -> list[int]:
    return [0, *(base + abs(x % (2 * width) - width) * steep // 4 for base, steep, width in slopes)]


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", crc32(name + data))
