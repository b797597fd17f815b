"""What people keeps of a person, for an export and for an account's end."""

from wufu.db import Personal

GONE = "已注销"
"""The name of somebody who left."""

PERSONAL = (
    Personal(
        "person",
        """
        SELECT id AS person, name, avatar, line, origin, language, findable, created_at FROM person
        WHERE id = $1
        """,
        (
            f"""
            UPDATE person SET name = '{GONE}', avatar = 0, line = '', findable = false,
                   origin = 'imported'
            WHERE id = $1
            """,
        ),
    ),
    Personal("login", "SELECT login FROM login WHERE person = $1", ("DELETE FROM login WHERE person = $1",)),
    Personal(
        "password",
        "SELECT changed_at FROM password WHERE person = $1",
        ("DELETE FROM password WHERE person = $1",),
    ),
    Personal(
        "payment_pin", "SELECT changed_at FROM pin WHERE person = $1", ("DELETE FROM pin WHERE person = $1",)
    ),
    Personal(
        "devices",
        "SELECT device, created_at, seen_at, expires_at FROM session WHERE person = $1 ORDER BY created_at",
        ("DELETE FROM session WHERE person = $1",),
    ),
    Personal(
        "claims",
        "SELECT offered_at, expires_at, used_at FROM claim_offer WHERE person = $1",
        ("DELETE FROM claim_offer WHERE person = $1",),
    ),
    Personal(
        "phone_number",
        "SELECT ending, since FROM phone_number WHERE person = $1",
        ("DELETE FROM phone_number WHERE person = $1", "DELETE FROM phone_proof WHERE person = $1"),
    ),
    Personal(
        "called_elsewhere",
        "SELECT external FROM person_external WHERE person = $1",
        ("DELETE FROM person_external WHERE person = $1",),
    ),
)
