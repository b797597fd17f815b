"""How a packet is split: fixed by a secret when it is sent, and checkable by anybody when it has ended.

The story. At sending the server takes a 32-byte secret `S` and writes down the packet's `Terms`. Published at
once is the commitment, SHA-256(S ‖ canonical terms): neither the secret nor the terms can be changed after
it. From then on every share is decided, whoever comes for it: share `n` reads word `n` of the packet's
AES-128-CTR keystream. When the packet has ended `S` is published, and everybody can split it again.

    key      HKDF-SHA256(ikm = S, salt = SHA-256(canonical terms), info = "wufu/packet/" + packet id)[:16]
    word n   bytes 8n to 8n + 7, big-endian, of the keystream whose initial counter block is all zero

A share is uniform on [1 fen, 2 × remaining mean], the last takes what is left. Exactly, in whole fen: with
`left` fen for `k` shares still to come and `most` the largest share allowed,

    least = max(1, left - most × (k - 1))                  nobody later may get more than `most`
    top   = min(⌊2 × left / k⌋, left - (k - 1), most)      everybody later gets at least 1 fen
    share = least + (word mod size), size = top - least + 1;   for k = 1: share = left

A word from 2^64 - (2^64 mod size) on is rejected, since the remainder would favour small shares; attempt
a = 1, 2, ... is then the first half of AES_K(8 zero bytes ‖ 2^63 + a × 2^48 + n), as in a campaign's second
keystream (`wufu.core.chance`). `least <= top` always: left lies between k and most × k, and stays there.

The mean of a share is half a fen above the remaining mean, whatever its place; its spread grows with the
place, because what is left has wandered by then: who comes late plays higher, for the same mean.
"""

from functools import lru_cache
from typing import Literal

import msgspec

from wufu.core.chance import (
    MOST_ATTEMPTS,
    WORD_BITS,
    canonical_json,
    draw_words,
    hkdf_sha256,
    second_word,
    sha256,
    uniform_below,
)

Split = Literal["lucky", "equal"]

_RANGE = 1 << WORD_BITS


class Terms(msgspec.Struct, frozen=True):
    """What a packet promises, published at sending; `sent_at` is RFC 3339 in UTC, to the microsecond."""

    packet: str
    sender: int
    split: Split
    minor: int
    shares: int
    most_minor: int
    sent_at: str


def canonical_terms(terms: Terms) -> bytes:
    """The one spelling of the terms that is hashed: RFC 8785."""
    return canonical_json(msgspec.to_builtins(terms))


def packet_commitment(secret: bytes, terms: Terms) -> bytes:
    """What is published at sending: SHA-256 of the secret and the canonical terms."""
    return sha256(secret + canonical_terms(terms))


@lru_cache(maxsize=4096)
def packet_key(secret: bytes, terms: Terms) -> bytes:
    """The 16-byte key of the packet's keystream."""
    salt = sha256(canonical_terms(terms))
    return hkdf_sha256(secret, salt, b"wufu/packet/" + terms.packet.encode(), 16)


def lucky_shares(key: bytes, terms: Terms, first: int, left: int, count: int) -> list[int]:
    """Shares number `first` to `first + count - 1`, in fen; `left` is there for `first` and all after it.

    `terms.shares <= terms.minor <= terms.shares * terms.most_minor`. One call of the cipher for all.
    """
    shares, most = terms.shares, terms.most_minor
    assert 0 <= first <= first + count <= shares
    amounts = []
    for number, word in enumerate(draw_words(key, 0, first, count).tolist(), first):
        later = shares - number - 1
        if not later:
            amounts.append(left)
            break
        least = max(1, left - most * later)
        top = min(2 * left // (later + 1), left - later, most)
        size = top - least + 1
        if word >= _RANGE - _RANGE % size:
            word = _another_word(key, number, size)
        amount = least + word % size
        amounts.append(amount)
        left -= amount
    return amounts


def _another_word(key: bytes, number: int, size: int) -> int:
    """What stands in for a rejected word: the first acceptable of its further attempts, modulo `size`."""
    return uniform_below(size, (second_word(key, 0, number, attempt) for attempt in range(1, MOST_ATTEMPTS)))


def all_shares(secret: bytes | None, terms: Terms, count: int) -> list[int]:
    """The first `count` shares of a packet, as far as it has them; an equal one has no secret."""
    count = min(count, terms.shares)
    if terms.split == "equal":
        return [terms.minor // terms.shares] * count
    assert secret is not None
    return lucky_shares(packet_key(secret, terms), terms, 0, terms.minor, count)
