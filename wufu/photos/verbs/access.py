"""Who may see a post: asked anew every time, so that a block or an ended friendship counts at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wufu.chat import see_role
from wufu.core.ids import ConversationId, PersonId
from wufu.db import Connection, Tx
from wufu.photos.model import Photo, View, lives
from wufu.photos.store import photos as store
from wufu.ties import are_friends, blocked

Pair = tuple[UUID, PersonId]
"""A photo and somebody who has to do with it."""


@dataclass(slots=True)
class Board:
    """Photos as they stand, what the askers did with them, and which of the askers may see them."""

    photos: Mapping[UUID, Photo]
    views: dict[Pair, View]
    allowed: set[Pair]

    def photo(self, pair: Pair) -> Photo | None:
        """The photo, for who may see it now."""
        return self.photos[pair[0]] if pair in self.allowed else None


async def lock_board(tx: Tx, pairs: Iterable[Pair]) -> Board:
    """Lock the photos of these pairs and read what is asked of them."""
    wanted = list(set(pairs))
    photos = await store.lock_photos(tx.connection, [photo for photo, _ in wanted])
    return await _board(tx.connection, photos, wanted, tx.now)


async def see_board(connection: Connection, pairs: Iterable[Pair], now: datetime) -> Board:
    """The same without locks, for readers."""
    wanted = list(set(pairs))
    photos = await store.photos(connection, [photo for photo, _ in wanted])
    return await _board(connection, photos, wanted, now)


async def _board(
    connection: Connection, photos: Mapping[UUID, Photo], pairs: list[Pair], now: datetime
) -> Board:
    views = await store.views(connection, pairs)
    return Board(photos, views, await who_may(connection, photos, views, pairs, now))


async def who_may(
    connection: Connection,
    photos: Mapping[UUID, Photo],
    views: Mapping[Pair, View],
    pairs: Iterable[Pair],
    now: datetime,
) -> set[Pair]:
    """Those of the pairs in which the person may see the living photo: its author; nobody across a block;
    friends, members of the conversation, or who opened the link.
    """
    living = [pair for pair in pairs if pair[0] in photos and lives(photos[pair[0]], now)]
    asking = [(photos[photo], person) for photo, person in living if photos[photo].author != person]
    shut = await blocked(
        connection,
        [(person, photo.author) for photo, person in asking]
        + [(photo.author, person) for photo, person in asking],
    )
    friends = await are_friends(
        connection, [(person, photo.author) for photo, person in asking if photo.audience == "friends"]
    )
    roles: dict[tuple[ConversationId, PersonId], bool] = {}
    for photo, person in asking:
        if photo.conversation is not None and (photo.conversation, person) not in roles:
            role = await see_role(connection, photo.conversation, person)
            roles[photo.conversation, person] = role is not None
    allowed = {pair for pair in living if photos[pair[0]].author == pair[1]}
    for photo, person in asking:
        if (person, photo.author) in shut or (photo.author, person) in shut:
            continue
        view = views.get((photo.id, person))
        if photo.audience == "friends":
            let = (person, photo.author) in friends
        elif photo.conversation is not None:
            let = roles[photo.conversation, person]
        else:
            let = view is not None and view.let_in_at is not None
        if let:
            allowed.add((photo.id, person))
    return allowed
