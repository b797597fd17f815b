"""Red packets 红包: money as a gesture between people.

The story. A packet is sent with the payment PIN: its total goes from the sender's money into an escrow of
the packet's own, and a conversation shows it (or a link does). Whoever may open it opens one share: lucky
(拼手气) or equal, for a friend, for one member of a group (专属), for whoever types its password (口令), for
whoever has its link. Opening is one verb over a list, safe to repeat, since packet and person are its id.
The last share takes what is left; then the luckiest is named, the earliest of equals. What nobody opened
returns to the sender when its time is over, by the job clock.

How a lucky packet splits is fixed when it is sent, by a secret that is committed to (`split.py`): nobody who
opens, and no server that is asked, can choose an amount. When it has ended the secret is published, and the
proof file (`proof.py`) is checked by `wufu verify` and in the page.

A packet to pass on (裂变) goes to a friend with more than one share: the friend opens the first, and whoever
opened may bring the rest into groups of theirs, or hand on its link.

A merchant, whom the operator names, sends up to a million shares at once, but not in quiet hours. What such a
packet costs to open does not grow with its size: its row keeps how much is left, how many are open and the
luckiest so far. Packets of more than a hundred shares are not told opening by opening, neither to phones nor
in conversations.

Asking for a packet (讨红包) is answered `asked`, always: whether the other one refused, switched asking off
or never looked is nowhere in what the asker sees.

Tables: packet, packet_opening, packet_scope (conversations that show it), packet_try (wrong passwords),
packet_sending (wishes and their answers), packet_person (days and settings), packet_ask, packet_limit.
Accounts: `packet/<id> escrow`. Facts: `packet.came`, `packet.opened`, `packet.finished`, `packet.returned`,
`packet.asked`, `packet.answered`, and `wallet.moved` to whose money changed.
Laws: `audit.py`, and `check_splits`, which needs a cipher.

Locks: what a sender does with packets (`packet_person`), then packets by id, then conversations, then the
ledger's accounts.

If you add a kind of split, `split.py` and the page's check (`proof`) change together, with a new format name.
"""

from wufu.redpacket.acts import LISTENERS
from wufu.redpacket.audit import LAWS, SPLITS_LAW, check_splits
from wufu.redpacket.http import router
from wufu.redpacket.jobs import jobs
from wufu.redpacket.live import VERBS
from wufu.redpacket.model import (
    Limits,
    Opened,
    OpenPacket,
    PacketSent,
    SendPacket,
    escrow_of,
)
from wufu.redpacket.personal import PERSONAL, forget_person, see_unsettled
from wufu.redpacket.proof import FORMAT as PROOF_FORMAT
from wufu.redpacket.proof import Finding, PacketProof, check_packet_proof
from wufu.redpacket.refusals import (
    BadPacket,
    NotForYou,
    NotToBeShared,
    PacketFinished,
    PacketNotEnded,
    PacketOver,
    PacketPasswordNeeded,
    PacketTriesUsed,
    QuietHours,
    UnknownPacket,
    WrongPacketPassword,
)
from wufu.redpacket.split import Terms, all_shares, lucky_shares, packet_commitment, packet_key
from wufu.redpacket.store.packets import limits as see_packet_limits
from wufu.redpacket.store.people import merchants as see_merchants
from wufu.redpacket.verbs.asking import (
    AskPacket,
    SharePacket,
    allow_asking,
    ask_packets,
    refuse_ask,
    set_merchant,
    set_packet_limits,
    share_packets,
)
from wufu.redpacket.verbs.opening import open_packets
from wufu.redpacket.verbs.returning import return_all_due, return_due
from wufu.redpacket.verbs.sending import send_packets
from wufu.redpacket.views import (
    see_asks,
    see_history,
    see_packet,
    see_packet_by_token,
    see_packet_proof,
    see_packet_settings,
)

__all__ = [
    "LAWS",
    "LISTENERS",
    "PERSONAL",
    "PROOF_FORMAT",
    "SPLITS_LAW",
    "VERBS",
    "AskPacket",
    "BadPacket",
    "Finding",
    "Limits",
    "NotForYou",
    "NotToBeShared",
    "OpenPacket",
    "Opened",
    "PacketFinished",
    "PacketNotEnded",
    "PacketOver",
    "PacketPasswordNeeded",
    "PacketProof",
    "PacketSent",
    "PacketTriesUsed",
    "QuietHours",
    "SendPacket",
    "SharePacket",
    "Terms",
    "UnknownPacket",
    "WrongPacketPassword",
    "all_shares",
    "allow_asking",
    "ask_packets",
    "check_packet_proof",
    "check_splits",
    "escrow_of",
    "forget_person",
    "jobs",
    "lucky_shares",
    "open_packets",
    "packet_commitment",
    "packet_key",
    "refuse_ask",
    "return_all_due",
    "return_due",
    "router",
    "see_asks",
    "see_history",
    "see_merchants",
    "see_packet",
    "see_packet_by_token",
    "see_packet_limits",
    "see_packet_proof",
    "see_packet_settings",
    "see_unsettled",
    "send_packets",
    "set_merchant",
    "set_packet_limits",
    "share_packets",
]
