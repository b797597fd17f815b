"""The verbs of people, one function each, and what anybody may see of them.

`sign_in`, `claim`, `set_pin` and `check_pin` answer a refusal instead of raising it, because a wrong try must
be kept: raising would roll it back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from wufu.core.ids import PersonId
from wufu.core.refusals import NotAllowed, Refusal, UnknownPerson
from wufu.db import Connection, Database, Fact, Tx
from wufu.people import credentials, store
from wufu.people.model import (
    AVATARS,
    CLAIM_TERM,
    FREE_BY_ADDRESS,
    FREE_BY_LOGIN,
    MOST_DEVICES,
    SEEN_STEP,
    TRIES_FORGOTTEN,
    AlreadyClaimed,
    BadClaimCode,
    BadName,
    Claim,
    Device,
    LoginTaken,
    Me,
    NewPerson,
    NoPin,
    Persona,
    PersonView,
    Register,
    Session,
    Settings,
    SignedIn,
    SignIn,
    WrongPassword,
    avatar_for,
    can_be_password,
    check_new_password,
    check_new_pin,
    clean_device,
    clean_line,
    clean_login,
    clean_name,
    is_number,
    judge_pin,
    must_wait,
    read_login,
    session_end,
    wait_after,
)

MOST_PERSONAS = 60
MOST_FOUND = 20


# --- Coming in ------------------------------------------------------------------------------------


async def create_people(tx: Tx, people: Sequence[NewPerson]) -> list[PersonId]:
    """Create people in bulk; the number of each, in order. The same `external` is the same person for ever.

    Somebody who exists already stays as they are. Refusals `bad_name` and `bad_line` stop the whole call.
    """
    cleaned = [
        NewPerson(
            clean_name(person.name),
            person.origin,
            person.external,
            clean_line(person.line),
            person.avatar,
            person.language,
            person.findable,
        )
        for person in people
    ]
    names = [person.external for person in cleaned if person.external is not None]
    known = await store.people_of_externals(tx.connection, names) if names else {}
    fresh: list[NewPerson] = []
    seen = set(known)
    for person in cleaned:
        if person.external is None or person.external not in seen:
            fresh.append(person)
            if person.external is not None:
                seen.add(person.external)
    numbers = await store.new_numbers(tx.connection, len(fresh)) if fresh else []
    proposed = {
        person.external: number
        for person, number in zip(fresh, numbers, strict=True)
        if person.external is not None
    }
    # Another import of the same graph may have been first: its people are the ones.
    owners = known | (await store.take_externals(tx.connection, proposed) if proposed else {})
    created = [
        (number, person, avatar_for(number) if person.avatar is None else person.avatar % AVATARS)
        for person, number in zip(fresh, numbers, strict=True)
        if person.external is None or owners[person.external] == number
    ]
    if created:
        await store.insert_people(tx.connection, created, tx.now)
    nameless = iter([number for number, person, _ in created if person.external is None])
    return [next(nameless) if person.external is None else owners[person.external] for person in cleaned]


async def register(tx: Tx, request: Register) -> SignedIn:
    """A new person, signed in on this device.

    Refusals: bad_name, bad_login, bad_password, bad_device, login_taken.
    """
    name = clean_name(request.name)
    login = clean_login(request.login)
    check_new_password(request.password, login)
    device = clean_device(request.device)
    if await store.person_of_login(tx.connection, login) is not None:
        raise LoginTaken(login=login)
    [person] = await store.new_numbers(tx.connection, 1)
    new = NewPerson(name, "registered", language=request.language)
    await store.insert_people(tx.connection, [(person, new, avatar_for(person))], tx.now)
    hashed = await credentials.hash_secret(request.password, tx.chance, f"password/{person}")
    await store.insert_login(tx.connection, login, person, hashed, tx.now)
    return await _open_session(tx, person, device)


async def offer_claim(tx: Tx, person: PersonId) -> str:
    """Make the one-time code by which an imported person claims their account; it replaces an older code.

    Refusals: unknown_person, not_allowed (not an imported person), already_claimed.
    """
    row = await store.lock_person(tx.connection, person) if is_number(person) else None
    if row is None:
        raise UnknownPerson(person=person)
    if row["origin"] != "imported":
        raise NotAllowed(origin=row["origin"])
    if await store.password_hash(tx.connection, person) is not None:
        raise AlreadyClaimed(person=person)
    code = credentials.make_code(person, tx.now, tx.chance)
    read = credentials.read_code(code)
    assert read is not None
    await store.put_offer(tx.connection, person, read[1], tx.now, tx.now + CLAIM_TERM)
    return code


async def claim(tx: Tx, request: Claim) -> SignedIn | Refusal:
    """An imported person takes their account with a code, and is signed in on this device.

    Again with the same code, login and password: signed in again. Answers bad_claim_code and too_many_tries;
    raises bad_login, bad_password, bad_device, login_taken.
    """
    login = clean_login(request.login)
    check_new_password(request.password, login)
    device = clean_device(request.device)
    keys = {credentials.try_key("address", request.address): FREE_BY_ADDRESS}
    if waiting := await _waiting(tx, keys):
        return waiting
    read = credentials.read_code(request.code)
    if read is None or await store.lock_person(tx.connection, read[0]) is None:
        return await _count(tx, keys, matched=False) or BadClaimCode(why="unknown")
    person, code_hash = read
    offer = await store.lock_offer(tx.connection, person, code_hash)
    if offer is None:
        return await _count(tx, keys, matched=False) or BadClaimCode(why="unknown")
    if offer["used_at"] is not None:
        if await store.person_of_login(tx.connection, login) == person:
            return await sign_in(tx, SignIn(login, request.password, device, request.address))
        return BadClaimCode(why="used")
    if tx.now >= offer["expires_at"]:
        return BadClaimCode(why="expired")
    if await store.person_of_login(tx.connection, login) is not None:
        raise LoginTaken(login=login)
    hashed = await credentials.hash_secret(request.password, tx.chance, f"password/{person}")
    await store.insert_login(tx.connection, login, person, hashed, tx.now)
    await store.use_offer(tx.connection, person, tx.now)
    return await _open_session(tx, person, device)


# --- Signing in and out ---------------------------------------------------------------------------


async def sign_in(tx: Tx, request: SignIn) -> SignedIn | Refusal:
    """A new session by login and password. Answers wrong_password or too_many_tries; raises bad_device."""
    device = clean_device(request.device)
    login = read_login(request.login)
    keys = {credentials.try_key("login", login or ""): FREE_BY_LOGIN}
    if request.address:
        keys[credentials.try_key("address", request.address)] = FREE_BY_ADDRESS
    if waiting := await _waiting(tx, keys):
        return waiting
    person = await store.person_of_login(tx.connection, login) if login else None
    hashed = await store.password_hash(tx.connection, person) if person is not None else None
    matched = can_be_password(request.password) and await credentials.matches(hashed, request.password)
    if refusal := await _count(tx, keys, matched):
        return refusal
    if person is None or not matched:
        return WrongPassword()
    return await _open_session(tx, person, device)


async def sign_in_persona(tx: Tx, person: PersonId, device: str = "") -> SignedIn:
    """A new session as an invented person; only the edge of a demo offers it. Refusal unknown_person."""
    row = await store.lock_person(tx.connection, person) if is_number(person) else None
    if row is None or row["origin"] != "persona":
        raise UnknownPerson(person=person)
    return await _open_session(tx, person, clean_device(device))


async def sign_out(tx: Tx, person: PersonId, session: UUID) -> None:
    """End one session of one's own: this device's or another's. What is gone already stays gone."""
    await store.delete_session(tx.connection, person, session)
    # To no phone: what belongs to a device (its keys, its notifications) ends with it.
    tx.announce(Fact("people.signed_out", {"person": person, "session": session}))


