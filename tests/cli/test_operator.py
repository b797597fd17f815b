"""Commands of the operator at the machine, in a process of their own, on the test's own database."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.conftest import FreshDatabase
from tests.world import World
from wufu.core.ids import PersonId
from wufu.db import Fact, Place, Tx, carry, name_of
from wufu.db.engines import Engines
from wufu.fortune import LISTENERS, release_cleared
from wufu.redpacket import Limits, see_merchants, see_packet_limits

PROGRAM = """
import json, sys
from typer.testing import CliRunner
from wufu.cli.app import app
done = [CliRunner().invoke(app, arguments) for arguments in json.load(sys.stdin)]
json.dump([[one.exit_code, one.stdout + one.stderr] for one in done], sys.stdout)
"""


class Commands:
    """`wufu`, told where the test's database and NATS are; several commands share one process, for speed."""

    def __init__(self, engines: Engines, fresh: FreshDatabase) -> None:
        self._environment = {
            **os.environ,
            "WUFU_DATABASE_URL": fresh.app_url,
            "WUFU_DATABASE_OWNER_URL": fresh.owner_url,
            "WUFU_NATS_URL": engines.nats_url,
            "WUFU_NATS_WEBSOCKET_URL": engines.websocket_url,
            "WUFU_NATS_ACCOUNT_SEED": engines.account_seed,
        }

    async def __call__(self, *commands: str) -> list[tuple[int, str]]:
        """For each command its exit code, and what was printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM),
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate(json.dumps([one.split() for one in commands]).encode())
        assert process.returncode == 0
        return [(code, text) for code, text in json.loads(said)]


@pytest.fixture
def wufu(engines: Engines, fresh: FreshDatabase) -> Commands:
    return Commands(engines, fresh)


async def merchants(world: World) -> list[PersonId]:
    async with world.database.read() as connection:
        return await see_merchants(connection)


async def limits(world: World) -> Limits:
    async with world.database.read() as connection:
        return await see_packet_limits(connection)


async def test_a_merchant_is_made_listed_and_unmade(world: World, wufu: Commands) -> None:
    one, other = await world.people(2)
    made, listed, unmade, empty, *wrong = await wufu(
        f"merchant make {one} --json",
        "merchant list --json",
        f"merchant unmake {one}",
        "merchant list",
        *(f"merchant make {nobody}" for nobody in (other + 1, "nobody", "9" * 30)),
        f"merchant make {other}",
    )
    assert json.loads(made[1]) == {"person": one, "name": "玩家1", "merchant": True}
    assert json.loads(listed[1]) == {"merchants": [{"person": one, "name": "玩家1"}]}
    assert (unmade[0], "is not a merchant" in unmade[1]) == (0, True)
    assert (empty[0], "There is no merchant" in empty[1]) == (0, True)
    assert [(code, "there is no person" in said) for code, said in wrong] == [(2, True)] * 3 + [(0, False)]
    assert await merchants(world) == [other]


async def test_limits_are_shown_and_changed_and_nonsense_is_refused(world: World, wufu: Commands) -> None:
    before = await limits(world)
    changed, *wrong = await wufu(
        "merchant limits day_minor=123456 quiet_from=0 --json",
        "merchant limits day_minor",
        "merchant limits day_minor=+1",
        "merchant limits day=1",
        "merchant limits shares=0",
    )
    after = await limits(world)
    assert (after.day_minor, after.quiet_from, after.shares) == (123456, 0, before.shares)
    assert json.loads(changed[1])["day_minor"] == 123456
    words = ("NAME=NUMBER", "NAME=NUMBER", "there is no limit", "from 1 to")
    for (code, said), why in zip(wrong, words, strict=True):
        assert (code, why in said) == (2, True), said


async def test_parked_facts_are_shown_retried_and_dropped(world: World, wufu: Commands) -> None:
    async def announce(tx: Tx) -> None:
        tx.announce(Fact("trust.cleared", {"people": "poison"}))
        tx.announce(Fact("trust.cleared", {"people": []}))

    async def park(tx: Tx) -> int:
        first: int = await tx.connection.fetchval("SELECT min(id) FROM outbox")
        await carry(tx, LISTENERS, given_up={Place(first, name_of(release_cleared))})
        return first

    await world.run(announce)
    bad = await world.run(park)
    shown, retried, wrong, dropped, empty, record = await wufu(
        "facts parked --json",
        "facts retry",
        f"facts drop {bad + 1} --yes",
        f"facts drop {bad} --yes --json",
        "facts parked",
        "facts parked --dropped --json",
    )
    listed = json.loads(shown[1])["parked"]
    assert [(one["kind"], one["state"]) for one in listed] == [
        ("trust.cleared", "failed"),
        ("trust.cleared", "waiting"),
    ]
    assert (retried[0], "0 heard, 2 still parked" in retried[1]) == (1, True)
    assert (wrong[0], "not among those that failed" in wrong[1]) == (2, True)
    done = json.loads(dropped[1])
    assert (done["heard"], done["left"]) == (1, 0)
    assert (empty[0], "Nothing is parked" in empty[1]) == (0, True)
    assert [one["id"] for one in json.loads(record[1])["parked"]] == [bad]


async def test_a_campaign_is_made_from_a_template_by_name_or_file(
    world: World, wufu: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    rule = "[friends_for_cards]\nfriends = 2\ncards = 1\ndesign = 'each'\n"
    file.write_text("format = 1\nname = 'mine'\nversion = 2\nbased_on = '2016'\n" + rule)
    mine, invited, wrong = await wufu(
        f"campaign create one --people 100 --template {file}",
        "campaign create two --people 100 --template 2016-invited",
        "campaign create three --people 100 --template 2031",
    )
    assert (mine[0], invited[0], wrong[0]) == (0, 0, 2)
    assert "there is no template '2031'" in wrong[1]
    async with world.database.read() as connection:
        rows = await connection.fetch("SELECT id, template FROM campaign ORDER BY id")
    assert [(row["id"], row["template"]) for row in rows] == [("one", "mine/2"), ("two", "2016-invited/1")]
