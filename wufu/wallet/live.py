"""The wallet's hot verb: sending money, with the PIN checked before the batch."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from wufu.core.ids import PersonId
from wufu.core.refusals import Refusal
from wufu.db import Database, Tx
from wufu.edge import LiveVerb
from wufu.people import guard_pin
from wufu.wallet.model import SendMoney, Sent
from wufu.wallet.verbs import transfer


class SendRequest(msgspec.Struct, frozen=True):
    """`SendMoney` as a phone asks for it, with the payment PIN."""

    person: PersonId
    id: UUID
    to: PersonId
    minor: int
    pin: str
    note: str = ""


async def _transfer(tx: Tx, requests: Sequence[SendRequest]) -> list[Sent | Refusal]:
    return await transfer(tx, [SendMoney(r.person, r.id, r.to, r.minor, r.note) for r in requests])


async def _guard(database: Database, request: SendRequest) -> Refusal | None:
    return await guard_pin(database, request.person, request.pin)


VERBS = (LiveVerb("transfer", SendRequest, _transfer, _guard),)
