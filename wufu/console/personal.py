"""What the console keeps of a person who was an operator."""

from wufu.db import Personal

PERSONAL = (
    Personal(
        "role",
        "SELECT role, granted_at FROM operator WHERE person = $1",
        ("DELETE FROM operator WHERE person = $1",),
    ),
    Personal(
        "acts",
        "SELECT verb, facts, at FROM operator_act WHERE person = $1 ORDER BY at",
        stays="what operators did is on record for good",
    ),
)