async def _open_session(tx: Tx, person: PersonId, device: str) -> SignedIn:
    await store.lock_person(tx.connection, person)
    await store.drop_oldest_sessions(tx.connection, person, MOST_DEVICES - 1)
    number = tx.chance.uuid7(tx.now)
    token = credentials.make_token(person, number, tx.chance)
    read = credentials.read_token(token)
    assert read is not None
    session = Session(person, number, device, tx.now, tx.now, session_end(tx.now, tx.now))
    await store.insert_session(tx.connection, session, read[1])
    return SignedIn(person, number, token)


async def touch_session(connection: Connection, session: Session, now: datetime) -> None:
    """Note that a session is in use, at most once in ten minutes; otherwise nothing is written."""
    if now - session.seen_at >= SEEN_STEP:
        await store.touch_session(connection, session, now, session_end(session.created_at, now))


async def _waiting(tx: Tx, keys: Mapping[str, int]) -> Refusal | None:
    rows = await store.tries_of(tx.connection, list(keys))
    return must_wait([row["wait_until"] for row in rows.values()], tx.now)


async def _count(tx: Tx, keys: Mapping[str, int], matched: bool) -> Refusal | None:
    """Judge one try under the locks of its keys: too_many_tries although it may have matched, or None.

    The look before the hash was without a lock; tries that came at the same time are counted here in turn. A
    right try clears what was counted for the login, not for the address: whoever has one account could
    otherwise guess at others for ever.
    """
    await store.hold_tries(tx.connection, list(keys))
    if waiting := await _waiting(tx, keys):
        return waiting
    rows = await store.tries_of(tx.connection, list(keys))
    for key, free in keys.items():
        row = rows.get(key)
        if matched:
            if row is not None and not key.startswith("address/"):
                await store.forget_tries(tx.connection, key)
            continue
        counts = row is not None and tx.now - row["last_at"] <= TRIES_FORGOTTEN
        wrong = (row["wrong"] if row is not None and counts else 0) + 1
        await store.count_wrong(tx.connection, key, wrong, tx.now, tx.now + wait_after(wrong, free))
    return None


