"""What the detectors find in a made-up town: precision, recall by attack, false alarms by trap, and AUC.

The first wave of attackers teaches, the second is judged. Of the first wave, those the other detectors find
count as confirmed, and of those they miss a third, as if people had reported them: nothing else gives the
graph score its labelled fakes. Veterans are its labelled real people, the purchased ones among them
mislabelled. The second wave's people, and everybody else alive, are then judged with everything on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import msgspec

from wufu.core.ids import PersonId
from wufu.trust.attacks.attackers import KINDS, attack
from wufu.trust.attacks.rolls import Rolls
from wufu.trust.attacks.town import DAY, DAYS, START, WAVE_DAYS, Town, live, settle
from wufu.trust.edges import accepted_by, count_targets, is_usable, score
from wufu.trust.farms import find_circles, judge_device, judge_pace
from wufu.trust.lockstep import find_lockstep
from wufu.trust.model import RULES, Act, Ask, Made, Newcomer, Rules, slot_of

REPORTED = 0.33
TRAPS = ("newcomer", "lonely", "family", "class", "team", "popular", "party", "shop", "veteran")


class Found(msgspec.Struct, frozen=True):
    """Of one kind of people: how many there are, and how many each detector and all together suspected."""

    people: int
    suspected: int
    share: float
    by: dict[str, int]


class Evaluation(msgspec.Struct, frozen=True):
    """`precision`: of those suspected, how many are fake. `recall`: of the fakes, how many are suspected.

    `auc` is the graph score's area under the ROC curve over new accounts with at least five asks, fakes of
    the second wave against honest newcomers of it; `auc_refusals` that of the share of refused asks alone;
    `auc_by_attack` the same for one kind of attack. None where there is nobody of a kind.
    """

    seed: int
    people: int
    ties: int
    asks: int
    acts: int
    fakes: int
    suspected: int
    precision: float | None
    recall: float | None
    precision_by_detector: dict[str, float | None]
    attacks: dict[str, Found]
    traps: dict[str, Found]
    auc: float | None
    auc_refusals: float | None
    auc_by_attack: dict[str, float | None]
    labelled_fakes: int


def evaluate(friends: dict[PersonId, list[PersonId]], seed: int, rules: Rules = RULES) -> Evaluation:
    """Make a town on this friendship graph, attack it, and see what is found of the second wave."""
    town = settle(friends, seed)
    live(town, seed)
    attack(town, seed)
    middle, end = WAVE_DAYS * DAY, DAYS * DAY
    first = _searches(town, rules, 0, middle, {})
    labels = _labels(town, seed, {person for people in first.values() for person in people})
    scores, refusals = _scores(town, rules, labels)
    log_odds = {person: its for person, (its, _) in scores.items()}
    second = _searches(town, rules, middle, end, log_odds)
    high = {
        person
        for person, (its, asks) in scores.items()
        if its >= rules.graph.suspect_from and asks >= rules.graph.fewest_asks
    }
    found = {**second, "graph": high}
    judged = {one.person for one in town.people.values() if one.wave != 1}
    summed = _summed(town, seed, {name: people & judged for name, people in found.items()}, judged)
    curves = _curves(town, rules, scores, refusals, sum(labels.values()))
    return msgspec.convert({**summed, **curves}, Evaluation)


# --- Searching ------------------------------------------------------------------------------------


def _searches(
    town: Town, rules: Rules, since: float, until: float, scores: Mapping[PersonId, float]
) -> dict[str, set[PersonId]]:
    """What every detector but the graph score finds of what happened in between."""
    begin, end = START + timedelta(seconds=since), START + timedelta(seconds=until)
    made = _made(town, since, until)
    devices = [one for device in made if (one := judge_device(device, rules.device, {}))]
    asks = [ask for ask in town.asks.values() if begin <= ask.at < end]
    newcomers = [
        Newcomer(one.person, START + timedelta(seconds=one.known_at))
        for one in town.people.values()
        if one.registered and since <= one.known_at < until
    ]
    ties = [pair for pair, ask in town.asks.items() if ask.answer == "accepted" and ask.at < end]
    circles = find_circles(newcomers, ties, _networks(town), scores, rules.circle, {})
    groups: set[PersonId] = set()
    acts = _by_day(town.acts, slot_of(begin), slot_of(end))
    for day in acts:
        groups |= {p for one in find_lockstep(day, rules.lockstep, _networks(town)) for p in one.people}
    return {
        "device": {person for one in devices for person in one.people},
        "pace": {one.people[0] for one in judge_pace(asks, rules.pace, {})},
        "circle": {person for one in circles for person in one.people},
        "lockstep": groups,
    }


def _made(town: Town, since: float, until: float) -> list[Made]:
    devices: dict[str, list[PersonId]] = {}
    for one in town.people.values():
        if one.registered and since <= one.known_at < until:
            devices.setdefault(one.device, []).append(one.person)
    return [
        Made(
            device.encode(),
            tuple(Newcomer(p, START + timedelta(seconds=town.people[p].known_at)) for p in people),
            len({town.people[person].network for person in people}),
        )
        for device, people in devices.items()
    ]


def _networks(town: Town) -> dict[PersonId, bytes]:
    return {one.person: one.network.encode() for one in town.people.values() if one.network}


def _by_day(acts: Iterable[Act], first: int, last: int) -> list[list[Act]]:
    """The acts of each day between two slots, as the job would see them at its end."""
    a_day = slot_of(START + timedelta(days=1)) - slot_of(START)
    days: dict[int, list[Act]] = {}
    for act in acts:
        if first <= act.slot < last:
            days.setdefault((act.slot - first) // a_day, []).append(act)
    return list(days.values())


# --- The graph score ------------------------------------------------------------------------------


def _labels(town: Town, seed: int, found: set[PersonId]) -> dict[PersonId, bool]:
    """Who is labelled at the middle: fake or real. Everybody else is not."""
    rolls = Rolls(seed, "reports")
    labels = {}
    for one in town.people.values():
        if one.fake and one.wave == 1:
            # A bought account looks like the veteran it was, unless somebody reports it.
            if one.person in found or rolls.happens(REPORTED):
                labels[one.person] = True
            elif not one.registered:
                labels[one.person] = False
        elif not one.registered:
            labels[one.person] = False
    return labels


def _scores(
    town: Town, rules: Rules, labels: Mapping[PersonId, bool]
) -> tuple[dict[PersonId, tuple[float, int]], dict[PersonId, float]]:
    """Of the second wave's new accounts: score and asks; to compare, the share of asks not accepted."""
    rule, now = rules.graph, START + timedelta(days=DAYS)
    middle = START + timedelta(days=WAVE_DAYS)
    targets, totals = count_targets(town.asks.values(), labels, rule, now)
    scores: dict[PersonId, tuple[float, int]] = {}
    refusals: dict[PersonId, float] = {}
    if not is_usable(totals, rule):
        return scores, refusals
    asks: dict[PersonId, list[Ask]] = {}
    for ask in town.asks.values():
        one = town.people[ask.asker]
        if one.registered and one.wave == 2 and ask.at >= middle:
            asks.setdefault(ask.asker, []).append(ask)
    for person, its in asks.items():
        scored = score(its, targets, totals, rule, now)
        scores[person] = scored.log_odds, scored.asks
        told = [accepted for ask in its if (accepted := accepted_by(ask, rule, now)) is not None]
        refusals[person] = 1 - sum(told) / len(told) if told else 0.0
    return scores, refusals


