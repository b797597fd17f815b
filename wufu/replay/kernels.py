"""The compiled loops of the night: draw, win, trade, count. Each works on the people from `low` up to `high`.

All of them release the interpreter's lock; what they write belongs to the people they were given (or, in a
trade, to pairs that no other call touches), so any number of threads gives the same result.
"""

import numpy as np
from numpy.typing import NDArray

from wufu.core.draws import compiled, draw_64, lowest_bit, mask_of
from wufu.replay.society import (
    ATTENTIVE,
    FRIENDS,
    KINDS,
    SCARCE,
    SOCIABILITY,
    Rows,
    class_of,
    partner,
    trait,
)

FIRST_NUMBER = 1
"""The player number of the person in row 0."""
_SECOND_KEYSTREAM = 1 << 63


@compiled
def taps_of(table: NDArray[np.int64], more: NDArray[np.int64], kind: int, person: int) -> int:
    """How often a person of a class taps in a round."""
    taps = 0
    for minute in range(len(more)):
        taps += table[kind, minute] + (1 if person < more[minute] else 0)
    return taps


@compiled
def draw_round(
    rows: Rows,
    low: int,
    high: int,
    salt: np.uint64,
    keys: NDArray[np.uint64],
    uptos: NDArray[np.uint64],
    commons: int,
    table: NDArray[np.int64],
    more: NDArray[np.int64],
    won: NDArray[np.int64],
    who: NDArray[np.uint32],
    taps: NDArray[np.uint16],
    prizes: NDArray[np.uint8],
) -> tuple[int, int]:
    """Draw every tap of these people in one round: (taps drawn, limited prizes hit).

    The first `commons` prizes are unlimited cards: they go into the row, and into `won`. Hits of the others
    are written to `who`, `taps` and `prizes`; there must be room (the answer says how much was needed).
    """
    words = np.empty(64, dtype=np.uint64)
    top = uptos[-1]
    drawn, found = 0, 0
    for person in range(low, high):
        count = taps_of(table, more, class_of(salt, person), person)
        drawn += count
        for start in range(0, count, 64):
            hits = draw_64(keys, person + FIRST_NUMBER, start >> 1, top, words)
            if hits == np.uint64(0):
                continue
            hits &= mask_of(0, count, start)
            while hits != np.uint64(0):
                place = lowest_bit(hits)
                hits &= hits - np.uint64(1)
                prize = 0
                while words[place] >= uptos[prize]:
                    prize += 1
                if prize < commons:
                    won[prize] += 1
                    rows[person, prize] += 1
                    continue
                if found < len(who):
                    who[found], taps[found], prizes[found] = person, start + place, prize
                found += 1
    return drawn, found


@compiled
def draw_friend_cards(
    rows: Rows,
    low: int,
    high: int,
    salt: np.uint64,
    keys: NDArray[np.uint64],
    uptos: NDArray[np.uint64],
    friends: int,
    cards: int,
    wait: NDArray[np.int64],
    won: NDArray[np.int64],
    who: NDArray[np.uint32],
    taps: NDArray[np.uint16],
) -> tuple[int, int]:
    """Draw the cards of whoever made `friends` new friends in this part of the days before the eve.

    `wait` are two shares of 65,536: those whose patience lies between them have their friends now. Draw i is
    word i of the friends' round; the last prize of the table is the scarce card and limited.
    """
    words = np.empty(64, dtype=np.uint64)
    drawn, found = 0, 0
    scarce = len(uptos) - 1
    for person in range(low, high):
        if rows[person, FRIENDS] < friends:
            continue
        patience = np.int64(trait(salt, 4, person) >> np.uint64(48))
        if patience < wait[0] or patience >= wait[1]:
            continue
        draw_64(keys, person + FIRST_NUMBER, 0, uptos[-1], words)
        for card in range(cards):
            drawn += 1
            prize = 0
            while prize < len(uptos) and words[card] >= uptos[prize]:
                prize += 1
            if prize < scarce:
                won[prize] += 1
                rows[person, prize] += 1
            elif prize == scarce:
                if found < len(who):
                    who[found], taps[found] = person, card
                found += 1
    return drawn, found


