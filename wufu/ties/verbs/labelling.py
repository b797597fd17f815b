"""One's own labels for friends and lists of friends: seen by nobody else, told to nobody."""

from collections.abc import Sequence
from uuid import UUID

from wufu.core.ids import PersonId
from wufu.db import Connection, Tx
from wufu.people import see_people
from wufu.ties.label import (
    MOST_LISTS,
    FriendGroup,
    Label,
    NotFriendsWith,
    SetLabel,
    TooManyLists,
    changed,
    clean_words,
)
from wufu.ties.store import board as boards
from wufu.ties.store import labels, lists


async def see_labels(connection: Connection, person: PersonId) -> dict[PersonId, Label]:
    """A person's labels of their friends; friends without any are left out."""
    return await labels.of_person(connection, person)


async def see_groups(connection: Connection, person: PersonId) -> list[FriendGroup]:
    """A person's lists of friends, by name."""
    return await labels.groups(connection, person)


async def set_label(tx: Tx, change: SetLabel) -> Label:
    """Change remark, star or tags of a friend. Refusals: not_friends_with, bad_label."""
    await _hold(tx, change.person, [change.friend])
    known = await labels.of_person(tx.connection, change.person)
    label = changed(known.get(change.friend, Label()), change)
    if label == Label():
        await labels.drop(tx.connection, change.person, change.friend)
    else:
        await labels.put(tx.connection, change.person, change.friend, label)
    return label


async def save_group(tx: Tx, person: PersonId, group: FriendGroup) -> FriendGroup:
    """Make a list, or give it this name and people. Refusals: bad_label, not_friends_with, too_many_lists."""
    saved = FriendGroup(group.id, clean_words(group.name, "name"), sorted(set(group.people)))
    await _hold(tx, person, saved.people)
    known = {one.id for one in await labels.groups(tx.connection, person)}
    if saved.id not in known and len(known) >= MOST_LISTS:
        raise TooManyLists(most=MOST_LISTS)
    await labels.put_group(tx.connection, person, saved)
    return saved


async def remove_group(tx: Tx, person: PersonId, group: UUID) -> None:
    """Remove a list, not the friends in it; what is not there is gone already."""
    await boards.lock(tx.connection, [person])
    await labels.drop_group(tx.connection, person, group)


async def _hold(tx: Tx, person: PersonId, friends: Sequence[PersonId]) -> None:
    """Lock a person's ties, all of these among them: nobody can stop being a friend meanwhile."""
    known = await see_people(tx.connection, friends)
    await boards.lock(tx.connection, [person])
    tied = await lists.tied(tx.connection, [(person, friend) for friend in known])
    for friend in friends:
        if (person, friend) not in tied:
            raise NotFriendsWith(person=friend)
