import asyncio

import pytest

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal, UnknownPerson
from wufu.db import Database
from wufu.people import (
    BadDevice,
    BadLogin,
    BadName,
    BadPassword,
    LoginTaken,
    Register,
    Settings,
    SignedIn,
    SignIn,
    TooManyTries,
    WrongPassword,
    change_settings,
    find_people,
    register,
    see_devices,
    see_me,
    see_personas,
    see_session,
    session_lookup,
    sign_in,
    sign_in_persona,
    sign_out,
    sweep,
)

ADA = Register("ada", "correct horse", "Ada", "phone")


async def test_who_registers_is_signed_in_and_seen_as_they_are(database: Database) -> None:
    signed_in = await do(database, register, Register("Ada@Example.com ", "correct horse", " Ada ", "phone"))
    async with database.read() as connection:
        session = await see_session(connection, signed_in.token, database.clock())
        me = await see_me(connection, signed_in.person)
    assert session is not None
    assert (session.person, session.device) == (signed_in.person, "phone")
    assert (me.name, me.login, me.has_pin, me.language) == ("Ada", "ada@example.com", False, "zh")


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (Register("ada", "correct horse", "x" * 10_000), BadName),
        (Register("ada", "correct horse", "\u200b"), BadName),
        (Register("ab", "correct horse", "Ada"), BadLogin),
        (Register("a\x00da", "correct horse", "Ada"), BadLogin),
        (Register("a" * 10_000, "correct horse", "Ada"), BadLogin),
        (Register("阿达阿达", "correct horse", "Ada"), BadLogin),
        (Register("ada", "short", "Ada"), BadPassword),
        (Register("ada", "x" * 10_000, "Ada"), BadPassword),
        (Register("ada", "lone \ud800 surrogate", "Ada"), BadPassword),
        (Register("ada-lovelace", "Ada-Lovelace", "Ada"), BadPassword),
        (Register("ada", "correct horse", "Ada", "d" * 61), BadDevice),
    ],
)
async def test_absurd_registrations_are_refused(
    database: Database, request_: Register, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await do(database, register, request_)
    with_nobody = await do(database, sign_in, SignIn("ada", "correct horse"))
    assert with_nobody == WrongPassword()


async def test_of_two_who_want_one_login_at_once_one_gets_it(database: Database) -> None:
    answers = await asyncio.gather(
        *(do(database, register, Register("ada", "correct horse", f"Ada {n}")) for n in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
    assert sum(isinstance(answer, LoginTaken) for answer in answers) == 3


async def test_a_login_is_taken_in_any_case(database: Database) -> None:
    await do(database, register, ADA)
    with pytest.raises(LoginTaken):
        await do(database, register, Register("ADA", "another horse", "Other"))


async def test_signing_in_needs_the_right_password_and_says_no_more(database: Database) -> None:
    ada = await do(database, register, ADA)
    right = await do(database, sign_in, SignIn(" ADA", "correct horse", "laptop"))
    assert isinstance(right, SignedIn)
    assert right.person == ada.person
    for login, password in (
        ("ada", "wrong horse"),
        ("nobody", "correct horse"),
        ("\x00", ""),
        ("ada", "\ud800"),
    ):
        assert await do(database, sign_in, SignIn(login, password)) == WrongPassword()


async def test_wrong_passwords_cost_growing_waits_and_the_right_one_waits_too(
    database: Database, clock: TestClock
) -> None:
    await do(database, register, ADA)
    for _ in range(5):
        assert await do(database, sign_in, SignIn("ada", "wrong horse")) == WrongPassword()
    assert await do(database, sign_in, SignIn("ada", "correct horse")) == TooManyTries(wait_seconds=30)
    clock.advance(seconds=30)
    assert await do(database, sign_in, SignIn("ada", "wrong horse")) == WrongPassword()
    assert await do(database, sign_in, SignIn("ada", "correct horse")) == TooManyTries(wait_seconds=60)
    clock.advance(seconds=60)
    assert isinstance(await do(database, sign_in, SignIn("ada", "correct horse")), SignedIn)
    # The count is clear now: five more are free.
    for _ in range(5):
        assert await do(database, sign_in, SignIn("ada", "wrong horse")) == WrongPassword()


async def test_a_burst_of_guesses_learns_no_more_than_five_in_turn(database: Database) -> None:
    await do(database, register, ADA)
    guesses = [SignIn("ada", f"wrong horse {n}") for n in range(20)]
    answers = await asyncio.gather(*(do(database, sign_in, guess) for guess in guesses))
    assert sum(answer == WrongPassword() for answer in answers) == 5
    assert sum(isinstance(answer, TooManyTries) for answer in answers) == 15


async def test_one_address_cannot_try_many_logins_for_ever(database: Database) -> None:
    answers = [
        await do(database, sign_in, SignIn(f"somebody{n}", "wrong horse", address="192.0.2.7"))
        for n in range(52)
    ]
    assert answers[:50] == [WrongPassword()] * 50
    assert isinstance(answers[51], TooManyTries)
    elsewhere = await do(database, sign_in, SignIn("somebody51", "wrong horse", address="192.0.2.8"))
    assert elsewhere == WrongPassword()


async def test_a_token_of_another_or_a_changed_one_is_nobody(database: Database) -> None:
    ada = await do(database, register, ADA)
    number, _, secret = ada.token.partition(".")
    tokens = ["", ".", secret, f"{int(number) + 1}.{secret}", ada.token[:-1] + "g", "9" * 30 + "." + secret]
    async with database.read() as connection:
        for token in [*tokens, ada.token + "\x00", "x" * 10_000, f"-1.{secret}", f"١.{secret}"]:
            assert await see_session(connection, token, database.clock()) is None


async def test_signing_out_ends_one_device_and_only_ones_own(database: Database) -> None:
    phone = await do(database, register, ADA)
    laptop = await do(database, sign_in, SignIn("ada", "correct horse", "laptop"))
    other = await do(database, register, Register("bob", "correct horse", "Bob"))
    assert isinstance(laptop, SignedIn)
    await do(database, sign_out, other.person, phone.session)  # somebody else's phone: nothing happens
    await do(database, sign_out, phone.person, laptop.session)
    await do(database, sign_out, phone.person, laptop.session)
    async with database.read() as connection:
        assert await see_session(connection, laptop.token, database.clock()) is None
        devices = await see_devices(connection, phone.person, phone.session, database.clock())
    assert [(device.name, device.current) for device in devices] == [("phone", True)]


async def test_the_twenty_first_device_replaces_the_longest_unused(
    database: Database, clock: TestClock
) -> None:
    ada = await do(database, register, ADA)
    for n in range(20):
        clock.advance(minutes=1)
        await do(database, sign_in, SignIn("ada", "correct horse", f"device {n}"))
    async with database.read() as connection:
        names = {d.name for d in await see_devices(connection, ada.person, None, database.clock())}
    assert names == {f"device {n}" for n in range(20)}


async def test_a_session_lasts_while_it_is_used_and_is_swept_after(
    database: Database, clock: TestClock
) -> None:
    ada = await do(database, register, ADA)
    look_up = session_lookup(clock)
    async with database.pool.acquire() as connection:
        for _ in range(4):
            clock.advance(days=29)
            assert await look_up(connection, ada.token) == ada.person
        clock.advance(days=31)
        assert await look_up(connection, ada.token) is None
    await do(database, sweep)
    async with database.read() as connection:
        assert await see_devices(connection, ada.person, None, clock.now.replace(year=2015)) == []


async def test_looking_a_session_up_writes_only_every_ten_minutes(
    database: Database, clock: TestClock
) -> None:
    ada = await do(database, register, ADA)
    look_up = session_lookup(clock)

    async def row_version() -> object:
        async with database.read() as connection:
            return await connection.fetchval("SELECT xmin::text FROM session WHERE person = $1", ada.person)

    before = await row_version()
    async with database.pool.acquire() as connection:
        clock.advance(minutes=9)
        await look_up(connection, ada.token)
        assert await row_version() == before
        clock.advance(minutes=1)
        await look_up(connection, ada.token)
    assert await row_version() != before


async def test_only_personas_can_be_taken_with_one_click(database: Database) -> None:
    [persona] = await some_people(database, 1)
    ada = await do(database, register, ADA)
    assert (await do(database, sign_in_persona, persona)).person == persona
    for person in (ada.person, PersonId(10**30), PersonId(-1), PersonId(999)):
        with pytest.raises(UnknownPerson):
            await do(database, sign_in_persona, person)
    async with database.read() as connection:
        assert [one.person for one in await see_personas(connection)] == [persona]


async def test_people_are_found_by_exact_login_or_name_if_they_allow_it(database: Database) -> None:
    ada = await do(database, register, ADA)
    bob = await do(database, register, Register("bob", "correct horse", "Ada"))

    async def found(asker: PersonId, text: str) -> list[PersonId]:
        async with database.read() as connection:
            return [view.person for view in await find_people(connection, asker, text)]

    assert await found(bob.person, "ADA") == [ada.person]
    assert await found(bob.person, "Ada") == [ada.person]
    assert await found(PersonId(0), "Ada") == [ada.person, bob.person]
    assert await found(bob.person, "ad") == []
    for text in ("", "\x00", "\ud800", "%", "x" * 100_000):
        assert await found(bob.person, text) == []
    await do(database, change_settings, ada.person, Settings(findable=False))
    assert await found(bob.person, "ada") == []


async def test_settings_change_what_is_given_and_nothing_else(database: Database) -> None:
    ada = await do(database, register, ADA)
    me = await do(database, change_settings, ada.person, Settings(name=" 爱达 "))
    assert (me.name, me.language, me.findable) == ("爱达", "zh", True)
    me = await do(database, change_settings, ada.person, Settings(language="en"))
    assert (me.name, me.language) == ("爱达", "en")
    with pytest.raises(BadName):
        await do(database, change_settings, ada.person, Settings(name="\u202eada", language="zh"))
