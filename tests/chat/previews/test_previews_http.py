"""Previews are off; on, they are of links in messages one may see, so many a minute, each fetched once."""

from datetime import UTC, datetime, timedelta

import pytest

from wufu.chat.previews.http import A_MINUTE, KEPT_FOR, Desk
from wufu.chat.previews.model import NoPreview, Preview, TooManyPreviews
from wufu.core.ids import PersonId

ME, YOU = PersonId(1), PersonId(2)


class Counting:
    """A fetch that counts, and a clock beside it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.now = datetime(2026, 2, 16, 12, tzinfo=UTC)

    def clock(self) -> datetime:
        return self.now

    async def fetch(self, url: str) -> Preview:
        self.asked.append(url)
        if "none" in url:
            raise NoPreview(why="answer")
        return Preview("news.example", url, "")


async def test_an_address_is_asked_once_for_everybody() -> None:
    counting = Counting()
    desk = Desk(counting.clock, counting.fetch)
    for person in (ME, YOU, ME):
        assert (await desk.preview(person, "https://a")).title == "https://a"
        with pytest.raises(NoPreview):
            await desk.preview(person, "https://none")
    assert counting.asked == ["https://a", "https://none"]
    counting.now += KEPT_FOR + timedelta(seconds=1)
    await desk.preview(ME, "https://a")
    assert counting.asked == ["https://a", "https://none", "https://a"]


async def test_nobody_makes_the_server_ask_for_more_than_so_many_a_minute() -> None:
    counting = Counting()
    desk = Desk(counting.clock, counting.fetch)
    for place in range(A_MINUTE):
        await desk.preview(ME, f"https://{place}")
    with pytest.raises(TooManyPreviews):
        await desk.preview(ME, "https://more")
    await desk.preview(YOU, "https://more")
    counting.now += timedelta(seconds=61)
    await desk.preview(ME, "https://yet-more")
