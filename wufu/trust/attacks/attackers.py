"""The attackers of the made-up town, each after another idea of how not to be found.

- `one_device`: a shelf's worth of accounts on one phone, a few a day, tied to each other by a program.
- `wiped`: the same, but the device's id is wiped before each account: only the network stays.
- `lockstep`: every account has a device and a network of its own, and one script steers them all.
- `circle`: a dozen accounts, devices and networks of their own, that befriend each other for the reward.
- `slow`: devices and networks of their own, no common minutes; a few asks a day for two weeks, some to people
  from a list of those who accept strangers, most to friends of who accepted, as honest people ask.
- `purchased`: old accounts of real people, bought; they ask from the same list and give cards to a collector.
"""

from collections.abc import Sequence

from wufu.core.ids import PersonId
from wufu.trust.attacks.rolls import Rolls
from wufu.trust.attacks.town import DAY, WAVE_DAYS, Town

KINDS = ("one_device", "wiped", "lockstep", "circle", "slow", "purchased")


def attack(town: Town, seed: int) -> None:
    """Both waves of all kinds, in proportion to the town."""
    rolls = Rolls(seed, "attackers")
    veterans = [one.person for one in town.people.values() if one.kind == "veteran"]
    farms = max(1, len(veterans) // 1300)
    for wave in (1, 2):
        first = (wave - 1) * WAVE_DAYS * DAY
        for number in range(farms):
            name = f"{wave}/{number}"
            _one_device(town, rolls, wave, first + rolls.within(0, 4) * DAY, name, "one_device")
            _one_device(town, rolls, wave, first + rolls.within(0, 4) * DAY, name, "wiped")
            _lockstep(town, rolls, wave, first + rolls.within(0, 9) * DAY, name)
            _circle(town, rolls, wave, first + rolls.within(0, 10) * DAY, name)
            _slow(town, rolls, wave, first + rolls.within(0, 2) * DAY, name)
            _purchased(town, rolls, veterans, wave, first + rolls.within(0, 4) * DAY)


def _ask_strangers(
    town: Town, rolls: Rolls, person: PersonId, targets: Sequence[PersonId], at: float, pace: float
) -> None:
    for target in targets:
        at += rolls.wait(pace)
        town.ask_stranger(person, target, at, rolls)


def _befriend(town: Town, rolls: Rolls, accounts: Sequence[PersonId], at: float, answers_in: float) -> None:
    """Everybody asks everybody, and a program (or a second hand) accepts."""
    for one in accounts:
        for other in accounts:
            if one < other:
                at += rolls.wait(3)
                town.ask(one, other, at, 1.0, rolls.within(0.2, answers_in), rolls)


def _one_device(town: Town, rolls: Rolls, wave: int, at: float, name: str, kind: str) -> None:
    accounts = []
    for place in range(rolls.between(11, 26)):
        # Five a day is all a device may make.
        made = at + place // 5 * DAY + place % 5 * rolls.within(120, 400)
        device = f"farm/{name}" if kind == "one_device" else f"farm/{name}/{place}"
        accounts.append(town.move_in(kind, wave, made, device, f"farm/{kind}/{name}", fake=True))
    end = at + len(accounts) // 5 * DAY + 3600
    if kind == "one_device":
        _befriend(town, rolls, accounts[:12], end, 1.5)
    else:
        _befriend(town, rolls, accounts[:12], end, 40)
    for person in accounts:
        _ask_strangers(town, rolls, person, rolls.some(town.easy, rolls.between(3, 10)), end + 900, 600)
        town.act(person, "join", "campaign/gala", end + rolls.within(0, 600))


def _lockstep(town: Town, rolls: Rolls, wave: int, at: float, name: str) -> None:
    accounts = []
    for place in range(rolls.between(18, 40)):
        proxy = f"proxy/{name}/{place}"
        accounts.append(town.move_in("lockstep", wave, at + rolls.within(0, DAY), proxy, proxy, fake=True))
    when = at + 1.2 * DAY
    for target in rolls.some(town.easy, rolls.between(14, 24)):
        when += rolls.within(60, 900)
        for person in accounts:
            if rolls.happens(0.9):
                town.ask_stranger(person, target, when + rolls.within(0, 240), rolls)
    for person in accounts:
        town.act(person, "join", "campaign/gala", at + 1.1 * DAY + rolls.within(0, 600))
        town.act(person, "give", f"person/{accounts[0]}", when + 2 * DAY + rolls.within(0, 200))


def _circle(town: Town, rolls: Rolls, wave: int, at: float, name: str) -> None:
    accounts = []
    for place in range(rolls.between(11, 16)):
        own = f"ring/{name}/{place}"
        accounts.append(town.move_in("circle", wave, at + rolls.within(0, 10_000), own, own, fake=True))
    when = at + 12_000
    for one in accounts:
        for other in accounts:
            if one < other and rolls.happens(0.9):
                when += rolls.wait(15)
                town.ask(one, other, when, 1.0, rolls.within(20, 900), rolls)


def _slow(town: Town, rolls: Rolls, wave: int, at: float, name: str) -> None:
    shared = rolls.some(town.easy, max(30, len(town.easy) // 3))
    accounts = []
    for place in range(rolls.between(15, 30)):
        own = f"quiet/{name}/{place}"
        accounts.append(town.move_in("slow", wave, at + rolls.within(0, 4) * DAY, own, own, fake=True))
    for person in accounts:
        when = town.people[person].known_at
        begun = rolls.some(shared, rolls.between(3, 6))
        _ask_strangers(town, rolls, person, begun, when + 3600, 0.3 * DAY)
        via = [one for one in begun if (ask := town.asks.get((person, one))) and ask.answer == "accepted"]
        further = [friend for one in via for friend in rolls.some(town.friends[one], 3)]
        _ask_strangers(town, rolls, person, further, when + 4 * DAY, 0.4 * DAY)
        own_kind = rolls.some([one for one in accounts if one != person], 2)
        _ask_strangers(town, rolls, person, own_kind, when + 4 * DAY, DAY)


def _purchased(town: Town, rolls: Rolls, veterans: Sequence[PersonId], wave: int, at: float) -> None:
    bought = [one for one in rolls.some(veterans, 60) if not town.people[one].fake][: rolls.between(5, 9)]
    collector = bought[0]
    for person in bought:
        # The account is what it was; only its owner is another now.
        town.people[person].kind, town.people[person].fake, town.people[person].wave = "purchased", True, wave
        _ask_strangers(town, rolls, person, rolls.some(town.easy, rolls.between(6, 14)), at, 0.3 * DAY)
        town.act(person, "give", f"person/{collector}", at + rolls.within(5, 8) * DAY)
