"""Merkle trees against the vectors of RFC 6962's own test data, and path by path."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wufu.core.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    Side,
    merkle_check,
    merkle_index,
    merkle_root,
    numbered_leaf,
)

# The leaves and roots of the Certificate Transparency reference tests: a tree for every size from 0 to 8.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(1, 70)


def leaves_of(size: int) -> list[bytes]:
    return [numbered_leaf(number) for number in range(1, size + 1)]


@pytest.mark.parametrize("size", range(9))
def test_a_root_is_the_known_answer(size: int) -> None:
    assert merkle_root(LEAVES[:size]).hex() == ROOTS[size]


def test_the_seeds_of_the_worked_example_have_the_root_openssl_gave() -> None:
    leaves = [numbered_leaf(number, bytes([17 * number]) * 32) for number in (1, 2, 3)]
    assert merkle_root(leaves).hex() == "8284ad73db1396e8798c95af9535c329c989246c0195b8c798ecfa7d7b31d0f7"


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=40))
def test_a_tree_has_the_root_the_recursive_definition_gives(leaves: list[bytes]) -> None:
    """RFC 6962 splits at the largest power of two below the size; pairing level by level is the same tree."""

    def root(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return hashlib.sha256(b"\x00" + part[0]).digest()
        split = 1 << (len(part) - 1).bit_length() - 1
        return hashlib.sha256(b"\x01" + root(part[:split]) + root(part[split:])).digest()

    assert merkle_root(leaves) == root(leaves)


@given(sizes, st.data())
def test_every_leaf_has_a_path_to_the_root_and_its_sides_tell_which_leaf(
    size: int, data: st.DataObject
) -> None:
    tree = MerkleTree(leaves_of(size))
    index = data.draw(st.integers(0, size - 1))
    path = tree.path(index)
    assert merkle_check(numbered_leaf(index + 1), path, tree.root)
    assert merkle_index([side for side, _ in path], size) == index


@given(sizes, st.data())
def test_a_path_leads_to_the_root_from_its_own_leaf_only(size: int, data: st.DataObject) -> None:
    tree = MerkleTree(leaves_of(size))
    index = data.draw(st.integers(0, size - 1))
    assert not merkle_check(numbered_leaf(index + 2), tree.path(index), tree.root)


@given(st.integers(2, 70), st.data())
def test_a_changed_step_no_longer_leads_to_the_root(size: int, data: st.DataObject) -> None:
    tree = MerkleTree(leaves_of(size))
    path = tree.path(data.draw(st.integers(0, size - 1)))
    leaf = numbered_leaf(data.draw(st.integers(1, size)))
    at = data.draw(st.integers(0, len(path) - 1))
    side, beside = path[at]
    other: Side = "right" if side == "left" else "left"
    bit = data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(beside, "big") ^ 1 << bit).to_bytes(32, "big")
    for step in ((other, beside), (side, flipped)):
        assert not merkle_check(leaf, [*path[:at], step, *path[at + 1 :]], tree.root)
    assert not merkle_check(leaf, path[:-1], tree.root)


def test_a_node_does_not_pass_as_a_leaf() -> None:
    tree = MerkleTree(leaves_of(4))
    left, right = (MerkleTree(part).root for part in (leaves_of(4)[:2], leaves_of(4)[2:]))
    assert not merkle_check(left + right, [], tree.root)


@given(st.lists(st.sampled_from(["left", "right"]), max_size=8), st.integers(0, 70))
def test_sides_name_a_leaf_exactly_when_some_leaf_has_them(sides: list[Side], size: int) -> None:
    tree = MerkleTree(leaves_of(size))
    having = [index for index in range(size) if [side for side, _ in tree.path(index)] == sides]
    assert len(having) <= 1
    assert merkle_index(sides, size) == (having[0] if having else None)


def test_an_empty_tree_has_a_root_and_no_paths() -> None:
    tree = MerkleTree([])
    assert tree.root == EMPTY_ROOT
    assert len(tree) == 0
    with pytest.raises(IndexError):
        tree.path(0)


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_path(index: int) -> None:
    with pytest.raises(IndexError, match="3 leaves"):
        MerkleTree(leaves_of(3)).path(index)


def test_a_leaf_spells_its_number_in_eight_bytes_before_what_is_attested() -> None:
    assert numbered_leaf(0x0102, b"\xff").hex() == "0000000000000102ff"
    with pytest.raises(OverflowError):
        numbered_leaf(2**64)
