import asyncio

import pytest

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from wufu.core.ids import PersonId
from wufu.core.refusals import NotAllowed, UnknownPerson
from wufu.db import Database
from wufu.people import (
    AlreadyClaimed,
    BadClaimCode,
    BadName,
    Claim,
    LoginTaken,
    NewPerson,
    Register,
    SignedIn,
    SignIn,
    claim,
    create_people,
    offer_claim,
    register,
    see_me,
    see_people,
    sign_in,
)


def imported(*externals: str | None) -> list[NewPerson]:
    return [NewPerson(f"人{n}", "imported", external) for n, external in enumerate(externals)]


async def test_the_same_external_name_is_the_same_person_for_ever(database: Database) -> None:
    first = await do(database, create_people, imported("g/1", "g/2", None, "g/1"))
    assert first[0] == first[3]
    assert len(set(first)) == 3
    again = await do(database, create_people, imported("g/3", "g/2", "g/1"))
    assert again[1:] == [first[1], first[0]]
    async with database.read() as connection:
        views = await see_people(connection, [*first, *again, PersonId(10**30)])
    assert len(views) == 4
    assert views[first[1]].name == "人1"


async def test_two_imports_at_once_create_everybody_once(database: Database) -> None:
    names = [f"g/{n}" for n in range(300)]
    one, other = await asyncio.gather(
        do(database, create_people, imported(*names)), do(database, create_people, imported(*reversed(names)))
    )
    assert one == list(reversed(other))
    assert len(set(one)) == 300


async def test_one_bad_name_creates_nobody(database: Database) -> None:
    with pytest.raises(BadName):
        await do(database, create_people, [NewPerson("好", "imported", "g/1"), NewPerson("\x00", "imported")])
    assert await do(database, create_people, []) == []
    async with database.read() as connection:
        assert await see_people(connection, map(PersonId, range(1, 10))) == {}


async def test_an_imported_person_claims_their_account_once(database: Database) -> None:
    [me, _] = await some_people(database, 2, "imported")
    code = await do(database, offer_claim, me)
    answer = await do(database, claim, Claim(code.upper(), "Wang", "correct horse", "phone"))
    assert isinstance(answer, SignedIn)
    assert answer.person == me
    assert isinstance(await do(database, sign_in, SignIn("wang", "correct horse")), SignedIn)
    # The answer may have been lost: the same again is the same person; anything else is used up.
    repeated = await do(database, claim, Claim(code, "wang", "correct horse"))
    assert isinstance(repeated, SignedIn)
    assert repeated.person == me
    assert await do(database, claim, Claim(code, "other", "correct horse")) == BadClaimCode(why="used")
    with pytest.raises(AlreadyClaimed):
        await do(database, offer_claim, me)
    async with database.read() as connection:
        assert (await see_me(connection, me)).login == "wang"


async def test_two_claims_of_one_code_at_once_make_one_account(database: Database) -> None:
    [me] = await some_people(database, 1, "imported")
    code = await do(database, offer_claim, me)
    answers = await asyncio.gather(
        *(do(database, claim, Claim(code, f"login{n}", "correct horse")) for n in range(3))
    )
    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
    assert sum(answer == BadClaimCode(why="used") for answer in answers) == 2


async def test_wrong_late_and_replaced_codes_are_refused(database: Database, clock: TestClock) -> None:
    [me, other] = await some_people(database, 2, "imported")
    old = await do(database, offer_claim, me)
    clock.advance(seconds=1)
    code = await do(database, offer_claim, me)
    assert old != code
    for wrong in (
        old,
        "",
        "\x00",
        "x" * 100_000,
        code + "0",
        code.replace(f"{me}-", f"{other}-", 1),
        "999-a-b",
    ):
        assert await do(database, claim, Claim(wrong, "wang", "correct horse")) == BadClaimCode(why="unknown")
    clock.advance(days=14)
    assert await do(database, claim, Claim(code, "wang", "correct horse")) == BadClaimCode(why="expired")


async def test_a_claim_cannot_take_a_login_that_is_taken(database: Database) -> None:
    await do(database, register, Register("wang", "correct horse", "王"))
    [me] = await some_people(database, 1, "imported")
    code = await do(database, offer_claim, me)
    with pytest.raises(LoginTaken):
        await do(database, claim, Claim(code, "wang", "correct horse"))
    assert isinstance(await do(database, claim, Claim(code, "wang2", "correct horse")), SignedIn)


async def test_codes_are_offered_to_the_imported_only(database: Database) -> None:
    [persona] = await some_people(database, 1)
    with pytest.raises(NotAllowed):
        await do(database, offer_claim, persona)
    for nobody in (PersonId(999), PersonId(-1), PersonId(10**30)):
        with pytest.raises(UnknownPerson):
            await do(database, offer_claim, nobody)
