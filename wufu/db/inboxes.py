"""What the database layer itself keeps of a person: the facts their phones were told."""

from wufu.db.personal import Personal

PERSONAL = (
    Personal(
        "told",
        "SELECT number, kind, body, at FROM inbox WHERE person = $1 ORDER BY number",
        ("DELETE FROM inbox WHERE person = $1", "DELETE FROM inbox_head WHERE person = $1"),
    ),
)
