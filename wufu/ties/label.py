"""Labels: what a person calls a friend and the lists they sort friends into. Nobody else ever sees them."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.people import BadName, clean_name

MOST_TAGS = 10
LONGEST_TAG = 12
MOST_LISTS = 50


class Label(msgspec.Struct, frozen=True):
    remark: str = ""
    starred: bool = False
    tags: tuple[str, ...] = ()


class SetLabel(msgspec.Struct, frozen=True):
    """What is None stays."""

    person: PersonId
    friend: PersonId
    remark: str | None = None
    starred: bool | None = None
    tags: tuple[str, ...] | None = None


class FriendGroup(msgspec.Struct, frozen=True):
    """A list of one's own; `id` is made on the phone, saving it again replaces name and people."""

    id: UUID
    name: str
    people: list[PersonId]


class BadLabel(Refusal):
    """`where` is remark, tag, name or note; `why` as of names, or too_many."""

    code = "bad_label"
    status = 422


class NotFriendsWith(Refusal):
    """Labels and lists are for friends; `person` is none."""

    code = "not_friends_with"


class TooManyLists(Refusal):
    code = "too_many_lists"


def clean_words(words: str, where: str) -> str:
    """A remark, tag, note or name of a list as it is kept, by the rules of names. Refusal `bad_label`."""
    try:
        return clean_name(words)
    except BadName as refusal:
        raise BadLabel(where=where, **refusal.facts) from refusal


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept, each once, in the order given. Refusal `bad_label`."""
    cleaned = tuple(dict.fromkeys(clean_words(tag, "tag") for tag in tags))
    if len(cleaned) > MOST_TAGS:
        raise BadLabel(where="tag", why="too_many", most=MOST_TAGS)
    if any(len(tag) > LONGEST_TAG for tag in cleaned):
        raise BadLabel(where="tag", why="too_long", most=LONGEST_TAG)
    return cleaned


def changed(label: Label, change: SetLabel) -> Label:
    """The label after a change. Refusal `bad_label`."""
    remark = label.remark
    if change.remark is not None:
        remark = clean_words(change.remark, "remark") if change.remark.strip() else ""
    return Label(
        remark,
        label.starred if change.starred is None else change.starred,
        label.tags if change.tags is None else clean_tags(change.tags),
    )
