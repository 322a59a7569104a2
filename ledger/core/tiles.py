"""Tiles: the tree and the log as static files, and proofs as text.

Sources: C2SP tlog-tiles and tlog-proof. A tile of level L holds up to 256 hashes of 32 bytes, each the root of a full
subtree of 256^L leaves. An entry bundle holds up to 256 entries, each a length (two bytes, big-endian) and the body.
A partial one, at the right edge, says in its name how many it holds; full ones never change.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple, Self

from ledger.core.errors import MalformedError
from ledger.core.merkle import EMPTY_ROOT, HASH_SIZE, node_hash

WIDTH = 256  # hashes of a tile, entries of a bundle
HEIGHT = 8  # levels of the tree in a tile
MAX_ENTRY = 65_535  # bytes, as the length before an entry can say
MAX_LEVEL = 6  # of tiles: 256^7 leaves are more than can be numbered
_PROOF = "c2sp.org/tlog-proof@v1"
_PATH = re.compile(r"tile/(entries|[0-6])/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?")


class TileError(MalformedError):
    """Present a tile, a bundle or a proof file that is not one."""


class Tile(NamedTuple):
    """A tile or, with level −1, an entry bundle: its place and how many it holds."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Write its path: `tile/0/x001/234.p/5`."""
        kind = "entries" if self.level < 0 else str(self.level)
        groups = [f"{self.number % 1000:03}"]
        rest = self.number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{'/'.join(groups)}{part}"

    @classmethod
    def parse(cls, path: str) -> Self:
        """Read a path; raise TileError unless it is the one way to write a tile's."""
        found = _PATH.fullmatch(path)
        if found:
            kind, groups, width = found.groups()
            index = int(groups.replace("x", "").replace("/", ""))
            tile = cls(-1 if kind == "entries" else int(kind), index, int(width) if width else WIDTH)
            if 0 < tile.width <= WIDTH and tile.path == path:
                return tile
        raise TileError("'%(path)s' is not the path of a tile", path=path[:100])


def tiles_of(size: int, old: int = 0) -> Iterator[Tile]:
    """List the tiles and bundles of a tree of `size` leaves that one of `old` leaves does not have, bundles first.

    Of each level the full ones from where the older tree's edge was, and the partial one at the edge.
    """
    yield from _level(-1, size, old)
    level = 0
    while size >> (HEIGHT * level):
        yield from _level(level, size >> (HEIGHT * level), old >> (HEIGHT * level))
        level += 1


