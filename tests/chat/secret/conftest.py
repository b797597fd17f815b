"""A household whose phones can seal."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.chat.secret.sealing import SecretPhone
from tests.chat.serving import Household, household
from tests.conftest import FreshDatabase
from tests.journeys.conftest import OffsetClock, engines_at
from wufu.chat.secret.jobs import VARIABLE
from wufu.db.engines import Engines

Meet = Callable[..., Awaitable[list[SecretPhone]]]


@pytest.fixture
def clock() -> OffsetClock:
    return OffsetClock()


@pytest.fixture
async def house(
    engines: Engines, fresh: FreshDatabase, clock: OffsetClock, tmp_path: Path
) -> AsyncIterator[Household]:
    async with household(engines_at(engines, fresh), clock, tmp_path / "objects") as its:
        yield its


@pytest.fixture
def meet(house: Household) -> Meet:
    """`await meet("dong", "li")`: people whose devices registered their keys, all friends of the first."""
    return meeting(house)


def meeting(house: Household) -> Meet:
    """`meet` in a household."""

    async def work(*names: str) -> list[SecretPhone]:
        phones = [SecretPhone(await house.phone(name)) for name in names]
        for phone in phones:
            await phone.register()
        for other in phones[1:]:
            await house.befriend(phones[0].phone, other.phone)
        return phones

    return work


@pytest.fixture
async def held_house(
    engines: Engines,
    fresh: FreshDatabase,
    clock: OffsetClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Household]:
    """A household whose operator settled a hold of two days at the first start."""
    monkeypatch.setenv(VARIABLE, "2")
    async with household(engines_at(engines, fresh), clock, tmp_path / "objects") as its:
        yield its
