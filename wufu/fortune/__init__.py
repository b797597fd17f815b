"""Campaigns (集五福): rounds of draws, cards that travel between friends, a pool that is split.

The story. An operator makes a campaign from a template; its rounds' secrets are
taken and committed to. It is announced: the sponsor's money moves into the
pool. People join with a seed of their phone. When a round opens the seeds are
frozen and every tap of the round is decided; people tap, and the server draws
what they tapped. Cards are ledger assets: a win is a transfer from the mint (or
from a limited stock), a gift a transfer to a friend, a swap two of them in one
group. New friends earn cards. At the set instant everyone who holds all the
cards shares the pool, floor to the fen; the remainder goes back to the sponsor.

Time inside a campaign is the campaign's own explicit clock (`CampaignClock`),
so an eve can run in minutes, or step by step in a test.

Tables: campaign, campaign_round, round_secret, campaign_count, player, tapping,
win, stock, cash_packet, gift, card_request, swap, new_friend, friend_reward,
reward_hold, late_share, settlement, settlement_lane, settlement_winner.

Accounts, for a campaign C: `fortune/C` with purposes `pool`, `cash`, `passing`
(money set aside for packets that winners may pass on), `paying-1` (a part of
the pool while winners are paid), `mint` (overdraws; a
card kind's assets come from it) and `stock` (released and not yet won);
`person/N` with purpose `card`; `sponsor/S`.

Laws: `audit.py`. How chance is made and checked: `docs/fairness.md`.

To add a card kind: its line in the template, its drawing and words in the app.
To add a verb: its request in `model.py`, the function in `verbs/`, a line in
`live.py`, its refusals' words in the app, and the simulation's second model.
"""

from wufu.fortune import acts
from wufu.fortune.audit import LAWS
from wufu.fortune.http import router
from wufu.fortune.jobs import jobs, turn_campaign
from wufu.fortune.live import VERBS
from wufu.fortune.model import (
    AnswerSwap,
    Ask,
    CampaignClock,
    CampaignSpec,
    CampaignState,
    Gift,
    Join,
    PassCash,
    Prize,
    RoundSpec,
    Swap,
    Tap,
    Tapped,
    card_account,
    card_asset,
    mint_account,
    pool_account,
    released,
    sponsor_account,
    stock_account,
)
from wufu.fortune.personal import PERSONAL, forget_person, see_unsettled
from wufu.fortune.proof import Line, check_proof
from wufu.fortune.refusals import (
    BadCampaign,
    CampaignIdTaken,
)
from wufu.fortune.rewards import FriendsForCards, cards_earned, in_holdout
from wufu.fortune.store.campaigns import listed as listed_campaigns
from wufu.fortune.store.campaigns import newest as newest_campaign
from wufu.fortune.store.friends import CountedRow, see_counted
from wufu.fortune.template import (
    CARDS_2016,
    Dials,
    compressed_eve,
    expected_crowd,
    gala_2016,
)
from wufu.fortune.template_file import TEMPLATES, TemplateFile, find_template
from wufu.fortune.verbs.campaigns import (
    announce,
    cancel,
    create,
    join,
    live_campaigns,
    pause_round,
    resume_round,
    set_clock,
)
from wufu.fortune.verbs.cash import pass_cash
from wufu.fortune.verbs.exchange import answer_swap, ask, gift, swap
from wufu.fortune.verbs.friends import (
    count_new_friends,
    friends_rule,
    release_cleared,
    reward_newcomers,
)
from wufu.fortune.verbs.settlement import PAID_AT_ONCE
from wufu.fortune.verbs.taps import tap
from wufu.fortune.views import CampaignView, see_campaign, see_hours, see_mine, see_proof, see_spec

LISTENERS = {
    **acts.LISTENERS,
    "ties.accepted": (count_new_friends,),
    "fortune.joined": (reward_newcomers,),
    "trust.cleared": (release_cleared,),
}

__all__ = [
    "CARDS_2016",
    "LAWS",
    "LISTENERS",
    "PAID_AT_ONCE",
    "PERSONAL",
    "TEMPLATES",
    "VERBS",
    "AnswerSwap",
    "Ask",
    "BadCampaign",
    "CampaignClock",
    "CampaignIdTaken",
    "CampaignSpec",
    "CampaignState",
    "CampaignView",
    "CountedRow",
    "Dials",
    "FriendsForCards",
    "Gift",
    "Join",
    "Line",
    "PassCash",
    "Prize",
    "RoundSpec",
    "Swap",
    "Tap",
    "Tapped",
    "TemplateFile",
    "announce",
    "answer_swap",
    "ask",
    "cancel",
    "card_account",
    "card_asset",
    "cards_earned",
    "check_proof",
    "compressed_eve",
    "count_new_friends",
    "create",
    "expected_crowd",
    "find_template",
    "forget_person",
    "friends_rule",
    "gala_2016",
    "gift",
    "in_holdout",
    "jobs",
    "join",
    "listed_campaigns",
    "live_campaigns",
    "mint_account",
    "newest_campaign",
    "pass_cash",
    "pause_round",
    "pool_account",
    "release_cleared",
    "released",
    "resume_round",
    "reward_newcomers",
    "router",
    "see_campaign",
    "see_counted",
    "see_hours",
    "see_mine",
    "see_proof",
    "see_spec",
    "see_unsettled",
    "set_clock",
    "sponsor_account",
    "stock_account",
    "swap",
    "tap",
    "turn_campaign",
]
