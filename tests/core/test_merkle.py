"""The Merkle tree: the known tree of RFC 6962's authors, the public vectors, and every tampering."""

import base64
import json
from dataclasses import FrozenInstanceError
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import chain, merkle
from ledger.core.merkle import Frontier, FrontierError, ProofError

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "vectors" / "merkle"

# The tree that the certificate transparency projects test with: eight entries and the roots of its nine sizes.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    bytes.fromhex(digest)
    for digest in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
KNOWN = [merkle.leaf_hash(entry) for entry in ENTRIES]
LEAVES = [merkle.leaf_hash(number.to_bytes(4)) for number in range(301)]

sizes = st.integers(1, 150)


def naive_root(leaves):
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = max(1 << bit for bit in range(20) if 1 << bit < len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def flips(digest):
    """Each of the 256 values that differ from `digest` in one bit."""
    number = int.from_bytes(digest)
    return [(number ^ 1 << bit).to_bytes(32) for bit in range(256)]


def refused(verify, *arguments):
    with pytest.raises(ProofError) as refusal:
        verify(*arguments)
    return refusal.value.reason


# ------------------------------------------------------------------ the known tree


def test_leaf_and_node_hashes_have_their_prefixes():
    assert merkle.leaf_hash(b"body") == sha256(b"\x00body").digest() == chain.leaf_hash(b"body")
    assert merkle.node_hash(KNOWN[0], KNOWN[1]) == sha256(b"\x01" + KNOWN[0] + KNOWN[1]).digest() == ROOTS[2]


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size):
    assert merkle.root(KNOWN[:size]) == ROOTS[size]
    assert Frontier().extend(KNOWN[:size]).root() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "expected"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ],
)
def test_known_inclusion_proofs(index, size, expected):
    proof = merkle.inclusion_proof(KNOWN, index, size)
    assert [digest.hex() for digest in proof] == expected
    merkle.verify_inclusion(index, size, KNOWN[index], proof, ROOTS[size])


