"""What must be true afterwards: the sample re-derived by other means, and nothing appeared or vanished.

The slow reference is `wufu.core.chance`, whose functions draw a live tap; it knows nothing of the kernel.
Some of the sample's keystreams are also made by the `openssl` command, which knows nothing of Wufu.
"""

import shutil
import subprocess
from collections import Counter

import numpy as np

from wufu.core.chance import amount_between, draw_words
from wufu.replay import kernels, society
from wufu.replay.night import Night
from wufu.replay.plan import Plan

BY_OPENSSL = 25
"""People whose keystreams are also asked of the `openssl` command."""


def taps_of(night: Night, person: int, number: int) -> int:
    """How often a person (row) tapped in a round."""
    table, more = night.minutes(number)
    kind = society.class_of(night.salt, person)
    return int(kernels.taps_of(table, more, kind, person))


def check_sample(night: Night) -> tuple[int, int, list[str]]:
    """Re-derive every tap of the sample: (people checked, people by openssl, what is wrong)."""
    plan, people = night.plan, [int(person) for person in night.sample]
    faults: list[str] = []
    for number in range(1, len(plan.minutes) + 1):
        faults += _check_round(night, number, people)
    openssl = shutil.which("openssl")
    asked = people[:: max(len(people) // BY_OPENSSL, 1)][:BY_OPENSSL] if openssl else []
    for person in asked:
        for number in range(1, len(plan.minutes) + 1):
            count = taps_of(night, person, number)
            if not _openssl_agrees(str(openssl), plan, number, person + kernels.FIRST_NUMBER, count):
                faults.append(f"openssl draws otherwise for player {person + 1} in round {number}")
    return len(people), len(asked), faults


def _check_round(night: Night, number: int, people: list[int]) -> list[str]:
    plan, seen = night.plan, night.state.tally.seen[number]
    its_round, key = plan.spec.rounds[number], plan.key(number)
    odds = its_round.table()
    commons = [place for place, line in enumerate(its_round.odds) if line.stock is None]
    told: dict[int, set[tuple[int, int]]] = {person: set() for person in people}
    for person, tap, prize in seen.hits:
        told[person].add((tap, prize))
    faults = []
    for place, person in enumerate(people):
        words = draw_words(key, person + kernels.FIRST_NUMBER, 0, taps_of(night, person, number))
        won = odds.prize_indices(words)
        cards = Counter(won.tolist())
        limited = {(int(tap), int(won[tap])) for tap in np.flatnonzero(won >= len(commons))}
        if [cards[kind] for kind in commons] != seen.commons[place][: len(commons)] or limited != told[
            person
        ]:
            faults.append(f"player {person + 1} draws otherwise in round {number}")
    cash = next((line for line in its_round.odds if line.kind == "cash"), None)
    for person, tap, fen in seen.cash:
        assert cash is not None
        assert cash.least is not None
        assert cash.most is not None
        if amount_between(key, person + kernels.FIRST_NUMBER, tap, cash.least, cash.most) != fen:
            faults.append(f"tap {tap} of player {person + 1} in round {number} is not {fen} fen")
    return faults


def _openssl_agrees(openssl: str, plan: Plan, number: int, player: int, count: int) -> bool:
    key = plan.key(number)
    command = [openssl, "enc", "-aes-128-ctr", "-K", key.hex(), "-iv", f"{player:016x}{0:016x}"]
    stream = subprocess.run(command, input=bytes(8 * count), capture_output=True, check=True).stdout
    return bool((np.frombuffer(stream, ">u8") == draw_words(key, player, 0, count)).all())


def check_laws(night: Night) -> dict[str, int]:
    """How far off each law is; all of them are 0."""
    tally, spec = night.state.tally, night.plan.spec
    scarce = {line.prize: line.stock for one in spec.rounds for line in one.odds if line.stock is not None}
    held = night.count_held()
    paid = tally.winners * tally.each_fen
    return {
        "every tap was drawn": tally.drawn - night.plan.taps,
        "cards held are the cards minted": sum(
            abs(count - tally.minted.get(card, 0)) for card, count in held.items()
        ),
        "no more than the stock was issued": sum(
            max(tally.minted.get(prize, 0) - stock, 0) for prize, stock in scarce.items()
        ),
        "people's money is what was paid out": int(night.state.money.sum())
        - (tally.cash_fen + tally.passed_fen + paid),
        "paid and remainder are the pool": spec.pool_minor
        - paid
        - (spec.pool_minor - paid if 0 <= spec.pool_minor - paid < max(tally.winners, 1) else 0),
    }
