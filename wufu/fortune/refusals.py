"""What a campaign refuses, each with its code and the facts that explain it."""

from wufu.core.refusals import Refusal


class UnknownCampaign(Refusal):
    code = "unknown_campaign"
    status = 404


class CampaignNotRunning(Refusal):
    """The campaign is in a state in which this is not possible."""

    code = "campaign_not_running"


class RoundNotOpen(Refusal):
    """Facts: `opens_at` when it is still to come, `state` and `campaign_now` always."""

    code = "round_not_open"


class RoundPaused(Refusal):
    """The operator holds the round; the taps counted so far can be sent when it goes on."""

    code = "round_paused"


class TapOutOfOrder(Refusal):
    """Taps were skipped or repeated; `next` is the number of the tap that is awaited."""

    code = "tap_out_of_order"


class TooManyTaps(Refusal):
    """More taps than fingers can do; `allowed` of them may be sent now."""

    code = "too_many_taps"
    status = 429


class NotJoined(Refusal):
    code = "not_joined"


class BadSeed(Refusal):
    """A seed is 32 bytes as 64 hexadecimal digits."""

    code = "bad_seed"
    status = 422


class UnknownCard(Refusal):
    code = "unknown_card"
    status = 404


class CardNotHeld(Refusal):
    code = "card_not_held"


class NotFriends(Refusal):
    """Cards and cash travel between friends only; `person` is not one."""

    code = "not_friends"
    status = 403


class UnknownRequest(Refusal):
    code = "unknown_request"
    status = 404


class RequestClosed(Refusal):
    """Somebody else gave the card already, or the asker took the wish back."""

    code = "request_closed"


class BadToken(Refusal):
    """There is no 口令 in the pasted text."""

    code = "bad_token"
    status = 422


class UnknownSwap(Refusal):
    code = "unknown_swap"
    status = 404


class SwapClosed(Refusal):
    code = "swap_closed"


class SwapGone(Refusal):
    """One of the two cards is no longer there; the offer has ended."""

    code = "swap_gone"


class NotYours(Refusal):
    code = "not_yours"
    status = 403


class UnknownCash(Refusal):
    code = "unknown_cash"
    status = 404


class CashAlreadyPassed(Refusal):
    code = "cash_already_passed"


class CampaignIdTaken(Refusal):
    code = "campaign_id_taken"


class BadCampaign(Refusal):
    """The rules of a campaign do not add up; `why` says where."""

    code = "bad_campaign"
    status = 422
