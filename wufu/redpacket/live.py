"""The hot verbs of red packets, as the edge offers them; sending asks for the payment PIN first."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from wufu.core.ids import ConversationId, PacketId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx
from wufu.edge import LiveVerb
from wufu.people import guard_pin
from wufu.redpacket.model import OpenPacket, PacketSent, SendPacket, Target
from wufu.redpacket.split import Split
from wufu.redpacket.verbs.asking import AskPacket, SharePacket, ask_packets, share_packets
from wufu.redpacket.verbs.opening import open_packets
from wufu.redpacket.verbs.sending import send_packets


class SendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`SendPacket` as a phone asks for it, with the payment PIN."""

    person: PersonId
    id: PacketId
    to: Target
    split: Split
    minor: int
    shares: int
    pin: str
    whom: PersonId | None = None
    conversation: ConversationId | None = None
    message: str = ""
    cover: str = "fu"
    password: str | None = None
    fission: bool = False
    merchant: bool = False
    request: UUID | None = None


async def _send(tx: Tx, requests: Sequence[SendRequest]) -> list[PacketSent | Refusal]:
    return await send_packets(tx, [_without_pin(request) for request in requests])


def _without_pin(request: SendRequest) -> SendPacket:
    fields = msgspec.structs.asdict(request)
    del fields["pin"]
    return SendPacket(**fields)


async def _guard(database: Database, request: SendRequest) -> Refusal | None:
    return await guard_pin(database, request.person, request.pin)


VERBS = (
    LiveVerb("send_packet", SendRequest, _send, _guard),
    LiveVerb("open_packet", OpenPacket, open_packets),
    LiveVerb("share_packet", SharePacket, share_packets),
    LiveVerb("ask_packet", AskPacket, ask_packets),
)
