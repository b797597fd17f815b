"""Merkle trees: one hash that stands for a list, and short proofs that something is in it.

The tree is that of RFC 6962, section 2.1, with SHA-256:

    leaf          SHA-256(0x00 ‖ data)
    node          SHA-256(0x01 ‖ left ‖ right)
    empty list    SHA-256 of nothing

Nodes are paired level by level; a node without a partner at the end of its level moves up unchanged. The
two prefixes keep a node from being passed off as a leaf. `numbered_leaf` spells the data of a leaf that
belongs to a number: the number in 8 bytes, big-endian, then whatever is attested for it.

A path leads from a leaf to the root: for each level the hash that stands beside it, and on which side. A root
does not say how many leaves it covers; the count is published beside it, and `merkle_index` tells whether a
path has the shape of one in a tree of that many leaves, and of which leaf.
"""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["left", "right"]
Path: TypeAlias = list[tuple[Side, bytes]]

EMPTY_ROOT = hashlib.sha256(b"").digest()


def numbered_leaf(number: int, attested: bytes = b"") -> bytes:
    """The data of a leaf: `number` (below 2^64) as 8 big-endian bytes, then the attested bytes."""
    return number.to_bytes(8, "big") + attested


class MerkleTree:
    """All levels of the tree over `leaves` (their data, not hashed yet), built once: two hashes a leaf."""

    __slots__ = ("_levels",)

    def __init__(self, leaves: Sequence[bytes]) -> None:
        hash_of = hashlib.sha256
        level = [hash_of(b"\x00" + leaf).digest() for leaf in leaves]
        self._levels = [level]
        while len(level) > 1:
            pairs = zip(
                level[::2], level[1::2], strict=False
            )  # an odd node has no pair: it is promoted below
            above = [hash_of(b"\x01" + left + right).digest() for left, right in pairs]
            if len(level) % 2:
                above.append(level[-1])
            self._levels.append(above)
            level = above

    def __len__(self) -> int:
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """The 32-byte hash that stands for the whole list."""
        return self._levels[-1][0] if len(self) else EMPTY_ROOT

    def path(self, index: int) -> Path:
        """The path of leaf `index`, from the bottom up. Raises IndexError when there is no such leaf."""
        if not 0 <= index < len(self):
            raise IndexError(f"a tree of {len(self)} leaves has no leaf {index}")
        steps: Path = []
        for level in self._levels[:-1]:
            if index % 2:
                steps.append(("left", level[index - 1]))
            elif index + 1 < len(level):
                steps.append(("right", level[index + 1]))
            index //= 2
        return steps


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over `leaves` (their data, in order), 32 bytes."""
    return MerkleTree(leaves).root


def merkle_check(leaf: bytes, path: Sequence[tuple[Side, bytes]], root: bytes) -> bool:
    """Whether `path` leads from the leaf with this data to `root`."""
    node = hashlib.sha256(b"\x00" + leaf).digest()
    for side, beside in path:
        pair = beside + node if side == "left" else node + beside
        node = hashlib.sha256(b"\x01" + pair).digest()
    return node == root


def merkle_index(sides: Sequence[Side], count: int) -> int | None:
    """Which leaf of a tree of `count` leaves has a path with these sides, or None when no leaf has.

    Walks down from the root. Below a node there are two children, and the side says which one is ours, except
    below the last node of a level of odd width beneath it: that one was promoted and took no step.
    """
    if count < 1:
        return None
    widths = [count]
    while widths[-1] > 1:
        widths.append((widths[-1] + 1) // 2)
    steps = list(sides)
    index = 0
    for above, width in pairwise(reversed(widths)):
        if width % 2 and index == above - 1:
            index = width - 1
        elif steps:
            index = 2 * index + (steps.pop() == "left")
        else:
            return None
    return None if steps else index
