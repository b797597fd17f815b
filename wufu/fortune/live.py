"""The campaign's hot verbs, as the edge offers them."""

from wufu.edge import LiveVerb
from wufu.fortune.model import AnswerSwap, Ask, Gift, Join, PassCash, Swap, Tap
from wufu.fortune.verbs.campaigns import join
from wufu.fortune.verbs.cash import pass_cash
from wufu.fortune.verbs.exchange import answer_swap, ask, gift, swap
from wufu.fortune.verbs.taps import tap

VERBS = (
    # One lane: who asks first has the lower number.
    LiveVerb("join", Join, join, lanes=1),
    LiveVerb("tap", Tap, tap),
    LiveVerb("gift", Gift, gift),
    LiveVerb("ask", Ask, ask),
    LiveVerb("swap", Swap, swap),
    LiveVerb("answer_swap", AnswerSwap, answer_swap),
    LiveVerb("pass_cash", PassCash, pass_cash),
)
