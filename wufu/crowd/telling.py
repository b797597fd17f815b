"""What the demo's terminal shows: where to click, one calm status line, and how each evening ended.

In a terminal the line changes in place; elsewhere it is printed every fifteen seconds. Rounds that open and
close, and what was settled, are told either way.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from wufu.core.clock import utc_now
from wufu.core.money import CNY, render_minor
from wufu.crowd.world import PIN
from wufu.db import Database
from wufu.fortune import CampaignView, newest_campaign, see_campaign

LOOK_SECONDS = 1.0
LINE_SECONDS = 15.0


class Telling:
    """The terminal of one demo."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._told: dict[int, str] = {}
        self._campaign = ""
        self._state = ""

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live = Live(Text(""), console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, text: str) -> None:
        """One plain sentence."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def welcome(self, url: str, wanted_port: int, personas: Sequence[str]) -> None:
        """Where to click and who one can be."""
        if not url.endswith(f":{wanted_port}"):
            self.say(f"port {wanted_port} is taken; using another one")
        self._console.print()
        self._console.print(Text.assemble("五福 Wufu is open at ", (url, "bold underline")))
        self.say(f"  be one of {len(personas)}: {'、'.join(personas)}")
        self.say(f"  what an operator sees is at {url}/console/")
        self.say(f"  each of them has the payment PIN {PIN} and some money in the wallet")
        self.say("  Ctrl-C ends it; started again it goes on, with --fresh it begins anew")
        self._console.print()

    async def follow(self, database: Database) -> None:
        """Tell how the newest evening goes, until cancelled."""
        told_at = 0.0
        while True:
            async with database.read() as connection:
                campaign = await newest_campaign(connection)
                seen = await see_campaign(connection, campaign, utc_now()) if campaign else None
            if seen is not None:
                changed = self._tell_changes(seen)
                line = status(seen)
                now = asyncio.get_running_loop().time()
                if self._live is not None:
                    self._live.update(Text(line, style="dim"), refresh=True)
                elif changed or now - told_at >= LINE_SECONDS:
                    told_at = now
                    self.say(line)
            await asyncio.sleep(LOOK_SECONDS)

    def _tell_changes(self, seen: CampaignView) -> bool:
        """Say what happened since the last look; whether anything did."""
        changed = False
        if seen.id != self._campaign:
            self._campaign, self._state, self._told = seen.id, "", {}
            self.say(f"{seen.title} {seen.title_en}: {seen.id}, a pool of {_money(seen.pool_minor)}")
            changed = True
        for one in seen.rounds:
            if self._told.get(one.number, "planned") != one.state:
                changed = True
                players = f" for {one.players:,} players" if one.players and one.state == "open" else ""
                self.say(f"round {one.number} is {one.state}{players}")
            self._told[one.number] = one.state
        if seen.state == "settled" and self._state != "settled":
            self._console.print(result(seen))
            self.say("for another evening press the button on the page, or Ctrl-C to end")
            changed = True
        self._state = seen.state
        return changed


def status(seen: CampaignView) -> str:
    """One line: where the evening is, and how it stands."""
    now = seen.clock.campaign_now
    counts = f"{seen.players:,} players · {seen.taps:,} taps · {seen.holders:,} full sets"
    money = f"pool {_money(seen.pool_minor)}"
    return f"{_phase(seen, now)} · {counts} · {money}"


def _phase(seen: CampaignView, now: datetime) -> str:
    if seen.state not in {"announced", "running"}:
        return f"{seen.id} is {seen.state}"
    if now < seen.opens_at:
        return f"opens in {_left(seen.opens_at - now)}"
    for one in seen.rounds:
        if one.state == "open":
            return f"round {one.number}, {_left(one.closes_at - now)} left"
        if one.state == "paused":
            return f"round {one.number} is paused"
        if one.state == "planned":
            return f"round {one.number} in {_left(one.opens_at - now)}"
    return f"settles in {_left(seen.settles_at - now)}"


def _left(time: timedelta) -> str:
    minutes, seconds = divmod(max(time // timedelta(seconds=1), 0), 60)
    return f"{minutes}:{seconds:02}"


def _money(minor: int) -> str:
    return render_minor(minor, CNY)


def result(seen: CampaignView) -> Table:
    """The settled result as a table."""
    assert seen.settlement is not None
    split = seen.settlement
    table = Table(title=f"{seen.title} · {seen.id} · settled", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    table.add_row("players", f"{seen.players:,}")
    table.add_row("taps", f"{seen.taps:,}")
    table.add_row("pool", _money(seen.pool_minor))
    table.add_row("full sets", f"{split.winners:,}")
    table.add_row("each", _money(split.each_minor))
    table.add_row("paid", _money(split.paid_minor))
    table.add_row("returned to the sponsor", _money(split.remainder_minor))
    return table
