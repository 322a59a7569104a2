"""The Merkle tree over the entries' leaf hashes: roots, proofs, and a frontier that grows with the log.

Source: RFC 6962 section 2.1; the two verifications are RFC 9162 sections 2.1.3.2 and 2.1.4.2.
A hash is 32 bytes; a proof is a sequence of hashes, the one nearest to the leaves first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Self

from ledger.core.chain import leaf_hash as leaf_hash
from ledger.core.errors import LedgerError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

_CHUNK = 8192  # leaves hashed together: bounds memory, stays in the processor's cache


class ProofError(LedgerError):
    """Present a proof that does not prove what it says; `reason` says why."""

    def __init__(self, text: str, /, **values: object) -> None:
        reason = LedgerError(text, **values)
        super().__init__("%(reason)s; do not rely on this proof, ask for a new one", reason=reason)
        self.reason = str(reason)


class FrontierError(LedgerError):
    """Store a frontier that no tree has."""

    status = 500


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Compute the root over leaf hashes; SHA-256("") when there are none."""
    return Frontier().extend(leaves).root()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The compact range [0, size): roots of the maximal full subtrees, largest first.

    Invariant: one hash for each bit set in `size`, so at most 53 for any log we can number.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise FrontierError(
                "size %(size)s cannot have %(count)s hashes; rebuild the frontier",
                size=self.size,
                count=len(self.hashes),
            )
        if any(len(digest) != HASH_SIZE for digest in self.hashes):
            raise FrontierError("a hash is not 32 bytes long; rebuild the frontier")

    def append(self, leaf: bytes) -> Self:
        """Add one leaf hash."""
        hashes, size = list(self.hashes), self.size
        while size & 1:
            leaf = node_hash(hashes.pop(), leaf)
            size >>= 1
        return type(self)(self.size + 1, (*hashes, leaf))

    def append_full(self, root: bytes, height: int) -> Self:
        """Add the root of a full subtree of 2^height leaves; the size must be a multiple of that."""
        hashes, size = list(self.hashes), self.size >> height
        if size << height != self.size:
            raise FrontierError(
                "a subtree of %(count)s leaves does not fit at %(size)s", count=1 << height, size=self.size
            )
        while size & 1:
            root = node_hash(hashes.pop(), root)
            size >>= 1
        return type(self)(self.size + (1 << height), (*hashes, root))

    def extend(self, leaves: Iterable[bytes]) -> Self:
        """Add many leaf hashes; memory stays bounded however many there are."""
        source, size, hashes = iter(leaves), self.size, self.hashes
        while chunk := list(islice(source, _CHUNK)):
            count = len(chunk)
            hashes = _grow(size, hashes, chunk)
            size += count
        return type(self)(size, hashes)

    def root(self) -> bytes:
        """Compute the root of the whole tree."""
        if not self.hashes:
            return EMPTY_ROOT
        *larger, digest = self.hashes
        for left in reversed(larger):
            digest = node_hash(left, digest)
        return digest

    def encode(self) -> bytes:
        """Write the hashes one after the other; the size is stored apart."""
        return b"".join(self.hashes)

    @classmethod
    def decode(cls, size: int, data: bytes) -> Self:
        """Read what `encode` wrote for a tree of `size` leaves."""
        return cls(size, tuple(data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)))


def _grow(size: int, hashes: tuple[bytes, ...], nodes: list[bytes]) -> tuple[bytes, ...]:
    """Fold new nodes, using up the list, into the full subtrees of a tree of `size` leaves, level by level.

    Invariant: at each level `nodes` begin where the full subtrees so far end, counted in nodes of that level.
    """
    older, kept = list(hashes), []
    sha = sha256
    while nodes:
        if size & 1:
            nodes.insert(0, older.pop())
        if len(nodes) & 1:
            kept.append(nodes.pop())
        pairs = iter(nodes)
        nodes = [sha(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
        size >>= 1
    return (*older, *reversed(kept))


def _split(size: int) -> int:
    """Give the largest power of two below `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(leaves: Sequence[bytes], index: int, size: int) -> tuple[bytes, ...]:
    """Prove that leaf `index` is in the tree of the first `size` leaves (RFC 6962 PATH)."""
    if not 0 <= index < size <= len(leaves):
        raise ProofError(
            "no leaf %(index)s in a tree of %(size)s leaves out of %(count)s",
            index=index,
            size=size,
            count=len(leaves),
        )
    return _path(index, leaves[:size])


def _path(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return (*_path(index, left), root(right))
    return (*_path(index - split, right), root(left))


def consistency_proof(leaves: Sequence[bytes], size1: int, size2: int) -> tuple[bytes, ...]:
    """Prove that the first `size1` leaves are a prefix of the first `size2` (RFC 6962 PROOF)."""
    if not 0 < size1 <= size2 <= len(leaves):
        raise ProofError(
            "no proof from size %(size1)s to size %(size2)s out of %(count)s leaves",
            size1=size1,
            size2=size2,
            count=len(leaves),
        )
    return _subproof(size1, leaves[:size2], whole=True)


def _subproof(size: int, leaves: Sequence[bytes], *, whole: bool) -> tuple[bytes, ...]:
    """Prove the first `size` of `leaves`; `whole` while the verifier knows their root already."""
    if size == len(leaves):
        return () if whole else (root(leaves),)
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if size <= split:
        return (*_subproof(size, left, whole=whole), root(right))
    return (*_subproof(size - split, right, whole=False), root(left))


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofError unless `proof` shows `leaf_hash` at `index` of the tree of `size` and `root`."""
    if not 0 <= index < size:
        raise ProofError("leaf %(index)s is not in a tree of %(size)s leaves", index=index, size=size)
    _check_hashes(leaf_hash, root, *proof)
    node, last, digest = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is longer than the path to the root")
        if node & 1 or node == last:
            digest = node_hash(sibling, digest)
            node, last = _skip(node, last)
        else:
            digest = node_hash(digest, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the path to the root")
    if digest != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofError unless `proof` shows that the tree of `size1` leaves is a prefix of that of `size2`.

    From the empty tree every log follows, so such a proof says nothing and is refused.
    """
    if not 0 < size1 <= size2:
        raise ProofError("nothing to prove from size %(size1)s to size %(size2)s", size1=size1, size2=size2)
    if size1 == size2:
        if root1 != root2:
            raise ProofError("one size has two roots")
        if proof:
            raise ProofError("equal sizes need an empty proof")
        return
    _check_hashes(root1, root2, *proof)
    old, new = _climb(size1, size2, root1, proof)
    if old != root1:
        raise ProofError("the proof leads to another old root")
    if new != root2:
        raise ProofError("the proof leads to another new root")


def _climb(size1: int, size2: int, root1: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Fold the proof into the old and the new root that it speaks of."""
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # node == 0 exactly when size1 is a power of two: its root is then itself a node of the new tree
    path = (root1, *proof) if node == 0 else tuple(proof)
    if not path:
        raise ProofError("the proof is empty")
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the proof is longer than the path to the root")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            node, last = _skip(node, last)
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the path to the root")
    return old, new


def _skip(node: int, last: int) -> tuple[int, int]:
    """Pass the levels at which `node`, last of its level, has no sibling on its right."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _check_hashes(*hashes: bytes) -> None:
    if any(len(digest) != HASH_SIZE for digest in hashes):
        raise ProofError("a hash is not 32 bytes long")
