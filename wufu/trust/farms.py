"""Farmed accounts by how they are made and how fast they act: pure judgements over what the store gathered.

- A *device* on which many accounts were made. A family shares a tablet; nobody needs six accounts a month.
- A *pace* no human keeps: forty asks or sixty accepts within a minute, or accepting within two seconds of
  being asked, again and again.
- A *circle*: new accounts that were made within hours of each other, are nearly all tied to each other, and
  to nobody else. It is what ten new friends for three cards invites. A school class looks like it at first;
  but a class has families, and its pupils do not befriend nearly everybody in it and nobody outside. A
  circle from one network that does know others is one only if its graph scores are high on the whole: a team
  in an office has colleagues, not victims.

What an operator cleared is not held against people again: evidence up to a clearing does not count (`since`).
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from wufu.core.ids import PersonId
from wufu.trust.model import Ask, CircleRule, DeviceRule, Made, Newcomer, PaceRule, Suspicion

Since = Mapping[PersonId, datetime]
"""Until when evidence does not count against a person."""
MINUTE = timedelta(minutes=1)


def judge_device(made: Made, rule: DeviceRule, since: Since) -> Suspicion | None:
    """A device with too many accounts. After a clearing only accounts made later count, and are suspected."""
    cleared = [since[one.person] for one in made.people if one.person in since]
    after = max(cleared, default=None)
    people = sorted(
        (one for one in made.people if one.person not in since and (after is None or one.known_at > after)),
        key=lambda one: (one.known_at, one.person),
    )
    times = [one.known_at for one in people]
    hasty = max((bisect_left(times, at + rule.haste) - place for place, at in enumerate(times)), default=0)
    if len(people) < rule.fewest_accounts and hasty < rule.fewest_with_haste:
        return None
    evidence: dict[str, object] = {
        "accounts": len(people),
        "networks": made.networks,
        "first_at": times[0].isoformat(),
        "last_at": times[-1].isoformat(),
        "most_within_haste": hasty,
        "haste_minutes": int(rule.haste / MINUTE),
    }
    return Suspicion("device", made.mark.hex(), tuple(one.person for one in people), evidence)


def judge_pace(asks: Iterable[Ask], rule: PaceRule, since: Since) -> list[Suspicion]:
    """Who acts faster than a person can."""
    asked: dict[PersonId, list[datetime]] = {}
    accepted: dict[PersonId, list[datetime]] = {}
    hasty: dict[PersonId, int] = {}
    for ask in asks:
        if ask.asker not in since or ask.at > since[ask.asker]:
            asked.setdefault(ask.asker, []).append(ask.at)
        answered = ask.answered_at
        if ask.answer != "accepted" or answered is None:
            continue
        if ask.asked in since and answered <= since[ask.asked]:
            continue
        accepted.setdefault(ask.asked, []).append(answered)
        if (answered - ask.at).total_seconds() < rule.hasty_seconds:
            hasty[ask.asked] = hasty.get(ask.asked, 0) + 1
    found = []
    for person in sorted({*asked, *accepted}):
        asks_a_minute = _most_within(asked.get(person, []), MINUTE)
        accepts_a_minute = _most_within(accepted.get(person, []), MINUTE)
        in_haste = hasty.get(person, 0)
        if (
            asks_a_minute > rule.most_asks_a_minute
            or accepts_a_minute > rule.most_accepts_a_minute
            or in_haste >= rule.fewest_hasty
        ):
            evidence: dict[str, object] = {
                "asks_a_minute": asks_a_minute,
                "accepts_a_minute": accepts_a_minute,
                "hasty_accepts": in_haste,
                "hasty_seconds": rule.hasty_seconds,
            }
            found.append(Suspicion("pace", f"person/{person}", (person,), evidence))
    return found


def _most_within(times: list[datetime], span: timedelta) -> int:
    times.sort()
    return max((bisect_left(times, at + span) - place for place, at in enumerate(times)), default=0)


def find_circles(
    newcomers: Sequence[Newcomer],
    ties: Iterable[tuple[PersonId, PersonId]],
    networks: Mapping[PersonId, bytes],
    scores: Mapping[PersonId, float],
    rule: CircleRule,
    since: Since,
) -> list[Suspicion]:
    """Circles of new accounts; `ties` are accepted asks with at least one end among the newcomers.

    `scores` are graph scores, where there are any.
    """
    known_at = {one.person: one.known_at for one in newcomers if one.person not in since}
    inside: dict[PersonId, set[PersonId]] = {person: set() for person in known_at}
    outward: dict[PersonId, set[PersonId]] = {person: set() for person in known_at}
    for one, other in ties:
        for person, friend in ((one, other), (other, one)):
            if person in known_at:
                (inside if friend in known_at else outward)[person].add(friend)
    found = []
    for circle in _components(inside):
        if not rule.fewest_people <= len(circle) <= rule.most_people:
            continue
        ends_inside = sum(len(inside[person]) for person in circle)
        ends_outward = sum(len(outward[person]) for person in circle)
        dense = ends_inside / (len(circle) * (len(circle) - 1))
        times = sorted(known_at[person] for person in circle)
        # The middle four fifths: one late-comer does not make a burst slow.
        tenth = len(times) // 10
        burst = times[-1 - tenth] - times[tenth]
        share_outward = ends_outward / (ends_inside + ends_outward)
        places = {networks[person] for person in circle if person in networks}
        usual = sum(scores.get(person, 0.0) for person in circle) / len(circle)
        alone = share_outward <= rule.most_outward and burst <= rule.burst
        nest = len(places) == 1 and usual >= rule.least_score
        if dense < rule.least_dense or not (alone or nest):
            continue
        evidence: dict[str, object] = {
            "accounts": len(circle),
            "ties_inside": ends_inside // 2,
            "ties_outward": ends_outward,
            "dense": round(dense, 3),
            "networks": len(places),
            "made_within_minutes": int(burst / MINUTE),
            "usual_score": round(usual, 2),
        }
        found.append(Suspicion("circle", f"circle/{circle[0]}", tuple(circle), evidence))
    return found


def _components(friends: Mapping[PersonId, set[PersonId]]) -> list[list[PersonId]]:
    """Connected people, each group in the order of their numbers; those who are alone are left out."""
    seen: set[PersonId] = set()
    found = []
    for person in sorted(friends):
        if person in seen or not friends[person]:
            continue
        group, waiting = [], [person]
        seen.add(person)
        while waiting:
            here = waiting.pop()
            group.append(here)
            for friend in friends[here] - seen:
                seen.add(friend)
                waiting.append(friend)
        found.append(sorted(group))
    return found
