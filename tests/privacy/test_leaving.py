"""An account's end: money first, then no name, no words, no ties; and a look through the whole database."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from tests.chat.acts import group_id, say, text, to
from tests.conftest import FreshDatabase
from tests.photos.acts import Album
from tests.world import GALA, World, an_id
from wufu.chat import FoundGroup, found_group, see_role
from wufu.core.ids import GroupId, PacketId, PersonId
from wufu.db import Tx
from wufu.fortune import card_account, see_campaign
from wufu.ledger import AccountClosed, Group, Transfer, balances, named_group, post
from wufu.objects import ObjectStore
from wufu.people import GONE, Register, SignIn, WrongPassword, register, see_people, sign_in
from wufu.photos import review_photo
from wufu.photos.verbs.ending import end_due
from wufu.privacy import (
    NotSettled,
    ask_to_leave,
    export,
    leave_due,
    see_leaving,
    stay,
)
from wufu.privacy.model import LAST_PASS
from wufu.redpacket import OpenPacket, SendPacket, open_packets, send_packets
from wufu.ties import SetLabel, friends_of, set_label
from wufu.wallet import SendMoney, fund, money_of, transfer

LOGIN, PASSWORD, NAME = "xiaoming2016", "correct horse battery", "王小明"
SECRETS = (LOGIN, NAME, "悄悄话", "群里说的", "给外婆的", "过年好呀", "我的好友", "小明同学")


class Town:
    """Xiaoming, who has done a bit of everything, with a friend and a grandmother."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.me = self.friend = self.grandma = PersonId(0)
        self.group = group_id("class")

    async def live(self) -> None:
        world = self.world
        signed = await world.run(partial(register, request=Register(LOGIN, PASSWORD, NAME, "phone")))
        self.me = signed.person
        self.friend, self.grandma = await world.people(2)
        await world.befriend((self.me, self.friend), (self.me, self.grandma), (self.friend, self.grandma))
        for person in (self.me, self.friend):
            await self.pay_in(person, 5_000)
        for change in (
            SetLabel(self.me, self.friend, remark="我的好友"),
            SetLabel(self.friend, self.me, remark="小明同学"),
        ):
            await world.run(partial(set_label, change=change))
        await world.run(
            partial(found_group, request=FoundGroup(self.me, self.group, "同学", (self.friend, self.grandma)))
        )
        await say(world, to(self.me, self.friend, "悄悄话"), text(self.me, self.group, "群里说的"))
        await say(world, text(self.friend, self.group, "收到"))
        money = SendMoney(self.me, UUID(int=7), self.grandma, 1_000, "给外婆的")
        (sent,) = await world.ask(transfer, money)
        assert sent.balance_minor == 4_000  # type: ignore[union-attr]
        packet = PacketId(an_id("packet"))
        await world.ask(
            send_packets,
            SendPacket(
                person=self.me,
                id=packet,
                to="friend",
                whom=self.friend,
                split="equal",
                minor=500,
                shares=1,
                message="过年好呀",
            ),
        )
        await world.ask(open_packets, OpenPacket(self.friend, packet))

    async def pay_in(self, person: PersonId, minor: int) -> None:
        group = named_group("test", str(person), str(minor), str(self.world.clock()))
        await self.world.run(lambda tx: fund(tx, f"person/{person}", minor, group))

    async def spend_all(self) -> None:
        async def work(tx: Tx) -> None:
            (left,) = await balances(tx.connection, [money_of(self.me)])
            moves = (Transfer(money_of(self.me), money_of(self.friend), left, "gift"),)
            await post(tx, [Group(GroupId(an_id(f"the rest, {left}")), moves)])

        await self.world.run(work)

    async def leave(self) -> None:
        """At once, with all the steps that the clock makes."""
        await self.world.run(partial(ask_to_leave, person=self.me, at_once=True))
        assert await leave_due(self.world.database) == 1, "closed, and nothing more yet"
        self.world.clock.now += LAST_PASS
        assert await leave_due(self.world.database) > 5
        assert await leave_due(self.world.database) == 0


@pytest.fixture
async def town(world: World) -> Town:
    town = Town(world)
    await town.live()
    return town


async def _everything(fresh: FreshDatabase) -> dict[str, str]:
    """Every table's rows as text."""
    connection = await asyncpg.connect(fresh.superuser_url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            row["tablename"]: "\n".join(
                found["line"]
                for found in await connection.fetch(f'SELECT t::text AS line FROM "{row["tablename"]}" AS t')
            )
            for row in tables
        }
    finally:
        await connection.close()


