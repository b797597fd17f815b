"""Frames, keys and timers, as pure decisions."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.secret.sealing import b64, framed, secret_bytes
from wufu.chat.secret.model import (
    BadSealed,
    DeviceKey,
    KeysChanged,
    NoReader,
    Reader,
    Sealed,
    Secret,
    SecretGone,
    burn,
    decide_readers,
    read_frame,
    see,
    unb64,
    write_frame,
)
from wufu.core.chance import sha256
from wufu.core.ids import ConversationId, MessageId, PersonId

NOW = datetime(2026, 2, 7, 20, 36, tzinfo=UTC)
CIPHERTEXT = secret_bytes(100)
DEVICES = [UUID(int=number) for number in range(1, 8)]
PEOPLE = [PersonId(1), PersonId(2), PersonId(3)]


def sealed_for(*devices: UUID, left_out: tuple[UUID, ...] = ()) -> bytes:
    head = {
        "v": 1,
        "ephemeral": b64(bytes(32)),
        "from": str(DEVICES[0]),
        "sha256": b64(sha256(CIPHERTEXT)),
        "wraps": {str(device): b64(bytes(48)) for device in devices},
        "left_out": [str(device) for device in left_out],
    }
    return framed(head, CIPHERTEXT)


def key(person: int, device: int) -> DeviceKey:
    return DeviceKey(PersonId(person), DEVICES[device], b64(bytes(32)), NOW)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    try:
        sealed, ciphertext = read_frame(data)
    except BadSealed:
        return
    assert read_frame(write_frame(sealed, ciphertext)) == (sealed, ciphertext)


@given(st.data())
def test_a_frame_with_any_byte_changed_is_refused_or_says_something_else(data: st.DataObject) -> None:
    frame = bytearray(sealed_for(DEVICES[1]))
    place = data.draw(st.integers(0, len(frame) - 1))
    frame[place] ^= data.draw(st.integers(1, 255))
    try:
        after = read_frame(bytes(frame))
    except BadSealed:
        return
    assert after != read_frame(sealed_for(DEVICES[1]))
    assert after[1] == CIPHERTEXT


@given(st.text(max_size=60))
def test_base64_has_one_writing(text: str) -> None:
    try:
        data = unb64(text)
    except ValueError:
        return
    assert b64(data) == text


@pytest.mark.parametrize(
    ("wraps", "left_out", "answer"),
    [
        ((1, 2), (), [PersonId(2), PersonId(3)]),
        ((1,), (2,), [PersonId(2)]),
        ((1,), (), KeysChanged),
        ((1, 2, 5), (), KeysChanged),
        ((3,), (1, 2), NoReader),
        ((1, 2, 3), (), [PersonId(2), PersonId(3)]),
    ],
)
def test_readers_are_those_wrapped_for_and_nobody_is_forgotten_silently(
    wraps: tuple[int, ...], left_out: tuple[int, ...], answer: object
) -> None:
    keys = [key(1, 0), key(2, 1), key(3, 2), key(1, 3)]
    sealed, _ = read_frame(
        sealed_for(*(DEVICES[one] for one in wraps), left_out=tuple(DEVICES[one] for one in left_out))
    )
    decided = decide_readers(sealed, PersonId(1), PEOPLE, keys)
    assert decided == answer if isinstance(answer, list) else isinstance(decided, answer)  # type: ignore[arg-type]


def a_secret(timer: int = 10) -> Secret:
    readers = (Reader(PersonId(2)), Reader(PersonId(3)))
    return Secret(
        ConversationId(DEVICES[0]),
        MessageId(DEVICES[1]),
        1,
        PersonId(1),
        DEVICES[2],
        bytes(32),
        timer,
        NOW,
        NOW + timedelta(days=7),
        readers,
    )


def after(answer: object) -> Secret:
    assert isinstance(answer, Secret), answer
    return answer


def test_the_first_look_starts_the_time_and_the_next_ones_do_not() -> None:
    seen = after(see(a_secret(), PersonId(2), NOW))
    again = after(see(seen, PersonId(2), NOW + timedelta(seconds=9)))
    assert again == seen
    assert isinstance(see(seen, PersonId(2), NOW + timedelta(seconds=16)), SecretGone)
    assert after(see(seen, PersonId(3), NOW + timedelta(seconds=16))).reader(PersonId(3))


def test_nobody_but_a_reader_starts_a_time() -> None:
    assert isinstance(see(a_secret(), PersonId(1), NOW), SecretGone)
    assert isinstance(see(a_secret(), PersonId(4), NOW), SecretGone)
    assert isinstance(see(a_secret(), PersonId(2), NOW + timedelta(days=7)), SecretGone)


@given(
    st.lists(st.tuples(st.sampled_from(["see", "burn"]), st.integers(1, 4), st.integers(0, 30)), max_size=12)
)
def test_whatever_happens_a_reader_sees_once_burns_once_and_never_unburns(
    acts: list[tuple[str, int, int]],
) -> None:
    secret, now = a_secret(), NOW
    for act, person, seconds in acts:
        now += timedelta(seconds=seconds)
        answer = (see if act == "see" else burn)(secret, PersonId(person), now)
        if not isinstance(answer, Secret):
            continue
        for was, is_ in zip(secret.readers, answer.readers, strict=True):
            assert was.seen_at in {None, is_.seen_at}
            assert was.burnt_at in {None, is_.burnt_at}
            if is_.seen_at is not None and is_.burnt_at is not None and was.burnt_at is not None:
                assert was.seen_at == is_.seen_at  # nothing is seen after it burnt
        secret = answer
    assert secret.is_over == all(reader.burnt_at for reader in secret.readers)


def test_sealed_writes_what_phones_write() -> None:
    sealed, _ = read_frame(sealed_for(DEVICES[1]))
    assert isinstance(sealed, Sealed)
    assert b'"from"' in write_frame(sealed, CIPHERTEXT)