# --- PINs -----------------------------------------------------------------------------------------


async def check_pin(tx: Tx, person: PersonId, pin: str) -> Refusal | None:
    """None when the payment PIN is right; else no_pin, wrong_pin {tries_left} or pin_locked {until}.

    The caller must look at the answer, and must commit: a wrong try counts.
    """
    hashed = await store.pin_hash(tx.connection, person)
    if hashed is None:
        return NoPin()
    matched = can_be_password(pin) and await credentials.matches(hashed, pin)
    return await _count_pin(tx, person, hashed, matched)


async def guard_pin(database: Database, person: PersonId, pin: str) -> Refusal | None:
    """`check_pin` for the edge: no connection is held while the hash is computed."""
    async with database.read() as connection:
        hashed = await store.pin_hash(connection, person)
    if hashed is None:
        return NoPin()
    matched = can_be_password(pin) and await credentials.matches(hashed, pin)

    async def work(tx: Tx) -> Refusal | None:
        return await _count_pin(tx, person, hashed, matched)

    return await database.run(work, actor=f"person/{person}")


async def _count_pin(tx: Tx, person: PersonId, hashed: str, matched: bool) -> Refusal | None:
    locked = await store.lock_pin(tx.connection, person)
    assert locked is not None
    kept, state = locked
    # A PIN changed while the old one was being hashed: that try was at a PIN that is no more.
    after, refusal = judge_pin(state, matched and kept == hashed, tx.now)
    if after != state:
        await store.update_pin_state(tx.connection, person, after)
    return refusal


async def set_pin(
    tx: Tx, person: PersonId, pin: str, *, password: str | None = None, old_pin: str | None = None
) -> Refusal | None:
    """Set or change the payment PIN, proving oneself by the old PIN or the password.

    Who has neither (a persona's first PIN) needs no proof. Answers wrong_pin, pin_locked, wrong_password or
    too_many_tries; raises bad_pin, and not_allowed when a proof is missing.
    """
    check_new_pin(pin)
    has_pin = await store.pin_hash(tx.connection, person) is not None
    has_password = await store.password_hash(tx.connection, person) is not None
    refusal: Refusal | None = None
    if has_pin and old_pin is not None:
        refusal = await check_pin(tx, person, old_pin)
    elif has_password and password is not None:
        refusal = await check_password(tx, person, password)
    elif has_pin or has_password:
        raise NotAllowed(missing="old_pin" if has_pin else "password")
    if refusal is None:
        hashed = await credentials.hash_secret(pin, tx.chance, f"pin/{person}/{tx.now.isoformat()}")
        await store.put_pin(tx.connection, person, hashed, tx.now)
    return refusal


async def check_password(tx: Tx, person: PersonId, password: str) -> Refusal | None:
    """None when the password is right, else wrong_password or too_many_tries. The caller must commit."""
    keys = {credentials.try_key("person", str(person)): FREE_BY_LOGIN}
    if waiting := await _waiting(tx, keys):
        return waiting
    hashed = await store.password_hash(tx.connection, person)
    matched = can_be_password(password) and await credentials.matches(hashed, password)
    return await _count(tx, keys, matched) or (None if matched else WrongPassword())