async def test_nothing_that_tells_who_it_was_is_left_in_any_table(town: Town, fresh: FreshDatabase) -> None:
    before = await _everything(fresh)
    assert all(any(secret in rows for rows in before.values()) for secret in SECRETS)
    await town.spend_all()
    await town.leave()
    left = {
        (table, secret)
        for table, rows in (await _everything(fresh)).items()
        for secret in SECRETS
        if secret in rows
    }
    # Facts on their way to others' phones are forgotten there after a week.
    assert {(table, secret) for table, secret in left if table not in {"inbox", "outbox"}} == set()


async def test_money_comes_first(town: Town) -> None:
    async with town.world.database.read() as connection:
        found = await see_leaving(connection, town.me)
    assert [(one.what, one.minor) for one in found.unsettled] == [("balance", 3_500)]
    with pytest.raises(NotSettled) as refused:
        await town.world.run(partial(ask_to_leave, person=town.me, at_once=True))
    balance = {"what": "balance", "count": 1, "minor": 3_500, "until": None}
    assert refused.value.facts["unsettled"] == [balance]
    await town.world.run(partial(ask_to_leave, person=town.me))
    town.world.clock.now += timedelta(days=8)
    assert await leave_due(town.world.database) == 0, "it waits for the money"
    await town.spend_all()
    assert await leave_due(town.world.database) == 1


async def test_an_open_packet_and_a_share_to_come_stand_in_the_way(town: Town) -> None:
    await town.world.ask(
        send_packets,
        SendPacket(
            person=town.me, id=PacketId(an_id("open")), to="link", split="lucky", minor=3_500, shares=5
        ),
    )
    async with town.world.database.read() as connection:
        found = await see_leaving(connection, town.me)
    assert [(one.what, one.count, one.minor) for one in found.unsettled] == [("packet", 1, 3_500)]


async def test_a_photo_one_paid_for_is_waited_for_until_its_midnight(town: Town, tmp_path: Path) -> None:
    """A takedown would give the money back, and needs somebody to give it to."""
    world = town.world
    album = Album(world.database, ObjectStore.open(tmp_path / "objects"))
    photo = await album.post(town.friend)
    paid = await album.pay(town.me, photo.id)
    await town.spend_all()
    with pytest.raises(NotSettled) as refused:
        await world.run(partial(ask_to_leave, person=town.me, at_once=True))
    until = photo.dies_at.isoformat().replace("+00:00", "Z")
    waits = {"what": "photo_paid", "count": 1, "minor": paid.minor, "until": until}
    assert refused.value.facts["unsettled"] == [waits]
    await world.run(partial(ask_to_leave, person=town.me))
    world.clock.now += timedelta(days=8)
    assert await leave_due(world.database) == 0, "the jobs have not ended the photo yet"
    await world.run(end_due)
    assert await leave_due(world.database) == 1
    world.clock.now += LAST_PASS
    assert await leave_due(world.database) > 5


async def test_a_takedown_after_somebody_left_keeps_their_part(town: Town, tmp_path: Path) -> None:
    """The photo died, its payer left, and what it showed was found out only then."""
    world = town.world
    album = Album(world.database, ObjectStore.open(tmp_path / "objects"))
    photo = await album.post(town.friend)
    paid = await album.pay(town.me, photo.id)
    world.clock.now = photo.dies_at
    await world.run(end_due)
    await town.spend_all()
    await town.leave()
    done = await world.run(lambda tx: review_photo(tx, photo.id, "take_down", "fraud"))
    assert (done.refunded_minor, done.unclaimed_minor) == (paid.minor, paid.minor)


async def test_one_may_change_ones_mind_for_seven_days(town: Town) -> None:
    world = town.world
    await town.spend_all()
    asked = await world.run(partial(ask_to_leave, person=town.me))
    assert asked.leaves_at == world.clock() + timedelta(days=7)
    world.clock.now += timedelta(days=6)
    again = await world.run(partial(ask_to_leave, person=town.me))
    assert again.leaves_at == asked.leaves_at, "asking again puts nothing off"
    assert (await world.run(partial(stay, person=town.me))).leaves_at is None
    world.clock.now += timedelta(days=2)
    assert await leave_due(world.database) == 0
    async with world.database.read() as connection:
        assert (await see_people(connection, [town.me]))[town.me].name == NAME


