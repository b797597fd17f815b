"""The refusals of chat."""

from wufu.core.refusals import Refusal


class NoSuchConversation(Refusal):
    """There is none, or one is no member of it: the two are answered alike."""

    code = "no_such_conversation"
    status = 404


class NoSuchMessage(Refusal):
    code = "no_such_message"
    status = 404


class NoSuchMember(Refusal):
    code = "no_such_member"
    status = 404


class BadMessage(Refusal):
    """`where` says which part of the body, `why` what was wrong."""

    code = "bad_message"
    status = 422


class BadMention(Refusal):
    """Somebody mentioned is no member; everyone can be mentioned by those who run a group."""

    code = "bad_mention"
    status = 422


class KindNotAllowed(Refusal):
    """No phone may send this kind of message, or not here."""

    code = "kind_not_allowed"
    status = 403


class NotFriends(Refusal):
    """One talks to friends; `person` is not one."""

    code = "not_friends"
    status = 403


class KnockLimit(Refusal):
    """Who lets strangers write hears `most` messages of each before answering."""

    code = "knock_limit"
    status = 429


class Muted(Refusal):
    """Not allowed to speak `until` then; None: until those who run the group say otherwise."""

    code = "muted"
    status = 403


class Silenced(Refusal):
    """Moderators let one not write anywhere `until` then; None: until they say otherwise."""

    code = "silenced"
    status = 403


class GroupClosed(Refusal):
    """Moderators closed the group: it can be read and left."""

    code = "group_closed"
    status = 403


class TooManyReports(Refusal):
    """So many of one's reports wait to be looked at (`most`) that the next one has to wait, too."""

    code = "too_many_reports"
    status = 429


class TooFast(Refusal):
    """Too many messages in a short time; again in `seconds`."""

    code = "too_fast"
    status = 429


class TooLate(Refusal):
    """This could be done within `seconds` of sending."""

    code = "too_late"


class NotAllowedHere(Refusal):
    """`needs` says what one would have to be: sender, admin or owner."""

    code = "not_allowed_here"
    status = 403


class TooManyReactions(Refusal):
    code = "too_many_reactions"


class GroupFull(Refusal):
    code = "group_full"


class TooManyGroups(Refusal):
    """`person` is in as many groups as anybody may be."""

    code = "too_many_groups"


class BadTitle(Refusal):
    code = "bad_title"
    status = 422


class BadInvite(Refusal):
    """The invitation is unknown, over, or used up."""

    code = "bad_invite"
    status = 404


class BadSearch(Refusal):
    """A search has 1 to `most` characters, letters or digits among them."""

    code = "bad_search"
    status = 422
