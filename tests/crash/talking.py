"""Phones that talk through crashes: what they want is decided by a seed, and sent until it is answered.

Each phone keeps a book of what it was answered. It goes over the live line or HTTP by chance, hangs up by
chance, and by chance takes an answer for lost and asks again under the same id: the answer has to be the
same.
"""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid5

import httpx
import nats.errors
from nats.aio.client import Client

from tests.chat.secret.sealing import SecretPhone, b64
from tests.crash.serving import Serving
from tests.crash.tapping import give_up
from tests.journeys.phone import Json, Phone, Refused, until
from tests.journeys.phone import connected as connected_to
from tests.world import NAMESPACE
from wufu.core.clock import utc_now
from wufu.core.ids import PersonId
from wufu.db.engines import mint_person_pass

PATIENCE_SECONDS = 1.0
WAIT = {"server_busy": 0.1, "too_fast": 0.3}
"""Refusals that only ask for patience, and how long."""
AGAIN = (nats.errors.Error, TimeoutError, OSError, httpx.TransportError)


@dataclass(slots=True)
class Written:
    """A message as its sender knows it: where it stands, and what it says now."""

    conversation: str
    id: str
    number: int
    text: str
    recalled: bool = False


@dataclass(slots=True)
class Sealed:
    """A secret on its way to its reader; `burnt`: the reader was answered that it is gone."""

    conversation: str
    id: str
    number: int
    seen: bool = False
    burnt: bool = False


@dataclass(slots=True)
class Book:
    """What the server acknowledged to one phone."""

    written: list[Written] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    marked: dict[tuple[str, int], bool] = field(default_factory=dict)
    """Whether this phone's thumb stands at a message, as far as it was answered."""
    acts: int = 0


