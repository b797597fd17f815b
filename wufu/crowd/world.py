"""The demo's world: a few hundred neighbours with Chinese names who plausibly know each other.

The rule. People live in families of three generations: none to two elders, two parents, one or two children;
a child bears the father's surname. Everybody in a family knows each other. Two families in a row are kin: the
parents of one are brothers and sisters of the other's, and know each other, and so do the cousins. Children
go to school in classes of eight, parents work in offices of seven, elders dance in the square in groups of
six; three of four pairs there are friends. Everybody has one old acquaintance anywhere in
town: these are the bridges. Then people introduce their friends to each other until everybody has twelve on
average. The result is what acquaintance graphs are: dense clusters, short ways between them.

Twelve people of this town are personas, whom anybody in front of the demo can be. They are placed in its
families like everybody else; nobody plays for them. Each has at least eight simulated friends, three of them
generous, who would give a persona their last card of a kind.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from wufu.core.chance import Chance
from wufu.core.ids import PersonId
from wufu.core.refusals import NotAllowed, Refusal
from wufu.crowd.people import GENEROUS_IN_100, Dice, dice
from wufu.db import Database, Tx
from wufu.people import NewPerson, chinese_name, create_people, set_pin
from wufu.ties import EdgeList, import_ties

Role = Literal["elder", "parent", "child"]

FEWEST_PEOPLE = 20
MEAN_FRIENDS = 12
PERSONA_FRIENDS = 8
GENEROUS_FRIENDS = 3
GROUPS: dict[Role, int] = {"elder": 6, "parent": 7, "child": 8}
COMPOUND_SURNAMES = ("欧阳", "上官", "司马", "诸葛")
NAMESPACE = "demo"
PIN = "888888"
"""The payment PIN of every persona; said beside the list of personas and in the terminal."""

PERSONAS: tuple[tuple[str, Role, str], ...] = (
    # The first family of the town, in this order: elders, parents, children.
    ("外婆", "elder", "七十二岁,头一回集五福,孙子教的"),
    ("外公", "elder", "嘴上说不玩,手机一直没放下"),
    ("妈妈", "parent", "年夜饭在锅里,敬业福还没着落"),
    ("爸爸", "parent", "公司群里换了一圈,还差一张"),
    ("小明", "child", "初二,手速全班第一"),
    ("小雨", "child", "小学五年级,专门帮外婆点屏幕"),
    # Others take the place of somebody of their age elsewhere in town.
    ("小美", "child", "小明的同学,手里常有多的富强福"),
    ("李老师", "parent", "全班家长都加了她好友"),
    ("大伟", "parent", "加班到除夕,敬业福理应有我一张"),
    ("王阿姨", "elder", "广场舞领队,全队都等她送福"),
    ("舅舅", "parent", "在外地过年,就靠福卡和家里热闹"),
    ("表姐", "child", "大三,全宿舍一起集"),
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One person of the town; personas have a line about themselves."""

    name: str
    role: Role
    line: str = ""
    generous: bool = False

    @property
    def persona(self) -> bool:
        return bool(self.line)


@dataclass(frozen=True, slots=True)
class World:
    """A town: its people, personas first, and its ties as pairs of places in that list, each once."""

    neighbours: tuple[Neighbour, ...]
    ties: tuple[tuple[int, int], ...]

    def friends(self) -> list[list[int]]:
        """Each person's friends, by place."""
        found: list[list[int]] = [[] for _ in self.neighbours]
        for one, other in self.ties:
            found[one].append(other)
            found[other].append(one)
        return found


# --- Making it up ---------------------------------------------------------------------------------


