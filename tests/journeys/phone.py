"""A phone for tests, which does what the page does: a cookie, a live line of its own, numbered facts.

The page's `World` (`app/phone/src/shared/reduce.ts`) is `Phone.seen` here: one snapshot, changed by facts and
by nothing else. A fact that does not follow the last one is not applied; the missing ones are fetched.
"""

import asyncio
import contextlib
import copy
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import httpx
import nats
from nats.aio.client import Client, RawCredentials
from nats.aio.msg import Msg

from wufu.core.chance import Chance
from wufu.core.clock import utc_now
from wufu.core.ids import PersonId
from wufu.db.engines import Pass

PASSWORD = "correct horse battery"
PIN = "271828"

Json = dict[str, Any]


class Refused(Exception):
    """What the server refused, with the HTTP status (0 over the live line)."""

    def __init__(self, refusal: Json, status: int = 0) -> None:
        super().__init__(f"{refusal['code']} {refusal['facts']}")
        self.code: str = refusal["code"]
        self.facts: Json = refusal["facts"]
        self.status = status


def fresh_id() -> str:
    """An id as a phone makes it."""
    return str(Chance.system().uuid7(utc_now()))


def fresh_seed() -> str:
    return Chance.system().secret("client seed").hex()


async def until(come: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for what must come."""
    async with asyncio.timeout(seconds):
        while not come():
            await asyncio.sleep(0.01)


class Phone:
    """One person's phone."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.person = PersonId(0)
        self.token = ""
        self.seen: Json = {}
        self.facts: list[Json] = []
        self.gaps = 0
        self.strange: list[bytes] = []
        self.stale = False
        self.line: Client | None = None
        self.complaints: list[str] = []
        self._catching_up = asyncio.Lock()

    # --- HTTP -------------------------------------------------------------------------------------

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """The answer of a route, or Refused."""
        response = await self.http.request(method, path, json=body)
        return answer_of(response)

    async def get(self, path: str) -> Any:
        return await self.call("GET", path)

    async def post(self, path: str, body: object = None) -> Any:
        return await self.call("POST", path, {} if body is None else body)

    async def do(self, verb: str, **body: object) -> Json:
        """A live verb by HTTP."""
        answer: Json = (await self.post(f"/api/do/{verb}", _plain(body)))["ok"]
        return answer

    def welcome(self, answer: Json) -> None:
        """Take in the answer of a registration or sign-in."""
        self.person, self.token = PersonId(answer["me"]["person"]), answer["token"]

    async def set_pin(self, pin: str = PIN) -> None:
        await self.post("/api/people/pin", {"pin": pin, "password": PASSWORD})

    # --- The live line ----------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def online(self, websocket: bool = False, url: str | None = None) -> AsyncIterator["Phone"]:
        """Connected, with a snapshot, for the length of a block."""
        granted = await self.post("/api/live/pass")
        address = url or granted["websocket_url"]
        assert websocket or url, "over TCP the address must be given"
        its_pass = Pass(jwt=granted["jwt"], seed=granted["seed"], user="")
        async with connected(address, its_pass, self.person, self.complaints) as line:
            self.line = line
            await line.subscribe(f"me.{self.person}.fact", cb=self._heard)
            await line.flush()
            await self.take_snapshot()
            await self.catch_up()
            try:
                yield self
            finally:
                self.line = None

    async def ask(self, verb: str, **body: object) -> Json:
        """A live verb over the line."""
        assert self.line is not None
        said = await self.line.request(
            f"do.{self.person}.{verb}", json.dumps(_plain(body)).encode(), timeout=10
        )
        return said_of(said.data)

    # --- What the phone knows ---------------------------------------------------------------------

    async def take_snapshot(self) -> Json:
        self.seen = await self.get("/api/snapshot")
        return self.seen

    async def fresh(self) -> Json:
        """A snapshot as another phone of the same person would take it now."""
        snapshot: Json = await self.get("/api/snapshot")
        return snapshot

    async def catch_up(self) -> None:
        """Fetch every fact after the cursor, as after a gap or a reconnect."""
        async with self._catching_up:
            while True:
                answer = await self.get(f"/api/facts?after={self.seen['cursor']}")
                assert not answer["reset"]
                for fact in answer["facts"]:
                    self._take(fact)
                if not answer["facts"]:
                    break
            if self.stale:  # the fact is the same for all winners: what one has now is asked for
                self.stale = False
                self.seen["wallet"]["balance_minor"] = (await self.get("/api/wallet"))["balance_minor"]

    async def _heard(self, message: Msg) -> None:
        fact = json.loads(message.data)
        if not isinstance(fact, dict) or "number" not in fact:
            self.strange.append(message.data)
        elif self._take(fact) == "gap":
            self.gaps += 1
            await self.catch_up()

    def _take(self, fact: Json) -> str:
        if not self.seen or fact["number"] <= self.seen["cursor"]:
            return "old"
        if fact["number"] > self.seen["cursor"] + 1:
            return "gap"
        self.seen["cursor"] = fact["number"]
        self.facts.append(fact)
        reduce(self.seen, fact)
        self.stale |= fact["kind"] == "fortune.won"
        return "applied"

    def heard(self, kind: str) -> list[Json]:
        """The bodies of the facts of one kind, in order."""
        return [fact["body"] for fact in self.facts if fact["kind"] == kind]

    async def hears(self, kind: str, count: int = 1) -> Json:
        """Wait for the so-manieth fact of a kind; its body."""
        await until(lambda: len(self.heard(kind)) >= count)
        return self.heard(kind)[count - 1]


SignUp = Callable[[str], Awaitable[Phone]]
"""Registers a person by a login and answers with their phone."""


@contextlib.asynccontextmanager
async def connected(
    url: str, its_pass: Pass, person: int, complaints: list[str], inbox: str = "inbox"
) -> AsyncIterator[Client]:
    """A connection with a person's pass; the server's complaints are collected."""

    async def hear(error: Exception) -> None:
        complaints.append(str(error))

    client = await nats.connect(
        url,
        user_credentials=RawCredentials(its_pass.credentials()),
        inbox_prefix=f"me.{person}.{inbox}".encode(),
        reconnect_time_wait=0.1,
        max_reconnect_attempts=-1,
        error_cb=hear,
    )
    try:
        yield client
    finally:
        await client.close()


def answer_of(response: httpx.Response) -> Any:
    """The JSON of a good answer; Refused of a refusal. Anything else is a fault of the server."""
    answer = response.json()
    if response.is_success:
        assert "refusal" not in answer
        return answer
    assert set(answer) == {"refusal"}, answer
    assert set(answer["refusal"]) == {"code", "facts"}, answer
    raise Refused(answer["refusal"], response.status_code)


def said_of(data: bytes) -> Json:
    answer = json.loads(data)
    if "refusal" in answer:
        raise Refused(answer["refusal"])
    ok: Json = answer["ok"]
    return ok


def _plain(body: Mapping[str, object]) -> Json:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in body.items()}


