import asyncio
from datetime import timedelta

import pytest

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from wufu.core.refusals import NotAllowed
from wufu.db import Database
from wufu.people import (
    BadPin,
    NoPin,
    PinLocked,
    Register,
    TooManyTries,
    WrongPassword,
    WrongPin,
    check_pin,
    guard_pin,
    register,
    set_pin,
)
from wufu.people.model import PIN_LOCKS, PinState, judge_pin


async def test_a_right_pin_passes_and_a_wrong_one_counts_down(database: Database) -> None:
    [me] = await some_people(database, 1)
    assert await do(database, check_pin, me, "123456") == NoPin()
    assert await do(database, set_pin, me, "123456") is None
    assert await do(database, check_pin, me, "123456") is None
    assert await do(database, check_pin, me, "123457") == WrongPin(tries_left=4)
    assert await guard_pin(database, me, "") == WrongPin(tries_left=3)
    assert await guard_pin(database, me, "x" * 100_000) == WrongPin(tries_left=2)
    assert await guard_pin(database, me, "123456") is None
    assert await guard_pin(database, me, "654321") == WrongPin(tries_left=4)


async def test_five_wrong_pins_lock_for_growing_times_and_the_right_one_too(
    database: Database, clock: TestClock
) -> None:
    [me] = await some_people(database, 1)
    await do(database, set_pin, me, "123456")
    for wait in (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)):
        for _ in range(4):
            assert isinstance(await guard_pin(database, me, "000000"), WrongPin)
        until = (clock.now + wait).isoformat()
        assert await guard_pin(database, me, "000000") == PinLocked(until=until)
        clock.now += wait - timedelta(seconds=1)
        assert await guard_pin(database, me, "123456") == PinLocked(until=until)
        clock.advance(seconds=1)
    assert await guard_pin(database, me, "123456") is None


async def test_a_burst_of_wrong_pins_learns_no_more_than_five(database: Database) -> None:
    [me] = await some_people(database, 1)
    await do(database, set_pin, me, "123456")
    pins = [f"{n:06}" for n in range(12)]
    answers = await asyncio.gather(*(guard_pin(database, me, pin) for pin in pins))
    assert sum(isinstance(answer, WrongPin) for answer in answers) == 4
    assert sum(isinstance(answer, PinLocked) for answer in answers) == 8


def test_locks_grow_to_a_day_and_no_further() -> None:
    now = TestClock().now
    state = PinState(4, 0, None)
    for expected in (*PIN_LOCKS, PIN_LOCKS[-1]):
        state, refusal = judge_pin(state, matched=False, now=now)
        assert refusal == PinLocked(until=(now + expected).isoformat())
        now += expected
        for _ in range(4):
            state, _ = judge_pin(state, matched=False, now=now)


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567", "12345a", "１２３４５６", "١٢٣٤٥٦", "12 456", "123456\n"]
)
async def test_a_pin_is_six_digits(database: Database, pin: str) -> None:
    [me] = await some_people(database, 1)
    with pytest.raises(BadPin):
        await do(database, set_pin, me, pin)


async def test_changing_a_pin_needs_the_old_one_or_the_password(database: Database) -> None:
    ada = await do(database, register, Register("ada", "correct horse", "Ada"))
    with pytest.raises(NotAllowed):
        await do(database, set_pin, ada.person, "123456")
    assert await do(database, set_pin, ada.person, "123456", password="wrong horse") == WrongPassword()
    assert await do(database, set_pin, ada.person, "123456", password="correct horse") is None
    with pytest.raises(NotAllowed):
        await do(database, set_pin, ada.person, "222222")
    assert await do(database, set_pin, ada.person, "222222", old_pin="000000") == WrongPin(tries_left=4)
    assert await do(database, set_pin, ada.person, "222222", old_pin="123456") is None
    assert await do(database, check_pin, ada.person, "222222") is None
    assert await do(database, set_pin, ada.person, "333333", password="correct horse") is None
    assert await do(database, check_pin, ada.person, "222222") == WrongPin(tries_left=4)


async def test_a_stolen_phone_cannot_guess_the_password_through_the_pin(database: Database) -> None:
    ada = await do(database, register, Register("ada", "correct horse", "Ada"))
    for _ in range(5):
        assert await do(database, set_pin, ada.person, "123456", password="wrong") == WrongPassword()
    assert isinstance(
        await do(database, set_pin, ada.person, "123456", password="correct horse"), TooManyTries
    )
