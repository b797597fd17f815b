"""Ties 熟人关系链: who knows whom, how it came about, and who wants no part of whom.

The story. One person asks another; the other accepts, and both are friends. If both ask each other, they are
friends at once. The one asked may refuse, either may end a friendship, and anybody may block anybody.

What the other side learns. A refusal is not told: to the asker the ask stays open, and asking again within
seven days reaches nobody. A block is not told either: it ends a friendship (which is told, as any removal
is), removes what was pending, and from then on the blocked person's asks are answered as if they were sent.
So `tie_ask` is what the asker sees, `tie_request` what the one asked sees, and they differ exactly then.
Blocked people do not find or get suggested whoever blocked them. Acts that cannot pretend, such as sending
money, are refused in words that do not say why. The blocker, who knows, gets `blocked_by_you`.

Invitations. A code (a link, a QR picture, a text token) makes its user a friend of whoever made it, at once:
the one consented by making it, the other by using it. It lasts some days and some uses, may be revoked, and
only its hash is kept. Across a block, or after the two parted, it is over, like any other that is over.

Consents. By name, code or phone number one is found or not; one is suggested or not; one's friends are seen
by nobody, friends or everyone. That P and M are friends is shown to V only as far as both let it.
Suggestions come from mutual friends and from what callers know besides (`suggestion.py`); whatever keeps
somebody from being suggested is decided here. Labels (remark, star, tags, lists) are seen by who made them.

Limits: 5,000 friends, 200 asks a day (days begin at midnight in China), those that reach nobody included;
100 live invitations, 20 wrong codes an hour.

An undirected tie is two directed rows, so that everybody's list is read by their own key. Every change locks
the rows of both people in `tie_person`, in the order of their numbers; invitations are locked before people.
`tie_list` has each person's friends once more in one value, for walking over friends of friends.

Who were friends before are remembered (`tie_former`): ending a friendship and making it again is no new tie.

Tables: tie, tie_request, tie_ask, tie_block, tie_former, tie_person, tie_list, tie_invitation,
tie_invitation_use, tie_guess, tie_dismissal, tie_label, tie_group, tie_group_member. Facts: `ties.asked`
{from, at} to the one asked; `ties.accepted` {a, b, at, new, cause, asker, person, name, avatar}, one to each
of the two, in which a < b are the pair, `new` says that they never were friends before, `asker` asked or
invited, and the rest is the other one; `ties.removed` {person, of}, one to each; to nobody's phone
`ties.refused` {asker, person, at} and `ties.imported` {ties, at}.
Laws: `audit.py`. Imports of whole graphs: `importing.py`. How strong ties are: `strength/`.
"""

from wufu.ties import audit
from wufu.ties.http import router
from wufu.ties.importing import BadEdgeList, EdgeList, Imported, import_ties, read_edges
from wufu.ties.invitation import (
    InvitationLook,
    InvitationOver,
    InvitationView,
    LookAtInvitation,
    Made,
    MakeInvitation,
    NoSuchInvitation,
    TooManyGuesses,
    TooManyInvitations,
    UseInvitation,
)
from wufu.ties.label import BadLabel, FriendGroup, Label, NotFriendsWith, SetLabel
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
    Mutual,
    NoSuchRequest,
    RefuseTie,
    RemoveTie,
    Standing,
    TieToSelf,
    TooManyAsks,
    TooManyFriends,
    Unblock,
)
from wufu.ties.personal import PERSONAL, forget_person
from wufu.ties.privacy import Privacy, PrivacyChange
from wufu.ties.strength import audit as strength_audit
from wufu.ties.strength.http import router as strength_router
from wufu.ties.strength.model import Act, ActDay, Shared, SharedKind, Strength
from wufu.ties.strength.verbs import (
    forget_acts,
    note_acts,
    noting,
    recompute,
    recompute_pairs,
    see_acts,
    see_dealings,
    see_shared,
    see_strength,
    see_strengths,
)
from wufu.ties.suggestion import Evidence, Reason, SharedGroup, Suggestion, TooManyDismissed
from wufu.ties.verbs.finding import change_privacy, find, only_findable, see_privacies
from wufu.ties.verbs.forming import (
    accept_ties,
    ask_ties,
    block,
    introduce,
    refuse_ties,
    remove_ties,
    unblock,
)
from wufu.ties.verbs.inviting import (
    look_at_invitation,
    make_invitation,
    revoke_invitation,
    see_invitations,
    use_invitations,
)
from wufu.ties.verbs.labelling import remove_group, save_group, see_groups, see_labels, set_label
from wufu.ties.verbs.seeing import (
    are_friends,
    blocked,
    count_friends,
    friends_of,
    see_asked,
    see_blocked,
    see_friends,
    see_mutual,
    see_requests,
    see_standing_with,
    tied_since,
)
from wufu.ties.verbs.suggesting import dismiss, restore, suggest
from wufu.ties.verbs.sweeping import sweep
from wufu.ties.whole_store import WholeTie, see_all_ties, see_ties_made_at

LAWS = (*audit.LAWS, *strength_audit.LAWS)

__all__ = [
    "LAWS",
    "MOST_ASKS_A_DAY",
    "MOST_FRIENDS",
    "PERSONAL",
    "VERBS",
    "AcceptTie",
    "Act",
    "ActDay",
    "AskTie",
    "Asking",
    "BadEdgeList",
    "BadLabel",
    "Block",
    "BlockedByYou",
    "EdgeList",
    "Evidence",
    "Found",
    "Friend",
    "FriendGroup",
    "Imported",
    "InvitationLook",
    "InvitationOver",
    "InvitationView",
    "Label",
    "LookAtInvitation",
    "Made",
    "MakeInvitation",
    "Mutual",
    "NoSuchInvitation",
    "NoSuchRequest",
    "NotFriendsWith",
    "Privacy",
    "PrivacyChange",
    "Reason",
    "RefuseTie",
    "RemoveTie",
    "SetLabel",
    "Shared",
    "SharedGroup",
    "SharedKind",
    "Standing",
    "Strength",
    "Suggestion",
    "TieToSelf",
    "TooManyAsks",
    "TooManyDismissed",
    "TooManyFriends",
    "TooManyGuesses",
    "TooManyInvitations",
    "Unblock",
    "UseInvitation",
    "WholeTie",
    "accept_ties",
    "are_friends",
    "ask_ties",
    "block",
    "blocked",
    "change_privacy",
    "count_friends",
    "dismiss",
    "find",
    "forget_acts",
    "forget_person",
    "friends_of",
    "import_ties",
    "introduce",
    "look_at_invitation",
    "make_invitation",
    "note_acts",
    "noting",
    "only_findable",
    "read_edges",
    "recompute",
    "recompute_pairs",
    "refuse_ties",
    "remove_group",
    "remove_ties",
    "restore",
    "revoke_invitation",
    "router",
    "save_group",
    "see_acts",
    "see_all_ties",
    "see_asked",
    "see_blocked",
    "see_dealings",
    "see_friends",
    "see_groups",
    "see_invitations",
    "see_labels",
    "see_mutual",
    "see_privacies",
    "see_requests",
    "see_shared",
    "see_standing_with",
    "see_strength",
    "see_strengths",
    "see_ties_made_at",
    "set_label",
    "strength_router",
    "suggest",
    "sweep",
    "tied_since",
    "unblock",
    "use_invitations",
]
