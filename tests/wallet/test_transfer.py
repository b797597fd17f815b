import asyncio
from uuid import UUID

import msgspec
import pytest

from tests.conftest import TestClock
from tests.people.acts import do
from tests.ties.test_asking import announced
from tests.world import World, an_id
from wufu.core.ids import PersonId
from wufu.core.refusals import IdConflict, UnknownPerson
from wufu.db import Database
from wufu.ledger import Account, BadAmount, NotEnough, named_group
from wufu.ties import Block, block
from wufu.wallet import (
    BadNote,
    Limits,
    NotReachable,
    OverLimit,
    SendMoney,
    Sent,
    TransferToSelf,
    fund,
    money_of,
    see_balance,
    see_limits,
    see_statement,
    set_limits,
    transfer,
)

ID = an_id("first")


async def rich(world: World, count: int, minor: int) -> list[PersonId]:
    """People with so much money each."""
    people = await world.people(count)
    for person in people:
        holder = money_of(person).holder
        await do(world.database, fund, holder, minor, named_group("rich", holder))
    await announced(world.database)
    return people


async def balance(world: World, person: PersonId) -> int:
    async with world.database.read() as connection:
        return await see_balance(connection, person)


async def test_money_moves_from_one_to_the_other_and_both_are_told(world: World) -> None:
    a, b = await rich(world, 2, 100_00)
    assert await world.ask(transfer, SendMoney(a, ID, b, 30_05, " 新年快乐 ")) == [Sent(ID, 69_95)]
    assert (await balance(world, a), await balance(world, b)) == (69_95, 130_05)
    facts = await announced(world.database)
    assert [(kind, to, body["minor"], body["balance_minor"]) for kind, to, body in facts] == [
        ("wallet.moved", (a,), -30_05, 69_95),
        ("wallet.moved", (b,), 30_05, 130_05),
    ]
    assert facts[1][2]["with"] == {"person": a, "name": "玩家1", "avatar": a * 37 % 64}
    assert facts[1][2]["note"] == "新年快乐"
    async with world.database.read() as connection:
        line, funded = await see_statement(connection, b)
        assert (line.minor, line.reason, line.note, line.name, line.balance_minor) == (
            30_05,
            "transfer",
            "新年快乐",
            "玩家1",
            130_05,
        )
        assert (funded.minor, funded.reason, funded.name) == (100_00, "funded", None)
        assert await see_statement(connection, b, before=funded.seq) == []
        assert await see_statement(connection, b, before=10**30) == []


async def test_a_batch_answers_each_with_what_was_left_right_then(world: World) -> None:
    a, b, c = await rich(world, 3, 10_00)
    ids = [an_id(str(n)) for n in range(4)]
    answers = await world.ask(
        transfer,
        SendMoney(a, ids[0], b, 6_00),
        SendMoney(a, ids[1], c, 6_00),
        SendMoney(b, ids[2], a, 15_00),
        SendMoney(a, ids[3], c, 19_00),
    )
    assert answers[0] == Sent(ids[0], 4_00)
    assert isinstance(answers[1], NotEnough)
    assert answers[2:] == [Sent(ids[2], 1_00), Sent(ids[3], 0)]
    assert [body["balance_minor"] for _, _, body in await announced(world.database)] == [
        4_00,
        16_00,
        1_00,
        19_00,
        0,
        29_00,
    ]


async def test_the_same_id_again_is_the_same_answer_and_moves_nothing(world: World) -> None:
    a, b = await rich(world, 2, 100_00)
    request = SendMoney(a, ID, b, 30_00, "茶")
    assert await world.ask(transfer, request, request) == [Sent(ID, 70_00)] * 2
    await world.ask(transfer, SendMoney(a, an_id("more"), b, 10_00))
    assert await world.ask(transfer, request) == [Sent(ID, 70_00)]
    other = [
        msgspec.structs.replace(request, minor=30_01),
        msgspec.structs.replace(request, note="咖啡"),
        msgspec.structs.replace(request, to=a),
    ]
    assert await world.ask(transfer, *other) == [IdConflict(id=str(ID))] * 3
    # The same id on somebody else's phone is another transfer.
    assert await world.ask(transfer, SendMoney(b, ID, a, 1_00)) == [Sent(ID, 139_00)]
    assert await balance(world, a) == 61_00


async def test_a_refusal_is_remembered_so_that_a_late_duplicate_moves_nothing(world: World) -> None:
    a, b = await rich(world, 2, 10_00)
    request = SendMoney(a, ID, b, 30_00)
    [refused] = await world.ask(transfer, request)
    assert isinstance(refused, NotEnough)
    await do(world.database, fund, money_of(a).holder, 100_00, named_group("later"))
    assert await world.ask(transfer, request) == [refused]
    assert await balance(world, a) == 110_00


