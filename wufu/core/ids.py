"""The nouns' names. An id is a type of its own, so that they cannot be mixed up.

People have numbers because a number fits a NATS subject and an index page;
everything a phone creates has a UUIDv7 made on the phone, which is also the
idempotency key: the same id with the same content is answered again, the same
id with other content is a named conflict.
"""

from typing import NewType
from uuid import UUID

PersonId = NewType("PersonId", int)
AccountId = NewType("AccountId", UUID)
GroupId = NewType("GroupId", UUID)
HoldId = NewType("HoldId", UUID)
CampaignId = NewType("CampaignId", str)
GiftId = NewType("GiftId", UUID)
RequestId = NewType("RequestId", UUID)
SwapId = NewType("SwapId", UUID)
CashId = NewType("CashId", UUID)
PacketId = NewType("PacketId", UUID)
ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)


def person_holder(person: PersonId) -> str:
    """The name under which the ledger knows a person: `person/17`."""
    return f"person/{person}"


def person_of_holder(holder: str) -> PersonId | None:
    """The person behind a ledger holder, or None when the holder is not a person."""
    kind, _, number = holder.partition("/")
    return PersonId(int(number)) if kind == "person" and number.isdigit() else None