@pytest.mark.parametrize(
    ("size1", "size2", "expected"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_known_consistency_proofs(size1, size2, expected):
    proof = merkle.consistency_proof(KNOWN, size1, size2)
    assert [digest.hex() for digest in proof] == expected
    merkle.verify_consistency(size1, size2, ROOTS[size1], ROOTS[size2], proof)


# ------------------------------------------------------------------ the public vectors


def vectors(kind):
    return [
        pytest.param(path, id=str(path.relative_to(VECTORS / kind)))
        for path in sorted(VECTORS.glob(f"{kind}/**/*.json"))
    ] or [pytest.param(None, marks=pytest.mark.skip(f"the public vectors are not at ../shared/vectors/merkle/{kind}"))]


def check_vector(vector, verify, *arguments):
    if vector["wantErr"]:
        assert refused(verify, *arguments)
    else:
        verify(*arguments)


@pytest.mark.parametrize("path", vectors("inclusion"))
def test_public_inclusion_vectors(path):
    vector = json.loads(path.read_text())
    leaf, root = base64.b64decode(vector["leafHash"] or ""), base64.b64decode(vector["root"] or "")
    proof = [base64.b64decode(digest) for digest in vector["proof"] or []]
    check_vector(vector, merkle.verify_inclusion, vector["leafIdx"], vector["treeSize"], leaf, proof, root)


@pytest.mark.parametrize("path", vectors("consistency"))
def test_public_consistency_vectors(path):
    vector = json.loads(path.read_text())
    root1, root2 = base64.b64decode(vector["root1"] or ""), base64.b64decode(vector["root2"] or "")
    proof = [base64.b64decode(digest) for digest in vector["proof"] or []]
    check_vector(vector, merkle.verify_consistency, vector["size1"], vector["size2"], root1, root2, proof)


def test_all_public_vectors_are_there_or_none():
    assert len(list(VECTORS.glob("*/**/*.json"))) in (0, 196)


# ------------------------------------------------------------------ inclusion


def test_every_leaf_of_every_small_tree_is_included_there_and_only_there():
    for size in range(1, 34):
        root = merkle.root(LEAVES[:size])
        for index in range(size):
            proof = merkle.inclusion_proof(LEAVES, index, size)
            merkle.verify_inclusion(index, size, LEAVES[index], proof, root)
            for other in {*range(size + 2), -1} - {index}:
                assert refused(merkle.verify_inclusion, other, size, LEAVES[index], proof, root)


@given(sizes, st.data())
def test_inclusion_refuses_tampering(size, data):
    index = data.draw(st.integers(0, size - 1))
    root, leaf = naive_root(LEAVES[:size]), LEAVES[index]
    proof = merkle.inclusion_proof(LEAVES, index, size)
    merkle.verify_inclusion(index, size, leaf, proof, root)
    place, bit = data.draw(st.integers(0, len(proof) + 1)), data.draw(st.integers(0, 255))
    hashes = [leaf, root, *proof]
    hashes[place] = flips(hashes[place])[bit]
    assert refused(merkle.verify_inclusion, index, size, hashes[0], hashes[2:], hashes[1])
    assert "longer" in refused(merkle.verify_inclusion, index, size, leaf, (*proof, root), root)
    for cut in range(len(proof)):
        assert "shorter" in refused(merkle.verify_inclusion, index, size, leaf, proof[:cut], root)
        assert refused(merkle.verify_inclusion, index, size, leaf, proof[:cut] + proof[cut + 1 :], root)


def test_inclusion_refuses_each_single_bit_of_one_proof():
    proof, root = merkle.inclusion_proof(LEAVES, 5, 11), merkle.root(LEAVES[:11])
    for place, digest in enumerate(proof):
        for flipped in flips(digest):
            changed = (*proof[:place], flipped, *proof[place + 1 :])
            assert "another root" in refused(merkle.verify_inclusion, 5, 11, LEAVES[5], changed, root)


@pytest.mark.parametrize("place", range(3))
def test_inclusion_refuses_a_hash_of_another_length(place):
    hashes = [KNOWN[0], ROOTS[2], KNOWN[1]]
    hashes[place] = hashes[place][:31]
    assert "32 bytes" in refused(merkle.verify_inclusion, 0, 2, hashes[0], hashes[2:], hashes[1])


# ------------------------------------------------------------------ consistency


def test_every_pair_of_small_sizes_is_consistent_with_itself_alone():
    roots = [merkle.root(LEAVES[:size]) for size in range(26)]
    for size2 in range(1, 25):
        for size1 in range(1, size2 + 1):
            proof = merkle.consistency_proof(LEAVES, size1, size2)
            merkle.verify_consistency(size1, size2, roots[size1], roots[size2], proof)
            for other in {*range(-1, 26)} - {size1}:
                assert refused(merkle.verify_consistency, other, size2, roots[size1], roots[size2], proof)


@given(sizes, st.data())
def test_consistency_refuses_tampering(size2, data):
    size1 = data.draw(st.integers(1, size2))
    root1, root2 = naive_root(LEAVES[:size1]), naive_root(LEAVES[:size2])
    proof = merkle.consistency_proof(LEAVES, size1, size2)
    merkle.verify_consistency(size1, size2, root1, root2, proof)
    place, bit = data.draw(st.integers(0, len(proof) + 1)), data.draw(st.integers(0, 255))
    hashes = [root1, root2, *proof]
    hashes[place] = flips(hashes[place])[bit]
    assert refused(merkle.verify_consistency, size1, size2, hashes[0], hashes[1], hashes[2:])
    assert refused(merkle.verify_consistency, size1, size2, root1, root2, (*proof, root2))
    assert refused(merkle.verify_consistency, size1, size2, root1, root2, (root1, *proof))
    for cut in range(len(proof)):
        assert refused(merkle.verify_consistency, size1, size2, root1, root2, proof[:cut])


def test_a_rewritten_history_is_not_consistent():
    rewritten = [LEAVES[0], merkle.leaf_hash(b"rewritten"), *LEAVES[2:20]]
    proof = merkle.consistency_proof(rewritten, 7, 20)
    reason = refused(merkle.verify_consistency, 7, 20, merkle.root(LEAVES[:7]), merkle.root(rewritten), proof)
    assert reason == "the proof leads to another old root"


def test_consistency_from_nothing_says_nothing():
    assert refused(merkle.verify_consistency, 0, 0, ROOTS[0], ROOTS[0], [])
    assert refused(merkle.verify_consistency, 0, 8, ROOTS[0], ROOTS[8], [])


@pytest.mark.parametrize(("index", "size"), [(-1, 8), (8, 8), (0, 0), (0, 9)])
def test_no_proof_beyond_the_tree(index, size):
    assert refused(merkle.inclusion_proof, KNOWN, index, size)


@pytest.mark.parametrize(("size1", "size2"), [(0, 8), (-1, 8), (5, 4), (8, 9)])
def test_no_consistency_proof_beyond_the_tree(size1, size2):
    assert refused(merkle.consistency_proof, KNOWN, size1, size2)


# ------------------------------------------------------------------ the frontier


def test_frontier_grown_leaf_by_leaf_has_the_root_of_every_size():
    frontier = Frontier()
    for size, leaf in enumerate(LEAVES):
        assert (frontier.size, frontier.root()) == (size, naive_root(LEAVES[:size]))
        assert Frontier().extend(LEAVES[:size]) == frontier
        frontier = frontier.append(leaf)


@given(st.lists(st.integers(0, 300), max_size=6))
def test_frontier_does_not_depend_on_how_it_was_extended(cuts):
    frontier = Frontier()
    for start, end in pairwise([0, *sorted(cuts), 300]):
        frontier = frontier.extend(iter(LEAVES[start:end]))
    assert frontier == Frontier().extend(LEAVES[:300])


@pytest.mark.parametrize("start", [0, 1, 5, 8191])
@pytest.mark.parametrize("count", [8191, 8192, 8193, 16385])
def test_frontier_over_several_chunks(start, count):
    leaves = [sha256(number.to_bytes(4)).digest() for number in range(start + count)]
    frontier = Frontier().extend(leaves[:start]).extend(leaves[start:])
    assert (frontier.size, frontier.root()) == (start + count, naive_root(leaves))


@given(st.integers(0, 300))
def test_frontier_is_stored_and_read_back(size):
    frontier = Frontier().extend(LEAVES[:size])
    assert len(frontier.encode()) == 32 * size.bit_count()
    assert Frontier.decode(size, frontier.encode()) == frontier


@pytest.mark.parametrize(
    ("size", "data"), [(3, bytes(32)), (1, bytes(64)), (0, bytes(32)), (1, bytes(31)), (3, bytes(63)), (-1, bytes(32))]
)
def test_a_frontier_that_no_tree_has_is_refused(size, data):
    with pytest.raises(FrontierError, match="rebuild"):
        Frontier.decode(size, data)


def test_frontier_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Frontier().size = 1


@pytest.mark.parametrize("size", [0, 4, 8, 12, 24, 28])
def test_a_full_subtree_is_appended_as_its_leaves_would_be(size):
    leaves = [bytes([n]) * 32 for n in range(size + 4)]
    before = merkle.Frontier().extend(leaves[:size])
    assert before.append_full(merkle.root(leaves[size:]), 2) == merkle.Frontier().extend(leaves)
    with pytest.raises(merkle.FrontierError, match="does not fit"):
        before.append(bytes(32)).append_full(bytes(32), 2)
