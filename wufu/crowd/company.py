"""The demo's town in company: groups in which people greet each other and send red packets.

The groups follow from the town (`make_groups`): every persona is in at least one, founded by somebody else,
so that whoever sits in front of the demo is a member among members. What is said and sent is at a human pace:
a line or a packet somewhere every few seconds, a packet opened within a quarter of a minute, a word of thanks
now and then. Packets that people of the town send have a share for every member; a persona always finds one.

People pay with money of their own: whoever sends for the first time on a day finds some from the sandbox bank
in their wallet. Sending, opening and talking go through the edge with their own PIN, like a phone's.

The company listens where the server tells its phones what is new in conversations. Of what it missed while it
was away it opens nothing: packets return to their senders, as in life.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wufu.chat import FoundGroup, Message, direct_id, found_group, members_of
from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.crowd.errands import Errands, Purses
from wufu.crowd.line import Answer, Line
from wufu.crowd.people import Dice, dice
from wufu.crowd.world import PERSONAS, PIN, World
from wufu.db import Database, Said, Tx
from wufu.ledger import named_group
from wufu.people import see_me

MOST_MEMBERS = 14
PAUSE = (4_000, 14_000)
"""Milliseconds between two things that happen somewhere in town of people's own accord."""
LOOKS = (1_500, 14_000)
"""In how many milliseconds somebody opens a packet."""
PACKETS_IN_100 = 22
TO_FRIENDS_IN_100 = 6
THANKS_IN_100 = 25
MOST_REMEMBERED = 10_000

TITLES: Mapping[str, str] = {
    "外婆": "晨光广场舞队",
    "外公": "老街棋友会",
    "妈妈": "年夜饭准备组",
    "爸爸": "业务三部·不谈工作",
    "小明": "初二(3)班",
    "小雨": "放学一起走",
    "小美": "课代表小分队",
    "李老师": "初二(3)班家长群",
    "大伟": "加班人的除夕",
    "王阿姨": "领队们的茶话会",
    "舅舅": "在外过年的人",
    "表姐": "寝室不熄灯",
}
FAMILY = "相亲相爱一家人"

GREETINGS: Mapping[str, tuple[str, ...]] = {
    "zh": (
        "给大家拜年啦🧨",
        "新年快乐,万事如意!",
        "谁有多的敬业福?",
        "咻到手酸,一张新的都没有",
        "年夜饭吃了没?",
        "窗外开始放烟花了🎆",
        "祝各位身体健康,阖家幸福",
        "春晚看到哪了?",
        "下一轮记得准时来",
        "我这儿富强福有多的,要的说一声",
        "孩子们睡了没?",
        "明年还在一起过🧧",
        "刚才手气真好哈哈",
        "饺子出锅了,先吃为敬🥟",
    ),
    "en": (
        "Happy New Year, everyone! 🧨",
        "Good luck with the next round!",
        "Does anybody have a Dedication card to spare?",
        "Fireworks outside already 🎆",
        "Dumplings are ready 🥟",
        "My thumb hurts from all the tapping",
        "Health and happiness to all of you",
        "See you in the next round",
    ),
}
THANKS: Mapping[str, tuple[str, ...]] = {
    "zh": ("谢谢老板!", "手气不错😄", "抢到啦,谢谢!", "新年大吉!", "谢谢,沾沾喜气"),
    "en": ("Thank you!", "Got one, thanks 😄", "Lucky me!", "Happy New Year!"),
}
WISHES: Mapping[str, tuple[str, ...]] = {
    "zh": ("恭喜发财", "年年有余", "大吉大利", "新年快乐", "手气最佳的接着发"),
    "en": ("Happy New Year", "Good fortune to all", "May every wish come true"),
}


class Group(NamedTuple):
    """A group to be: who founds it, and the others, all of them friends of the founder; places in the
    town.
    """

    title: str
    founder: int
    others: tuple[int, ...]


