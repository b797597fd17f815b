"""The end of an account: nobody can sign in as this person any more, and nothing tells who they were."""

from wufu.core.ids import PersonId
from wufu.core.refusals import NotAllowed, Refusal
from wufu.db import Database, Fact, Tx, erase
from wufu.people import store
from wufu.people.personal import PERSONAL
from wufu.people.verbs import check_password, guard_pin


async def guard_secret(
    database: Database, person: PersonId, *, password: str | None, pin: str | None
) -> Refusal | None:
    """None when the password, or the payment PIN of somebody without a password, is right.

    Answers wrong_password, too_many_tries, no_pin, wrong_pin, pin_locked; raises not_allowed {missing} where
    the wrong one of them came. The try counts.
    """
    async with database.read() as connection:
        has_password = await store.password_hash(connection, person) is not None
    if (has_password and password is None) or (not has_password and pin is None):
        raise NotAllowed(missing="password" if has_password else "pin")
    if not has_password:
        assert pin is not None
        return await guard_pin(database, person, pin)
    assert password is not None
    given = password

    async def work(tx: Tx) -> Refusal | None:
        return await check_password(tx, person, given)

    return await database.run(work, actor=f"person/{person}")


async def close_person(tx: Tx, person: PersonId) -> None:
    """End every session, take away what proves and tells who this is. Again changes nothing."""
    row = await store.lock_person(tx.connection, person)
    if row is None or row["left_at"] is not None:
        return
    for session in await store.sessions_of(tx.connection, person, tx.now):
        # What belongs to a device (its keys, its notifications) ends with it.
        tx.announce(Fact("people.signed_out", {"person": person, "session": session.id}))
    await erase(tx, PERSONAL, person)
    await store.set_left(tx.connection, person, tx.now)
