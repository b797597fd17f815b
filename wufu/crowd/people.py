"""What simulated people decide: pure functions of what they hold, whom they know and a seed.

Taps are heavy-tailed, as on the night: most people tap a little, a few until their arm hurts. A person's
energy is r / (1 - r) for a uniform r, capped by what fingers can do; each round varies it a little. This has
no largest typical value, half of all people stay below a quarter of the mean, and it needs whole numbers
only, so that equal seeds give equal taps on any machine.

Cards: who lacks one looks at what their friends show they can spare, offers a swap when there is something
to give in return, and asks otherwise. Who is asked gives, but keeps one spare card to swap with; generous
people keep none, and give even their last to somebody dear. A swap is accepted when it helps: what comes is
lacking, and what goes is spare. Of those who win cash 27.7 % pass the equal packet on, as in 2016.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from wufu.core.chance import Chance, draw_words, uniform_below
from wufu.core.ids import PersonId

PASSED_IN_1000 = 277
GENEROUS_IN_100 = 15
ABSENT_IN_100 = 12
"""How many in a hundred sit a round out."""
RESOLUTION = 1 << 32
WORDS_AT_ONCE = 1024


class Dice:
    """A stream of whole numbers that follows from a key of 16 bytes alone."""

    def __init__(self, key: bytes) -> None:
        self._words = self._stream(key)

    @staticmethod
    def _stream(key: bytes) -> Iterator[int]:
        first = 0
        while True:
            yield from draw_words(key, 0, first, WORDS_AT_ONCE).tolist()
            first += WORDS_AT_ONCE

    def below(self, n: int) -> int:
        """A number from 0 to n - 1."""
        return uniform_below(n, self._words)

    def hits(self, share: int, of: int) -> bool:
        """True in `share` of `of` cases."""
        return self.below(of) < share

    def between(self, least: int, most: int) -> int:
        return least + self.below(most - least + 1)


def dice(chance: Chance, label: str) -> Dice:
    """The dice of one use of a seed."""
    return Dice(chance.secret(f"crowd/{label}", 16))


@dataclass(slots=True)
class Player:
    """What one simulated person's phone knows: the friends, the cards, the number in the campaign."""

    person: PersonId
    friends: tuple[PersonId, ...] = ()
    generous: bool = False
    number: int = 0
    cards: dict[str, int] = field(default_factory=dict)

    def spare(self, card: str) -> int:
        """How many of a card there are beyond the one that is kept."""
        return max(self.cards.get(card, 0) - 1, 0)

    def kept(self) -> int:
        """How many spare cards of a kind this person keeps to swap with."""
        return 0 if self.generous else 1

    def lacks(self, card: str) -> bool:
        return self.cards.get(card, 0) < 1

    def change(self, card: str, by: int) -> None:
        """A card came or left. Changes may arrive in any order, so a count may be below zero for a moment."""
        self.cards[card] = self.cards.get(card, 0) + by


# --- Taps -----------------------------------------------------------------------------------------


def plan_taps(chance: Chance, people: int, rounds: int, mean: int, most: int) -> NDArray[np.int64]:
    """Taps of each person (row) in each round (column).

    `mean` is a person's taps in all rounds together: the sum of the table is at least `people * mean`, and
    hardly more. `most` is what one person can tap in one round. Raises ValueError when that is too little.
    """
    if mean > rounds * most:
        raise ValueError(f"{mean} taps do not fit into {rounds} rounds of at most {most}")
    words = np.frombuffer(
        b"".join(chance.secret(f"crowd/{place}/taps", 4 * (rounds + 1)) for place in range(people)), ">u4"
    )
    table = words.astype(np.int64).reshape(people, rounds + 1)
    energy, mood = table[:, :1], table[:, 1:]

    def taps(scale: int) -> NDArray[np.int64]:
        """With a hundredfold scale: what everybody taps when the middle of the crowd taps scale / 100."""
        drive = np.minimum(scale * (energy + 1) // (RESOLUTION - energy), 100 * most)
        varied = drive * (50 + (mood >> 16) % 101) // 10_000
        there = (mood & 0xFFFF) % 100 >= ABSENT_IN_100
        return np.minimum(np.where(there, varied, 0), most)

    # The sum grows with the scale, so the smallest scale that suffices is found by halving.
    low, high = 0, 100
    while int(taps(high).sum()) < people * mean:
        if high > 1 << 40:  # everybody who is there taps as fast as they can
            return np.minimum(np.full((people, rounds), most, dtype=np.int64), -(-mean // rounds))
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if int(taps(middle).sum()) < people * mean else (low, middle)
    return taps(high)


def taps_for(seconds: int) -> int:
    """What an average person taps in rounds of so many seconds together: eight taps in three seconds.

    People pause, come late and leave early; who sits in front of a phone and taps on does twice that.
    """
    return max(seconds * 8 // 3, 1)


def client_seed(chance: Chance, place: int) -> str:
    """The seed a person's phone makes when it joins, as 64 hexadecimal digits."""
    return chance.secret(f"crowd/{place}/seed").hex()


# --- Cards ----------------------------------------------------------------------------------------


def gives(player: Player, card: str, *, dear: bool) -> bool:
    """Whether somebody who is asked for a card gives one; `dear` is who they would give their last to."""
    if dear:
        return player.spare(card) > 0 or (player.generous and not player.lacks(card))
    return player.spare(card) > player.kept()


def accepts(player: Player, offered: str, wanted: str, *, dear: bool = False) -> bool:
    """Whether a swap is welcome: what is offered is lacking, and what is wanted can be spared.

    To somebody dear it is also welcome when they would be given the card for nothing.
    """
    if player.lacks(offered) and player.spare(wanted):
        return True
    return dear and gives(player, wanted, dear=True)


@dataclass(frozen=True, slots=True)
class Wish:
    """`person` wants `card` from `friend`, by a swap for what they offer (`offers`) or by asking (None)."""

    person: PersonId
    friend: PersonId
    card: str
    offers: str | None


def wishes(
    people: Iterable[Player],
    players: Mapping[PersonId, Player],
    kinds: Sequence[str],
    rolled: Dice,
) -> list[Wish]:
    """What these people ask of their friends now: at most one wish for each card they lack.

    Only friends among `players` who can spare the card are asked, and nobody is asked for more than they can
    spare: people see that before they ask, and know who likes to give.
    """
    spare: dict[tuple[PersonId, str], int] = {}

    def left(one: Player, card: str) -> int:
        return spare.setdefault((one.person, card), one.spare(card))

    made: list[Wish] = []
    in_return: str | None
    for one in people:
        for card in kinds:
            if not one.lacks(card):
                continue
            having = [
                friend
                for number in one.friends
                if (friend := players.get(number)) is not None and left(friend, card) > 0
            ]
            extra = [kind for kind in kinds if left(one, kind) > 0]
            fair = [(friend, kind) for friend in having for kind in extra if friend.lacks(kind)]
            giving = [friend for friend in having if left(friend, card) > friend.kept()]
            if fair:
                friend, in_return = fair[rolled.below(len(fair))]
                spare[one.person, in_return] -= 1
            elif giving:
                friend, in_return = giving[rolled.below(len(giving))], None
            else:
                continue
            spare[friend.person, card] -= 1
            made.append(Wish(one.person, friend.person, card, in_return))
    return made


def passes_on(packet: UUID) -> bool:
    """Whether the winner of this packet passes the equal one on; the packet's id is as good as dice."""
    return packet.int % 1000 < PASSED_IN_1000