class TalkingPhone:
    """One person's phone in the places where it talks."""

    def __init__(self, serving: Serving, person: PersonId, token: str, chance: random.Random) -> None:
        self.serving = serving
        self.person = person
        self.book = Book()
        self.places: list[str] = []
        self.direct = ""
        self.inbox: list[Sealed] = []
        self.held: dict[str, dict[int, Json]] = {}
        self.through: dict[str, int] = {}
        self._chance = chance
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(headers=self._headers, timeout=5)
        self._line: Client | None = None
        self._hung = contextlib.AsyncExitStack()
        self._made = 0
        phone = Phone(self._http)
        phone.person, phone.token = person, token
        self.device = SecretPhone(phone)

    def reseed(self, seed: int) -> None:
        """What this phone does from now on follows from the seed."""
        self._chance = random.Random(f"{seed}/{self.person}")

    async def register(self) -> None:
        """Its device's key is known: others can seal for it."""
        key = {"device": self.device.device, "key": b64(self.device.public)}
        await self.fetch("POST", "/api/secrets/device", key)

    async def close(self) -> None:
        await self._hung.aclose()
        await self._http.aclose()

    # --- Asking until there is an answer ------------------------------------------------------------

    async def insist(self, verb: str, body: Json) -> Json:
        """The answer of a live verb, however often it takes. Refused, if it is refused for good."""
        while True:
            try:
                answer = await self._once(verb, body)
                if self._chance.random() < 0.15:
                    again = await self._once(verb, body)
                    assert _same(verb, answer, again), (verb, body, answer, again)
            except AGAIN:
                await asyncio.sleep(0.1)
                continue
            code = answer.get("refusal", {}).get("code")
            if code in WAIT:
                await asyncio.sleep(WAIT[code])
            elif code is not None:
                assert code != "server_error", self.serving.said()
                raise Refused(answer["refusal"])
            else:
                ok: Json = answer["ok"]
                return ok

    async def _once(self, verb: str, body: Json) -> Json:
        if self._chance.random() < 0.5:
            return await self.http("POST", f"/api/do/{verb}", body)
        line = await self.connected()
        said = await line.request(
            f"do.{self.person}.{verb}", json.dumps(body).encode(), timeout=PATIENCE_SECONDS
        )
        answer: Json = json.loads(said.data)
        return answer

    async def http(self, method: str, path: str, body: object = None) -> Json:
        """One call; the server's address may have changed since the last one."""
        response = await self._http.request(method, self.serving.url + path, json=body)
        answer: Json = response.json()
        return answer

    async def fetch(self, method: str, path: str, body: object = None) -> Json:
        """The same, until it is answered."""
        while True:
            with contextlib.suppress(*AGAIN, ValueError):
                answer = await self.http(method, path, body)
                if "refusal" not in answer:
                    return answer
                if answer["refusal"]["code"] not in WAIT:
                    raise Refused(answer["refusal"])
            await asyncio.sleep(0.1)

    async def connected(self) -> Client:
        """A live line; sometimes a new one."""
        if self._line is not None and self._chance.random() < 0.1:
            await self.hang_up()
        if self._line is None:
            account = self.serving.engines
            its_pass = mint_person_pass(account.account_seed, self.person, None, utc_now(), 600)
            self._line = await self._hung.enter_async_context(
                connected_to(account.nats_url, its_pass, self.person, [])
            )
        return self._line

    async def hang_up(self) -> None:
        self._line = None
        await self._hung.aclose()

    # --- What people do -----------------------------------------------------------------------------

    async def act(self, phones: Sequence["TalkingPhone"]) -> None:
        """One thing that people do, drawn by the seed."""
        roll = self._chance.random()
        if roll < 0.42 or not self.book.written:
            await self._say()
        elif roll < 0.54:
            await self._edit()
        elif roll < 0.60:
            await self._recall()
        elif roll < 0.72:
            await self._mark(phones)
        elif roll < 0.82:
            await self._read()
        elif roll < 0.90:
            await self.seal(phones)
        elif roll < 0.96 and self.inbox:
            await self.burn(self._chance.choice(self.inbox))
        else:
            await self.catch_up(self._chance.choice(self.places))
        self.book.acts += 1

    async def _say(self) -> None:
        place, said = self._chance.choice(self.places), self._words()
        body = {"id": self._id(), "conversation": place, "kind": "text", "body": {"text": said}}
        answer = await self.insist("send_message", body)
        self.book.written.append(Written(place, str(body["id"]), answer["number"], said))

    async def _edit(self) -> None:
        mine = [each for each in self.book.written if not each.recalled]
        if mine:
            one, said = self._chance.choice(mine), self._words()
            body = {"conversation": one.conversation, "number": one.number, "text": said}
            await self.insist("edit_message", body)
            one.text = said

    async def _recall(self) -> None:
        one = self._chance.choice(self.book.written)
        await self.insist("recall_message", {"conversation": one.conversation, "number": one.number})
        one.recalled = True

    async def _mark(self, phones: Sequence["TalkingPhone"]) -> None:
        seen = [each for phone in phones for each in phone.book.written if each.conversation in self.places]
        if not seen:
            return
        one, on = self._chance.choice(seen), self._chance.random() < 0.7
        body = {"conversation": one.conversation, "number": one.number, "emoji": "👍", "on": on}
        try:
            await self.insist("react", body)
        except Refused as refusal:
            if refusal.code != "kind_not_allowed":  # it was recalled meanwhile
                raise
        else:
            self.book.marked[one.conversation, one.number] = on

    async def _read(self) -> None:
        place = self._chance.choice(self.places)
        through = max((one.number for one in self.book.written if one.conversation == place), default=0)
        answer = await self.insist("read_chat", {"conversation": place, "through": through})
        assert answer["through"] >= through
        self.book.read[place] = max(self.book.read.get(place, 0), answer["through"])

    async def seal(self, phones: Sequence["TalkingPhone"], timer: int = 60) -> None:
        """A secret for the other of one's direct conversation."""
        other = next(each for each in phones if each is not self and each.direct == self.direct)
        keys = (await self.fetch("GET", f"/api/secrets/keys?conversation={self.direct}"))["keys"]
        message = self._id()
        frame = self.device.seal(self.direct, message, timer, keys, f"烧掉 {message}".encode())
        path = f"/api/upload/secrets/{message}?conversation={self.direct}&timer_seconds={timer}"
        while True:
            with contextlib.suppress(*AGAIN, ValueError):
                response = await self._http.post(self.serving.url + path, content=frame)
                answer: Json = response.json()
                if "refusal" not in answer:
                    break
                assert answer["refusal"]["code"] in WAIT, answer
            await asyncio.sleep(0.1)
        other.inbox.append(Sealed(self.direct, message, answer["number"]))

    async def burn(self, one: Sealed) -> None:
        where = {"conversation": one.conversation, "message": one.id}
        if not one.seen:
            with contextlib.suppress(Refused):  # an earlier burning that nobody answered got through
                await self.insist("see_secret", where)
                one.seen = True
        await self.insist("burn_secret", where)
        one.burnt = True

    async def see(self, one: Sealed) -> None:
        """It is on the screen: from now on its time runs, whoever is there to watch it."""
        await self.insist("see_secret", {"conversation": one.conversation, "message": one.id})
        one.seen = True

    async def begin_burning(self, some: Sequence[Sealed]) -> None:
        """Ask for burnings and wait for no answer: somebody is about to pull the plug."""
        line = await self.connected()
        for one in some:
            where = {"conversation": one.conversation, "message": one.id}
            inbox = f"me.{self.person}.inbox.nobody"
            await line.publish(f"do.{self.person}.burn_secret", json.dumps(where).encode(), reply=inbox)
        await line.flush()

    async def catch_up(self, place: str) -> None:
        """Pull what changed, as after a gap."""
        more = True
        while more:
            after = self.through.get(place, 0)
            page = await self.fetch("GET", f"/api/chat/conversations/{place}/changes?after={after}&limit=50")
            for message in page["messages"]:
                known = self.held.setdefault(place, {}).get(message["number"])
                assert known is None or known["change"] < message["change"]
                self.held[place][message["number"]] = message
            self.through[place], more = page["through"], page["more"]

    def _id(self) -> str:
        self._made += 1
        return str(uuid5(NAMESPACE, f"talk {self.person} {self._made} {self.serving.data}"))

    def _words(self) -> str:
        return f"{self.person} 说 {self._chance.randrange(10**9)}"


def _same(verb: str, first: Json, again: Json) -> bool:
    """Whether a repeat was answered as the first time, as far as the world stands still meanwhile."""
    if "refusal" in first or again.get("refusal", {}).get("code") in WAIT or verb != "send_message":
        return True
    return all(first["ok"][name] == again["ok"][name] for name in ("conversation", "id", "number", "sent_at"))


@contextlib.asynccontextmanager
async def talking(phones: Sequence[TalkingPhone]) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """These phones talk for the length of a block; each finishes what it began.

    What is given waits until each has done so many things more, and raises what went wrong with any of them.
    """
    over = False

    async def talk(phone: TalkingPhone) -> None:
        while not over:
            await phone.act(phones)
            await asyncio.sleep(0.02)

    tasks = [asyncio.create_task(talk(phone)) for phone in phones]

    async def act_on(count: int) -> None:
        wanted = {phone.person: phone.book.acts + count for phone in phones}

        def far() -> bool:
            for task in tasks:
                if task.done():
                    task.result()
            return all(phone.book.acts >= wanted[phone.person] for phone in phones)

        await until(far, 90)

    try:
        yield act_on
        over = True
        async with asyncio.timeout(90):
            await asyncio.gather(*tasks)
    finally:
        await give_up(tasks)
