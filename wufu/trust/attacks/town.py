"""A made-up town with labels: who lives there, who moves in, and what looks like abuse but is not.

Veterans are the people of a friendship graph (a real one from a file, or a synthetic one with communities and
a heavy tail). Some of its people are taken out and move in again as newcomers during four weeks: they ask the
very people they are tied to in the graph, so that honest choices are real ones. Each veteran has a readiness
to accept strangers; most have little, a few accept everybody, and attackers know who these are.

The traps, honest throughout: families on one tablet and one network; school classes that join within an hour
from one network and ask each other in a burst (one of them an island: nobody there knows anybody else); teams
of an office who befriend all of each other; people with very many friends who ask and accept in bursts;
guests of a party who all ask its host within minutes; shops on whose device customers are helped to register;
and lonely people, who ask strangers.

Times are seconds since the beginning; `START` makes instants of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from wufu.core.ids import PersonId
from wufu.trust.attacks.rolls import Rolls
from wufu.trust.model import Act, Answer, Ask, What, slot_of

START = datetime(2016, 1, 10, tzinfo=UTC)
DAY = 86_400.0
WAVE_DAYS = 14
"""Two waves: what the first one's attackers left is what the second one's are judged by."""
DAYS = 2 * WAVE_DAYS

KNOWN_ACCEPTS = 0.88
SEES_REQUESTS = 0.93
"""The rest never looks: their answers never come."""


@dataclass(slots=True)
class Person:
    person: PersonId
    kind: str
    fake: bool
    wave: int
    known_at: float
    device: str = ""
    network: str = ""
    registered: bool = True
    shy: float = 0.0
    """The readiness to accept a stranger, from 0 to 1."""


@dataclass(slots=True)
class Town:
    """Everything that happened, with labels."""

    friends: dict[PersonId, list[PersonId]]
    people: dict[PersonId, Person] = field(default_factory=dict)
    asks: dict[tuple[PersonId, PersonId], Ask] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    easy: list[PersonId] = field(default_factory=list)
    """Those known to accept strangers: what an attacker's list is made of."""

    def move_in(
        self, kind: str, wave: int, at: float, device: str, network: str, fake: bool = False
    ) -> PersonId:
        person = PersonId(len(self.people) + 1)
        self.people[person] = Person(person, kind, fake, wave, at, device, network, shy=float(fake))
        return person

    def ask(
        self,
        asker: PersonId,
        asked: PersonId,
        at: float,
        accepts: float,
        answers_in: float,
        rolls: Rolls,
    ) -> None:
        """One ask, once a pair: accepted with that probability, answered after that many seconds."""
        if asker == asked or (asker, asked) in self.asks or (asked, asker) in self.asks or at >= DAYS * DAY:
            return
        asked_at = START + timedelta(seconds=at)
        self.acts.append(Act(asker, "ask", f"person/{asked}", slot_of(asked_at)))
        sees = rolls.happens(1.0 if self.people[asked].fake else SEES_REQUESTS)
        answer: Answer = "accepted" if rolls.happens(accepts) else "refused"
        answered_at = asked_at + timedelta(seconds=answers_in)
        if sees and answered_at < START + timedelta(days=DAYS):
            self.asks[asker, asked] = Ask(asker, asked, asked_at, answer, answered_at)
        else:
            self.asks[asker, asked] = Ask(asker, asked, asked_at)

    def ask_stranger(self, asker: PersonId, asked: PersonId, at: float, rolls: Rolls) -> None:
        """An ask out of nowhere: it depends on how ready the other is to accept strangers."""
        self.ask(asker, asked, at, self.people[asked].shy, rolls.wait(DAY / 3), rolls)

    def act(self, person: PersonId, what: What, target: str, at: float) -> None:
        self.acts.append(Act(person, what, target, slot_of(START + timedelta(seconds=at))))


def settle(friends: dict[PersonId, list[PersonId]], seed: int) -> Town:
    """The veterans, and the asks of their last weeks."""
    rolls = Rolls(seed, "veterans")
    town = Town(friends)
    for person in sorted(friends):
        # The cube makes a heavy tail: half of all accept fewer than one stranger in eight.
        readiness = rolls.share() ** 3
        town.people[person] = Person(person, "veteran", False, 0, -200 * DAY, registered=False, shy=readiness)
        if readiness > 0.7:
            town.easy.append(person)
    everybody = sorted(friends)
    for person in everybody:
        for friend in friends[person]:
            if friend > person and rolls.happens(0.3):
                asker, asked = (person, friend) if rolls.happens(0.5) else (friend, person)
                at = rolls.within(0, WAVE_DAYS * DAY)
                town.ask(asker, asked, at, KNOWN_ACCEPTS, rolls.wait(DAY / 4), rolls)
        for _ in range(rolls.between(0, 2)):
            town.ask_stranger(person, rolls.one(everybody), rolls.within(0, DAYS * DAY), rolls)
    return town


