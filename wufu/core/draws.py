"""Draws in bulk: the rule of `wufu.core.chance` at the speed of the processor's AES instructions.

The story. A replay of the night draws 324.5 billion taps, each by the published rule: tap `i` of player `p`
is half `i % 2` of `AES_K(p ‖ i // 2)`, compared with the odds. `chance.draw_words_of_many` asks OpenSSL for
whole arrays of words and then looks at them; what that costs is memory traffic. Here nothing leaves the core:
one step (`draw_64`) counts up 32 counter blocks, encrypts them, turns the bytes into numbers, compares all 64
with the highest threshold and answers with 64 bits, one a tap: set where the tap won something. The words
stay in the first-level cache for whoever wants to know what was won.

The step is written in LLVM's instructions, since neither numpy nor numba knows AES: `aesenc` on registers of
512, 256 or 128 bits, whatever this processor has. One without them runs `_draw_64_plain`, the textbook
cipher, in the same loops: slow, and equal. The loops release the interpreter's lock, so threads use all
cores; they are compiled once and kept in numba's cache.

A live server never imports this module (nor numba): its batches are small, and OpenSSL is quick enough there.
Tests hold the two equal, and both equal to `openssl enc -aes-128-ctr`.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from wufu.core.chance import KEY_SIZE, MOST_TAPS, Odds

Arguments = ParamSpec("Arguments")

STEP = 64
"""Taps that one step draws; it begins at an even multiple of itself only if its caller wants so."""
_ROUNDS = 10  # of AES-128
_AT_ONCE = 8  # registers in flight: an `aesenc` takes four cycles, and one or two begin in each


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def compiled(function: Callable[Arguments, Any]) -> Callable[..., Any]:
    """A function for the processor: compiled once, cached, run without the interpreter's lock."""
    made: Callable[..., Any] = njit(nogil=True, cache=True)(function)
    return made


# --- The key --------------------------------------------------------------------------------------


def _times_2(value: int) -> int:
    """Doubling in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197, section 4.2)."""
    return value << 1 ^ (0x11B if value & 0x80 else 0)


def _substitution() -> list[int]:
    """The S-box of FIPS 197, section 5.1.1: inverse in GF(2^8), then an affine map."""
    powers, value = [], 1
    for _ in range(255):  # 3 generates the field's 255 elements that have an inverse
        powers.append(value)
        value = _times_2(value) ^ value
    box = [0x63] * 256
    for place, value in enumerate(powers):
        inverse = powers[-place % 255]
        turned = inverse
        for _ in range(4):
            turned = (turned << 1 | turned >> 7) & 0xFF
            inverse ^= turned
        box[value] = inverse ^ 0x63
    return box


_BOX = _substitution()
_BOX_ARRAY = np.array(_BOX, dtype=np.uint8)


def round_keys(key: bytes) -> NDArray[np.uint64]:
    """The 11 round keys of AES-128 (FIPS 197, section 5.2) as they lie in memory: 22 little-endian words."""
    if len(key) != KEY_SIZE:
        raise ValueError(f"a round key has 16 bytes, not {len(key)}")
    schedule, constant = bytearray(key), 1
    for _ in range(_ROUNDS):
        last = schedule[-4:]
        mixed = [_BOX[byte] for byte in (*last[1:], last[0])]
        mixed[0] ^= constant
        constant = _times_2(constant)
        for _ in range(4):
            mixed = [byte ^ before for byte, before in zip(mixed, schedule[-16:-12], strict=True)]
            schedule += bytes(mixed)
    return np.frombuffer(bytes(schedule), dtype="<u8").astype(np.uint64)


# --- One step -------------------------------------------------------------------------------------


def _register_blocks() -> int:
    """Cipher blocks in the widest register with AES instructions: 4, 2 or 1; 0 without any."""
    if not binding.get_process_triple().startswith(("x86_64", "amd64")):
        return 0
    features = binding.get_host_cpu_features()
    if features.get("vaes") and features.get("avx512f"):
        return 4
    if features.get("vaes") and features.get("avx2"):
        return 2
    return 1 if features.get("aes") else 0


