"""Chat over a real server: rooms, two people's lines, passes, what a lost word costs (nothing)."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from nats.aio.msg import Msg

from tests.journeys.acts import befriend
from tests.journeys.phone import Json, Phone, SignUp, connected, fresh_id, until
from wufu.db.engines import Pass
from wufu.main import Server


class ChatPhone:
    """A phone's chat: what it holds of each conversation, by the sync rule of the guide."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.held: dict[str, dict[int, Json]] = {}
        self.through: dict[str, int] = {}
        self.other: list[Json] = []
        self.complaints: list[str] = []
        self.deaf = False

    @contextlib.asynccontextmanager
    async def online(self, server: Server) -> AsyncIterator["ChatPhone"]:
        granted = await self.phone.post("/api/live/pass")
        its_pass = Pass(jwt=granted["jwt"], seed=granted["seed"], user="")
        async with connected(server.engines.nats_url, its_pass, self.phone.person, self.complaints) as line:
            await line.subscribe(f"me.{self.phone.person}.chat", cb=self._heard)
            for room in granted["rooms"]:
                await line.subscribe(room["subject"], cb=self._heard)
            await line.flush()
            await self.sync()
            self.line = line
            yield self

    async def _heard(self, message: Msg) -> None:
        news = json.loads(message.data)
        if news["kind"] != "changes":
            self.other.append(news)
        elif not self.deaf:
            await self.take(news["conversation"], news["messages"], news["last_change"])

    async def take(self, conversation: str, messages: list[Json], through: int) -> None:
        """Apply pushed changes, or pull when one is lacking."""
        have = self.through.get(conversation, 0)
        fresh = [message for message in messages if message["change"] > have]
        if [message["change"] for message in fresh] != list(range(have + 1, have + 1 + len(fresh))):
            await self.sync()
            return
        self._keep(conversation, fresh)
        self.through[conversation] = max(have, through)

    def _keep(self, conversation: str, messages: list[Json]) -> None:
        held = self.held.setdefault(conversation, {})
        for message in messages:
            before = held.get(message["number"])
            if before is None or before["change"] < message["change"]:
                held[message["number"]] = message

    async def sync(self) -> None:
        """Ask for what is lacking until nothing is."""
        while True:
            have = {each: {"change": through} for each, through in self.through.items()}
            answer = await self.phone.post("/api/chat/sync", {"have": have})
            for conversation, changes in answer["changes"].items():
                self._keep(conversation, changes["messages"])
                self.through[conversation] = max(self.through.get(conversation, 0), changes["through"])
            for conversation in answer["gone"]:
                self.through.pop(conversation, None)
            if not any(changes["more"] for changes in answer["changes"].values()):
                return

    def texts(self, conversation: str) -> list[str]:
        return [
            message["body"]["text"]
            for _, message in sorted(self.held.get(conversation, {}).items())
            if message["kind"] == "text" and "recalled_by" not in message
        ]


async def send(phone: Phone, conversation: str, said: str) -> Json:
    return await phone.do(
        "send_message", id=fresh_id(), conversation=conversation, kind="text", body={"text": said}
    )


async def group_with(founder: Phone, *others: Phone) -> str:
    for other in others:
        await befriend(founder, other)
    group = fresh_id()
    people = [other.person for other in others]
    await founder.post("/api/chat/groups", {"id": group, "title": "family", "people": people})
    return group


async def test_two_people_talk_over_their_own_lines(server: Server, sign_up: SignUp) -> None:
    dong, mei = await sign_up("dong"), await sign_up("mei")
    await befriend(dong, mei)
    async with ChatPhone(dong).online(server) as his, ChatPhone(mei).online(server) as hers:
        answer = await his.line.request(
            f"do.{dong.person}.send_message",
            json.dumps(
                {"id": fresh_id(), "to": mei.person, "kind": "text", "body": {"text": "在吗"}}
            ).encode(),
            timeout=10,
        )
        conversation = json.loads(answer.data)["ok"]["conversation"]
        await until(lambda: hers.texts(conversation) == ["在吗"] == his.texts(conversation))
        await send(mei, conversation, "在")
        await until(lambda: his.texts(conversation) == ["在吗", "在"])
        await mei.do("read_chat", conversation=conversation, through=2)
        await until(lambda: any(news["kind"] == "read" and news["through"] == 2 for news in his.other))
        await mei.do("typing", conversation=conversation)
        await until(lambda: any(news["kind"] == "typing" for news in his.other))
        assert not his.complaints