def live(town: Town, seed: int) -> None:
    """Newcomers and all traps, in both waves."""
    rolls = Rolls(seed, "newcomers")
    veterans = [one.person for one in town.people.values() if one.kind == "veteran"]
    count = max(20, len(veterans) // 14)
    for wave in (1, 2):
        first = (wave - 1) * WAVE_DAYS * DAY
        models = [one for one in rolls.some(veterans, 4 * count) if len(town.friends[one]) >= 4][:count]
        for model in models:
            _newcomer(town, rolls, model, wave, first + rolls.within(0, 0.8 * WAVE_DAYS * DAY))
        for _ in range(max(2, count // 30)):
            _family(town, rolls, veterans, wave, first + rolls.within(0, 0.8 * WAVE_DAYS * DAY))
        for number in range(max(1, count // 70)):
            at = first + rolls.within(0, 0.7 * WAVE_DAYS * DAY)
            _class(town, rolls, veterans, wave, at, island=number == 1)
        for _ in range(max(1, count // 90)):
            _team(town, rolls, veterans, wave, first + rolls.within(0, 0.7 * WAVE_DAYS * DAY))
        for _ in range(max(2, count // 40)):
            _popular(town, rolls, veterans, wave, first + rolls.within(0, 0.6 * WAVE_DAYS * DAY))
        _party(town, rolls, veterans, wave, first + rolls.within(0, 0.8 * WAVE_DAYS * DAY))
        for _ in range(3):
            _shop(town, rolls, veterans, wave, first)


def join_in(town: Town, rolls: Rolls, person: PersonId, at: float) -> None:
    """Newcomers mostly come for the campaign and join it within the hour."""
    if rolls.happens(0.8):
        town.act(person, "join", "campaign/gala", at + rolls.wait(1800))


def ask_known(
    town: Town, rolls: Rolls, person: PersonId, known: Sequence[PersonId], at: float, pace: float
) -> None:
    """Ask people one knows, with pauses of that mean."""
    for friend in known:
        at += rolls.wait(pace)
        town.ask(person, friend, at, KNOWN_ACCEPTS, rolls.wait(DAY / 6), rolls)


def _newcomer(town: Town, rolls: Rolls, model: PersonId, wave: int, at: float) -> None:
    """One in ten is lonely: nobody they know is here, and they ask people they came across."""
    lonely = rolls.happens(0.1)
    kind = "lonely" if lonely else "newcomer"
    person = town.move_in(kind, wave, at, f"phone/{model}/{wave}", f"home/{model % 900}")
    known = rolls.some(town.friends[model], rolls.between(1, 3) if lonely else rolls.between(4, 30))
    # In sittings: some at once, more in the days after.
    half = len(known) // 2
    ask_known(town, rolls, person, known[:half], at + 120, 60)
    ask_known(town, rolls, person, known[half:], at + rolls.within(0.2, 3) * DAY, DAY / 10)
    veterans = list(town.friends)
    for _ in range(rolls.between(6, 14) if lonely else rolls.between(0, 2)):
        # Who accepts everybody is also whom one comes across.
        stranger = rolls.one(town.easy if rolls.happens(0.4) else veterans)
        town.ask_stranger(person, stranger, at + rolls.within(0, 5) * DAY, rolls)
    join_in(town, rolls, person, at)


def _family(town: Town, rolls: Rolls, veterans: Sequence[PersonId], wave: int, at: float) -> None:
    """Four to six of them, on the eve, most of them on the one tablet, all at home; relatives in common."""
    model = rolls.one(veterans)
    relatives = rolls.some(town.friends[model], rolls.between(3, 8))
    home, tablet = f"family/{model}/{wave}", f"tablet/{model}/{wave}"
    members, on_tablet = [], rolls.between(3, 5)
    for place in range(rolls.between(4, 6)):
        device = tablet if place < on_tablet else f"{home}/{place}"
        at += rolls.within(240, 1500)
        members.append(town.move_in("family", wave, at, device, home))
    for person in members:
        ask_known(town, rolls, person, [one for one in members if one > person], at + 1800, 20)
        ask_known(town, rolls, person, rolls.some(relatives, 6), at + 2100, 90)
        ask_known(town, rolls, person, rolls.some(town.friends[model], 6), at + DAY, DAY / 3)
        join_in(town, rolls, person, at + 1800)


def _class(
    town: Town, rolls: Rolls, veterans: Sequence[PersonId], wave: int, at: float, island: bool
) -> None:
    """A teacher says so: within an hour they join from the school's network and ask each other.

    Of an island class nobody knows anybody else here, as in a town where Wufu is new.
    """
    school = f"school/{wave}/{at:.0f}"
    pupils = [
        town.move_in("class", wave, at + rolls.within(0, 2400), f"{school}/{place}", school)
        for place in range(rolls.between(28, 42))
    ]
    for person in pupils:
        mates = rolls.some([one for one in pupils if one != person], rolls.between(6, 20))
        ask_known(town, rolls, person, mates, at + 2400, 25)
        outside = rolls.some(town.friends[rolls.one(veterans)], 0 if island else rolls.between(0, 5))
        ask_known(town, rolls, person, outside, at + 0.3 * DAY, DAY / 4)
        join_in(town, rolls, person, at + 2400)


def _team(town: Town, rolls: Rolls, veterans: Sequence[PersonId], wave: int, at: float) -> None:
    """Colleagues join from the office in an afternoon and all befriend each other; then their own."""
    office = f"office/{wave}/{at:.0f}"
    team = [
        town.move_in("team", wave, at + rolls.within(0, 7200), f"{office}/{place}", office)
        for place in range(rolls.between(8, 14))
    ]
    for person in team:
        ask_known(town, rolls, person, [one for one in team if one > person], at + 7300, 40)
        known = rolls.some(town.friends[rolls.one(veterans)], rolls.between(1, 8))
        ask_known(town, rolls, person, known, at + 0.5 * DAY, DAY / 4)
        join_in(town, rolls, person, at + 7200)


def _popular(town: Town, rolls: Rolls, veterans: Sequence[PersonId], wave: int, at: float) -> None:
    """Somebody with very many friends moves in: a burst of asks, and a burst of accepts the evening after."""
    model = max(rolls.some(veterans, 40), key=lambda one: len(town.friends[one]))
    person = town.move_in("popular", wave, at, f"phone/popular/{model}/{wave}", f"home/{model % 900}")
    known = rolls.some(town.friends[model], 140)
    ask_known(town, rolls, person, known[:70], at + 60, 4)
    for friend in known[70:]:
        asked = at + rolls.within(0.1, 0.9) * DAY
        town.ask(friend, person, asked, 1.0, at + DAY - asked + rolls.within(0, 90), rolls)
    join_in(town, rolls, person, at)


def _party(town: Town, rolls: Rolls, veterans: Sequence[PersonId], wave: int, at: float) -> None:
    """Sixty guests scan the host's code within minutes, and join what the host speaks of."""
    host = rolls.one(veterans)
    for place in range(60):
        made = at + rolls.within(0, 500)
        person = town.move_in("party", wave, made, f"guest/{wave}/{place}", f"hall/{wave}")
        town.ask(person, host, at + rolls.within(500, 900), 1.0, rolls.wait(120), rolls)
        town.act(person, "join", "campaign/gala", at + rolls.within(600, 900))
        town.act(person, "open", f"packet/party/{wave}", at + rolls.within(900, 960))
        known = rolls.some(town.friends[rolls.one(veterans)], rolls.between(0, 6))
        ask_known(town, rolls, person, known, at + 0.2 * DAY, DAY / 5)


def _shop(town: Town, rolls: Rolls, veterans: Sequence[PersonId], wave: int, first: float) -> None:
    """Over two weeks three to seven customers are helped to register on the shop's device."""
    shop = f"shop/{wave}/{rolls.between(1, 10**9)}"
    for _ in range(rolls.between(3, 7)):
        at = first + rolls.within(0, 0.8 * WAVE_DAYS * DAY)
        person = town.move_in("shop", wave, at, shop, shop)
        known = rolls.some(town.friends[rolls.one(veterans)], rolls.between(3, 10))
        ask_known(town, rolls, person, known, at + 300, DAY / 8)


def synthetic_friends(people: int, seed: int) -> dict[PersonId, list[PersonId]]:
    """A graph of communities with a heavy tail, where no real one is at hand.

    Each newcomer joins a community of about forty and befriends members in proportion to the friends they
    have (preferential attachment within it), and one in ten of their friends elsewhere.
    """
    rolls = Rolls(seed, "graph")
    friends: dict[PersonId, set[PersonId]] = {PersonId(number): set() for number in range(1, people + 1)}
    homes = max(1, people // 40)
    members: list[list[PersonId]] = [[] for _ in range(homes)]
    ends: list[list[PersonId]] = [[] for _ in range(homes)]
    for person, mine in friends.items():
        home = rolls.between(0, homes - 1)
        for _ in range(rolls.between(4, 14)):
            where = rolls.between(0, homes - 1) if rolls.happens(0.1) else home
            pool = ends[where] if ends[where] and rolls.happens(0.7) else members[where]
            if pool and (other := rolls.one(pool)) != person and other not in mine:
                mine.add(other)
                friends[other].add(person)
                ends[where].append(other)
                ends[home].append(person)
        members[home].append(person)
    return {person: sorted(its) for person, its in friends.items()}