# --- The page's reducers ------------------------------------------------------------------------------


def reduce(world: Json, fact: Json) -> None:
    """Change what the phone knows by one fact, as `reduce.ts` does."""
    kind, body = fact["kind"], fact["body"]
    if kind.startswith("ties."):
        _reduce_ties(world, fact)
    elif kind == "wallet.moved":
        world["wallet"]["balance_minor"] = body["balance_minor"]
    elif kind.startswith("fortune.") and world["campaign"] and body["campaign"] == world["campaign"]["id"]:
        if kind == "fortune.cash_came":
            world["wallet"]["balance_minor"] = body["balance_minor"]
        _reduce_mine(world["mine"], fact)


def _reduce_ties(world: Json, fact: Json) -> None:
    body = copy.deepcopy(fact["body"])
    if fact["kind"] == "ties.asked":
        asker = {**body["from"], "asked_at": fact["at"]}
        world["requests"] = [asker, *_without(world["requests"], asker["person"])]
        return
    world["requests"] = _without(world["requests"], body["person"])
    world["friends_count"] += {"ties.accepted": 1, "ties.removed": -1}[fact["kind"]]


def _without(people: list[Json], person: int) -> list[Json]:
    return [one for one in people if one["person"] != person]


def _reduce_mine(mine: Json, fact: Json) -> None:
    kind, body = fact["kind"], fact["body"]
    if kind in ("fortune.card_came", "fortune.card_left"):
        mine["cards"][body["card"]] = body["held"]
    elif kind == "fortune.asked":
        mine["requests"].append({"id": body["request"], "card": body["card"], "from": body["from"]})
    elif kind == "fortune.swap_offered":
        mine["swaps"].append({"id": body["swap"], "state": "offered"} | _pick(body, "gives", "wants", "from"))
    elif kind == "fortune.swap_ended":
        for swap in mine["swaps"]:
            if swap["id"] == body["swap"]:
                swap["state"] = body["state"]
    elif kind == "fortune.cash_came":
        if "from" not in body:
            mine["cash"].append(_pick(body, "id", "minor", "round"))
    elif kind == "fortune.won":
        mine["won"] = {"minor": body["minor"]}


def _pick(body: Json, *names: str) -> Json:
    return {name: body[name] for name in names}