def _level(level: int, count: int, old: int) -> Iterator[Tile]:
    full, rest = divmod(count, WIDTH)
    for index in range(old // WIDTH, full):
        yield Tile(level, index)
    if rest and count != old:
        yield Tile(level, full, rest)


def bundle(bodies: Iterable[bytes]) -> bytes:
    """Write an entry bundle."""
    parts = []
    for body in bodies:
        if len(body) > MAX_ENTRY:
            raise TileError("an entry of %(size)s bytes does not fit a bundle", size=len(body))
        parts += [len(body).to_bytes(2, "big"), body]
    return b"".join(parts)


def unbundle(data: bytes, count: int) -> list[bytes]:
    """Read the entries of a bundle, which must be `count` and fill it."""
    bodies, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        bodies.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    if at != len(data) or len(bodies) != count:
        raise TileError("the bundle does not hold %(count)s whole entries", count=count)
    return bodies


def hashes_of(data: bytes, count: int) -> list[bytes]:
    """Read the hashes of a tile, which must be `count`."""
    if len(data) != count * HASH_SIZE:
        raise TileError("the tile does not hold %(count)s hashes", count=count)
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def fold(hashes: Sequence[bytes]) -> bytes:
    """Compute the root over hashes of equal subtrees, split as RFC 6962 splits a tree."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        # A last one without a neighbour goes up as it is: that is where a split at a power of two puts it.
        row = [node_hash(*row[at : at + 2]) if at + 1 < len(row) else row[at] for at in range(0, len(row), 2)]
    return row[0]


Read = Callable[[Tile], Sequence[bytes]]
"""Reads the hashes of a tile."""


class Tree:
    """A tree of `size` leaves whose tiles are read when they are needed: O(log n) of them for any proof."""

    def __init__(self, size: int, read: Read) -> None:
        self.size = size
        self._read = read
        self._known: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self) -> bytes:
        """Compute the root."""
        return self._range(0, self.size) if self.size else EMPTY_ROOT

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Prove that a leaf is in the tree."""
        if not 0 <= index < self.size:
            raise TileError("entry %(index)s is not in a tree of %(size)s", index=index, size=self.size)
        return tuple(self._path(index, 0, self.size))

    def consistency_proof(self, old: int) -> tuple[bytes, ...]:
        """Prove that this tree begins with the one of `old` leaves."""
        if not 0 <= old <= self.size:
            raise TileError("a tree of %(size)s does not begin with one of %(old)s", size=self.size, old=old)
        if old in {0, self.size}:
            return ()
        return tuple(self._subproof(old, 0, self.size, whole=True))

    def _path(self, index: int, lo: int, hi: int) -> Iterator[bytes]:
        if hi - lo > 1:
            middle = lo + _split(hi - lo)
            if index < middle:
                yield from self._path(index, lo, middle)
                yield self._range(middle, hi)
            else:
                yield from self._path(index, middle, hi)
                yield self._range(lo, middle)

    def _subproof(self, old: int, lo: int, hi: int, *, whole: bool) -> Iterator[bytes]:
        if old == hi:
            if not whole:
                yield self._range(lo, hi)
            return
        middle = lo + _split(hi - lo)
        if old <= middle:
            yield from self._subproof(old, lo, middle, whole=whole)
            yield self._range(middle, hi)
        else:
            yield from self._subproof(old, middle, hi, whole=False)
            yield self._range(lo, middle)

    def _range(self, lo: int, hi: int) -> bytes:
        """Compute the root of the leaves [lo, hi), which a split of this tree made."""
        count = hi - lo
        if count & (count - 1) == 0:
            return self._full(lo, count.bit_length() - 1)
        middle = lo + _split(count)
        return node_hash(self._range(lo, middle), self._range(middle, hi))

    def _full(self, lo: int, height: int) -> bytes:
        """Compute the root of a full subtree of 2^height leaves from the tile that holds its hashes."""
        level = min(height // HEIGHT, MAX_LEVEL)
        span = height - HEIGHT * level
        first = lo >> (HEIGHT * level)
        hashes = self._tile(level, first // WIDTH)
        at = first % WIDTH
        return fold(hashes[at : at + (1 << span)])

    def _tile(self, level: int, index: int) -> Sequence[bytes]:
        if (level, index) not in self._known:
            count = self.size >> (HEIGHT * level)
            tile = Tile(level, index, min(WIDTH, count - index * WIDTH))
            hashes = self._read(tile)
            if len(hashes) != tile.width:
                raise TileError("the tile %(path)s is not whole", path=tile.path)
            self._known[level, index] = hashes
        return self._known[level, index]


def _split(size: int) -> int:
    """Return the largest power of two below `size`, which is 2 or more."""
    return 1 << ((size - 1).bit_length() - 1)


# Proof files.


class Proof(NamedTuple):
    """That an entry is in the log: its number, the path, and the checkpoint it leads to, verbatim."""

    entry: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __str__(self) -> str:
        """Write the proof file."""
        extra = [f"extra {b64encode(self.extra).decode()}"] if self.extra else []
        hashes = [b64encode(each).decode() for each in self.path]
        return "\n".join([_PROOF, *extra, f"index {self.entry}", *hashes, "", self.checkpoint])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a proof file; raise TileError when it is not one."""
        head, mark, checkpoint = text.partition("\n\n")
        first, *lines = head.split("\n")
        extra = _decoded(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
        found = re.fullmatch(r"index (0|[1-9]\d{0,15})", lines[0]) if lines else None
        path = tuple(map(_decoded, lines[1:]))
        if first != _PROOF or not mark or not found or any(len(each) != sha256().digest_size for each in path):
            raise TileError("this is not a proof file (%(kind)s)", kind=_PROOF)
        return cls(int(found[1]), path, checkpoint, extra)


def _decoded(text: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = b""
    if b64encode(data).decode() != text:
        raise TileError("'%(text)s' is not base64", text=text[:60])
    return data
