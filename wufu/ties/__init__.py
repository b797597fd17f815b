"""Ties 熟人关系链: who knows whom, how it came about, and who wants no part of whom.

The story. One person asks another; the other accepts, and both are friends. If both ask each other, they are
friends at once. The one asked may refuse, either may end a friendship, and anybody may block anybody.

What the other side learns. A refusal is not told: to the asker the ask stays open, and asking again within
seven days reaches nobody. A block is not told either: it ends a friendship (which is told, as any removal
is), removes what was pending, and from then on the blocked person's asks are answered as if they were sent.
So `tie_ask` is what the asker sees, `tie_request` what the one asked sees, and they differ exactly then.
Blocked people do not find or get suggested whoever blocked them. Acts that cannot pretend, such as sending
money, are refused in words that do not say why. The blocker, who knows, gets `blocked_by_you`.

Limits: 5,000 friends, 200 asks a day (days begin at midnight in China), those that reach nobody included.

An undirected tie is two directed rows, so that everybody's list is read by their own key. Every change locks
the rows of both people in `tie_person`, in the order of their numbers.

Who were friends before are remembered (`tie_former`): ending a friendship and making it again is no new tie.

Tables: tie, tie_request, tie_ask, tie_block, tie_former, tie_person. Facts: `ties.asked` {from} to the one
asked; `ties.accepted` {a, b, at, new, person, name, avatar}, one to each of the two, in which a < b are the
pair, `new` says that they never were friends before, and the rest is the other one; `ties.removed`
{person, of}, one to each; `ties.imported` {ties, at} to nobody.
Laws: `audit.py`. Imports of whole graphs: `importing.py`.
"""

from wufu.ties.audit import LAWS
from wufu.ties.http import router
from wufu.ties.importing import BadEdgeList, EdgeList, Imported, import_ties, read_edges
from wufu.ties.live import VERBS
from wufu.ties.model import (
    MOST_ASKS_A_DAY,
    MOST_FRIENDS,
    AcceptTie,
    Asking,
    AskTie,
    Block,
    BlockedByYou,
    Found,
    Friend,
    NoSuchRequest,
    RefuseTie,
    RemoveTie,
    Standing,
    Suggestion,
    TieToSelf,
    TooManyAsks,
    TooManyFriends,
    Unblock,
)
from wufu.ties.verbs import (
    accept_ties,
    are_friends,
    ask_ties,
    block,
    blocked,
    count_friends,
    find,
    friends_of,
    introduce,
    refuse_ties,
    remove_ties,
    see_asked,
    see_blocked,
    see_friends,
    see_requests,
    suggest,
    sweep,
    unblock,
)

__all__ = [
    "LAWS",
    "MOST_ASKS_A_DAY",
    "MOST_FRIENDS",
    "VERBS",
    "AcceptTie",
    "AskTie",
    "Asking",
    "BadEdgeList",
    "Block",
    "BlockedByYou",
    "EdgeList",
    "Found",
    "Friend",
    "Imported",
    "NoSuchRequest",
    "RefuseTie",
    "RemoveTie",
    "Standing",
    "Suggestion",
    "TieToSelf",
    "TooManyAsks",
    "TooManyFriends",
    "Unblock",
    "accept_ties",
    "are_friends",
    "ask_ties",
    "block",
    "blocked",
    "count_friends",
    "find",
    "friends_of",
    "import_ties",
    "introduce",
    "read_edges",
    "refuse_ties",
    "remove_ties",
    "router",
    "see_asked",
    "see_blocked",
    "see_friends",
    "see_requests",
    "suggest",
    "sweep",
    "unblock",
]
