"""What photo packets refuse."""

from wufu.core.refusals import Refusal


class BadPhoto(Refusal):
    """`field` says which: message, least_minor, most_minor, conversation, detail."""

    code = "bad_photo"
    status = 422


class BadComment(Refusal):
    """Empty, longer than `most` characters, or with control characters."""

    code = "bad_comment"
    status = 422


class PhotoGone(Refusal):
    """Not there, not for this person, or ended; which of them is not said."""

    code = "photo_gone"
    status = 404


class PhotoOwn(Refusal):
    """Nobody pays for their own photo."""

    code = "photo_own"


class PhotoNotAsked(Refusal):
    """The amount is drawn first (`ask_photo`)."""

    code = "photo_not_asked"


class PhotoAmount(Refusal):
    """The amount is another: `minor`, as it was drawn."""

    code = "photo_amount"


class PhotoHeld(Refusal):
    """It was reported and waits for a look by the operator."""

    code = "photo_held"


class PhotoUnpaid(Refusal):
    """Only who paid sees the clear picture and comments."""

    code = "photo_unpaid"
    status = 403


class PhotoLimit(Refusal):
    """`limit` of the day is used up: posts_day {most}, paid_day_minor {most_minor, left_minor}."""

    code = "photo_limit"


class PhotoNotEnded(Refusal):
    """The secret is revealed when the photo's life is over."""

    code = "photo_not_ended"


class BadTicket(Refusal):
    """The address of a clear picture is not, or no longer, good for this person."""

    code = "bad_ticket"
    status = 403
