"""What red packets keep of a person."""

from wufu.core.ids import PersonId
from wufu.db import Connection, Personal, Tx, erase
from wufu.redpacket.store import packets as store

PERSONAL = (
    Personal(
        "sent",
        """
        SELECT id, split, minor, shares, message, cover, target, whom, conversation, sent_at, state,
               refund_minor
        FROM packet WHERE sender = $1 ORDER BY sent_at
        """,
        ("UPDATE packet SET message = '' WHERE sender = $1",),
        stays="who opened it got money from it; what was written on it goes",
    ),
    Personal(
        "opened",
        "SELECT packet, minor, at FROM packet_opening WHERE person = $1 ORDER BY at",
        stays="the sender's money went there",
    ),
    Personal(
        "asked",
        "SELECT asked, minor, message, at, packet FROM packet_ask WHERE asker = $1 ORDER BY at",
        ("DELETE FROM packet_ask WHERE asker = $1", "DELETE FROM packet_ask WHERE asked = $1"),
    ),
    Personal(
        "passed_on",
        "SELECT packet, conversation, at FROM packet_scope WHERE sharer = $1 ORDER BY at",
        stays="the packet may be opened there",
    ),
    Personal(
        "refused_to_send",
        "SELECT id, refusal, at FROM packet_sending WHERE sender = $1 AND refusal IS NOT NULL ORDER BY at",
        ("DELETE FROM packet_sending WHERE sender = $1",),
    ),
    Personal(
        "passwords_tried",
        "SELECT packet, tries FROM packet_try WHERE person = $1",
        ("DELETE FROM packet_try WHERE person = $1",),
    ),
    Personal(
        "settings",
        "SELECT day, sent_minor, asks, allow_asking, merchant FROM packet_person WHERE person = $1",
        ("DELETE FROM packet_person WHERE person = $1",),
    ),
)


async def see_unsettled(connection: Connection, person: PersonId) -> dict[str, tuple[int, int]]:
    """One's packets that are still open: their money comes back when they end."""
    waiting = await store.open_packets_of(connection, person)
    return {"packet": (len(waiting), sum(waiting))} if waiting else {}


async def forget_person(tx: Tx, person: PersonId) -> bool:
    """Take away what was written and asked. Repeatable."""
    await erase(tx, PERSONAL, person)
    return False
