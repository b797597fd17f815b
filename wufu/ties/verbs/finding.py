"""Finding people under their consent, and the consents themselves.

`findable` of people's settings stands above these: who is not findable is found by nothing and suggested to
nobody. The settings here say by what those who are.
"""

from collections.abc import Iterable, Sequence

from wufu.core.ids import PersonId
from wufu.db import Connection, Tx
from wufu.people import PersonView, find_people, see_findable, see_people
from wufu.ties.model import NEVER, Board, Found
from wufu.ties.privacy import Privacy, PrivacyChange, Way
from wufu.ties.store import board as boards
from wufu.ties.store import consents
from wufu.ties.verbs.seeing import blocked


async def find(connection: Connection, asker: PersonId, text: str) -> list[Found]:
    """People by exact login or name, with how they stand to the asker; who blocked the asker is not found."""
    return await _found(connection, asker, await find_people(connection, asker, text), "name")


async def find_by_number(connection: Connection, asker: PersonId, person: PersonId) -> list[Found]:
    """The person behind a lasting code or a link, if they let themselves be found so; as `find` otherwise."""
    return await only_findable(connection, asker, [person], by="code")


async def only_findable(
    connection: Connection, asker: PersonId, people: Iterable[PersonId], *, by: Way
) -> list[Found]:
    """Those of the people whom the asker may find in this way, with how they stand to the asker."""
    findable = await see_findable(connection, people)
    views = await see_people(connection, sorted(findable))
    return await _found(connection, asker, list(views.values()), by)


async def _found(
    connection: Connection, asker: PersonId, views: Sequence[PersonView], by: Way
) -> list[Found]:
    privacies = await see_privacies(connection, [view.person for view in views])
    hidden = await blocked(connection, [(asker, view.person) for view in views])
    board = Board(NEVER, {})
    await boards.read(connection, board, [(asker, view.person) for view in views])
    return [
        Found(view.person, view.name, view.avatar, board.standing(asker, view.person).tie)
        for view in views
        if (asker, view.person) not in hidden and privacies[view.person].found_by(by)
    ]


async def see_privacies(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, Privacy]:
    """What each of these people lets others find and see."""
    listed = list(people)
    changed = await consents.privacies(connection, listed)
    return {person: changed.get(person, Privacy()) for person in listed}


async def change_privacy(tx: Tx, person: PersonId, change: PrivacyChange) -> Privacy:
    """Change one's settings; what is None stays."""
    await boards.lock(tx.connection, [person])
    await consents.change(tx.connection, person, change)
    return (await see_privacies(tx.connection, [person]))[person]
