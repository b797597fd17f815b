"""What red packets refuse, each with its code and the facts that explain it."""

from wufu.core.refusals import Refusal

# --- Sending --------------------------------------------------------------------------------------


class BadPacket(Refusal):
    """The parts of a packet do not fit together; `why` says which."""

    code = "bad_packet"
    status = 422


class BadSplit(Refusal):
    """The total cannot be split so: facts `minor`, `shares`, and the least and most a share may be."""

    code = "bad_split"
    status = 422


class BadPacketMessage(Refusal):
    """Longer than `most` characters, or with characters that cannot be seen."""

    code = "bad_packet_message"
    status = 422


class BadPacketPassword(Refusal):
    """A 口令 has 1 to `most` visible characters."""

    code = "bad_packet_password"
    status = 422


class OverPacketLimit(Refusal):
    """`limit` names it, `most` is it; of a day's total `left_minor` is left."""

    code = "over_packet_limit"


class QuietHours(Refusal):
    """Merchants send nothing in quiet hours; `until` is when they end."""

    code = "quiet_hours"


# --- Opening --------------------------------------------------------------------------------------


class UnknownPacket(Refusal):
    """There is none, or it is not for the asker to see: which of the two is not said."""

    code = "unknown_packet"
    status = 404


class NotForYou(Refusal):
    """A packet for somebody else, or one's own."""

    code = "not_for_you"
    status = 403


class PacketFinished(Refusal):
    """All `shares` are taken."""

    code = "packet_finished"


class PacketOver(Refusal):
    """Its time was over at `ended_at`; what was left went back to the sender."""

    code = "packet_over"


class PacketPasswordNeeded(Refusal):
    code = "packet_password_needed"


class WrongPacketPassword(Refusal):
    """`tries_left` more may be made by this person."""

    code = "wrong_packet_password"


class PacketTriesUsed(Refusal):
    code = "packet_tries_used"
    status = 429


class PacketNotEnded(Refusal):
    """The secret is published when the last share is taken or the time is over: `ends_at` at the latest."""

    code = "packet_not_ended"


# --- Passing on and asking ------------------------------------------------------------------------


class NotToBeShared(Refusal):
    """Only who opened a packet that may be passed on can pass it on, and only while it is open."""

    code = "not_to_be_shared"
    status = 403


class TooManyAsksForPackets(Refusal):
    """So many a day; `most` is how many."""

    code = "too_many_packet_asks"
    status = 429


class UnknownAsk(Refusal):
    code = "unknown_ask"
    status = 404
