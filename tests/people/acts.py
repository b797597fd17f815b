"""Shorthands of the tests of people, ties and wallet: one verb in one transaction of its own."""

from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from wufu.core.ids import PersonId
from wufu.db import Database, Tx
from wufu.people import NewPerson, create_people

P = ParamSpec("P")
T = TypeVar("T")


async def do(
    database: Database,
    verb: Callable[Concatenate[Tx, P], Awaitable[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run one verb and commit it."""

    async def work(tx: Tx) -> T:
        return await verb(tx, *args, **kwargs)

    return await database.run(work, actor="test")


async def some_people(database: Database, count: int, origin: Any = "persona") -> list[PersonId]:
    """People named 甲0, 甲1, …"""
    return await do(database, create_people, [NewPerson(f"甲{number}", origin) for number in range(count)])
