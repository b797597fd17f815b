"""What photo packets keep of a person. Open photos and what was said are taken away by `forget_person`."""

from datetime import datetime

from wufu.core.ids import PersonId
from wufu.db import Connection, Personal, Tx, erase
from wufu.photos.store import photos as store
from wufu.photos.verbs.ending import take_away

PERSONAL = (
    Personal(
        "posted",
        """
        SELECT id, message, audience, least_minor, most_minor, posted_at, dies_at, credited_at, ended,
               ended_at
        FROM photo WHERE author = $1 ORDER BY posted_at
        """,
        ("UPDATE photo SET message = '' WHERE author = $1",),
        stays="who paid for it paid its author; the pictures are erased and what was written goes",
    ),
    Personal(
        "paid_and_seen",
        """
        SELECT photo, minor, paid_at, seen_at, liked_at, refunded_at FROM photo_view
        WHERE viewer = $1 ORDER BY let_in_at
        """,
        stays="the author was paid",
    ),
    Personal("comments", "SELECT photo, text, at FROM photo_comment WHERE writer = $1 ORDER BY at"),
    Personal(
        "reported",
        "SELECT photo, reason, note, at FROM photo_report WHERE reporter = $1 ORDER BY at",
        ("UPDATE photo_report SET note = '' WHERE reporter = $1",),
        stays="somebody looked, or will look, at what was reported; the words go",
    ),
    Personal(
        "today",
        "SELECT day, posted, paid_minor FROM photo_person WHERE person = $1",
        ("DELETE FROM photo_person WHERE person = $1",),
    ),
)


async def see_unsettled(connection: Connection, person: PersonId) -> dict[str, tuple[int, int, datetime]]:
    """What photos may still give or owe a person: how many, how much in fen, and until when.

    `photo`: one's own that are up, and what was paid for them; `photo_credit`: one's own that are gone, whose
    money waits for the author's hour; `photo_paid`: those of others that one paid for and that are up, for a
    takedown or a removal would give the money back.
    """
    return await store.unsettled_of(connection, person)


async def forget_person(tx: Tx, person: PersonId) -> bool:
    """Take away everything a person posted, said and liked here. Repeatable."""
    await take_away(tx, person)
    await erase(tx, PERSONAL, person)
    return False
