"""Phones that tap through crashes: whatever happens, the same body is sent until it is answered."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence

import nats.errors
from nats.aio.client import Client

from tests.journeys.phone import Json, connected
from wufu.core.clock import utc_now
from wufu.core.ids import PersonId
from wufu.db.engines import Engines, mint_person_pass

PATIENCE_SECONDS = 1.0
TAPS = 3
WAIT = {"server_busy": 0.1, "too_many_taps": 0.3, "round_not_open": 0.3}
"""Refusals that only ask for patience, and how long; any other one is a fault."""


class TappingPhone:
    """One player's phone: what it was answered, and nothing it merely hoped."""

    def __init__(self, person: PersonId, campaign: str, line: Client, following: int) -> None:
        self.person = person
        self.following = following
        self.wins: list[Json] = []
        self.batches = 0
        self._campaign = campaign
        self._line = line

    async def tap_on(self) -> None:
        """Tap until cancelled."""
        while True:
            body = {"campaign": self._campaign, "round": 1, "first": self.following, "count": TAPS}
            answer = await self._insist(json.dumps(body).encode())
            assert answer["next"] == self.following + TAPS
            self.following = answer["next"]
            self.wins += answer["wins"]
            self.batches += 1
            await asyncio.sleep(0.02)

    async def _insist(self, body: bytes) -> Json:
        while True:
            try:
                said = await self._line.request(f"do.{self.person}.tap", body, timeout=PATIENCE_SECONDS)
            except (nats.errors.Error, TimeoutError, OSError):
                await asyncio.sleep(0.1)
                continue
            answer = json.loads(said.data)
            if "ok" in answer:
                ok: Json = answer["ok"]
                return ok
            assert answer["refusal"]["code"] in WAIT, answer
            await asyncio.sleep(WAIT[answer["refusal"]["code"]])


async def give_up(tasks: Sequence[asyncio.Task[None]]) -> list[BaseException | None]:
    """Cancel tasks until all have ended; how each did.

    One cancellation may be lost: an answer that comes in the same moment ends the waiting first, and who asks
    again after any error asks on.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.5)
    return await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def tapping(
    engines: Engines, campaign: str, starts: Mapping[PersonId, int]
) -> AsyncIterator[list[TappingPhone]]:
    """These people's phones, tapping from tap number `starts` on for the length of a block.

    A fault of any of them is raised at its end.
    """
    async with contextlib.AsyncExitStack() as stack:
        phones = []
        for person, following in starts.items():
            its_pass = mint_person_pass(engines.account_seed, person, None, utc_now(), 600)
            line = await stack.enter_async_context(connected(engines.nats_url, its_pass, person, []))
            phones.append(TappingPhone(person, campaign, line, following))
        tasks = [asyncio.create_task(phone.tap_on()) for phone in phones]
        try:
            yield phones
        finally:
            ended = await give_up(tasks)
        for fault in ended:
            if isinstance(fault, Exception):
                raise fault
