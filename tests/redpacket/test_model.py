"""A second, naive model plays along: seeded people send, open, repeat and wait, and it must agree."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.redpacket.acts import Packets
from wufu.core.ids import PersonId
from wufu.redpacket import Opened, PacketSent, return_all_due


@dataclass
class Naive:
    """A packet as a child would tell it: money in a bowl, a list of who took what."""

    sent: PacketSent
    sender: PersonId
    total: int
    shares: int
    ends_at: datetime
    took: dict[PersonId, int] = field(default_factory=dict)
    over: bool = False

    def expects(self, person: PersonId, now: datetime) -> str:
        if person in self.took:
            return "again"
        if person == self.sender:
            return "not_for_you"
        if len(self.took) == self.shares:
            return "packet_finished"
        return "packet_over" if self.over or now >= self.ends_at else "share"

    @property
    def left(self) -> int:
        return self.total - sum(self.took.values())


@pytest.mark.parametrize("seed", range(4))
async def test_the_naive_model_agrees(packets: Packets, seed: int) -> None:
    dice = random.Random(seed)
    people = await packets.people(8)
    purses = dict.fromkeys(people, 100_000)
    bowls: list[Naive] = []
    for step in range(90):
        act = dice.random()
        if act < 0.2 or not bowls:
            sender, shares = dice.choice(people), dice.randint(1, 6)
            split = dice.choice(["lucky", "equal"])
            total = shares * dice.randint(1, 300)
            sent = await packets.send(sender, f"p{step}", split=split, shares=shares, minor=total)
            purses[sender] -= total
            bowls.append(Naive(sent, sender, total, shares, sent.ends_at))
        elif act < 0.9:
            bowl = dice.choice(bowls)
            batch = dice.sample(people, dice.randint(1, 4))
            answers = await packets.open_all(batch, bowl.sent)
            for person, answer in zip(batch, answers, strict=True):
                wanted = bowl.expects(person, packets.world.clock())
                if isinstance(answer, Opened):
                    assert wanted == ("again" if answer.again else "share"), (seed, step)
                    if answer.again:
                        assert answer.minor == bowl.took[person]
                    else:
                        assert answer.place == len(bowl.took)
                        bowl.took[person] = answer.minor
                        purses[person] += answer.minor
                else:
                    assert answer.code == wanted, (seed, step)
        else:
            packets.world.clock.now += timedelta(hours=dice.randint(1, 14))
            await return_all_due(packets.world.database)
            for bowl in bowls:
                if not bowl.over and packets.world.clock() >= bowl.ends_at:
                    bowl.over = True
                    purses[bowl.sender] += bowl.left
        if step % 15 == 0:
            assert {one: await packets.money(one) for one in people} == purses, (seed, step)
    assert {one: await packets.money(one) for one in people} == purses
    for bowl in bowls:
        assert await packets.escrow(bowl.sent.id) == (0 if bowl.over else bowl.left)
