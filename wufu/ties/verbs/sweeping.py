"""By the clock: forget what no longer matters."""

from wufu.db import Tx
from wufu.ties.invitation import GUESSES_FOR, KEPT
from wufu.ties.model import REFUSED_FOR
from wufu.ties.store import invitations, lists, near
from wufu.ties.suggestion import DISMISSED_FOR


async def sweep(tx: Tx) -> None:
    """Forget asks withdrawn long ago, dismissals of more than 90 days, old invitations and wrong codes."""
    await lists.forget_asks(tx.connection, tx.now - REFUSED_FOR)
    await near.forget_dismissals(tx.connection, tx.now - DISMISSED_FOR)
    await invitations.forget(tx.connection, tx.now - KEPT)
    await invitations.forget_guesses(tx.connection, tx.now - GUESSES_FOR)
