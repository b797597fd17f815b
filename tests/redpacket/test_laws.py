"""The laws of red packets can fail: each is broken by what a fault of ours might have written."""

import asyncpg

from tests.conftest import FreshDatabase
from tests.damage import unnoticed
from tests.redpacket.acts import Packets
from wufu.redpacket import LAWS, check_splits

SUMS = "a packet's openings and refund sum to its total"
PLACES = "a packet's openings are numbered without holes, by different people, as many as it counts"
LATE = "no packet is opened after its end"
ESCROW = "a packet's escrow holds what is left, and nothing once it has ended"
PAID = "each opening was paid once to whoever opened"
LUCKIEST = "a packet's luckiest is who got most, the earliest of equals"
COMMITTED = "a lucky packet's commitment is the hash of its secret and its terms"
ONLY = "who opened a packet for one person is that person"
DAY = "what somebody sent today is the sum of their packets of the day"

OPENED = "packet = (SELECT id FROM packet WHERE opened = 2)"
DAMAGE = {
    f"UPDATE packet_opening SET minor = minor + 1 WHERE {OPENED} AND place = 1": SUMS,
    "UPDATE packet SET left_minor = left_minor - 1 WHERE opened = 2": SUMS,
    "UPDATE packet SET refund_minor = refund_minor + 1 WHERE state = 'returned'": SUMS,
    f"UPDATE packet_opening SET place = 2 WHERE {OPENED} AND place = 1": PLACES,
    f"DELETE FROM packet_opening WHERE {OPENED} AND place = 1": PLACES,
    "UPDATE packet SET opened = 1 WHERE opened = 2": PLACES,
    f"UPDATE packet_opening SET at = at + interval '3 days' WHERE {OPENED}": LATE,
    "UPDATE packet_opening SET at = at - interval '1 second'": LATE,
    "UPDATE account SET credits = credits + 1 WHERE purpose = 'escrow' AND holder LIKE 'packet/%'": ESCROW,
    "UPDATE packet SET state = 'returned', ended_at = ends_at WHERE opened = 2": ESCROW,
    f"UPDATE packet_opening SET person = person + 1000 WHERE {OPENED} AND place = 1": PAID,
    "DELETE FROM packet WHERE opened = 2": PLACES,
    "UPDATE packet SET best_minor = best_minor - 1 WHERE opened = 2": LUCKIEST,
    "UPDATE packet SET best_place = 1 - best_place WHERE opened = 2": LUCKIEST,
    "UPDATE packet SET secret = sha256(secret) WHERE split = 'lucky'": COMMITTED,
    "UPDATE packet SET sender = sender + 1 WHERE split = 'lucky'": COMMITTED,
    "UPDATE packet SET whom = whom + 1 WHERE whom IS NOT NULL": ONLY,
    "UPDATE packet SET sender = whom WHERE whom IS NOT NULL": ONLY,
    "UPDATE packet_person SET sent_minor = sent_minor + 1": DAY,
}


async def test_every_law_of_packets_notices_its_damage(packets: Packets, fresh: FreshDatabase) -> None:
    li, mei, wang = await packets.friends(3)
    returned = await packets.send(li, "returned", shares=3)
    await packets.open(mei, returned)
    await packets.a_day_later()
    sent = await packets.send(li, "open", shares=3)
    for person in (mei, wang):
        await packets.open(person, sent)
    only = await packets.send(li, "only", to="friend", whom=mei, split="equal", shares=1)
    await packets.open(mei, only)
    tables = ("packet", "packet_opening", "packet_person", "account")
    assert await unnoticed(fresh.superuser_url, LAWS, tables, DAMAGE) == {}
    assert {law.name for law in LAWS} == set(DAMAGE.values())


async def test_a_share_that_is_not_the_committed_one_is_found_by_splitting_again(
    packets: Packets, fresh: FreshDatabase
) -> None:
    """What no query sees: shares in another order than the secret says."""
    li, mei, wang = await packets.friends(3)
    sent = await packets.send(li, shares=3)
    for person in (mei, wang):
        await packets.open(person, sent)
    connection = await asyncpg.connect(fresh.superuser_url)
    try:
        change = connection.transaction()
        await change.start()
        await connection.execute("UPDATE packet_opening SET minor = minor + 1 WHERE place = 0")
        assert [one["packet"] for one in await check_splits(connection)] == [str(sent.id)]
        await change.rollback()
    finally:
        await connection.close()
