"""The split: exact, bounded, unbiased, and the same whoever computes it."""

import subprocess
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wufu.core.chance import canonical_json, draw_words, hkdf_sha256, second_word, sha256
from wufu.redpacket import Terms, all_shares, lucky_shares, packet_commitment, packet_key, split

SECRET = bytes(range(32))
TERMS = Terms(
    "0194d2b0-0000-7000-8000-000000000001", 17, "lucky", 10_000, 10, 20_000, "2016-02-07T12:36:00.000000Z"
)
# Made with `openssl kdf ... HKDF`, `openssl enc -aes-128-ctr` and `sha256sum`, not with this code.
KEY = bytes.fromhex("8d4f0f6b1f4339e3a5704e9aeced2e3a")
GOLDEN_COMMITMENT = "e5ae0471e74d5b21d7918910fd080bb0969a430b9d473c48bcf82fbcb48ad774"
GOLDEN_SHARES = [637, 1887, 1821, 1559, 8, 965, 1549, 814, 192, 568]


def openssl_keystream(key: bytes, counter: bytes, size: int) -> bytes:
    """The keystream as the command line makes it: zeros, encrypted."""
    done = subprocess.run(
        ["openssl", "enc", "-aes-128-ctr", "-K", key.hex(), "-iv", counter.hex()],
        input=bytes(size),
        capture_output=True,
        check=True,
    )
    return done.stdout


