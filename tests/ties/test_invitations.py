"""Invitations: one code makes two friends, for some time, for some uses, and never across a block."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TestClock
from tests.people.acts import do, some_people
from tests.people.phones import phone
from tests.ties.test_asking import announced, befriend
from tests.ties.test_races import at_once
from tests.world import an_id
from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict, MalformedBody, Refusal
from wufu.db import Database
from wufu.ties import (
    BadLabel,
    Block,
    BlockedByYou,
    InvitationOver,
    LookAtInvitation,
    Made,
    MakeInvitation,
    NoSuchInvitation,
    RemoveTie,
    Standing,
    TieToSelf,
    TooManyGuesses,
    TooManyInvitations,
    UseInvitation,
    are_friends,
    block,
    count_friends,
    look_at_invitation,
    make_invitation,
    remove_ties,
    revoke_invitation,
    see_invitations,
    sweep,
    use_invitations,
)
from wufu.ties.invitation import ALPHABET, BadSecret, code_of, read_code, text_of

SECRET = "0123456789abcdef" * 2


async def invited(database: Database, inviter: PersonId, name: str = "one", **terms: Any) -> Made:
    return await do(
        database, make_invitation, MakeInvitation(inviter, an_id(f"{inviter}/{name}"), SECRET, **terms)
    )


async def use(database: Database, person: PersonId, code: str) -> Standing | Refusal:
    [answer] = await do(database, use_invitations, [UseInvitation(person, code)])
    return answer


async def test_using_an_invitation_makes_both_friends_and_tells_both_phones(database: Database) -> None:
    a, b = await some_people(database, 2)
    made = await invited(database, a)
    assert made.path == f"/#/i/{made.code}"
    assert await use(database, b, made.code) == Standing(b, a, "friend")
    async with database.read() as connection:
        assert await are_friends(connection, [(a, b), (b, a)]) == {(a, b), (b, a)}
        [seen] = await see_invitations(connection, a, database.clock())
    assert (seen.state, seen.used, [one.person for one in seen.used_by]) == ("used_up", 1, [b])
    told = await announced(database)
    assert [(kind, to) for kind, to, _ in told] == [("ties.accepted", (a,)), ("ties.accepted", (b,))]
    assert {(body["cause"], body["asker"], body["new"]) for _, _, body in told} == {("invited", a, True)}
    # The same again is answered the same, and nothing more is told or used up.
    assert await use(database, b, made.code) == Standing(b, a, "friend")
    assert await announced(database) == []


async def test_a_link_and_a_pasted_text_are_the_code(database: Database) -> None:
    a, *others = await some_people(database, 6)
    made = await invited(database, a, uses=5)
    looks = [
        f"https://wufu.example{made.path}",
        made.text["zh"],
        made.text["en"],
        made.code.upper(),
        f" 你好 {made.code}。",
    ]
    for person, look in zip(others, looks, strict=True):
        assert await use(database, person, look) == Standing(person, a, "friend"), look


async def test_an_invitation_lasts_its_days_and_its_uses(database: Database, clock: TestClock) -> None:
    a, *others = await some_people(database, 5)
    short, many = await invited(database, a, "short", days=1), await invited(database, a, "many", uses=2)
    assert many.expires_at == clock.now + timedelta(days=7)
    answers = await do(database, use_invitations, [UseInvitation(one, many.code) for one in others])
    assert [isinstance(answer, Standing) for answer in answers] == [True, True, False, False]
    assert answers[2:] == [InvitationOver()] * 2
    clock.advance(days=1)
    assert await use(database, others[2], short.code) == InvitationOver()
    clock.advance(days=40)
    await do(database, sweep)
    async with database.read() as connection:
        assert await see_invitations(connection, a, clock.now) == []
    assert await use(database, others[2], short.code) == NoSuchInvitation()


async def test_a_revoked_invitation_makes_no_more_friends_and_keeps_those_it_made(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    made = await invited(database, a, uses=9)
    await use(database, b, made.code)
    for _ in range(2):
        await do(database, revoke_invitation, a, made.id)
    assert await use(database, c, made.code) == InvitationOver()
    assert await use(database, b, made.code) == Standing(b, a, "friend")
    for stranger, unknown in ((b, made.id), (a, an_id("another"))):
        with pytest.raises(NoSuchInvitation):
            await do(database, revoke_invitation, stranger, unknown)


async def test_a_block_wins_over_an_invitation_and_is_not_told(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    made, expired = await invited(database, a, uses=9), await invited(database, a, "gone")
    await do(database, revoke_invitation, a, expired.id)
    await do(database, block, [Block(a, b), Block(c, a)])
    assert await use(database, b, made.code) == await use(database, b, expired.code) == InvitationOver()
    assert await use(database, c, made.code) == BlockedByYou(person=a)
    assert await do(database, look_at_invitation, LookAtInvitation(made.code, b)) == InvitationOver()
    async with database.read() as connection:
        assert await count_friends(connection, a) == 0
        assert {one.used for one in await see_invitations(connection, a, database.clock())} == {0}


async def test_who_parted_is_not_joined_again_by_an_older_invitation(
    database: Database, clock: TestClock
) -> None:
    a, b, c = await some_people(database, 3)
    made = await invited(database, a, uses=9)
    await use(database, b, made.code)
    await befriend(database, (a, c))
    clock.advance(hours=1)
    await do(database, remove_ties, [RemoveTie(a, b), RemoveTie(c, a)])
    assert await use(database, b, made.code) == await use(database, c, made.code) == InvitationOver()
    clock.advance(seconds=1)
    again = await invited(database, a, "again")
    assert await use(database, b, again.code) == Standing(b, a, "friend")


async def test_a_lost_answer_is_given_again_and_other_terms_are_a_conflict(database: Database) -> None:
    a, b = await some_people(database, 2)
    made = await invited(database, a, uses=3, note=" 同学 ")
    await use(database, b, made.code)
    assert await invited(database, a, uses=3, note="同学") == made
    for terms in ({"uses": 2, "note": "同学"}, {"uses": 3}, {"uses": 3, "note": "同学", "days": 6}):
        with pytest.raises(IdConflict):
            await invited(database, a, **terms)
    with pytest.raises(IdConflict):
        await do(database, make_invitation, MakeInvitation(a, made.id, "f" * 32, 3, 7, "同学"))
    # Another's id is another's: ids of two people do not meet.
    assert (await do(database, make_invitation, MakeInvitation(b, made.id, SECRET))).code != made.code


async def test_neither_code_nor_secret_stands_in_the_database(database: Database) -> None:
    [a] = await some_people(database, 1)
    made = await invited(database, a)
    async with database.pool.acquire() as connection:
        [row] = await connection.fetch("SELECT row_to_json(t)::text AS text FROM tie_invitation AS t")
    letters = made.code.split("-")[1]
    assert letters not in row["text"]
    assert SECRET not in row["text"]


async def test_absurd_invitations_are_refused(database: Database) -> None:
    [a] = await some_people(database, 1)
    for secret in ("", "xyz", "f" * 31, "F" * 32, "f" * 33):
        with pytest.raises(BadSecret):
            await do(database, make_invitation, MakeInvitation(a, an_id("x"), secret))
    absurd: list[dict[str, Any]] = [{"uses": 0}, {"uses": 501}, {"uses": 10**30}]
    absurd += [{"days": 0}, {"days": 31}, {"days": -5}]
    for terms in absurd:
        with pytest.raises(MalformedBody):
            await invited(database, a, **terms)
    for note in ("好" * 25, "a\u202eb"):
        with pytest.raises(BadLabel):
            await invited(database, a, note=note)
    assert await use(database, a, (await invited(database, a)).code) == TieToSelf(person=a)
    for number in range(1, 100):
        await invited(database, a, f"more {number}")
    with pytest.raises(TooManyInvitations):
        await invited(database, a, "one too many")


async def test_guessing_codes_is_stopped_after_twenty_and_costs_nobody_else(
    database: Database, clock: TestClock
) -> None:
    a, thief, honest = await some_people(database, 3)
    made = await invited(database, a, uses=2)
    wrong = [f"{a}-{n:016d}" for n in range(30)]
    answers = await do(database, use_invitations, [UseInvitation(thief, code) for code in wrong[:12]])
    for code in wrong[12:20]:
        answers.append(await use(database, thief, code))
    assert answers == [NoSuchInvitation()] * 20
    # A text with no code in it is no guess; the right code is not listened to any more.
    assert await use(database, honest, "吃了吗") == NoSuchInvitation()
    stopped = await use(database, thief, made.code)
    assert stopped == TooManyGuesses(wait_seconds=3600)
    look = LookAtInvitation(made.code, thief)
    assert isinstance(await do(database, look_at_invitation, look), TooManyGuesses)
    assert isinstance(await use(database, honest, made.code), Standing)
    clock.advance(hours=1)
    assert isinstance(await use(database, thief, made.code), Standing)


async def test_two_who_follow_the_last_use_at_once_are_not_both_let_in(database: Database) -> None:
    a, *others = await some_people(database, 41)
    for n, (b, c) in enumerate(zip(others[::2], others[1::2], strict=True)):
        made = await invited(database, a, f"race {n}")
        answers = await at_once(
            database,
            (use_invitations, [UseInvitation(b, made.code)]),
            (use_invitations, [UseInvitation(c, made.code)]),
        )
        assert sorted(type(answer).__name__ for [answer] in answers) == ["InvitationOver", "Standing"]
    async with database.read() as connection:
        assert await count_friends(connection, a) == 20


async def test_one_person_on_two_phones_uses_an_invitation_once(database: Database) -> None:
    a, b = await some_people(database, 2)
    made = await invited(database, a, uses=5)
    requests = (use_invitations, [UseInvitation(b, made.code)])
    assert await at_once(database, requests, requests, requests) == [[Standing(b, a, "friend")]] * 3
    async with database.read() as connection:
        [seen] = await see_invitations(connection, a, database.clock())
    assert seen.used == 1
    assert [kind for kind, _, _ in await announced(database)] == ["ties.accepted"] * 2


async def test_using_against_blocking_never_leaves_a_friend_who_is_blocked(database: Database) -> None:
    a, *others = await some_people(database, 21)
    made = await invited(database, a, uses=50)
    for b in others:
        await at_once(
            database, (use_invitations, [UseInvitation(b, made.code)]), (block, [Block(a, b), Block(b, a)])
        )
    async with database.read() as connection:
        assert await count_friends(connection, a) == 0


async def test_using_against_revoking_ends_one_way_or_the_other(database: Database) -> None:
    a, *others = await some_people(database, 11)

    async def revoke(tx: Any, ids: list[UUID]) -> list[UUID]:
        for one in ids:
            await revoke_invitation(tx, a, one)
        return ids

    for n, b in enumerate(others):
        made = await invited(database, a, f"race {n}")
        [[answer], _] = await at_once(
            database, (use_invitations, [UseInvitation(b, made.code)]), (revoke, [made.id])
        )
        async with database.read() as connection:
            tied = bool(await are_friends(connection, [(a, b)]))
            seen = {one.id: one for one in await see_invitations(connection, a, database.clock())}
        assert tied == isinstance(answer, Standing) == bool(seen[made.id].used)
        assert seen[made.id].state == "revoked"


@given(st.integers(1, 2**63 - 1), st.binary(min_size=16, max_size=16), st.text(max_size=40))
def test_every_code_is_read_back_from_its_text_whatever_the_name(number: int, salt: bytes, name: str) -> None:
    code = code_of(PersonId(number), salt, SECRET)
    assert set(code.split("-")[1]) <= set(ALPHABET)
    for text in (code, *text_of(name, code).values(), f"/#/i/{code}", code.upper()):
        assert read_code(text) == (number, code)


def test_no_text_is_read_as_a_code_that_is_none() -> None:
    letters = "a" * 16
    for text in ("", "17", f"0-{letters}", f"17-{letters}b", f"17-{letters[1:]}", f"x17-{letters}"):
        assert read_code(text) is None, text
    assert read_code(f"{2**63}-{letters}") is None
    assert read_code("17-" + "u" * 16) is None
    assert read_code("x" * 10**6 + f"17-{letters}") is None
    assert read_code("17-ILO0000000000000") == (17, "17-1100000000000000")


async def test_who_has_no_account_sees_who_invites_and_is_tied_after_signing_up(database: Database) -> None:
    async with phone(database) as ada, phone(database) as bob:
        a = await ada.register("ada", "Ada")
        body = {"id": str(an_id("i")), "secret": SECRET, "uses": 3}
        made = await ada.post("/api/ties/invitations", **body)
        assert made == await ada.post("/api/ties/invitations", **body)
        seen = await bob.get(f"/api/ties/invitations/look?code={made['code']}")
        assert (seen["inviter"]["person"], seen["inviter"]["name"], seen["tie"]) == (a, "Ada", None)
        assert await bob.post("/api/ties/invitations/use", code=made["code"]) == "401 not_signed_in"
        b = await bob.register("bob", "Bob")
        seen = await bob.get(f"/api/ties/invitations/look?code={made['code']}")
        assert seen["tie"] == "none"
        used = await bob.post("/api/ties/invitations/use", code=made["text"]["zh"])
        assert (used["tie"], used["person"]["person"]) == ("friend", a)
        [listed] = (await ada.get("/api/ties/invitations"))["invitations"]
        assert (listed["state"], [one["person"] for one in listed["used_by"]]) == ("live", [b])
        assert await ada.post("/api/ties/invitations/revoke", id=made["id"]) == {"state": "revoked"}
        assert await bob.post("/api/ties/invitations/revoke", id=made["id"]) == "404 no_such_invitation"
        assert await ada.post("/api/ties/invitations", id="x", secret=SECRET) == "422 malformed_body"


async def test_an_address_without_an_account_cannot_guess_for_ever(database: Database) -> None:
    async with phone(database) as stranger:
        answers = [await stranger.get(f"/api/ties/invitations/look?code=1-{n:016d}") for n in range(21)]
        assert answers == ["404 no_such_invitation"] * 20 + ["429 too_many_guesses"]


async def test_a_batch_of_many_people_with_many_codes_answers_each(database: Database) -> None:
    people = await some_people(database, 12)
    codes = {one: (await invited(database, one, uses=50)).code for one in people}
    pairs = list(itertools.permutations(people, 2))
    answers = await do(database, use_invitations, [UseInvitation(b, codes[a]) for a, b in pairs])
    assert answers == [Standing(b, a, "friend") for a, b in pairs]
    async with database.read() as connection:
        used = [
            sum(one.used for one in await see_invitations(connection, a, database.clock())) for a in people
        ]
    assert sum(used) == 12 * 11 // 2
