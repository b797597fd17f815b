"""Every kind of message that phones may send, one line a kind.

Cards are sent by other domains (`send_cards`), notices by chat itself, and `gone` is what burning leaves.
Whoever adds a kind gives it a look in the app.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from wufu.chat.bodies import PLAIN, Kind, as_it_is
from wufu.chat.forward import FORWARD
from wufu.chat.media import model as media_model
from wufu.chat.media import verbs as media
from wufu.chat.model import Message
from wufu.chat.secret import ending as secret
from wufu.db import Tx

KINDS: Mapping[str, Kind] = {
    **PLAIN,
    "forward": FORWARD,
    **dict.fromkeys(media_model.KINDS, Kind(media_model.MediaBody, as_it_is, media.check_sending)),
}

Hook = Callable[[Tx, Sequence[Message]], Awaitable[None]]

SENT: Mapping[str, Hook] = dict.fromkeys(media_model.KINDS, media.note_sent)
"""What has to happen in the same transaction when messages of a kind were written (not for repeats)."""

ENDED: Mapping[str, Hook] = {
    **dict.fromkeys(media_model.KINDS, media.note_ended),
    "secret": secret.note_ended,
}
"""What has to happen when messages of a kind are recalled; they come as they were before."""


async def tell(hooks: Mapping[str, Hook], tx: Tx, messages: Sequence[Message]) -> None:
    """Call the hook of each kind with its messages."""
    by_kind: dict[str, list[Message]] = {}
    for message in messages:
        if message.kind in hooks:
            by_kind.setdefault(message.kind, []).append(message)
    for kind, its in by_kind.items():
        await hooks[kind](tx, its)