def naive_shares(key: bytes, terms: Terms) -> list[int]:
    """The rule as the chapter tells it, word by word, with another implementation of the cipher."""
    left, shares = terms.minor, []
    for n in range(terms.shares):
        k = terms.shares - n
        if k == 1:
            shares.append(left)
            break
        least = max(1, left - terms.most_minor * (k - 1))
        top = min(2 * left // k, left - (k - 1), terms.most_minor)
        size = top - least + 1
        word = 1 << 64
        for attempt in count():
            if attempt == 0:
                stream = openssl_keystream(key, bytes(16), 8 * n + 8)[-8:]
            else:
                block = bytes(8) + ((1 << 63) + (attempt << 48) + n).to_bytes(8)
                stream = openssl_keystream(key, block, 8)
            word = int.from_bytes(stream)
            if word < (1 << 64) - (1 << 64) % size:
                break
        shares.append(least + word % size)
        left -= shares[-1]
    return shares


def test_the_golden_packet_splits_as_written_down() -> None:
    """Computed once with openssl and sha256sum, and kept: a change of the format must be noticed."""
    assert canonical_json(
        {
            "minor": 10_000,
            "most_minor": 20_000,
            "packet": TERMS.packet,
            "sender": 17,
            "sent_at": TERMS.sent_at,
            "shares": 10,
            "split": "lucky",
        }
    ) == split.canonical_terms(TERMS)
    assert packet_key(SECRET, TERMS) == KEY
    assert packet_commitment(SECRET, TERMS).hex() == GOLDEN_COMMITMENT
    assert all_shares(SECRET, TERMS, 10) == GOLDEN_SHARES


def test_key_and_commitment_are_what_the_chapter_says() -> None:
    canonical = split.canonical_terms(TERMS)
    info = b"wufu/packet/" + TERMS.packet.encode()
    assert packet_key(SECRET, TERMS) == hkdf_sha256(SECRET, sha256(canonical), info, 16)
    assert packet_commitment(SECRET, TERMS) == sha256(SECRET + canonical)


@pytest.mark.parametrize(
    ("minor", "shares", "most"), [(10_000, 10, 20_000), (7, 5, 3), (100, 20, 6), (2, 2, 1)]
)
def test_another_implementation_gives_the_same_shares(minor: int, shares: int, most: int) -> None:
    terms = Terms(TERMS.packet, 17, "lucky", minor, shares, most, TERMS.sent_at)
    assert lucky_shares(KEY, terms, 0, minor, shares) == naive_shares(KEY, terms)


splits = st.integers(1, 400).flatmap(
    lambda shares: st.tuples(
        st.just(shares),
        st.integers(1, 20_000).flatmap(
            lambda most: st.tuples(st.integers(shares, shares * most), st.just(most))
        ),
        st.binary(min_size=32, max_size=32),
    )
)


@settings(max_examples=300, deadline=None)
@given(splits)
def test_every_split_sums_exactly_and_keeps_its_bounds(case: tuple[int, tuple[int, int], bytes]) -> None:
    shares, (minor, most), secret = case
    terms = Terms(TERMS.packet, 17, "lucky", minor, shares, most, TERMS.sent_at)
    amounts = all_shares(secret, terms, shares)
    assert len(amounts) == shares
    assert sum(amounts) == minor
    assert all(1 <= amount <= most for amount in amounts)
    left = minor
    for place, amount in enumerate(amounts[:-1]):
        assert amount <= max(1, 2 * left // (shares - place))
        left -= amount


@settings(max_examples=100, deadline=None)
@given(splits, st.data())
def test_shares_taken_in_portions_are_those_taken_at_once(
    case: tuple[int, tuple[int, int], bytes], data: st.DataObject
) -> None:
    shares, (minor, most), secret = case
    terms = Terms(TERMS.packet, 17, "lucky", minor, shares, most, TERMS.sent_at)
    key, left = packet_key(secret, terms), minor
    amounts: list[int] = []
    while len(amounts) < shares:
        portion = data.draw(st.integers(1, shares - len(amounts)))
        taken = lucky_shares(key, terms, len(amounts), left, portion)
        left -= sum(taken)
        amounts += taken
    assert left == 0
    assert amounts == all_shares(secret, terms, shares)


def test_a_rejected_word_is_replaced_by_its_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real word is rejected once in 10^15; with the range cut down to 2, every word from 2 on is."""
    terms = Terms(TERMS.packet, 17, "lucky", 4, 3, 3, TERMS.sent_at)  # share 0 is 1 or 2: size 2
    assert all(sum(all_shares(bytes([n]) * 32, terms, 3)) == 4 for n in range(50))
    monkeypatch.setattr(split, "_RANGE", 2)  # 2 - 2 % size: only word 0 is acceptable
    word = int(draw_words(KEY, 0, 0, 1)[0])
    assert word >= 2
    replaced = second_word(KEY, 0, 0, 1)
    assert lucky_shares(KEY, terms, 0, 4, 1) == [1 + replaced % 2]


def test_a_packet_of_the_largest_shares_is_equal_whatever_the_secret() -> None:
    terms = Terms(TERMS.packet, 17, "lucky", 5 * 20_000, 5, 20_000, TERMS.sent_at)
    assert all_shares(SECRET, terms, 5) == [20_000] * 5


def test_a_packet_of_one_fen_each_is_equal_whatever_the_secret() -> None:
    terms = Terms(TERMS.packet, 17, "lucky", 100, 100, 20_000, TERMS.sent_at)
    assert all_shares(SECRET, terms, 100) == [1] * 100


def test_the_mean_of_a_share_does_not_depend_on_its_place() -> None:
    """4,000 packets of ¥100 in 10: a place's mean is ¥10.00 within four standard errors."""
    columns = [0] * 10
    packets = 4_000
    for number in range(packets):
        terms = Terms(TERMS.packet, 17, "lucky", 10_000, 10, 20_000, f"{number}")
        for place, minor in enumerate(all_shares(SECRET, terms, 10)):
            columns[place] += minor
    assert all(abs(column / packets - 1_000) < 4 * 780 / packets**0.5 for column in columns)


def test_different_terms_split_differently() -> None:
    other = Terms(TERMS.packet, 18, "lucky", 10_000, 10, 20_000, TERMS.sent_at)
    assert all_shares(SECRET, other, 10) != all_shares(SECRET, TERMS, 10)
    assert packet_commitment(SECRET, other) != packet_commitment(SECRET, TERMS)
