"""Proving a number, taking it away, and looking somebody up by it."""

from datetime import date, datetime

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Connection, Tx
from wufu.people.phones import store
from wufu.people.phones.model import (
    CHINA,
    CODE_LIVES,
    CODE_PAUSE,
    CODES_A_DAY,
    LOOKS_A_DAY,
    MOST_WRONG,
    USES_KEPT,
    Asked,
    Phone,
    Proof,
    Text,
    TooManyCodes,
    TooManyLooks,
    WrongCode,
    clean_phone,
    code_hash,
    code_of,
    digest_of,
)

MOST_TEXTS = 100


async def _key(tx: Tx) -> bytes:
    return await store.key(tx.connection) or await store.keep_key(
        tx.connection, tx.chance.secret("phone/key", 32)
    )


async def see_phone(connection: Connection, person: PersonId) -> Phone | None:
    """One's own number, as far as it is kept."""
    return await store.phone_of(connection, person)


async def ask_code(tx: Tx, person: PersonId, number: str) -> Asked | Refusal:
    """Send a code to a number; a new one replaces the one before.

    Answers too_many_codes, which the caller commits: what was asked counts. Raises bad_phone.
    """
    phone = clean_phone(number)
    key = await _key(tx)
    digest, ending = digest_of(key, phone), phone[-2:]
    before = await store.lock_proof(tx.connection, person)
    if before is not None and tx.now < before.sent_at + CODE_PAUSE:
        return TooManyCodes(wait=round((before.sent_at + CODE_PAUSE - tx.now).total_seconds()))
    keys = [f"code/person/{person}", f"code/number/{digest.hex()}"]
    if await store.use(tx.connection, keys, _day(tx.now)) > CODES_A_DAY:
        return TooManyCodes(wait=0)
    code = code_of(tx.chance.secret(f"phone/code/{person}/{tx.now.isoformat()}", 16))
    proof = Proof(digest, ending, code_hash(key, person, code), tx.now, tx.now + CODE_LIVES)
    await store.put_proof(tx.connection, person, proof)
    body = f"五福 Wufu：{code} 是你的验证码，10 分钟内有效。Your code is {code}."
    await store.put_text(tx.connection, tx.chance.uuid7(tx.now), phone, body, tx.now)
    return Asked(ending, proof.expires_at, code)


async def prove_phone(tx: Tx, person: PersonId, code: str) -> Phone | Refusal:
    """Type the code: the number is this person's from now on, and nobody else's.

    Answers wrong_code {tries_left}, which the caller commits. The same code again, after it was right, is
    answered as right as long as it lives.
    """
    proof = await store.lock_proof(tx.connection, person)
    if proof is None or tx.now >= proof.expires_at or proof.wrong >= MOST_WRONG:
        return WrongCode(tries_left=0)
    if code_hash(await _key(tx), person, code[:20]) != proof.code_hash:
        await store.put_proof(tx.connection, person, _wrong(proof))
        return WrongCode(tries_left=MOST_WRONG - proof.wrong - 1)
    await store.put_phone(tx.connection, person, proof, tx.now)
    found = await store.phone_of(tx.connection, person)
    assert found is not None
    return found


async def remove_phone(tx: Tx, person: PersonId) -> None:
    """Take one's number away; nobody finds one by it any more."""
    await store.drop_phone(tx.connection, person)
    await store.drop_proof(tx.connection, person)


async def look_up(tx: Tx, asker: PersonId, number: str) -> PersonId | Refusal | None:
    """Whose a number is, if anybody's. Whether the asker may know is for the caller to say.

    Answers too_many_looks, which the caller commits; raises bad_phone.
    """
    phone = clean_phone(number)
    if await store.use(tx.connection, [f"look/{asker}"], _day(tx.now)) > LOOKS_A_DAY:
        return TooManyLooks(most=LOOKS_A_DAY)
    return await store.person_of(tx.connection, digest_of(await _key(tx), phone))


async def see_texts(connection: Connection) -> list[Text]:
    """Texts that are on their way, or wait where there is no gateway; the newest first."""
    return await store.texts(connection, MOST_TEXTS)


async def sweep(tx: Tx) -> None:
    """Forget codes that are over, and counts of the days before yesterday."""
    await store.sweep(tx.connection, tx.now, _day(tx.now - USES_KEPT))


def _day(now: datetime) -> date:
    return now.astimezone(CHINA).date()


def _wrong(proof: Proof) -> Proof:
    return Proof(
        proof.digest, proof.ending, proof.code_hash, proof.sent_at, proof.expires_at, proof.wrong + 1
    )
