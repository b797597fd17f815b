"""Values, refusals and pure decisions of notifications: where they may go, when, and in which words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from wufu.chat.model import Message
from wufu.core.ids import ConversationId, PersonId
from wufu.core.refusals import Refusal

LONGEST_ENDPOINT = 1_000
LONGEST_PREVIEW = 120
MOST_TRIES = 10
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=4)
DAY_MINUTES = 1_440


class BadSubscription(Refusal):
    """No address that we would post to, or no keys that we could encrypt for: `why`."""

    code = "bad_subscription"
    status = 422


class BadQuiet(Refusal):
    """Quiet hours are two different minutes of a day, or none; the offset is within 14 hours."""

    code = "bad_quiet"
    status = 422


class Subscription(msgspec.Struct, frozen=True):
    """Where and how a device is woken."""

    person: PersonId
    session: UUID
    endpoint: str
    p256dh: bytes
    auth: bytes
    preview: bool
    since: datetime


class Quiet(msgspec.Struct, frozen=True):
    """When a person sleeps: minutes of their own day, and how far their clock is ahead of UTC."""

    quiet_from: int | None = None
    quiet_to: int | None = None
    offset_minutes: int = 480


class Due(msgspec.Struct, frozen=True):
    """A notification on its way to one device, about the message of this number."""

    person: PersonId
    session: UUID
    conversation: ConversationId
    number: int
    tries: int


class Payload(msgspec.Struct, frozen=True):
    """What the service worker gets."""

    v: int
    conversation: UUID
    number: int
    title: str
    body: str
    badge: int
    tag: str
    secret: bool
    at: datetime


# --- Where ----------------------------------------------------------------------------------------


def check_endpoint(endpoint: str, *, loopback: bool = False) -> str:
    """The host of an endpoint we would post to. Refusal bad_subscription.

    What its name resolves to is checked when we connect (`is_public`). `loopback`: tests have a push service
    of their own on this machine.
    """
    if len(endpoint) > LONGEST_ENDPOINT or not endpoint.isascii() or any(one <= " " for one in endpoint):
        raise BadSubscription(why="not an address")
    try:
        split = urlsplit(endpoint)
        host, port = split.hostname or "", split.port
    except ValueError as error:
        raise BadSubscription(why="not an address") from error
    if loopback and host == "127.0.0.1" and split.scheme == "http":
        return host
    if split.scheme != "https" or port not in {None, 443}:
        raise BadSubscription(why="not https")
    if "@" in split.netloc or not host:
        raise BadSubscription(why="not an address")
    if _is_address(host) or "." not in host or host.endswith((".local", ".internal", ".localhost", ".")):
        raise BadSubscription(why="not a public name")
    return host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        # 0x7f.1 and 2130706433 are addresses to some resolvers.
        return host.rpartition(".")[2][:1].isdigit()
    return True


def is_public(address: str) -> bool:
    """Whether an address is one of the open Internet's; also looks into IPv4 carried inside IPv6."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = None
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
    public = ip.is_global and not ip.is_multicast
    return public and (inner is None or (inner.is_global and not inner.is_multicast))


NAT64 = IPv6Network("64:ff9b::/96")


def check_keys(p256dh: bytes, auth: bytes) -> None:
    """A point of P-256, uncompressed, and 16 secret bytes. Refusal bad_subscription."""
    if len(p256dh) != 65 or len(auth) != 16:
        raise BadSubscription(why="keys of a wrong length")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)
    except ValueError as error:
        raise BadSubscription(why="not a key of the curve") from error


# --- When -----------------------------------------------------------------------------------------


def check_quiet(quiet: Quiet) -> Quiet:
    """Refusal bad_quiet."""
    minutes = (quiet.quiet_from, quiet.quiet_to)
    if (minutes[0] is None) != (minutes[1] is None) or abs(quiet.offset_minutes) > 14 * 60:
        raise BadQuiet()
    if minutes[0] is not None and minutes[0] == minutes[1]:
        raise BadQuiet()
    if any(minute is not None and not 0 <= minute < DAY_MINUTES for minute in minutes):
        raise BadQuiet()
    return quiet


def sleeps(quiet: Quiet, now: datetime) -> bool:
    """Whether it is a quiet minute where the person is; quiet hours may go over midnight."""
    if quiet.quiet_from is None or quiet.quiet_to is None:
        return False
    minute = (now.hour * 60 + now.minute + quiet.offset_minutes) % DAY_MINUTES
    if quiet.quiet_from < quiet.quiet_to:
        return quiet.quiet_from <= minute < quiet.quiet_to
    return minute >= quiet.quiet_from or minute < quiet.quiet_to


def next_try(tries: int, now: datetime, asked_to_wait: int | None = None) -> datetime | None:
    """When to try again after so many failures: 10 s, then ever longer up to 4 h; None: give up."""
    if tries >= MOST_TRIES:
        return None
    wait: timedelta = min(FIRST_WAIT * 3**tries, LONGEST_WAIT)
    if asked_to_wait is not None:
        wait = max(wait, min(timedelta(seconds=asked_to_wait), LONGEST_WAIT))
    return now + wait


# --- Words ----------------------------------------------------------------------------------------

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "app": "五福",
        "new": "你有一条新消息",
        "sticker": "[表情]",
        "picture": "[图片]",
        "voice": "[语音]",
        "video": "[视频]",
        "file": "[文件]",
        "place": "[位置]",
        "name_card": "[名片]",
        "forward": "[聊天记录]",
        "packet": "[红包]",
        "photo": "[红包照片]",
        "card": "[卡片]",
        "somebody": "有人",
    },
    "en": {
        "app": "Wufu",
        "new": "You have a new message",
        "sticker": "[Sticker]",
        "picture": "[Picture]",
        "voice": "[Voice message]",
        "video": "[Video]",
        "file": "[File]",
        "place": "[Place]",
        "name_card": "[Contact]",
        "forward": "[Chat history]",
        "packet": "[Red packet]",
        "photo": "[Photo packet]",
        "card": "[Card]",
        "somebody": "Somebody",
    },
}


def words_for(
    message: Message, *, sender: str | None, group: str | None, preview: bool, language: str
) -> tuple[str, str]:
    """Title and body of a notification. Of a secret, and without preview: only that there is something."""
    words = WORDS.get(language, WORDS["zh"])
    if not preview or message.kind in {"secret", "gone"}:
        return words["app"], words["new"]
    who = sender or words["somebody"]
    line = _line(message, words)
    return (who, line) if group is None else (group or words["app"], f"{who}: {line}")


def _line(message: Message, words: Mapping[str, str]) -> str:
    if message.kind == "text":
        text = " ".join(str(message.body.get("text", "")).split())
        return text if len(text) <= LONGEST_PREVIEW else text[: LONGEST_PREVIEW - 1] + "…"
    if message.kind == "card":
        return words.get(str(message.body.get("card")), words["card"])
    return words.get(message.kind, words["new"])
