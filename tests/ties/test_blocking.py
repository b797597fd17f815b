from tests.people.acts import do, some_people
from tests.ties.test_asking import announced, befriend
from wufu.db import Database
from wufu.ties import (
    AcceptTie,
    AskTie,
    Block,
    BlockedByYou,
    NoSuchRequest,
    Standing,
    Unblock,
    accept_ties,
    ask_ties,
    block,
    blocked,
    find,
    friends_of,
    see_asked,
    see_blocked,
    see_requests,
    unblock,
)


async def test_a_block_ends_the_friendship_and_says_no_more(database: Database) -> None:
    a, b = await some_people(database, 2)
    await befriend(database, (a, b))
    await announced(database)
    assert await do(database, block, [Block(a, b), Block(a, b)]) == [Standing(a, b, "blocked")] * 2
    assert await announced(database) == [
        ("ties.removed", (b,), {"person": a, "of": b}),
        ("ties.removed", (a,), {"person": b, "of": a}),
    ]
    async with database.read() as connection:
        assert await friends_of(connection, b) == []
        assert await blocked(connection, [(b, a), (a, b)]) == {(b, a)}
        assert [view.person for view in await see_blocked(connection, a)] == [b]


async def test_who_is_blocked_is_answered_as_if_they_had_asked(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    await do(database, block, [Block(a, b)])
    to_a, to_c = await do(database, ask_ties, [AskTie(b, a), AskTie(b, c)])
    assert (to_a, to_c) == (Standing(b, a, "asked"), Standing(b, c, "asked"))
    async with database.read() as connection:
        assert {asking.person for asking in await see_asked(connection, b)} == {a, c}
        assert await see_requests(connection, a) == []
        # Their counts of asks grow alike, or the limit of a day would give the block away.
        assert await connection.fetchval("SELECT asks FROM tie_person WHERE person = $1", b) == 2
    assert [to for _, to, _ in await announced(database)] == [(c,)]
    assert await do(database, accept_ties, [AcceptTie(a, b)]) == [NoSuchRequest(person=b)]


async def test_a_block_hides_a_pending_ask_and_withdraws_ones_own(database: Database) -> None:
    a, b, c = await some_people(database, 3)
    await do(database, ask_ties, [AskTie(b, a), AskTie(a, c)])
    await announced(database)
    await do(database, block, [Block(a, b), Block(a, c)])
    async with database.read() as connection:
        assert [asking.person for asking in await see_asked(connection, b)] == [a]
        assert await see_requests(connection, a) == []
        assert await see_asked(connection, a) == []
        assert await see_requests(connection, c) == []
    at = database.clock().isoformat().replace("+00:00", "Z")
    assert await announced(database) == [
        ("ties.refused", (), {"asker": b, "person": a, "at": at}),
        ("ties.removed", (c,), {"person": a, "of": c}),
    ]


async def test_the_blocker_unblocks_before_asking(database: Database) -> None:
    a, b = await some_people(database, 2)
    await do(database, block, [Block(a, b)])
    assert await do(database, ask_ties, [AskTie(a, b)]) == [BlockedByYou(person=b)]
    assert await do(database, unblock, [Unblock(a, b), Unblock(a, b)]) == [Standing(a, b, "none")] * 2
    assert await do(database, ask_ties, [AskTie(a, b)]) == [Standing(a, b, "asked")]


async def test_an_ask_that_a_block_swallowed_arrives_when_asked_again_after_it(database: Database) -> None:
    a, b = await some_people(database, 2)
    await do(database, block, [Block(a, b)])
    await do(database, ask_ties, [AskTie(b, a)])
    await do(database, unblock, [Unblock(a, b)])
    async with database.read() as connection:
        assert await see_requests(connection, a) == []
    await do(database, ask_ties, [AskTie(b, a)])
    async with database.read() as connection:
        assert [asking.person for asking in await see_requests(connection, a)] == [b]


async def test_two_who_blocked_each_other_stay_apart_until_both_unblock(database: Database) -> None:
    a, b = await some_people(database, 2)
    await do(database, block, [Block(a, b), Block(b, a)])
    await do(database, unblock, [Unblock(a, b)])
    assert await do(database, ask_ties, [AskTie(a, b), AskTie(b, a)]) == [
        Standing(a, b, "asked"),
        BlockedByYou(person=a),
    ]
    await do(database, unblock, [Unblock(b, a)])
    assert await do(database, ask_ties, [AskTie(b, a), AskTie(a, b)]) == [
        Standing(b, a, "asked"),
        Standing(a, b, "friend"),
    ]


async def test_who_blocked_the_asker_is_not_found(database: Database) -> None:
    a, b = await some_people(database, 2)
    await do(database, block, [Block(a, b)])
    async with database.read() as connection:
        assert await find(connection, b, "甲0") == []
        assert [(found.person, found.tie) for found in await find(connection, a, "甲1")] == [(b, "blocked")]
