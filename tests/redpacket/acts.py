"""What tests of packets do again and again, by real verbs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from tests.world import World, an_id
from wufu.chat import FoundGroup, found_group
from wufu.core.ids import ConversationId, PacketId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Tx
from wufu.ledger import named_group
from wufu.redpacket import (
    Limits,
    Opened,
    OpenPacket,
    PacketSent,
    SendPacket,
    escrow_of,
    open_packets,
    return_all_due,
    see_packet,
    send_packets,
    set_packet_limits,
)
from wufu.redpacket.views import PacketView
from wufu.wallet import fund, money_of

LIMITS = Limits(20_000, 100, 10_000_000, 20_000, 1_000_000, 10**11, 1320, 480, 86_400, 5, 20)


class Packets:
    """Packets in one test's world. Every person of `people` has ¥1,000."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def people(self, count: int, minor: int = 100_000) -> list[PersonId]:
        made = await self.world.people(count)
        for person in made:
            await self.fund(person, minor)
        return made

    async def fund(self, person: PersonId, minor: int) -> None:
        async def work(tx: Tx) -> None:
            await fund(tx, f"person/{person}", minor, named_group("test", str(person), str(minor)))

        await self.world.run(work)

    async def friends(self, count: int) -> list[PersonId]:
        """People who are all friends of the first one."""
        made = await self.people(count)
        await self.world.befriend(*((made[0], other) for other in made[1:]))
        return made

    async def group(self, people: Sequence[PersonId], name: str = "family") -> ConversationId:
        """A group of these people, founded by the first, whose friends the others are."""
        id_ = ConversationId(an_id(f"group {name}"))

        async def work(tx: Tx) -> None:
            await found_group(tx, FoundGroup(people[0], id_, "家", tuple(people[1:])))

        await self.world.run(work)
        return id_

    async def try_send(self, person: PersonId, name: str = "packet", **fields: Any) -> PacketSent | Refusal:
        """Send a lucky packet by link, or as `fields` say; the same name is the same id."""
        wish = {"to": "link", "split": "lucky", "minor": 1_000, "shares": 5, **fields}
        return await self.world.ask_one(
            send_packets, SendPacket(person=person, id=PacketId(an_id(name)), **wish)
        )

    async def send(self, person: PersonId, name: str = "packet", **fields: Any) -> PacketSent:
        answer = await self.try_send(person, name, **fields)
        assert isinstance(answer, PacketSent), answer
        return answer

    async def try_open(
        self, person: PersonId, sent: PacketSent | PacketId, **fields: Any
    ) -> Opened | Refusal:
        (answer,) = await self.open_all([person], sent, **fields)
        return answer

    async def open(self, person: PersonId, sent: PacketSent | PacketId, **fields: Any) -> Opened:
        answer = await self.try_open(person, sent, **fields)
        assert isinstance(answer, Opened), answer
        return answer

    async def open_all(
        self, people: Sequence[PersonId], sent: PacketSent | PacketId, **fields: Any
    ) -> list[Opened | Refusal]:
        """All of them in one batch, in this order."""
        wishes = [self.wish(person, sent, **fields) for person in people]
        return await self.world.ask(open_packets, *wishes)

    def wish(self, person: PersonId, sent: PacketSent | PacketId, **fields: Any) -> OpenPacket:
        if isinstance(sent, PacketSent):
            fields.setdefault("token", sent.token)
            sent = sent.id
        return OpenPacket(person, sent, **fields)

    async def view(self, person: PersonId, packet: PacketId, token: str | None = None) -> PacketView:
        async with self.world.database.read() as connection:
            return await see_packet(connection, person, packet, self.world.clock(), token=token)

    async def money(self, person: PersonId) -> int:
        return await self.world.balance(money_of(person))

    async def escrow(self, packet: PacketId) -> int:
        return await self.world.balance(escrow_of(packet))

    async def a_day_later(self) -> int:
        """A day passes and the job clock returns what is due; how many packets it was."""
        self.world.clock.now += timedelta(days=1)
        return await return_all_due(self.world.database)

    async def limit(self, **values: int) -> None:
        limits = msgspec.structs.replace(LIMITS, **values)
        await self.world.run(lambda tx: set_packet_limits(tx, limits))

    async def told(self, kind: str) -> list[tuple[dict[str, Any], list[PersonId]]]:
        """The facts of a kind that wait to be carried: body and audience, in order."""
        async with self.world.database.borrow() as connection:
            rows = await connection.fetch(
                "SELECT body, audience FROM outbox WHERE kind = $1 ORDER BY id", kind
            )
        return [(row["body"], list(row["audience"])) for row in rows]
