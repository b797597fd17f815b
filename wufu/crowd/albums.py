"""Photos in the demo's town: people post what the evening looks like, their friends pay to see it.

When the town wakes up, so many people post that every persona finds photos of friends; afterwards one
more appears every minute or two, for the author's friends or in one of the town's groups. Whom it reaches has
a look in their own time: asks what it costs, pays, likes it, says something. They do the same for a photo
that somebody posts who plays a persona.

The pictures are painted (`paintings.py`). Posting is `photos.post_upload`, as behind the page's upload;
asking, paying, liking and talking go through the edge like everybody's.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from wufu.chat import members_of
from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.crowd.company import Company
from wufu.crowd.errands import Errands, Purses
from wufu.crowd.line import Line
from wufu.crowd.paintings import MOTIFS, Motif, paint
from wufu.crowd.people import Dice, dice
from wufu.crowd.world import PERSONAS, PIN
from wufu.main import Server
from wufu.people import see_me
from wufu.photos import Detail, PostPhoto, post_upload, see_feed
from wufu.ties import friends_of

OPENING = (1_500, 5_000)
"""Milliseconds between two of the first photos."""
PAUSE_SECONDS = (60, 150)
"""Between two later ones."""
FIRST_EACH = 2
"""How many of the first photos everybody finds."""
LOOK_SECONDS = 5.0
"""How often the town notices what was posted by whoever plays a persona."""
LOOKS = (3_000, 45_000)
"""In how many milliseconds somebody pays for a photo."""
VIEWERS = (2, 6)
IN_GROUP_IN_100 = 35
LIKES_IN_100 = 70
SPEAKS_IN_100 = 35
DETAIL_IN_100 = 50
LEAST_MINOR, MOST_MINOR = (18, 88), (128, 388)
MOST_REMEMBERED = 10_000

CAPTIONS: Mapping[Motif, Mapping[str, Sequence[str]]] = {
    "fu": {
        "zh": ("我写的福，贴门上了", "福到啦", "外公写的，猜猜贴正了没"),
        "en": ("I wrote this 福 myself", "福 is at our door", "Guess which way up it hangs"),
    },
    "fireworks": {
        "zh": ("窗外正热闹", "零点的天空", "这一朵我等了半小时"),
        "en": ("The sky right now", "Seen from our window", "I waited half an hour for this one"),
    },
    "lanterns": {
        "zh": ("灯笼挂起来了", "老街的灯亮了", "檐下三盏"),
        "en": ("The lanterns are up", "Our old street tonight", "Under the eaves"),
    },
    "plum": {
        "zh": ("院里的梅开了", "雪里的一枝", "今年头一枝"),
        "en": ("The plum is in bloom", "One branch in the snow", "The first of the year"),
    },
    "dumplings": {
        "zh": ("年夜饭，猜猜有几个", "饺子出锅", "里面有一个包了硬币"),
        "en": ("Dinner is served", "Guess how many", "One of them hides a coin"),
    },
}
REMARKS: Mapping[str, Sequence[str]] = {
    "zh": ("值了！", "拍得真好", "原来是这个😄", "真好看", "沾沾福气", "明年我也要拍一张"),
    "en": ("Worth it!", "What a picture", "So that is it 😄", "Lovely", "Bring luck to us all"),
}


class Show(NamedTuple):
    """A photo to be posted: by whom, and in which group, or for all their friends."""

    author: PersonId
    circle: ConversationId | None


def first_authors(
    friends: Mapping[PersonId, set[PersonId]], waiting: set[PersonId], each: int = FIRST_EACH
) -> list[PersonId]:
    """Few people of whom everybody who waits has `each` as friends, or as many as there are."""
    authors: list[PersonId] = []
    left = dict.fromkeys(waiting, each)
    while left:
        rest = sorted(set(friends) - set(authors))
        best = max(rest, key=lambda person: len(friends[person] & left.keys()), default=None)
        if best is None or not friends[best] & left.keys():
            break
        authors.append(best)
        left = {one: count - (one in friends[best]) for one, count in left.items()}
        left = {one: count for one, count in left.items() if count}
    return authors


class Albums:
    """The photographers of one town, until cancelled."""

    def __init__(
        self, server: Server, line: Line, company: Company, folk: Sequence[PersonId], seed: int
    ) -> None:
        self._server = server
        self._database = server.database
        self._line = line
        self._company = company
        self._personas = folk[: len(PERSONAS)]
        self._townspeople = set(folk[len(PERSONAS) :])
        self._dice: Dice = dice(Chance.seeded(seed), f"albums/{utc_now().isoformat()}")
        self._chance = Chance.system()
        self._purses = Purses(server.database)
        self._errands = Errands()
        self._seen: dict[UUID, None] = {}

    async def run(self) -> None:
        """A photo for everybody at first, then one now and then; and a look at those of personas."""
        begun_at = utc_now()
        try:
            for author in await self._first_authors():
                await asyncio.sleep(self._dice.between(*OPENING) / 1000)
                self._errands.begin(self._post(Show(author, None)))
            due = self._in_a_while()
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                self._errands.begin(self._notice(begun_at))
                if self._now() >= due:
                    due = self._in_a_while()
                    self._errands.begin(self._post_something())
        finally:
            self._errands.end()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    def _in_a_while(self) -> float:
        return self._now() + self._dice.between(*PAUSE_SECONDS)

    async def _friends(self, person: PersonId) -> set[PersonId]:
        async with self._database.read() as connection:
            return set(await friends_of(connection, person))

    async def _first_authors(self) -> list[PersonId]:
        """Who posts at first, so that no persona looks at an empty page."""
        waiting: set[PersonId] = set()
        friends: dict[PersonId, set[PersonId]] = {}
        for persona in self._personas:
            async with self._database.read() as connection:
                feed = await see_feed(connection, persona, None, utc_now())
            if not any(one.ended is None and not one.mine for one in feed.photos):
                waiting.add(persona)
            for person in await self._friends(persona) & self._townspeople:
                friends.setdefault(person, set()).add(persona)
        return first_authors(friends, waiting)

    # --- Posting ----------------------------------------------------------------------------------

    async def _post_something(self) -> None:
        """A friend of a persona's posts for their friends, or somebody in a group."""
        circles = [circle for circle in self._company.circles if circle.personas]
        if circles and self._dice.hits(IN_GROUP_IN_100, 100):
            circle = circles[self._dice.below(len(circles))]
            await self._post(Show(self._one_of(circle.people), circle.conversation))
            return
        known = sorted(await self._friends(self._one_of(self._personas)) & self._townspeople)
        if known:
            await self._post(Show(self._one_of(known), None))

    def _one_of(self, people: Sequence[PersonId]) -> PersonId:
        return people[self._dice.below(len(people))]

    async def _post(self, show: Show) -> None:
        motif = MOTIFS[self._dice.below(len(MOTIFS))]
        brush = dice(Chance.seeded(self._dice.below(1 << 62)), "painting")
        # A second of painting: beside the loop that serves everybody.
        content = await asyncio.to_thread(paint, motif, brush)
        reached = await self._reached(show)
        captions = CAPTIONS[motif][await self._language(reached)]
        asked = PostPhoto(
            show.author,
            self._chance.uuid7(utc_now()),
            self._dice.between(*LEAST_MINOR),
            self._dice.between(*MOST_MINOR),
            "friends" if show.circle is None else "conversation",
            show.circle,
            captions[self._dice.below(len(captions))],
            "evening" if self._dice.hits(1, 3) else "now",
            self._dice.hits(1, 2),
            self._detail(),
        )
        server = self._server
        try:
            photo = await post_upload(self._database, server.store, server.workshop, asked, content)
        except Refusal:  # enough for a day, or out of the group by now
            return
        self._show(photo.id, reached - {show.author})

    def _detail(self) -> Detail | None:
        """Somewhere in the middle, or nothing."""
        if not self._dice.hits(DETAIL_IN_100, 100):
            return None
        return Detail(self._dice.between(300, 480), self._dice.between(300, 500), 220, 176)

    async def _reached(self, show: Show) -> set[PersonId]:
        """Who may see it."""
        if show.circle is None:
            return await self._friends(show.author)
        async with self._database.read() as connection:
            return set(await members_of(connection, show.circle))

    async def _language(self, people: set[PersonId]) -> str:
        """The language of the first persona among these; the town's own without one."""
        for person in self._personas:
            if person in people:
                async with self._database.read() as connection:
                    return (await see_me(connection, person)).language
        return "zh"

    # --- Looking ----------------------------------------------------------------------------------

    async def _notice(self, begun_at: datetime) -> None:
        """Photos that were posted by whoever plays a persona."""
        for persona in self._personas:
            async with self._database.read() as connection:
                feed = await see_feed(connection, persona, None, utc_now())
            for photo in feed.photos:
                new = photo.mine and photo.ended is None and photo.posted_at > begun_at
                if new and photo.id not in self._seen and photo.audience != "link":
                    self._remember(photo.id)
                    self._show(photo.id, await self._reached(Show(persona, photo.conversation)))

    def _remember(self, photo: UUID) -> None:
        self._seen[photo] = None
        if len(self._seen) > MOST_REMEMBERED:
            del self._seen[next(iter(self._seen))]

    def _show(self, photo: UUID, reached: set[PersonId]) -> None:
        """Some of those whom it reaches have a look."""
        curious = sorted(reached & self._townspeople)
        for _ in range(min(self._dice.between(*VIEWERS), len(curious))):
            person = curious.pop(self._dice.below(len(curious)))
            self._errands.begin(self._look(person, str(photo)))

    async def _look(self, person: PersonId, photo: str) -> None:
        """Ask, pay, like, and say something."""
        await asyncio.sleep(self._dice.between(*LOOKS) / 1000)
        await self._purses.equip(person)
        seed = self._chance.secret(f"photo/{photo}/{person}").hex()
        asked = await self._line.ask(person, "ask_photo", {"photo": photo, "seed": seed})
        if asked.ok is None:
            return
        price = {"photo": photo, "minor": asked.ok["minor"], "pin": PIN}
        if (await self._line.ask(person, "pay_photo", price)).ok is None:
            return
        if self._dice.hits(LIKES_IN_100, 100):
            await self._line.ask(person, "like_photo", {"photo": photo, "on": True})
        if self._dice.hits(SPEAKS_IN_100, 100):
            await asyncio.sleep(self._dice.between(1_000, 6_000) / 1000)
            words = REMARKS[await self._language(await self._friends(person))]
            said = {"id": str(self._chance.uuid7(utc_now())), "photo": photo}
            text = words[self._dice.below(len(words))]
            await self._line.ask(person, "comment_photo", {**said, "text": text})