class Circle(NamedTuple):
    """A group that is there: who of its members is played by the crowd, and who by whoever looks."""

    conversation: ConversationId
    people: tuple[PersonId, ...]
    personas: tuple[PersonId, ...]


def make_groups(world: World) -> list[Group]:
    """The town's groups: the first family, and one around each persona; equal towns, equal groups."""
    friends = [set(circle) for circle in world.friends()]
    family = [place for place in range(6) if place < len(PERSONAS)]
    mother = 2
    kin = [place for place in sorted(friends[mother]) if place >= len(PERSONAS)][:4]
    home = [place for place in family if place != mother and place in friends[mother]]
    groups = [Group(FAMILY, mother, (*home, *kin))]
    for persona, (name, _, _) in enumerate(PERSONAS):
        townspeople = [place for place in sorted(friends[persona]) if place >= len(PERSONAS)]
        # Who shares most friends with the persona knows whom to ask.
        founder = max(townspeople, key=lambda place: (len(friends[place] & friends[persona]), -place))
        common = sorted((friends[founder] & friends[persona]) - {founder, persona})
        more = sorted(friends[founder] - friends[persona] - {founder, persona})
        groups.append(Group(TITLES[name], founder, (persona, *[*common, *more][: MOST_MEMBERS - 2])))
    return groups


async def build_groups(database: Database, world: World, folk: Sequence[PersonId]) -> list[Circle]:
    """Found the town's groups by the real verb, or find them where they are; who is in them now."""
    circles = []
    personas = set(folk[: len(PERSONAS)])
    for number, group in enumerate(make_groups(world)):
        wanted = FoundGroup(
            folk[group.founder],
            ConversationId(named_group("demo", "circle", str(number))),
            group.title,
            tuple(folk[place] for place in group.others),
        )

        async def found(tx: Tx, wanted: FoundGroup = wanted) -> None:
            await found_group(tx, wanted)

        # People may have parted since a group was founded in another life of this town.
        with contextlib.suppress(Refusal):
            await database.run(found, actor="system/demo")
        async with database.read() as connection:
            members = await members_of(connection, wanted.id)
        people = tuple(one for one in members if one not in personas and one in set(folk))
        if people:
            circles.append(Circle(wanted.id, people, tuple(one for one in members if one in personas)))
    return circles


