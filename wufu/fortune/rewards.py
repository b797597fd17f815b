"""Cards for new friends: the designs of the rule, who is rewarded, and how much is earned. Pure.

A pure threshold ("ten friends, three cards") is the weakest design: nobody is moved by it who will not reach
the tenth friend, and nobody after it. So a template may instead give cards for each friend, with a bonus at
the end, or reward only the side that was invited: an inviter who earns nothing by it asks people they know.

What a person has earned is a function of how many of their new friends count, and it never shrinks; so what
is still due is what was earned less what was given or is held, and giving it twice is impossible.

The hold-out. To measure what the reward did, a share of the players gets none (`in_holdout`). Who is in it
follows from the campaign's and the person's ids alone: anybody can check it, and no operator picks people.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from wufu.core.ids import PersonId
from wufu.fortune.refusals import BadCampaign

Design = Literal["threshold", "each"]
Side = Literal["both", "invited"]

MOST_CARDS = 64
"""Cards that one person's new friends may bring in all."""
MOST_HOLDOUT_PERMILLE = 200
"""More than a fifth of the players must not go without for the sake of a figure."""


class FriendsForCards(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How new friends bring cards. The defaults are the rule of 2016 and are left out when it is written.

    `threshold`: `friends` new friends give `cards` cards, once. `each`: every new friend up to `friends`
    gives `cards` cards, the last of them `bonus` more. `reward`: whose new friend somebody is counts on both
    sides, or only on that of the one who was asked or invited. `holdout_permille`: the share of players who
    get nothing for friends.
    """

    friends: int
    cards: int
    design: Design = "threshold"
    bonus: int = 0
    reward: Side = "both"
    holdout_permille: int = 0

    @property
    def most(self) -> int:
        """The cards that a person can earn in all."""
        return cards_earned(self, self.friends)


def check_rule(rule: FriendsForCards) -> None:
    """Raises BadCampaign when a rule does not add up."""
    if (
        not 1 <= rule.friends <= 1_000
        or not 1 <= rule.cards <= MOST_CARDS
        or not 0 <= rule.bonus <= MOST_CARDS
    ):
        raise BadCampaign(why="friends are 1 to 1,000, cards 1 to 64, a bonus 0 to 64")
    if rule.design == "threshold" and rule.bonus:
        raise BadCampaign(why="a bonus belongs to the design 'each'")
    if rule.most > MOST_CARDS:
        raise BadCampaign(why=f"new friends would bring {rule.most} cards, more than {MOST_CARDS}")
    if not 0 <= rule.holdout_permille <= MOST_HOLDOUT_PERMILLE:
        raise BadCampaign(why=f"holdout_permille is 0 to {MOST_HOLDOUT_PERMILLE}")


def cards_earned(rule: FriendsForCards, counted: int) -> int:
    """The cards that so many counted friends have earned; it never shrinks as they grow."""
    complete = counted >= rule.friends
    if rule.design == "threshold":
        return rule.cards if complete else 0
    return rule.cards * min(counted, rule.friends) + (rule.bonus if complete else 0)


def in_holdout(campaign: str, person: int, share_permille: int) -> bool:
    """Whether a person gets nothing for friends in a campaign, so that the reward's effect can be measured.

    The first 8 bytes of SHA-256("wufu/holdout/<campaign>/<person>"), as a number of 64 bits, lie in the
    lowest `share_permille` thousandths.
    """
    digest = hashlib.sha256(f"wufu/holdout/{campaign}/{person}".encode()).digest()
    return int.from_bytes(digest[:8]) * 1000 < share_permille << 64


class Made(NamedTuple):
    """Two people became friends; `asker` asked or invited, None when that is not known."""

    a: PersonId
    b: PersonId
    asker: PersonId | None


class Counted(NamedTuple):
    """A new friend of a person; `rewarded`: counts towards cards of theirs."""

    person: PersonId
    friend: PersonId
    rewarded: bool


def count_friends(
    rule: FriendsForCards,
    campaign: str,
    made: Iterable[Made],
    known: Collection[tuple[PersonId, PersonId]],
    rewarded: Mapping[PersonId, int],
) -> list[Counted]:
    """Both directions of each friendship that is not among `known`, in order, each once.

    `rewarded` says how many friends count for each person already.
    """
    counts = dict(rewarded)
    seen = set(known)
    counted = []
    ties: Sequence[Made] = list(made)
    for person, friend, asker in [*ties, *(Made(tie.b, tie.a, tie.asker) for tie in ties)]:
        if (person, friend) in seen:
            continue
        seen.add((person, friend))
        before = counts.get(person, 0)
        on_its_side = rule.reward == "both" or (asker is not None and asker != person)
        held_out = in_holdout(campaign, person, rule.holdout_permille)
        counts_for = on_its_side and not held_out and before < rule.friends
        if counts_for:
            counts[person] = before + 1
        counted.append(Counted(person, friend, counts_for))
    return counted
