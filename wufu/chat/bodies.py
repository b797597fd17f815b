"""Bodies of messages: what a phone may put into one, and what is kept of it.

A kind's `body` is the shape a phone sends; `keep` (pure) makes what is stored of it; `check` (optional) looks
at the database for a whole batch, for kinds that name other things. `words` says what of it can be searched,
`forwarded` what of it goes along when it is forwarded. `PLAIN` are the kinds that need nobody else;
`kinds.py` has all of them.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from wufu.chat.model import SendMessage
from wufu.chat.refusals import BadMessage
from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal, UnknownPerson
from wufu.db import Tx
from wufu.people import see_people

LONGEST_TEXT = 4_000
LARGEST_CARD = 4_096
MOST_LINKS = 20

Body = dict[str, object]
Checked = Sequence[Body | Refusal]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)]


class Sticker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pack: Annotated[str, Meta(pattern=r"\A[a-z0-9-]{1,32}\Z")]
    name: Annotated[str, Meta(pattern=r"\A[a-z0-9-]{1,32}\Z")]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somewhere on the earth, in millionths of a degree."""

    latitude_e6: Annotated[int, Meta(ge=-90_000_000, le=90_000_000)]
    longitude_e6: Annotated[int, Meta(ge=-180_000_000, le=180_000_000)]
    name: Annotated[str, Meta(max_length=100)] = ""
    address: Annotated[str, Meta(max_length=200)] = ""


class NameCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: Annotated[PersonId, Meta(ge=1)]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is read and kept. `check` gets (request, kept body) and answers each, in order."""

    body: type[Any]
    keep: Callable[[Any], Body]
    check: Callable[[Tx, Sequence[tuple[SendMessage, Body]]], Awaitable[Checked]] | None = None
    words: Callable[[Mapping[str, Any]], str] = lambda _: ""
    forwarded: Callable[[Mapping[str, Any]], Body] = lambda _: {}


def read_body(kind: Kind, body: Mapping[str, object]) -> Body | Refusal:
    """What is kept of a body as a phone sent it, or `bad_message`."""
    try:
        kept = kind.keep(msgspec.convert(body, kind.body))
    except msgspec.ValidationError as error:
        why, _, where = str(error).partition(" - at `")
        return BadMessage(where=where.rstrip("`") or "$", why=why[:200])
    return kept or BadMessage(where="$", why="There is nothing in it")


def as_it_is(body: msgspec.Struct) -> Body:
    """Keep the body as it was sent."""
    kept: Body = msgspec.to_builtins(body)
    return kept


# --- Text and its links ---------------------------------------------------------------------------

LINK = re.compile(r"(?:[a-z][a-z0-9+.-]{1,15}://|www\.)[^\s<>\"'（）【】「」，。！？；、]+", re.IGNORECASE)
TRAILING = ".,;:!?)]}"


class Link(msgspec.Struct, frozen=True):
    """A link as it stands in a text. `risky`: people should look twice before they follow it."""

    url: str
    host: str
    risky: bool


def links_in(text: str) -> list[Link]:
    """The links of a text, at most 20. Nothing is fetched here: a host must not see who got it."""
    found = []
    for match in LINK.finditer(text):
        url = match[0].rstrip(TRAILING)
        try:
            split = urlsplit(url if "://" in url else f"http://{url}")
            host, risky = (split.hostname or "").rstrip("."), _is_odd(split.scheme, split.port, split.netloc)
        except ValueError:
            host, risky = "", True
        found.append(Link(url, host, risky or _hides(host)))
        if len(found) == MOST_LINKS:
            break
    return found


def _is_odd(scheme: str, port: int | None, netloc: str) -> bool:
    """Not the web, an odd port, or `bank.example@evil.example`."""
    return scheme.lower() not in ("http", "https") or port not in (None, 80, 443) or "@" in netloc


def _hides(host: str) -> bool:
    """Whether a host's name hides who it is: a bare address, punycode, or letters of several scripts."""
    labels = host.split(".")
    if len(labels) < 2 or any(label.startswith("xn--") for label in labels):
        return True
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        return True
    if labels[-1].isdigit():
        return True
    return any(len({_script(one) for one in label if one.isalpha()}) > 1 for label in labels)


def _script(letter: str) -> str:
    if letter.isascii():
        return "latin"
    code = ord(letter)
    if 0x0370 <= code < 0x0400:
        return "greek"
    if 0x0400 <= code < 0x0530:
        return "cyrillic"
    return "cjk" if 0x2E80 <= code < 0xA000 or 0xAC00 <= code < 0xD7B0 else "other"


def keep_text(body: Text) -> Body:
    """A text with the links in it; nothing when it is blank."""
    if not body.text.strip():
        return {}
    links = links_in(body.text)
    return {"text": body.text, **({"links": msgspec.to_builtins(links)} if links else {})}


# --- Kinds that name others -----------------------------------------------------------------------


async def _check_name_cards(tx: Tx, asked: Sequence[tuple[SendMessage, Body]]) -> Checked:
    wanted = [PersonId(int(str(body["person"]))) for _, body in asked]
    views = await see_people(tx.connection, set(wanted))
    return [
        {"person": person, "name": views[person].name, "avatar": views[person].avatar}
        if person in views
        else UnknownPerson(person=person)
        for person in wanted
    ]


PLAIN: Mapping[str, Kind] = {
    "text": Kind(Text, keep_text, words=lambda body: body["text"], forwarded=dict),
    "sticker": Kind(Sticker, as_it_is, forwarded=dict),
    "place": Kind(Place, as_it_is, words=lambda body: f"{body['name']} {body['address']}", forwarded=dict),
    "name_card": Kind(NameCard, as_it_is, _check_name_cards, words=lambda body: body["name"], forwarded=dict),
}