class Company:
    """The people of one town, in company, until cancelled."""

    def __init__(
        self, database: Database, line: Line, world: World, folk: Sequence[PersonId], seed: int
    ) -> None:
        self._database = database
        self._line = line
        self._personas = set(folk[: len(PERSONAS)])
        self._townspeople = set(folk[len(PERSONAS) :])
        self._world = world
        self._folk = folk
        self.circles: list[Circle] = []
        # What they are like follows from the seed; when they act does not.
        self._dice: Dice = dice(Chance.seeded(seed), f"company/{utc_now().isoformat()}")
        self._ids = Chance.system()
        self._seen: dict[str, None] = {}
        self._purses = Purses(database)
        self._errands = Errands()

    async def run(self) -> None:
        """Listen, found the groups, and let something happen every few seconds."""
        self._database.hearers.append(self.hear)
        try:
            self.circles = await build_groups(self._database, self._world, self._folk)
            while self.circles:
                await asyncio.sleep(self._dice.between(*PAUSE) / 1000)
                self._errands.begin(self._do_something())
        finally:
            self._database.hearers.remove(self.hear)
            self._errands.end()

    def _new_id(self) -> str:
        return str(self._ids.uuid7(utc_now()))

    # --- Hearing ----------------------------------------------------------------------------------

    async def hear(self, said: Sequence[Said]) -> None:
        """What the server told its phones: a packet that is new is opened by the townspeople it reaches."""
        for one in said:
            body = one.body
            if not isinstance(body, dict) or body.get("kind") != "changes":
                continue
            for message in body["messages"]:
                self._see(message)

    def _see(self, message: object) -> None:
        if not isinstance(message, Message) or message.kind != "card" or message.recalled_by is not None:
            return
        card = message.body
        packet = str(card.get("packet"))
        if card.get("card") != "packet" or card.get("state") != "open" or packet in self._seen:
            return
        self._seen[packet] = None
        if len(self._seen) > MOST_REMEMBERED:
            del self._seen[next(iter(self._seen))]
        if not card.get("needs_password"):
            self._errands.begin(self._open_around(message, packet, card.get("only")))

    async def _open_around(self, message: Message, packet: str, only: object) -> None:
        async with self._database.read() as connection:
            members = await members_of(connection, message.conversation)
        reached = [
            one
            for one in members
            if one in self._townspeople and one != message.sender and only in (None, one)
        ]
        for person in reached:
            self._errands.begin(self._open(person, packet, message))

    async def _open(self, person: PersonId, packet: str, message: Message) -> None:
        await asyncio.sleep(self._dice.between(*LOOKS) / 1000)
        answer = await self._line.ask(person, "open_packet", {"packet": packet})
        dear = message.sender in self._personas
        certain = dear and message.conversation == direct_id(message.sender, person)
        if answer.ok is not None and (certain or self._dice.hits(THANKS_IN_100, 100)):
            await asyncio.sleep(self._dice.between(800, 3_000) / 1000)
            words = THANKS[await self._language([message.sender])]
            await self._say(person, message.conversation, words)

    # --- Of one's own accord ----------------------------------------------------------------------

    async def _do_something(self) -> None:
        circle = self.circles[self._dice.below(len(self.circles))]
        person = circle.people[self._dice.below(len(circle.people))]
        language = await self._language(circle.personas)
        roll = self._dice.below(100)
        if roll < TO_FRIENDS_IN_100 and circle.personas:
            await self._give(person, circle.personas[self._dice.below(len(circle.personas))], language)
        elif roll < PACKETS_IN_100:
            await self._treat(person, circle, language)
        else:
            await self._say(person, circle.conversation, GREETINGS[language])

    async def _language(self, people: Sequence[PersonId]) -> str:
        """The language of the first persona among these; the town's own without one."""
        for person in people:
            if person in self._personas:
                async with self._database.read() as connection:
                    return (await see_me(connection, person)).language
        return "zh"

    async def _say(self, person: PersonId, conversation: ConversationId, words: Sequence[str]) -> Answer:
        text = words[self._dice.below(len(words))]
        body = {"id": self._new_id(), "conversation": conversation, "kind": "text", "body": {"text": text}}
        return await self._line.ask(person, "send_message", body)

    async def _treat(self, person: PersonId, circle: Circle, language: str) -> None:
        """A packet for the whole group: a share for every member."""
        shares = len(circle.people) + len(circle.personas)
        lucky = self._dice.hits(2, 3)
        minor = shares * self._dice.between(18, 188) if lucky else shares * 66
        fields: dict[str, object] = {"to": "group", "conversation": circle.conversation}
        await self._send(person, fields, "lucky" if lucky else "equal", minor, shares, language)

    async def _give(self, person: PersonId, friend: PersonId, language: str) -> None:
        """A packet for one friend; who is none is refused, and nothing happens."""
        fields: dict[str, object] = {"to": "friend", "whom": friend}
        await self._send(person, fields, "equal", self._dice.between(1, 8) * 88, 1, language)

    async def _send(
        self,
        person: PersonId,
        fields: Mapping[str, object],
        split: str,
        minor: int,
        shares: int,
        language: str,
    ) -> None:
        await self._purses.equip(person)
        wishes = WISHES[language]
        body = {
            **fields,
            "id": self._new_id(),
            "split": split,
            "minor": minor,
            "shares": shares,
            "pin": PIN,
            "message": wishes[self._dice.below(len(wishes))],
        }
        await self._line.ask(person, "send_packet", body)
