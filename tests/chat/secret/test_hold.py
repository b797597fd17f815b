"""The operator's hold: settled at the first start or never, shown to everybody, and it ends."""

import pytest

from tests.chat.secret.conftest import meeting
from tests.chat.secret.test_secret import gone, no_objects
from tests.chat.serving import Household
from tests.journeys.conftest import OffsetClock
from tests.journeys.phone import Refused
from tests.world import World
from wufu.chat.secret.jobs import VARIABLE, settle_policy
from wufu.chat.secret.verbs import release_held


async def test_what_the_first_start_settled_stands(world: World) -> None:
    assert await settle_policy(world.database, {VARIABLE: "3"}) == 3 * 86_400
    assert await settle_policy(world.database, {}) == 3 * 86_400
    assert await settle_policy(world.database, {VARIABLE: "30"}) == 3 * 86_400


async def test_without_a_word_nothing_is_held_ever(world: World) -> None:
    assert await settle_policy(world.database, {}) == 0
    assert await settle_policy(world.database, {VARIABLE: "30"}) == 0


@pytest.mark.parametrize("days", ["", "-1", "366", "ten", "1.5", "１"])
async def test_what_is_no_number_of_days_stops_the_start(world: World, days: str) -> None:
    with pytest.raises(ValueError, match=VARIABLE):
        await settle_policy(world.database, {VARIABLE: days})


async def test_held_ciphertext_is_out_of_reach_shown_and_gone_in_the_end(
    held_house: Household, clock: OffsetClock
) -> None:
    dong, li = await meeting(held_house)("dong", "li")
    assert (await li.phone.get("/api/secrets/policy"))["retention_seconds"] == 2 * 86_400
    conversation = await dong.direct(li)
    message, sent, _ = await dong.send(conversation, b"held")
    await li.burn(conversation, message)
    await gone(li, conversation, sent["number"])
    with pytest.raises(Refused, match="secret_gone"):
        await li.fetch(conversation, message)
    assert len(held_house.files()) == 1
    clock.advance(days=2, minutes=1)
    await held_house.server.database.run(release_held, actor="test")
    await no_objects(held_house)