async def test_two_phones_sending_one_id_at_once_send_it_once(world: World) -> None:
    a, b = await rich(world, 2, 100_00)
    request = SendMoney(a, ID, b, 30_00)
    answers = await asyncio.gather(*(world.ask(transfer, request) for _ in range(6)))
    assert answers == [[Sent(ID, 70_00)]] * 6
    assert await balance(world, b) == 130_00


async def test_money_cannot_be_spent_twice_at_once(world: World) -> None:
    a, b, c = await rich(world, 3, 10_00)
    answers = await asyncio.gather(
        *(world.ask(transfer, SendMoney(a, an_id(str(n)), b if n % 2 else c, 6_00)) for n in range(6))
    )
    assert sum(isinstance(answer, Sent) for [answer] in answers) == 1
    assert await balance(world, a) == 4_00


async def test_absurd_requests_are_refused_and_their_neighbours_are_not(world: World) -> None:
    a, b = await rich(world, 2, 10_00)

    def of(n: int, to: PersonId = b, minor: int = 1, note: str = "") -> SendMoney:
        return SendMoney(a, UUID(int=n), to, minor, note)

    answers = await world.ask(
        transfer,
        of(1, minor=0),
        of(2, minor=-5),
        of(3, minor=10**30),
        of(4, to=a),
        of(5, to=PersonId(999)),
        of(6, to=PersonId(10**30)),
        of(7, note="x" * 101),
        of(8, note="\x00"),
        of(9, note="\ud800"),
        of(10, note="\u202egnp.exe"),
        SendMoney(PersonId(999), UUID(int=11), b, 1),
        of(12, note="👨‍👩‍👧 x" * 10),
    )
    assert answers[:11] == [
        BadAmount(minor=0),
        BadAmount(minor=-5),
        OverLimit(limit="transfer", most_minor=50_000_00, left_minor=50_000_00),
        TransferToSelf(),
        UnknownPerson(person=999),
        UnknownPerson(person=10**30),
        *[BadNote(most=100)] * 4,
        UnknownPerson(person=999),
    ]
    assert answers[11] == Sent(UUID(int=12), 9_99)
    assert await world.ask(transfer) == []


async def test_who_blocked_the_sender_cannot_be_sent_money(world: World) -> None:
    a, b = await rich(world, 2, 10_00)
    await do(world.database, block, [Block(b, a)])
    assert await world.ask(transfer, SendMoney(a, ID, b, 1_00)) == [NotReachable(person=b)]
    assert await world.ask(transfer, SendMoney(b, ID, a, 1_00)) == [Sent(ID, 9_00)]


async def test_a_days_limit_counts_what_was_sent_and_starts_anew(world: World, clock: TestClock) -> None:
    a, b = await rich(world, 2, 10_000_00)
    async with world.database.read() as connection:
        limits = await see_limits(connection)
    await do(world.database, set_limits, msgspec.structs.replace(limits, transfer_day=100_00))
    answers = await world.ask(
        transfer, SendMoney(a, an_id("1"), b, 60_00), SendMoney(a, an_id("2"), b, 40_01)
    )
    over = OverLimit(limit="transfer_day", most_minor=100_00, left_minor=40_00)
    assert answers == [Sent(an_id("1"), 9_940_00), over]
    clock.advance(hours=4)  # midnight in China
    assert await world.ask(transfer, SendMoney(a, an_id("3"), b, 100_00)) == [Sent(an_id("3"), 9_840_00)]
    assert await world.ask(transfer, SendMoney(a, an_id("2"), b, 40_01)) == [over]


async def test_a_refused_transfer_does_not_use_up_the_day(database: Database, world: World) -> None:
    a, b = await rich(world, 2, 10_00)
    assert isinstance((await world.ask(transfer, SendMoney(a, ID, b, 30_00)))[0], NotEnough)
    async with database.read() as connection:
        sent = await connection.fetchval("SELECT sent_minor FROM wallet_person WHERE person = $1", a)
    assert sent == 0


@pytest.mark.parametrize("minor", [0, -1, 10**16])
async def test_limits_are_sensible_amounts(database: Database, minor: int) -> None:
    with pytest.raises(BadAmount):
        await do(database, set_limits, Limits(1, 1, 1, 1, minor))


async def test_a_sponsor_is_funded_once(world: World) -> None:
    for _ in range(2):
        await do(world.database, fund, "sponsor/gala", 215_000_000_00, named_group("sponsor"))
    assert await world.balance(Account("sponsor/gala", "money", "CNY")) == 215_000_000_00