def make_world(seed: int, people: int) -> World:
    """A town of `people` simulated people and the personas; equal arguments, equal town.

    Raises ValueError when there are too few for the personas to live among.
    """
    if people < FEWEST_PEOPLE:
        raise ValueError(f"a town has at least {FEWEST_PEOPLE} simulated people, not {people}")
    chance = Chance.seeded(seed)
    rolled = dice(chance, "world")
    families = _families(people + len(PERSONAS), rolled)
    roles: list[Role] = [role for family in families for role in family]
    names = _names(families, chance)
    personas = _persona_places(families)
    pairs = _acquaintances(families, roles, rolled)
    _introduce(pairs, len(roles), len(roles) * MEAN_FRIENDS // 2, rolled)
    order = [*personas, *(place for place in range(len(roles)) if place not in set(personas))]
    rank = {place: number for number, place in enumerate(order)}
    neighbours = [
        Neighbour(names[place], roles[place], generous=rolled.hits(GENEROUS_IN_100, 100)) for place in order
    ]
    for number, (name, role, line) in enumerate(PERSONAS):
        neighbours[number] = Neighbour(name, role, line)
    ties = {_pair(rank[one], rank[other]) for one, other in pairs}
    _befriend_personas(neighbours, ties, rolled)
    return World(tuple(neighbours), tuple(sorted(ties)))


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _families(people: int, rolled: Dice) -> list[list[Role]]:
    """The town's families by role, the personas' first, until there are enough people."""
    families: list[list[Role]] = [["elder", "elder", "parent", "parent", "child", "child"]]
    left = people - 6
    while left > 0:
        elders: list[Role] = ["elder"] * rolled.below(3)
        children: list[Role] = ["child"] * rolled.between(1, 2)
        family: list[Role] = [*elders, "parent", "parent", *children]
        families.append(family[:left])
        left -= len(family[:left])
    return families


def _names(families: list[list[Role]], chance: Chance) -> list[str]:
    """A name for everybody, no name twice; a child bears the surname of the last parent before it."""
    taken: set[str] = set()
    names: list[str] = []
    for family in families:
        surname = ""
        for role in family:
            name = ""
            attempts = itertools.count()
            while not name or name in taken:
                name = chinese_name(chance.secret(f"crowd/name/{len(names)}/{next(attempts)}", 16))
                if role == "child" and surname:
                    name = surname + name.removeprefix(_surname(name))
            if role == "parent":
                surname = _surname(name)
            taken.add(name)
            names.append(name)
    return names


def _surname(name: str) -> str:
    return name[:2] if name.startswith(COMPOUND_SURNAMES) else name[:1]


def _persona_places(families: list[list[Role]]) -> list[int]:
    """Where the personas live: the first family; the rest all over town, each in somebody's place."""
    homes = [(number, role) for number, family in enumerate(families) for role in family]
    places = list(range(len(families[0])))
    guests: Counter[int] = Counter()
    for _, role, _ in PERSONAS[len(places) :]:
        free = [place for place, (number, _) in enumerate(homes) if number and place not in places]
        fitting = [place for place in free if homes[place][1] == role] or free
        chosen = min(fitting, key=lambda place: guests[homes[place][0]])
        guests[homes[chosen][0]] += 1
        places.append(chosen)
    return places


def _acquaintances(families: list[list[Role]], roles: list[Role], rolled: Dice) -> set[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    start = 0
    before: list[int] = []
    for number, family in enumerate(families):
        members = list(range(start, start + len(family)))
        start += len(family)
        pairs.update(combinations(members, 2))
        if number % 2:  # kin of the family before
            for role in ("parent", "child"):
                ours = [place for place in members if roles[place] == role]
                theirs = [place for place in before if roles[place] == role]
                pairs.update(_pair(one, other) for one in ours for other in theirs)
        before = members
    for role, size in GROUPS.items():
        circle = [place for place, its in enumerate(roles) if its == role]
        _shuffle(circle, rolled)
        for at in range(0, len(circle), size):
            group = combinations(sorted(circle[at : at + size]), 2)
            pairs.update(pair for pair in group if rolled.hits(3, 4))
    for place in range(len(roles)):
        other = rolled.below(len(roles))
        if other != place:
            pairs.add(_pair(place, other))
    return pairs


def _shuffle(items: list[int], rolled: Dice) -> None:
    """Fisher and Yates: every order is equally likely."""
    for last in range(len(items) - 1, 0, -1):
        other = rolled.below(last + 1)
        items[last], items[other] = items[other], items[last]


def _introduce(pairs: set[tuple[int, int]], people: int, wanted: int, rolled: Dice) -> None:
    """People introduce two of their friends to each other until there are so many ties."""
    friends: list[list[int]] = [[] for _ in range(people)]
    for one, other in sorted(pairs):
        friends[one].append(other)
        friends[other].append(one)
    for _ in range(20 * wanted):
        if len(pairs) >= wanted:
            return
        circle = friends[rolled.below(people)]
        if len(circle) < 2:
            continue
        one, other = circle[rolled.below(len(circle))], circle[rolled.below(len(circle))]
        if one != other and _pair(one, other) not in pairs:
            pairs.add(_pair(one, other))
            friends[one].append(other)
            friends[other].append(one)


def _befriend_personas(neighbours: list[Neighbour], ties: set[tuple[int, int]], rolled: Dice) -> None:
    """See to it that each persona has simulated friends, and generous ones among them."""
    others = range(len(PERSONAS), len(neighbours))
    for persona in range(len(PERSONAS)):
        circle = [other for other in others if (persona, other) in ties]
        while len(circle) < min(PERSONA_FRIENDS, len(others)):
            other = others[rolled.below(len(others))]
            if other not in circle:
                circle.append(other)
                ties.add((persona, other))
        for other in circle:
            if sum(neighbours[one].generous for one in circle) >= GENEROUS_FRIENDS:
                break
            neighbours[other] = replace(neighbours[other], generous=True)


# --- Making it real -------------------------------------------------------------------------------


async def build_world(database: Database, world: World, seed: int) -> list[PersonId]:
    """Create the town's people and ties by the real verbs; everybody's number, in order.

    May be repeated, also after a crash in the middle: what is there already stays.
    """
    newcomers = [
        NewPerson(
            one.name,
            "persona" if one.persona else "imported",
            f"{NAMESPACE}/{place}",
            one.line if one.persona else "",
        )
        for place, one in enumerate(world.neighbours)
    ]

    async def create(tx: Tx) -> list[PersonId]:
        return await create_people(tx, newcomers)

    people = await database.run(create, actor="system/demo")
    edges = EdgeList(
        ids=[str(place) for place in range(len(people))],
        firsts=[one for one, _ in world.ties],
        seconds=[other for _, other in world.ties],
    )
    await import_ties(database, edges, seed=seed, namespace=NAMESPACE)
    for person in people[: len(PERSONAS)]:
        await give_pin(database, person)
    return people


async def give_pin(database: Database, person: PersonId) -> None:
    """Give somebody the demo's PIN, unless they have one."""

    async def work(tx: Tx) -> Refusal | None:
        return await set_pin(tx, person, PIN)

    try:
        await database.run(work, actor="system/demo")
    except NotAllowed:  # from an earlier, interrupted start: the PIN is set
        return