async def test_who_is_gone_cannot_sign_in_nor_come_back(town: Town) -> None:
    world = town.world
    await town.spend_all()
    await town.leave()
    assert isinstance(
        await world.run(partial(sign_in, request=SignIn(LOGIN, PASSWORD, "phone", ""))), WrongPassword
    )
    assert (await world.run(partial(stay, person=town.me))).leaves_at is None
    async with world.database.read() as connection:
        assert (await see_people(connection, [town.me]))[town.me].name == GONE
        assert town.me not in await friends_of(connection, town.friend)
        assert await see_role(connection, town.group, town.me) is None
        assert await see_role(connection, town.group, town.friend) == "owner"
    # The login is free again; who takes it is somebody else.
    other = await world.run(partial(register, request=Register(LOGIN, PASSWORD, "另一个人", "phone")))
    assert other.person != town.me


async def test_no_money_reaches_who_is_gone(town: Town) -> None:
    await town.spend_all()
    await town.leave()
    (answer,) = await town.world.ask(transfer, SendMoney(town.friend, UUID(int=9), town.me, 100))
    assert isinstance(answer, AccountClosed)


async def test_cards_of_a_campaign_that_is_on_go_back_to_their_mint(town: Town) -> None:
    world = town.world
    await world.campaign()
    async with world.database.read() as connection:
        seen = await see_campaign(connection, GALA, world.clock())
    await world.at(seen.rounds[0].opens_at)
    await world.join([town.me, town.friend])
    await world.hand_out("aiguo", town.me)
    await town.spend_all()
    await town.leave()
    assert await world.balance(card_account(GALA, "aiguo", town.me)) == 0


async def test_a_crash_between_two_steps_costs_nothing_but_time(town: Town) -> None:
    world = town.world
    await town.spend_all()
    await world.run(partial(ask_to_leave, person=town.me, at_once=True))
    await leave_due(world.database)
    world.clock.now += LAST_PASS
    tried = 0

    class Crash(Exception):
        pass

    run = world.database.run

    async def crashing(*given: object, **named: object) -> object:
        nonlocal tried
        tried += 1
        if tried % 2 == 0:
            raise Crash
        return await run(*given, **named)  # type: ignore[arg-type]

    world.database.run = crashing  # type: ignore[method-assign, assignment]
    try:
        for _ in range(40):
            try:
                if await leave_due(world.database) == 0:
                    break
            except Crash:
                continue
    finally:
        world.database.run = run  # type: ignore[method-assign]
    async with world.database.read() as connection:
        done = await connection.fetchval("SELECT done_at FROM leaving WHERE person = $1", town.me)
    assert done is not None


async def test_money_that_comes_at_the_last_moment_keeps_one_and_nobody_else(town: Town) -> None:
    world = town.world
    await town.spend_all()
    (other,) = await world.people(1)
    for person in (town.me, other):
        await world.run(partial(ask_to_leave, person=person, at_once=True))
    assert await leave_due(world.database) == 2, "both are closed"
    await town.pay_in(town.me, 100)
    world.clock.now += LAST_PASS
    await leave_due(world.database)
    async with world.database.read() as connection:
        rows = await connection.fetch("SELECT person, done_at IS NOT NULL AS done FROM leaving")
    assert {row["person"]: row["done"] for row in rows} == {town.me: False, other: True}
    await town.spend_all()
    await leave_due(world.database)
    async with world.database.read() as connection:
        assert await connection.fetchval("SELECT bool_and(done_at IS NOT NULL) FROM leaving")


async def test_an_export_has_all_of_it_and_nothing_of_others(town: Town) -> None:
    async with town.world.database.read() as connection:
        pieces = [piece async for piece in export(connection, town.me, town.world.clock())]
    found = json.loads(b"".join(pieces))
    assert found["wufu"] == "export/1"
    assert found["people"]["login"] == [{"login": LOGIN}]
    said = {row["body"]["text"] for row in found["chat"]["messages"] if row["kind"] == "text"}
    assert said == {"悄悄话", "群里说的"}
    assert {row["friend"] for row in found["ties"]["friends"]} == {town.friend, town.grandma}
    assert found["wallet"]["sent"][0]["note"] == "给外婆的"
    assert found["red_packets"]["sent"][0]["message"] == "过年好呀"
    assert sum(row["minor"] for row in found["ledger"]["transfers"] if row["asset"] == "CNY") == 3_500
    text_ = json.dumps(found, ensure_ascii=False)
    assert "小明同学" not in text_, "how a friend calls me is the friend's"
    assert "收到" not in text_
    for hidden in ("$argon2", "token_hash"):
        assert hidden not in text_


async def test_an_export_is_one_json_file_also_of_somebody_with_nothing(world: World) -> None:
    (person,) = await world.people(1)
    async with world.database.read() as connection:
        pieces = [piece async for piece in export(connection, person, world.clock())]
    found = json.loads(b"".join(pieces))
    assert found["chat"]["messages"] == []
