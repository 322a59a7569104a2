"""Tiles and proof files against the tree computed from all leaves."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import merkle
from ledger.core.tiles import Proof, Tile, TileError, Tree, bundle, fold, hashes_of, tiles_of, unbundle

sizes = st.one_of(st.integers(0, 700), st.sampled_from([255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 66_000]))
LEAVES = [sha256(n.to_bytes(4, "big")).digest() for n in range(66_001)]


def store(size, files=None, old=0):
    """Write the tiles of a tree as a publisher would."""
    files = {} if files is None else files
    for tile in tiles_of(size, old):
        start = tile.number * 256
        if tile.level == 0:
            files[tile.path] = b"".join(LEAVES[start : start + tile.width])
        elif tile.level > 0:
            below = [files[Tile(tile.level - 1, start + n).path] for n in range(tile.width)]
            files[tile.path] = b"".join(fold(hashes_of(data, 256)) for data in below)
    return files


def tree(size, files=None):
    files = store(size) if files is None else files
    return Tree(size, lambda tile: hashes_of(files[tile.path], tile.width))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(1, 5, 17), "tile/1/005.p/17"),
        (Tile(-1, 1000, 255), "tile/entries/x001/000.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(tile, path):
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/7/000",
        "tile/0/0",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/x000/001",
        "tile/0/000.p/01",
        "tile/a/000",
        "../x",
    ],
)
def test_other_paths_are_refused(path):
    with pytest.raises(TileError):
        Tile.parse(path)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 600, 65_536, 66_000])
def test_the_root_is_that_of_all_leaves(size):
    assert tree(size).root() == merkle.root(LEAVES[:size])


@given(size=st.integers(1, 700), data=st.data())
def test_inclusion_proofs_are_those_of_all_leaves(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = tree(size).inclusion_proof(index)
    assert proof == merkle.inclusion_proof(LEAVES[:size], index, size)
    merkle.verify_inclusion(index, size, LEAVES[index], proof, merkle.root(LEAVES[:size]))


@given(size=st.integers(1, 700), data=st.data())
def test_consistency_proofs_are_those_of_all_leaves(size, data):
    old = data.draw(st.integers(1, size))
    assert tree(size).consistency_proof(old) == merkle.consistency_proof(LEAVES[:size], old, size)


def test_proofs_of_a_large_tree_read_few_tiles():
    files, read = store(66_000), []
    large = Tree(66_000, lambda tile: read.append(tile) or hashes_of(files[tile.path], tile.width))
    proof = large.inclusion_proof(12_345)
    merkle.verify_inclusion(12_345, 66_000, LEAVES[12_345], proof, merkle.root(LEAVES[:66_000]))
    assert len(read) <= 5


@given(old=sizes, more=st.integers(0, 600))
def test_growing_writes_what_is_new_and_never_a_full_tile_again(old, more):
    size = min(old + more, 66_000)
    grown = set(tiles_of(old)) | set(tiles_of(size, old))
    assert set(tiles_of(size)) <= grown
    assert not {tile for tile in tiles_of(old) if tile.width == 256} & set(tiles_of(size, old))


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_are_read_as_they_were_written(bodies):
    assert unbundle(bundle(bodies), len(bodies)) == bodies


@pytest.mark.parametrize("data", [b"\0", b"\0\5abc", bundle([b"a"]) + b"\0"])
def test_a_broken_bundle_is_refused(data):
    with pytest.raises(TileError):
        unbundle(data, 1)


@given(st.integers(0, 2**53 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=20), st.binary(max_size=9))
def test_proof_files_are_read_as_they_were_written(entry, path, extra):
    proof = Proof(entry, tuple(path), "origin\n1\nAAAA\n\n— a AAAAAAAA\n", extra)
    assert Proof.parse(str(proof)) == proof


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 01\n\nx",
        "c2sp.org/tlog-proof@v2\nindex 1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 1\n",
    ],
)
def test_other_texts_are_no_proof(text):
    with pytest.raises(TileError):
        Proof.parse(text)