# --- Summing up -----------------------------------------------------------------------------------


def _summed(
    town: Town, seed: int, found: Mapping[str, set[PersonId]], judged: set[PersonId]
) -> dict[str, object]:
    suspected = {person for people in found.values() for person in people}
    fakes = {person for person in judged if town.people[person].fake}
    by_kind: dict[str, set[PersonId]] = {}
    for person in judged:
        by_kind.setdefault(town.people[person].kind, set()).add(person)

    def of(kind: str) -> Found:
        people = by_kind.get(kind, set())
        by = {name: len(its & people) for name, its in found.items() if its & people}
        hit = len(people & suspected)
        return Found(len(people), hit, round(hit / len(people), 4) if people else 0.0, by)

    return {
        "seed": seed,
        "people": len(town.people),
        "ties": sum(map(len, town.friends.values())) // 2,
        "asks": len(town.asks),
        "acts": len(town.acts),
        "fakes": len(fakes),
        "suspected": len(suspected),
        "precision": _part(suspected & fakes, suspected),
        "recall": _part(suspected & fakes, fakes),
        "precision_by_detector": {name: _part(its & fakes, its) for name, its in found.items()},
        "attacks": {kind: of(kind) for kind in KINDS},
        "traps": {kind: of(kind) for kind in TRAPS},
    }


def _part(part: set[PersonId], whole: set[PersonId]) -> float | None:
    return round(len(part) / len(whole), 4) if whole else None


def _curves(
    town: Town,
    rules: Rules,
    scores: Mapping[PersonId, tuple[float, int]],
    refusals: Mapping[PersonId, float],
    labelled: int,
) -> dict[str, object]:
    counted = [person for person, (_, asks) in scores.items() if asks >= rules.graph.fewest_asks]
    fake = [person for person in counted if town.people[person].fake]
    real = [person for person in counted if not town.people[person].fake]
    by_attack = {
        kind: area(
            [scores[one][0] for one in fake if town.people[one].kind == kind], [scores[p][0] for p in real]
        )
        for kind in KINDS
    }
    return {
        "auc": area([scores[one][0] for one in fake], [scores[one][0] for one in real]),
        "auc_refusals": area([refusals[one] for one in fake], [refusals[one] for one in real]),
        "auc_by_attack": by_attack,
        "labelled_fakes": labelled,
    }


def area(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The area under the ROC curve: how often a positive stands above a negative, ties counted half.

    By ranks (Mann and Whitney, 1947).
    """
    if not positive or not negative:
        return None
    ranked = sorted([(value, 1) for value in positive] + [(value, 0) for value in negative])
    above, below = 0.0, 0
    place = 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        positives = sum(label for _, label in ranked[place:end])
        negatives = end - place - positives
        above += positives * (below + negatives / 2)
        below += negatives
        place = end
    return round(above / (len(positive) * len(negative)), 4)
