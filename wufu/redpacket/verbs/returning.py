"""What nobody opened in time goes back to its sender: by the job clock, in portions, each a transaction.

A portion that a crash interrupts never happened; a packet is returned by whoever holds its lock, and its
group in the ledger has a name of its own, so it is returned once.
"""

from wufu.core.refusals import Refusal
from wufu.db import Database, Fact, Tx
from wufu.ledger import Group, Transfer, balances, post
from wufu.redpacket.model import RETURNED, escrow_of, returning_group
from wufu.redpacket.store import packets as store
from wufu.redpacket.verbs.telling import change_their_cards
from wufu.wallet import money_of, moved

AT_ONCE = 200
"""Packets in one portion: a sweep of a million holds no lock for long."""


async def return_due(tx: Tx) -> int:
    """Return one portion of what is due; how many packets it was."""
    due = await store.lock_due(tx.connection, tx.now, AT_ONCE)
    if not due:
        return 0
    for packet in due:
        packet.state, packet.ended_at, packet.refund_minor = "returned", tx.now, packet.left_minor
    await change_their_cards(tx, [packet for packet in due if packet.target != "link"])
    groups = [
        Group(
            returning_group(packet.id),
            (Transfer(escrow_of(packet.id), money_of(packet.sender), packet.refund_minor, RETURNED),),
        )
        for packet in due
    ]
    for answer in await post(tx, groups):
        assert not isinstance(answer, Refusal), answer
    await store.change(tx.connection, due)
    senders = sorted({packet.sender for packet in due})
    ends = await balances(tx.connection, [money_of(person) for person in senders])
    left = dict(zip(senders, ends, strict=True))
    facts = []
    for packet in reversed(due):
        body: dict[str, object] = {
            "packet": str(packet.id),
            "refund_minor": packet.refund_minor,
            "opened": packet.opened,
            "shares": packet.shares,
        }
        facts.append(Fact("packet.returned", body, (packet.sender,)))
        facts.append(moved(packet.sender, left[packet.sender], packet.refund_minor, RETURNED))
        left[packet.sender] -= packet.refund_minor
    for fact in reversed(facts):
        tx.announce(fact)
    return len(due)


async def return_all_due(database: Database) -> int:
    """Return everything that is due, portion by portion; how many packets it was."""
    total = 0
    while count := await database.run(return_due, actor="system/packets"):
        total += count
    return total