@compiled
def arrivals(
    who: NDArray[np.uint32],
    taps: NDArray[np.uint16],
    salt: np.uint64,
    table: NDArray[np.int64],
    arrived: NDArray[np.uint32],
    low: int,
    high: int,
) -> None:
    """When each hit arrived, as a share of 32 minutes in 32 bits: a minute's taps are evenly spaced."""
    minutes = table.shape[1]
    for place in range(low, high):
        person, tap = np.int64(who[place]), np.int64(taps[place])
        kind = class_of(salt, person)
        minute = 0
        while minute < minutes - 1 and tap >= table[kind, minute]:
            tap -= table[kind, minute]
            minute += 1
        within = (np.uint64(tap) << np.uint64(27)) // np.uint64(max(np.int64(table[kind, minute]), tap + 1))
        phase = trait(salt, 5, person) >> np.uint64(45)  # nobody begins on the same instant
        moment = min(within + phase // np.uint64(tap + 2), np.uint64((1 << 27) - 1))
        arrived[place] = np.uint32((np.uint64(minute) << np.uint64(27)) + moment)


@compiled
def cash_amounts(
    who: NDArray[np.uint32],
    taps: NDArray[np.uint16],
    keys: NDArray[np.uint64],
    least: int,
    most: int,
    amounts: NDArray[np.uint32],
    low: int,
    high: int,
) -> None:
    """The amount of each cash hit, by the second keystream (`chance.amount_between`)."""
    words = np.empty(64, dtype=np.uint64)
    size = np.uint64(most - least + 1)
    refused = (np.uint64(0) - size) % size  # 2^64 mod size: so many words at the top are skipped
    last = ~np.uint64(0) - refused
    for place in range(low, high):
        block = np.uint64(_SECOND_KEYSTREAM) | np.uint64(taps[place])
        draw_64(keys, np.int64(who[place]) + FIRST_NUMBER, block, np.uint64(0), words)
        while words[0] > last:
            block += np.uint64(1) << np.uint64(48)
            draw_64(keys, np.int64(who[place]) + FIRST_NUMBER, block, np.uint64(0), words)
        amounts[place] = np.uint32(words[0] % size) + np.uint32(least)


@compiled
def friend_of(rows: Rows, person: int, turns: NDArray[np.int64], start: int) -> int:
    """Some friend of a person in the layered graph, or -1: the first layer with a tie, from `start` on."""
    deep = np.int64(rows[person, SOCIABILITY])
    for step in range(deep):
        layer = (start + step) % deep
        other: int = partner(turns[layer], person, len(rows))
        if other != person and layer < rows[other, SOCIABILITY]:
            return other
    return -1


@compiled
def hand_out(
    rows: Rows,
    money: NDArray[np.uint64],
    who: NDArray[np.uint32],
    taps: NDArray[np.uint16],
    amounts: NDArray[np.uint32],
    salt: np.uint64,
    turns: NDArray[np.int64],
    passing: int,
) -> tuple[int, int, int]:
    """Pay cash packets; `passing` of 65,536 winners pass the equal packet to a friend: (fen, passed, fen)."""
    paid, passed, passed_fen = 0, 0, 0
    for place in range(len(who)):
        person, amount = np.int64(who[place]), amounts[place]
        money[person] += np.uint64(amount)
        paid += amount
        word = trait(salt, 6, (person << 13) + np.int64(taps[place]))
        if np.int64(word & np.uint64(0xFFFF)) < passing:
            other = friend_of(rows, person, turns, np.int64(word >> np.uint64(48)))
            if other >= 0:
                money[other] += np.uint64(amount)
                passed += 1
                passed_fen += amount
    return paid, passed, passed_fen


@compiled
def _ask(
    rows: Rows, asker: int, giver: int, word: np.uint64, chances: NDArray[np.int64], done: NDArray[np.int64]
) -> None:
    """The asker looks at what a friend can spare: swaps, else asks for a gift; one card a meeting.

    `chances` are shares of 65,536: swapping, giving a spare card, giving the last one to somebody who then
    has the scarce card's whole set nearer. `done` counts swaps and gifts.
    """
    for card in range(KINDS):
        if rows[asker, card] > 0 or rows[giver, card] == 0:
            continue
        if rows[giver, card] > 1:
            for other in range(KINDS):
                if rows[asker, other] > 1 and rows[giver, other] == 0:
                    if np.int64(word & np.uint64(0xFFFF)) < chances[0]:
                        rows[asker, card] += 1
                        rows[giver, card] -= 1
                        rows[asker, other] -= 1
                        rows[giver, other] += 1
                        done[0] += 1
                    return
            if np.int64((word >> np.uint64(16)) & np.uint64(0xFFFF)) < chances[1]:
                rows[asker, card] += 1
                rows[giver, card] -= 1
                done[1] += 1
            return
        dear = card != SCARCE and rows[asker, SCARCE] > 0 and rows[giver, SCARCE] == 0
        if dear and np.int64((word >> np.uint64(16)) & np.uint64(0xFFFF)) < chances[2]:
            rows[asker, card] += 1
            rows[giver, card] -= 1
            done[1] += 1
            return


@compiled
def _kinds(row: np.uint64) -> np.uint64:
    """Which of the five kinds a packed row holds: the top bit of each of its five bytes."""
    cards = row & np.uint64(0xFFFFFFFFFF)
    low = np.uint64(0x7F7F7F7F7F)
    return (((cards & low) + low) | cards) & np.uint64(0x8080808080)


@compiled
def meet(
    rows: Rows, one: int, other: int, word: np.uint64, chances: NDArray[np.int64], done: NDArray[np.int64]
) -> None:
    """Two friends who meet (`chances[3]`) look at each other's cards."""
    if np.int64(word >> np.uint64(48)) >= chances[3]:
        return
    _ask(rows, one, other, word, chances, done)
    _ask(rows, other, one, word >> np.uint64(8), chances, done)


@compiled
def trade_layer(
    rows: Rows,
    packed: NDArray[np.uint64],
    low: int,
    high: int,
    layer: int,
    turn: int,
    salt: np.uint64,
    chances: NDArray[np.int64],
    done: NDArray[np.int64],
) -> None:
    """All friends of one layer meet; `salt` belongs to the layer and the occasion.

    `packed` is `rows`, one little-endian number a person: most pairs have nothing to trade (both lack the
    same kinds, or somebody does not look after the cards), and two numbers tell it.
    """
    people = len(packed)
    deep = np.uint64(layer)
    for person in range(low, high):
        other = partner(turn, person, people)
        if other <= person:
            continue
        one, two = packed[person], packed[other]
        if _kinds(one) == _kinds(two) or (one & two) >> np.uint64(48) & np.uint64(1) == 0:
            continue
        if deep < (one >> np.uint64(40)) & np.uint64(255) and deep < (two >> np.uint64(40)) & np.uint64(255):
            meet(rows, person, other, trait(salt, 7, person), chances, done)


@compiled
def trade_listed(
    rows: Rows,
    firsts: NDArray[np.int64],
    seconds: NDArray[np.int64],
    salt: np.uint64,
    chances: NDArray[np.int64],
    done: NDArray[np.int64],
) -> None:
    """All friends of a list meet, one pair after the other."""
    for place in range(len(firsts)):
        one, other = firsts[place], seconds[place]
        if rows[one, ATTENTIVE] & rows[other, ATTENTIVE] != 0:
            meet(rows, one, other, trait(salt, 7, place), chances, done)


@compiled
def count_full(rows: Rows, low: int, high: int) -> int:
    """How many people hold all kinds."""
    full = 0
    for person in range(low, high):
        missing = 0
        for card in range(KINDS):
            missing += rows[person, card] == 0
        full += missing == 0
    return full


@compiled
def pay_winners(rows: Rows, money: NDArray[np.uint64], low: int, high: int, each: int) -> int:
    """Credit everybody who holds all kinds; how many they are."""
    winners = 0
    for person in range(low, high):
        full = True
        for card in range(KINDS):
            full = full and rows[person, card] > 0
        if full:
            money[person] += np.uint64(each)
            winners += 1
    return winners