async def test_a_group_hears_its_room_and_nobody_else_can(server: Server, sign_up: SignUp) -> None:
    dong, mei, eve = await sign_up("dong"), await sign_up("mei"), await sign_up("eve")
    group = await group_with(dong, mei)
    view = (await dong.get(f"/api/chat/conversations/{group}"))["conversation"]
    async with ChatPhone(mei).online(server) as hers, ChatPhone(eve).online(server) as foes:
        heard: list[Msg] = []
        for subject in (view["room"], "room.>", "room.*", ">", f"me.{dong.person}.chat"):
            with contextlib.suppress(Exception):
                await foes.line.subscribe(subject, cb=_into(heard))
        await foes.line.flush()
        await until(lambda: len(foes.complaints) >= 5)
        await send(dong, group, "dinner at six")
        await until(lambda: hers.texts(group) == ["dinner at six"])
        assert not heard


def _into(heard: list[Msg]):  # type: ignore[no-untyped-def]
    async def hear(message: Msg) -> None:
        heard.append(message)

    return hear


async def test_who_was_removed_hears_no_more_even_on_an_old_line(server: Server, sign_up: SignUp) -> None:
    dong, mei, eve = await sign_up("dong"), await sign_up("mei"), await sign_up("eve")
    group = await group_with(dong, mei, eve)
    async with ChatPhone(mei).online(server) as hers, ChatPhone(eve).online(server) as foes:
        await send(dong, group, "before")
        await until(lambda: foes.texts(group) == ["before"] == hers.texts(group))
        await dong.post(f"/api/chat/conversations/{group}/remove", {"person": eve.person})
        await until(lambda: any(news["kind"] == "rooms" for news in hers.other))
        await send(dong, group, "after")
        async with ChatPhone(mei).online(server) as again:
            await until(lambda: again.texts(group) == ["before", "after"])
            await send(dong, group, "once more")
            await until(lambda: again.texts(group) == ["before", "after", "once more"])
        await foes.line.flush()
        assert foes.texts(group) == ["before"]
        assert group in (await eve.post("/api/chat/sync", {"have": {group: {"change": 1}}}))["gone"]
        hers.deaf = True


async def test_words_that_were_lost_are_fetched_at_the_next_one(server: Server, sign_up: SignUp) -> None:
    dong, mei = await sign_up("dong"), await sign_up("mei")
    group = await group_with(dong, mei)
    async with ChatPhone(mei).online(server) as hers:
        hers.deaf = True
        for number in range(5):
            await send(dong, group, f"{number}")
        await hers.line.flush()
        hers.deaf = False
        await send(dong, group, "5")
        await until(lambda: hers.texts(group) == ["0", "1", "2", "3", "4", "5"])


async def test_messages_of_one_phone_stand_in_the_order_of_sending(server: Server, sign_up: SignUp) -> None:
    dong, mei = await sign_up("dong"), await sign_up("mei")
    group = await group_with(dong, mei)
    async with ChatPhone(mei).online(server) as hers, ChatPhone(dong).online(server) as his:
        asked = [
            his.line.request(
                f"do.{dong.person}.send_message",
                json.dumps(
                    {"id": fresh_id(), "conversation": group, "kind": "text", "body": {"text": f"{n}"}}
                ).encode(),
                timeout=10,
            )
            for n in range(30)
        ]
        await asyncio.gather(*asked)
        await until(lambda: hers.texts(group) == [f"{n}" for n in range(30)])
