"""Shorthands of the tests of trust: phones on devices and networks, facts that are heard, a farm."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid5

import httpx

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from tests.people.phones import Phone
from wufu import people, ties, trust
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx, carry
from wufu.edge import Door, VerbTable, create_http
from wufu.people import Arrival
from wufu.ties import AcceptTie, AskTie, accept_ties, ask_ties
from wufu.trust import LISTENERS, Decided, Suspicion, Verdict, decide, greeter, held, suspect

KEY = bytes(range(32))
OPERATOR = "operator/test"


def device(name: str) -> str:
    """The id a page would have made for the browser of that name."""
    return str(uuid5(UUID(int=0), name))


@asynccontextmanager
async def phone(database: Database, on: str = "", address: str = "198.51.100.7") -> AsyncIterator[Phone]:
    """A phone with its own cookies, on a device and at a network address."""
    door = Door(database, people.session_lookup(database.clock), demo=True)
    routers = [people.router(door, greeter(KEY)), ties.router(door), trust.router(door)]
    app = create_http(door, VerbTable(database, ()), routers, None)
    transport = httpx.ASGITransport(app, client=(address, 1234))
    headers = {"X-Wufu-Device": device(on)} if on else {}
    async with httpx.AsyncClient(
        transport=transport, base_url="https://wufu.test", headers=headers
    ) as client:
        yield Phone(client)


async def make_accounts(
    database: Database, clock: TestClock, count: int, on: str, address: str = "198.51.100.7"
) -> list[PersonId]:
    """People as if they had registered on one device, ten minutes apart."""
    made = await some_people(database, count, "imported")
    for person in made:
        clock.advance(minutes=10)
        await arrive(database, person, on, address)
    return made


async def arrive(
    database: Database, person: PersonId, on: str, address: str, registered: bool = True
) -> None:
    """Somebody signs in, as `people` tells it."""

    async def work(tx: Tx) -> None:
        await greeter(KEY)(tx, Arrival(person, registered, device(on) if on else "", address))

    await database.run(work, actor="test")


async def hear(database: Database) -> list[str]:
    """The relay's work: everything announced is heard; the kinds in order."""
    kinds: list[str] = []
    while True:

        async def work(tx: Tx) -> list[str]:
            return [fact.kind for fact in (await carry(tx, LISTENERS)).facts.values()]

        carried = await database.run(work, actor="test/relay")
        if not carried:
            return kinds
        kinds += carried


async def announced(database: Database, kind: str) -> list[dict[str, object]]:
    """The bodies of what waits to be told, of one kind; it goes on waiting."""
    async with database.read() as connection:
        rows = await connection.fetch("SELECT body, audience FROM outbox WHERE kind = $1 ORDER BY id", kind)
    assert all(not row["audience"] for row in rows), "trust tells nobody's phone"
    return [row["body"] for row in rows]


async def told(database: Database, kind: str) -> list[list[int]]:
    """Whom the waiting facts of a kind name."""
    return [body["people"] for body in await announced(database, kind)]  # type: ignore[misc]


async def befriend(database: Database, *pairs: tuple[PersonId, PersonId]) -> None:
    asked = await do(database, ask_ties, [AskTie(a, b) for a, b in pairs])
    accepted = await do(database, accept_ties, [AcceptTie(b, a) for a, b in pairs])
    assert not any(isinstance(answer, Refusal) for answer in (*asked, *accepted)), (asked, accepted)


async def are_held(database: Database, *people_: PersonId) -> set[PersonId]:
    async with database.read() as connection:
        return await held(connection, people_)


async def suspected(
    database: Database, people_: Sequence[PersonId], kind: str = "device", subject: str = "d1"
) -> UUID:
    """A case about people, as a search would open it."""
    evidence: dict[str, object] = {
        "accounts": len(people_),
        "networks": 1,
        "first_at": "2016-01-31T12:00:00+00:00",
        "last_at": "2016-01-31T12:00:00+00:00",
        "most_within_haste": 1,
        "haste_minutes": 15,
    }
    found = Suspicion(kind, subject, tuple(people_), evidence)  # type: ignore[arg-type]
    await do(database, suspect, [found], {})
    return await case_of(database, people_[0])


async def case_of(database: Database, person: PersonId) -> UUID:
    """The newest case a person was ever in."""
    async with database.read() as connection:
        case: UUID = await connection.fetchval(
            'SELECT "case" FROM trust_suspect WHERE person = $1 ORDER BY "case" DESC LIMIT 1', person
        )
    return case


async def judge(
    database: Database, case: UUID, verdict: Verdict, people_: Sequence[PersonId] | None = None
) -> Decided:
    """An operator's decision."""

    async def work(tx: Tx) -> Decided:
        return await decide(tx, case, verdict, "looked at it", people_)

    return await database.run(work, actor=OPERATOR)