# --- Settings -------------------------------------------------------------------------------------


async def change_settings(tx: Tx, person: PersonId, settings: Settings) -> Me:
    """Change one's name, language or whether one is found; what is None stays. Refusal bad_name."""
    name = None if settings.name is None else clean_name(settings.name)
    await store.update_person(tx.connection, person, name, settings.language, settings.findable)
    return await see_me(tx.connection, person)


async def sweep(tx: Tx) -> None:
    """By the clock: forget ended sessions and wrong tries of more than an hour ago."""
    await store.delete_expired(tx.connection, tx.now, tx.now - TRIES_FORGOTTEN)


# --- Seeing ---------------------------------------------------------------------------------------


async def see_session(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session of a token, or None when it is wrong, ended or signed out. Writes nothing."""
    read = credentials.read_token(token)
    return None if read is None else await store.session_of_token(connection, *read, now)


async def see_standing(
    connection: Connection, sessions: Sequence[tuple[PersonId, UUID]], now: datetime
) -> set[tuple[PersonId, UUID]]:
    """Those of the (person, session) that are still signed in."""
    return await store.standing(connection, sessions, now)


async def see_people(connection: Connection, people: Iterable[PersonId]) -> dict[PersonId, PersonView]:
    """What anybody may see of these people; unknown numbers are left out."""
    wanted = {person for person in people if is_number(person)}
    rows = await store.people_by_number(connection, wanted)
    return {row["id"]: PersonView(row["id"], row["name"], row["avatar"]) for row in rows}


async def see_findable(connection: Connection, people: Iterable[PersonId]) -> set[PersonId]:
    """Which of these people allow themselves to be found and suggested."""
    return {row["id"] for row in await store.people_by_number(connection, people) if row["findable"]}


async def see_findable_people(
    connection: Connection, people: Iterable[PersonId]
) -> dict[PersonId, PersonView]:
    """What anybody may see of those of these people who allow themselves to be found and suggested."""
    rows = await store.people_by_number(connection, people)
    return {row["id"]: PersonView(row["id"], row["name"], row["avatar"]) for row in rows if row["findable"]}


async def see_externals(connection: Connection, externals: Sequence[str]) -> dict[str, PersonId]:
    """Who these external names are; unknown ones are left out."""
    return await store.people_of_externals(connection, externals)


async def see_login(connection: Connection, login: str) -> PersonId | None:
    """Whose login this is; None when it is nobody's."""
    return await store.person_of_login(connection, login.strip().lower())


async def see_me(connection: Connection, person: PersonId) -> Me:
    """What a person sees of themselves. Refusal unknown_person."""
    row = await store.me(connection, person)
    if row is None:
        raise UnknownPerson(person=person)
    return Me(
        person, row["name"], row["login"], row["avatar"], row["has_pin"], row["language"], row["findable"]
    )


async def see_personas(connection: Connection) -> list[Persona]:
    """A demo's invented people whom one may be, at most sixty, in order of creation."""
    rows = await store.personas(connection, MOST_PERSONAS)
    return [Persona(row["id"], row["name"], row["avatar"], row["line"]) for row in rows]


async def see_devices(
    connection: Connection, person: PersonId, current: UUID | None, now: datetime
) -> list[Device]:
    """Where a person is signed in, most recently used first."""
    return [
        Device(session.id, session.device, session.seen_at, session.id == current)
        for session in await store.sessions_of(connection, person, now)
    ]


async def find_people(connection: Connection, asker: PersonId, text: str) -> list[PersonView]:
    """People who allow it, by their exact login or exact name; the login's owner first, twenty at most."""
    found: dict[PersonId, PersonView] = {}
    if login := read_login(text):
        owner = await store.person_of_login(connection, login)
        if owner is not None and await see_findable(connection, [owner]):
            found |= await see_people(connection, [owner])
    try:
        name = clean_name(text)
    except BadName:
        name = ""
    if name:
        for row in await store.findable_by_name(connection, name, MOST_FOUND):
            found[row["id"]] = PersonView(row["id"], row["name"], row["avatar"])
    return [view for person, view in found.items() if person != asker][:MOST_FOUND]
