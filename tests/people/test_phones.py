"""Phone numbers: proved by a code, found by who knows the whole of them, readable nowhere."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import asyncpg
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from tests.conftest import FreshDatabase
from tests.world import World
from wufu.core.ids import PersonId
from wufu.people import (
    ask_code,
    look_up,
    prove_phone,
    remove_phone,
    see_phone,
    see_texts,
    sweep_phones,
)
from wufu.people.phones.model import (
    Asked,
    BadPhone,
    Phone,
    TooManyCodes,
    TooManyLooks,
    WrongCode,
    clean_phone,
)
from wufu.people.phones.texts import send_texts

NUMBER = "138 0013 8000"


async def _prove(world: World, person: PersonId, number: str = NUMBER) -> Phone:
    asked = await world.run(partial(ask_code, person=person, number=number))
    assert isinstance(asked, Asked)
    assert asked.code is not None
    proved = await world.run(partial(prove_phone, person=person, code=asked.code))
    assert isinstance(proved, Phone)
    return proved


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "+8613800138000"),
        (" 138-0013-8000 ", "+8613800138000"),
        ("+44 20 7946 0958", "+442079460958"),
        ("0049 (30) 901820", "+4930901820"),
    ],
)
def test_a_number_has_one_spelling(typed: str, kept: str) -> None:
    assert clean_phone(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "110", "+0123456789", "12800138000", "+86138001380001234", "1380013800a", "１３８００１３８０００"],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(BadPhone):
        clean_phone(typed)


async def test_who_types_the_code_owns_the_number(world: World) -> None:
    (person, other) = await world.people(2)
    assert (await _prove(world, person)).ending == "00"
    assert await world.run(partial(look_up, asker=other, number="+86 13800138000")) == person
    assert await world.run(partial(look_up, asker=other, number="13900139000")) is None
    await world.run(partial(remove_phone, person=person))
    assert await world.run(partial(look_up, asker=other, number=NUMBER)) is None


async def test_a_number_belongs_to_whoever_proved_it_last_and_a_person_has_one(world: World) -> None:
    (person, other) = await world.people(2)
    await _prove(world, person)
    await _prove(world, other)
    assert await world.run(partial(look_up, asker=person, number=NUMBER)) == other
    world.clock.now += timedelta(minutes=2)
    await _prove(world, other, "13900139011")
    assert await world.run(partial(look_up, asker=person, number=NUMBER)) is None
    async with world.database.read() as connection:
        assert await see_phone(connection, person) is None
        mine = await see_phone(connection, other)
    assert mine is not None
    assert mine.ending == "11"


async def test_a_code_is_good_for_five_tries_and_ten_minutes(world: World) -> None:
    (person,) = await world.people(1)
    asked = await world.run(partial(ask_code, person=person, number=NUMBER))
    assert isinstance(asked, Asked)
    wrong = "000000" if asked.code != "000000" else "111111"
    left = [await world.run(partial(prove_phone, person=person, code=wrong)) for _ in range(5)]
    assert [one.facts["tries_left"] for one in left if isinstance(one, WrongCode)] == [4, 3, 2, 1, 0]
    assert asked.code is not None
    assert isinstance(await world.run(partial(prove_phone, person=person, code=asked.code)), WrongCode)
    world.clock.now += timedelta(minutes=2)
    again = await world.run(partial(ask_code, person=person, number=NUMBER))
    assert isinstance(again, Asked)
    world.clock.now += timedelta(minutes=10)
    assert again.code is not None
    assert isinstance(await world.run(partial(prove_phone, person=person, code=again.code)), WrongCode)


async def test_another_persons_code_proves_nothing(world: World) -> None:
    (person, other) = await world.people(2)
    asked = await world.run(partial(ask_code, person=person, number=NUMBER))
    assert isinstance(asked, Asked)
    assert asked.code is not None
    assert isinstance(await world.run(partial(prove_phone, person=other, code=asked.code)), WrongCode)


async def test_nobody_is_flooded_with_codes(world: World) -> None:
    people = await world.people(6)
    first = await world.run(partial(ask_code, person=people[0], number=NUMBER))
    assert isinstance(first, Asked)
    soon = await world.run(partial(ask_code, person=people[0], number=NUMBER))
    assert isinstance(soon, TooManyCodes)
    assert soon.facts["wait"] == 60
    answers = [await world.run(partial(ask_code, person=one, number=NUMBER)) for one in people[1:]]
    assert [type(one) for one in answers] == [Asked] * 4 + [TooManyCodes], "five a day to one number"
    world.clock.now += timedelta(days=1)
    await world.run(sweep_phones)
    assert isinstance(await world.run(partial(ask_code, person=people[5], number=NUMBER)), Asked)


async def test_numbers_cannot_be_tried_out_one_by_one(world: World) -> None:
    (person,) = await world.people(1)
    answers = [
        await world.run(partial(look_up, asker=person, number=f"138001380{place:02}")) for place in range(31)
    ]
    assert answers[:30] == [None] * 30
    assert isinstance(answers[30], TooManyLooks)


async def test_no_table_holds_a_number_once_its_text_is_gone(world: World, fresh: FreshDatabase) -> None:
    (person,) = await world.people(1)
    await _prove(world, person)
    async with world.database.read() as connection:
        (text,) = await see_texts(connection)
    assert text.phone == "+8613800138000"
    world.clock.now += timedelta(minutes=11)
    await send_texts(world.database)
    connection = await asyncpg.connect(fresh.superuser_url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for row in tables:
            lines = await connection.fetch(f'SELECT t::text AS line FROM "{row["tablename"]}" AS t')
            assert not any("13800138000" in line["line"] for line in lines), row["tablename"]
    finally:
        await connection.close()


class Gateway:
    """A gateway for texts on loopback, which may be told to fail."""

    def __init__(self) -> None:
        self.took: list[dict[str, str]] = []
        self.status = 200


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[Gateway, str]]:
    kept, app = Gateway(), FastAPI()

    @app.post("/texts", response_model=None)
    async def texts(request: Request) -> Response:
        assert request.headers["x-wufu-signature"]
        kept.took.append(await request.json())
        return Response(status_code=kept.status)

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield kept, f"http://127.0.0.1:{port}/texts"
    server.should_exit = True
    await task


async def test_texts_go_to_the_gateway_once_and_again_where_it_failed(
    world: World, gateway: tuple[Gateway, str]
) -> None:
    kept, url = gateway
    (person,) = await world.people(1)
    await world.run(partial(ask_code, person=person, number=NUMBER))
    kept.status = 503
    assert await send_texts(world.database, url=url, key="k") == 0
    assert await send_texts(world.database, url=url, key="k") == 0
    assert len(kept.took) == 1, "not before twenty seconds have passed"
    kept.status = 202
    world.clock.now += timedelta(seconds=21)
    assert await send_texts(world.database, url=url, key="k") == 1
    assert await send_texts(world.database, url=url, key="k") == 0
    assert [one["to"] for one in kept.took] == ["+8613800138000"] * 2
    assert kept.took[0]["id"] == kept.took[1]["id"]
