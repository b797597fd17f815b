"""Searching one's own history."""

from datetime import timedelta
from functools import partial

import pytest

from tests.chat.acts import friends, group_of, pair_of, say, text, to
from tests.world import World
from wufu.chat import add_people
from wufu.chat.verbs import groups
from wufu.chat.views import Found, see_found
from wufu.chat.words import query_of, words_of
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal
from wufu.ties import Block, block


async def find(
    world: World, person: PersonId, query: str, within: ConversationId | None = None
) -> list[object]:
    async with world.database.read() as connection:
        found: Found = await see_found(connection, person, query, within)
    return [message.body["text"] for message in found.found]


@pytest.mark.parametrize(
    ("said", "query", "is_found"),
    [
        ("今天晚上六点在老地方吃饭", "吃饭", True),
        ("今天晚上六点在老地方吃饭", "老地方吃", True),
        ("今天晚上六点在老地方吃饭", "饭", True),
        ("今天晚上六点在老地方吃饭", "晚", True),
        ("今天晚上六点在老地方吃饭", "晚饭", False),
        ("快递单号 SF1234567890", "sf1234567890", True),
        ("快递单号 SF1234567890", "sf12", True),
        ("快递单号 SF1234567890", "1234", False),
        ("Ｗｕｆｕ２０１６", "wufu2016", True),
        ("Dinner at six?", "dinner SIX", True),
        ("Dinner at six?", "dinner seven", False),
        ("带上iPhone充电器", "iphone 充电", True),
        ("100%_'\\:*&|!()", "100", True),
    ],
)
async def test_what_is_there_is_found(world: World, said: str, query: str, is_found: bool) -> None:
    one, other, conversation = await pair_of(world)
    await say(world, text(one, conversation, said))
    assert await find(world, other, query) == ([said] if is_found else [])


@pytest.mark.parametrize("query", ["", "   ", "!?", "'", "&", "x" * 101])
async def test_a_search_for_nothing_is_refused(world: World, query: str) -> None:
    one, _, _ = await pair_of(world)
    with pytest.raises(Refusal, match="bad_search"):
        await find(world, one, query)


@pytest.mark.parametrize("query", ["' & 'b", "a:*", "!a", "\\'", "a | b", "<->", "a\ttab", "%"])
def test_no_query_breaks_out_of_its_quotes(query: str) -> None:
    made = query_of(query)
    assert made is None or all(part.strip("':*").isalnum() for part in made.split(" & "))


def test_every_two_neighbours_of_a_chinese_text_are_a_word() -> None:
    assert words_of("五福临门 2016 Five") == ["五福", "福临", "临门", "门", "2016", "five"]


async def test_only_what_one_may_see_is_found_the_newest_first(world: World) -> None:
    people = await friends(world, 4)
    group = await group_of(world, people[:2])
    await say(world, text(people[0], group, "敬业福在这里"))
    await world.run(partial(add_people, person=people[0], conversation=group, people=[people[2]]))
    world.clock.now += timedelta(seconds=1)
    await say(world, text(people[0], group, "敬业福没有了"))
    await say(world, to(people[0], people[3], "敬业福给你"))
    assert await find(world, people[2], "敬业福") == ["敬业福没有了"]
    assert await find(world, people[1], "敬业福") == ["敬业福没有了", "敬业福在这里"]
    assert await find(world, people[3], "敬业福") == ["敬业福给你"]
    assert len(await find(world, people[0], "敬业福")) == 3
    assert len(await find(world, people[0], "敬业福", group)) == 2
    await world.run(partial(groups.leave, person=people[1], conversation=group))
    assert await find(world, people[1], "敬业福") == []


async def test_whom_one_blocked_is_not_found(world: World) -> None:
    people = await friends(world, 3)
    group = await group_of(world, people)
    await say(world, text(people[0], group, "福字"), text(people[2], group, "福气"))
    await world.ask(block, Block(people[1], people[2]))
    assert await find(world, people[1], "福") == ["福字"]


async def test_pages_of_a_search_follow_each_other_without_gap(world: World) -> None:
    one, other, conversation = await pair_of(world)
    for batch in range(4):
        await say(world, *(text(one, conversation, f"word {n}") for n in range(batch * 30, batch * 30 + 30)))
        world.clock.now += timedelta(seconds=30)
    numbers: list[int] = []
    before = None
    while True:
        async with world.database.read() as connection:
            page = (await see_found(connection, other, "word", None, before)).found
        if not page:
            break
        numbers += [message.number for message in page]
        before = (page[-1].sent_at, conversation, page[-1].number)
    assert numbers == list(range(121, 1, -1))
