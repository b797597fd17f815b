"""What the process of the demo's people (`bots.py`) is told: who to be, and how they stand."""

import msgspec

from wufu.core.ids import PersonId


class Play(msgspec.Struct, frozen=True):
    """The task of this process: who is to be played, and who of them is generous."""

    nats_url: str
    jwt: str
    nkey_seed: str
    seed: int
    kinds: list[str]
    people: list[tuple[PersonId, bool]]
    personas: list[PersonId]


class Stand(msgspec.Struct, frozen=True):
    """How one person stands as of fact number `cursor`: friends, cards, and what waits for an answer.

    `ties` are people who ask to be friends; `asked` are (request, card, asker), `offered` are
    (swap, gives, wants, proposer).
    """

    person: PersonId
    cursor: int
    friends: list[PersonId]
    ties: list[PersonId]
    cards: dict[str, int] = {}
    asked: list[tuple[str, str, PersonId]] = []
    offered: list[tuple[str, str, str, PersonId]] = []


class Awake(msgspec.Struct, frozen=True):
    """What this process is told once it listens; cards and requests belong to `campaign`, if one is on."""

    campaign: str | None
    people: list[Stand]
