"""What ties keep of a person: all of it goes with the account, also what others noted about them."""

from wufu.core.ids import PersonId
from wufu.db import Personal, Tx, erase
from wufu.ties.model import RemoveTie
from wufu.ties.store import lists
from wufu.ties.strength.verbs import forget_acts
from wufu.ties.verbs.forming import remove_ties

AT_ONCE = 200
"""Friendships ended in one transaction: each tells a phone."""

PERSONAL = (
    Personal("friends", "SELECT friend, since, cause FROM tie WHERE person = $1 ORDER BY since"),
    Personal(
        "former_friends",
        "SELECT friend, parted_at FROM tie_former WHERE person = $1 ORDER BY parted_at",
        ("DELETE FROM tie_former WHERE person = $1", "DELETE FROM tie_former WHERE friend = $1"),
    ),
    Personal(
        "asked",
        "SELECT asked AS person, at, withdrawn_at FROM tie_ask WHERE asker = $1 ORDER BY at",
        ("DELETE FROM tie_ask WHERE asker = $1", "DELETE FROM tie_ask WHERE asked = $1"),
    ),
    Personal(
        "asked_by",
        "SELECT asker AS person, cause, at FROM tie_request WHERE asked = $1 ORDER BY at",
        ("DELETE FROM tie_request WHERE asked = $1", "DELETE FROM tie_request WHERE asker = $1"),
    ),
    Personal(
        "blocked",
        "SELECT blocked AS person, at FROM tie_block WHERE person = $1 ORDER BY at",
        ("DELETE FROM tie_block WHERE person = $1", "DELETE FROM tie_block WHERE blocked = $1"),
    ),
    Personal(
        "not_suggested",
        "SELECT other AS person, at FROM tie_dismissal WHERE person = $1 ORDER BY at",
        ("DELETE FROM tie_dismissal WHERE person = $1", "DELETE FROM tie_dismissal WHERE other = $1"),
    ),
    Personal(
        "labels",
        "SELECT friend, remark, starred, tags FROM tie_label WHERE person = $1 ORDER BY friend",
        ("DELETE FROM tie_label WHERE person = $1", "DELETE FROM tie_label WHERE friend = $1"),
    ),
    Personal(
        "groups_of_friends",
        """
        SELECT g.name, m.friend FROM tie_group AS g
        LEFT JOIN tie_group_member AS m ON m.person = g.person AND m.group_id = g.id
        WHERE g.person = $1 ORDER BY g.name, m.friend
        """,
        (
            "DELETE FROM tie_group_member WHERE person = $1",
            "DELETE FROM tie_group_member WHERE friend = $1",
            "DELETE FROM tie_group WHERE person = $1",
        ),
    ),
    Personal(
        "invitations",
        """
        SELECT note, uses, used, made_at, expires_at, revoked_at FROM tie_invitation
        WHERE inviter = $1 ORDER BY made_at
        """,
        (
            "DELETE FROM tie_invitation_use WHERE inviter = $1",
            "DELETE FROM tie_invitation WHERE inviter = $1",
        ),
        stays="who used another one's invitation stays with that, until it is forgotten in time",
    ),
    Personal(
        "did_together",
        """
        SELECT CASE a WHEN $1 THEN b ELSE a END AS person, day,
               (ARRAY['message', 'part', 'packet', 'transfer', 'gift', 'swap', 'photo', 'cash',
                      'purchase'])[kind] AS kind,
               CASE a WHEN $1 THEN ab + campaign_ab ELSE ba + campaign_ba END AS by_me,
               CASE a WHEN $1 THEN ba + campaign_ba ELSE ab + campaign_ab END AS by_them
        FROM (SELECT a, b FROM tie_strength WHERE a = $1 UNION ALL SELECT a, b FROM tie_strength WHERE b = $1)
             AS pair JOIN tie_act USING (a, b)
        ORDER BY day, person, kind
        """,
    ),
    Personal(
        "strengths",
        """
        SELECT CASE a WHEN $1 THEN b ELSE a END AS person, days, first_day, last_day
        FROM tie_strength WHERE a = $1 OR b = $1 ORDER BY first_day
        """,
    ),
    Personal(
        "settings",
        "SELECT by_name, by_code, by_phone, suggested, friends_seen FROM tie_person WHERE person = $1",
        ("DELETE FROM tie_list WHERE person = $1", "DELETE FROM tie_person WHERE person = $1"),
    ),
)


async def forget_person(tx: Tx, person: PersonId) -> bool:
    """End every friendship, each told to the friend's phone, then take away the rest. True: there is more."""
    friends = list(await lists.friends(tx.connection, person))
    await remove_ties(tx, [RemoveTie(person, friend) for friend in friends[:AT_ONCE]])
    if len(friends) > AT_ONCE:
        return True
    await forget_acts(tx, person)
    await erase(tx, PERSONAL, person)
    return False