def _declared(module: ir.Module, kind: ir.FunctionType, name: str) -> ir.Function:
    return module.globals.get(name) or ir.Function(module, kind, name)


def _step_in_registers(
    builder: ir.IRBuilder, blocks: int, keys: ir.Value, numbers: Sequence[ir.Value], words: ir.Value
) -> ir.Value:
    """The instructions of one step: 64 words into `words`; their comparison with the threshold as 64 bits.

    `blocks` counters lie in a register as (player, block number) pairs; `numbers` are the player, the first
    block's number and the threshold.
    """
    player, block, threshold = numbers
    word, lanes = ir.IntType(64), 2 * blocks
    vector, pair = ir.VectorType(word, lanes), ir.VectorType(word, 2)
    suffix = {1: "", 2: ".256", 4: ".512"}[blocks]
    module = builder.module
    kind = ir.FunctionType(vector, [vector, vector])
    encrypt = _declared(module, kind, f"llvm.x86.aesni.aesenc{suffix}")
    encrypt_last = _declared(module, kind, f"llvm.x86.aesni.aesenclast{suffix}")
    swap = _declared(module, ir.FunctionType(vector, [vector]), f"llvm.bswap.v{lanes}i64")

    def constant(values: Sequence[int]) -> ir.Value:
        return ir.Constant(vector, [ir.Constant(word, value) for value in values])

    def spread(value: ir.Value) -> ir.Value:
        first = builder.insert_element(
            ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0)
        )
        places = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
        return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), places)

    def round_key(number: int) -> ir.Value:
        where = builder.gep(keys, [ir.Constant(word, 2 * number)])
        key = builder.load(builder.bitcast(where, pair.as_pointer()), align=8)
        places = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0, 1] * blocks)
        return builder.shuffle_vector(key, ir.Constant(pair, ir.Undefined), places)

    odd = constant([0, 2**64 - 1] * blocks)
    players = builder.and_(spread(player), builder.not_(odd))
    counters = builder.or_(
        players,
        builder.and_(builder.add(spread(block), constant([place // 2 for place in range(lanes)])), odd),
    )
    limit = spread(threshold)
    schedule = [round_key(number) for number in range(_ROUNDS + 1)]
    found: ir.Value = ir.Constant(word, 0)
    registers = STEP // lanes
    for start in range(0, registers, _AT_ONCE):
        places = range(start, min(start + _AT_ONCE, registers))
        states = [
            builder.xor(
                builder.call(swap, [builder.add(counters, constant([0, place * blocks] * blocks))]),
                schedule[0],
            )
            for place in places
        ]
        for key in schedule[1:-1]:
            states = [builder.call(encrypt, [state, key]) for state in states]
        for place, state in zip(places, states, strict=True):
            drawn = builder.call(swap, [builder.call(encrypt_last, [state, schedule[-1]])])
            where = builder.gep(words, [ir.Constant(word, place * lanes)])
            builder.store(drawn, builder.bitcast(where, vector.as_pointer()), align=8)
            bits = builder.bitcast(builder.icmp_unsigned("<", drawn, limit), ir.IntType(lanes))
            shifted = builder.shl(builder.zext(bits, word), ir.Constant(word, place * lanes))
            found = builder.or_(found, shifted)
    return found


def _step_in_blocks_of(blocks: int) -> Any:
    @intrinsic  # type: ignore[misc, untyped-decorator, unused-ignore]
    def step(_typing: Any, keys: Any, player: Any, block: Any, threshold: Any, words: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = [
                context.make_array(signature.args[place])(context, builder, arguments[place]).data
                for place in (0, 4)
            ]
            return _step_in_registers(builder, blocks, data[0], arguments[1:4], data[1])

        return types.uint64(keys, types.uint64, types.uint64, types.uint64, words), generate

    return step


@compiled
def _draw_64_plain(
    keys: NDArray[np.uint64], player: int, block: int, threshold: int, words: NDArray[np.uint64]
) -> np.uint64:
    """`draw_64` without AES instructions: the cipher of FIPS 197, section 5.1, byte by byte."""
    state, moved = np.empty(16, dtype=np.uint8), np.empty(16, dtype=np.uint8)
    found = np.uint64(0)
    for number in range(32):
        halves = (np.uint64(player), np.uint64(block) + np.uint64(number))
        for place in range(16):
            value = halves[place >> 3] >> np.uint64(56 - 8 * (place & 7))
            state[place] = np.uint8(value & np.uint64(255)) ^ _key_byte(keys, place)
        for turn in range(1, 11):
            for place in range(16):  # bytes substituted, rows shifted
                moved[place] = _BOX_ARRAY[state[(5 * place) & 15]]
            for place in range(16):  # columns mixed, except at the end; the key added
                value = moved[place]
                if turn < 10:
                    column, row = place & 12, place & 3
                    beside = moved[column + ((row + 1) & 3)]
                    rest = moved[column + ((row + 2) & 3)] ^ moved[column + ((row + 3) & 3)]
                    value = _double(value ^ beside) ^ beside ^ rest
                state[place] = value ^ _key_byte(keys, 16 * turn + place)
        for half in range(2):
            word = np.uint64(0)
            for place in range(8):
                word = word << np.uint64(8) | np.uint64(state[8 * half + place])
            tap = 2 * number + half
            words[tap] = word
            if word < np.uint64(threshold):
                found |= np.uint64(1) << np.uint64(tap)
    return found


@compiled
def _double(value: np.uint8) -> np.uint8:
    doubled = np.uint8(value << 1)
    return doubled ^ np.uint8(0x1B) if value & 0x80 else doubled


@compiled
def _key_byte(keys: NDArray[np.uint64], place: int) -> np.uint8:
    return np.uint8((keys[place >> 3] >> np.uint64(8 * (place & 7))) & np.uint64(255))


_BLOCKS = _register_blocks()
_step = _step_in_blocks_of(_BLOCKS) if _BLOCKS else _draw_64_plain


@compiled
def draw_64(
    keys: NDArray[np.uint64], player: int, block: int, threshold: int, words: NDArray[np.uint64]
) -> Any:
    """Draw the 64 taps from `2 * block` on; for use inside compiled loops.

    `words` (64 of uint64) receives the words; the answer's bit k is set where word k is below `threshold`.
    """
    return _step(keys, np.uint64(player), np.uint64(block), np.uint64(threshold), words)


@compiled
def mask_of(first: int, after: int, start: int) -> np.uint64:
    """Which of the 64 taps from `start` on lie in [first, after), as bits; at least one does."""
    mask = ~np.uint64(0)
    if first > start:
        mask &= ~np.uint64(0) << np.uint64(first - start)
    if after < start + 64:
        mask &= (np.uint64(1) << np.uint64(after - start)) - np.uint64(1)
    return mask


@compiled
def lowest_bit(mask: np.uint64) -> Any:
    """The place of the lowest set bit of a mask that is not 0."""
    return _ones((mask & (~mask + np.uint64(1))) - np.uint64(1))


@compiled
def _ones(value: np.uint64) -> np.int64:
    value = value - ((value >> np.uint64(1)) & np.uint64(0x5555555555555555))
    value = (value & np.uint64(0x3333333333333333)) + (
        (value >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    value = (value + (value >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((value * np.uint64(0x0101010101010101)) >> np.uint64(56))


# --- Many players ---------------------------------------------------------------------------------


@compiled
def _count(
    keys: NDArray[np.uint64],
    players: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    counts: NDArray[np.int64],
    uptos: NDArray[np.uint64],
) -> NDArray[np.int64]:
    found = np.zeros(len(uptos), dtype=np.int64)
    words = np.empty(64, dtype=np.uint64)
    top = uptos[-1]
    for request in range(len(players)):
        first, after = firsts[request], firsts[request] + counts[request]
        player = players[request]
        for start in range(first & -2, after, 64):
            hits = draw_64(keys, player, start >> 1, top, words)
            if hits == np.uint64(0):
                continue
            hits &= mask_of(first, after, start)
            while hits != np.uint64(0):
                word = words[lowest_bit(hits)]
                hits &= hits - np.uint64(1)
                prize = 0
                while word >= uptos[prize]:
                    prize += 1
                found[prize] += 1
    return found


@compiled
def _hits(
    keys: NDArray[np.uint64],
    players: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    counts: NDArray[np.int64],
    uptos: NDArray[np.uint64],
    room: NDArray[np.int64],
) -> int:
    """Write (request, tap, prize) rows into `room`; how many there are, which may be more than fit."""
    found = 0
    words = np.empty(64, dtype=np.uint64)
    top = uptos[-1]
    for request in range(len(players)):
        first, after = firsts[request], firsts[request] + counts[request]
        for start in range(first & -2, after, 64):
            hits = draw_64(keys, players[request], start >> 1, top, words) & mask_of(first, after, start)
            while hits != np.uint64(0):
                place = lowest_bit(hits)
                hits &= hits - np.uint64(1)
                if found < len(room):
                    prize = 0
                    while words[place] >= uptos[prize]:
                        prize += 1
                    room[found, 0], room[found, 1], room[found, 2] = request, start + place, prize
                found += 1
    return found


def count_prizes(
    key: bytes,
    players: NDArray[np.integer],
    firsts: NDArray[np.integer],
    counts: NDArray[np.integer],
    odds: Odds,
    threads: int | None = None,
) -> NDArray[np.int64]:
    """How often each prize of `odds` is won by all requests (player, first tap, count) together.

    The arrays have one entry a request, as in `chance.draw_words_of_many`; `threads` are as many as there are
    cores when None. Raises ValueError at negative numbers, taps from 2^48 up and arrays that do not fit.
    """
    arrays, uptos, keys = _checked(players, firsts, counts), _uptos(odds), round_keys(key)
    if not len(uptos):
        return np.zeros(0, dtype=np.int64)
    workers = threads or cores()
    if workers == 1:
        return np.asarray(_count(keys, *arrays, uptos), dtype=np.int64)
    parts = [np.array_split(array, 4 * workers) for array in arrays]
    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(lambda part: _count(keys, *part, uptos), zip(*parts, strict=True))
        return np.asarray(np.sum(list(found), axis=0), dtype=np.int64)


def hits_of_many(
    key: bytes,
    players: NDArray[np.integer],
    firsts: NDArray[np.integer],
    counts: NDArray[np.integer],
    odds: Odds,
) -> NDArray[np.int64]:
    """Every tap that wins something: rows of (request, tap, index of the prize), by request and then by tap.

    Arguments and errors are those of `count_prizes`.
    """
    arrays, uptos, keys = _checked(players, firsts, counts), _uptos(odds), round_keys(key)
    if not len(uptos):
        return np.zeros((0, 3), dtype=np.int64)
    # Room for what is expected and ten standard deviations; counted anew in the rare case of more.
    expected = int(arrays[2].sum()) * (int(uptos[-1]) / 2**64)
    room: NDArray[np.int64] = np.empty((int(expected + 10 * expected**0.5) + 64, 3), dtype=np.int64)
    found = _hits(keys, *arrays, uptos, room)
    if found > len(room):
        room = np.empty((found, 3), dtype=np.int64)
        _hits(keys, *arrays, uptos, room)
    return np.asarray(room[:found], dtype=np.int64)


def _uptos(odds: Odds) -> NDArray[np.uint64]:
    return np.array([upto for _, upto in odds.entries], dtype=np.uint64)


def _checked(
    players: NDArray[np.integer], firsts: NDArray[np.integer], counts: NDArray[np.integer]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    given = (players, firsts, counts)
    if any(array.ndim != 1 or len(array) != len(players) for array in given):
        raise ValueError("players, firsts and counts are three arrays of one length")
    if len(players):
        if any(array.dtype.kind not in "iu" or int(array.min()) < 0 for array in given):
            raise ValueError("players, firsts and counts are integers and not negative")
        if int(firsts.max()) + int(counts.max()) > MOST_TAPS:
            raise ValueError("tap numbers are below 2^48")
    return players.astype(np.uint64), firsts.astype(np.int64), counts.astype(np.int64)
