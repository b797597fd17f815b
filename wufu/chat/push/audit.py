"""The laws of notifications, as queries that return the violations."""

from wufu.db import Law

LAWS = (
    Law(
        "a notification is on its way only to a device that subscribed",
        """
        SELECT d.person, d.session, d.conversation FROM push_due AS d
        LEFT JOIN push_subscription AS s ON s.person = d.person AND s.session = d.session
        WHERE s.person IS NULL
        """,
    ),
    Law(
        "a notification is about a message that is there, and that its person was told of no further",
        """
        SELECT d.person, d.conversation, d.number FROM push_due AS d
        LEFT JOIN message AS m ON m.conversation = d.conversation AND m.number = d.number
        LEFT JOIN push_mark AS k ON k.person = d.person AND k.conversation = d.conversation
        WHERE m.id IS NULL OR k.number IS NULL OR k.number < d.number
        """,
    ),
    Law(
        "nobody is told of more messages than there are",
        """
        SELECT k.person, k.conversation, k.number, c.last_number FROM push_mark AS k
        LEFT JOIN conversation AS c ON c.id = k.conversation
        WHERE c.id IS NULL OR k.number > c.last_number
        """,
    ),
)
