"""Forecasts of a running server's campaigns, each by a process of its own.

The process is this Python running `wufu.forecast`: it compiles kernels and fills all cores for a while, which
the server must not do, nor load. It hears one line of JSON, tells how far it is line by line, and says the
forecast last. One at a time; the server's end is its end.
"""

import asyncio
import contextlib
import logging
import sys

import msgspec

from wufu.console import store
from wufu.console.model import ForecastFailed, ForecastTask, ForecastUnderWay
from wufu.core.ids import CampaignId
from wufu.db import Database, Tx
from wufu.fortune import CampaignSpec

log = logging.getLogger("wufu.console")

LONGEST_LINE = 16 * 1024 * 1024
PATIENCE_SECONDS = 1_800.0


class Said(msgspec.Struct, frozen=True):
    """One line of the other process: how far it is, why it cannot, or what it found."""

    progress: list[str | int] | None = None
    refused: str | None = None
    forecast: dict[str, object] | None = None


class Forecasting:
    """The one forecast that may be under way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._task: asyncio.Task[None] | None = None
        self._campaign: CampaignId | None = None
        self._progress: list[str | int] = []
        self._failures: dict[CampaignId, str] = {}

    def progress(self, campaign: CampaignId) -> list[str | int] | None:
        """(what, done, of all) while this campaign's forecast is under way. Raises ForecastFailed, once."""
        if self._campaign == campaign and self._task is not None and not self._task.done():
            return self._progress
        if why := self._failures.pop(campaign, None):
            raise ForecastFailed(why=why)
        return None

    def begin(self, campaign: CampaignId, spec: CampaignSpec, task: ForecastTask) -> None:
        """Begin the forecast of a campaign; it is kept when it is there. Refusal forecast_under_way."""
        if self._task is not None and not self._task.done():
            raise ForecastUnderWay(campaign=self._campaign)
        self._failures.pop(campaign, None)
        self._campaign, self._progress = campaign, ["starting", 0, 1]
        self._task = asyncio.create_task(self._forecast(campaign, spec, task), name=f"forecast {campaign}")

    async def close(self) -> None:
        """End a forecast that is under way."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _forecast(self, campaign: CampaignId, spec: CampaignSpec, task: ForecastTask) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                said = await self._ask({"spec": spec, **msgspec.structs.asdict(task)})
        except TimeoutError:
            said = Said(refused="it took longer than half an hour")
        found = said.forecast
        if found is None:
            self._failures[campaign] = said.refused or "the process ended early"
            log.warning("no forecast of %s: %s", campaign, self._failures[campaign])
            return

        async def keep(tx: Tx) -> None:
            await store.put_forecast(tx, campaign, task.people, found)

        await self._database.run(keep, actor="system/console")

    async def _ask(self, question: dict[str, object]) -> Said:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "wufu.forecast",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=LONGEST_LINE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        said = Said()
        try:
            process.stdin.write(msgspec.json.encode(question) + b"\n")
            process.stdin.write_eof()
            async for line in process.stdout:
                said = msgspec.json.decode(line, type=Said)
                if said.progress is not None:
                    self._progress = said.progress
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return said
