"""What the wallet keeps of a person, and how an account that is empty is closed."""

from wufu.core.ids import PersonId
from wufu.db import Connection, Personal, Tx, erase
from wufu.ledger import close_account
from wufu.wallet.model import money_of
from wufu.wallet.store import open_orders_of
from wufu.wallet.verbs import see_balance

PERSONAL = (
    Personal(
        "sent",
        """
        SELECT id, recipient, minor, note, at FROM wallet_transfer
        WHERE person = $1 AND refusal IS NULL ORDER BY at
        """,
        ("UPDATE wallet_transfer SET note = '' WHERE person = $1",),
        stays="a transfer belongs to who received it as well; its note goes",
    ),
    Personal(
        "bank_orders",
        """
        SELECT id, kind, minor, state, asked_at, ended_at FROM wallet_order
        WHERE person = $1 ORDER BY asked_at
        """,
        stays="what went to and came from a bank is kept as long as the books",
    ),
    Personal(
        "today",
        "SELECT day, sent_minor, withdrawn_minor FROM wallet_person WHERE person = $1",
        ("DELETE FROM wallet_person WHERE person = $1",),
    ),
)


async def see_unsettled(connection: Connection, person: PersonId) -> dict[str, tuple[int, int]]:
    """What stands in the way of leaving: what → (how many, how much in fen)."""
    balance = await see_balance(connection, person)
    orders = await open_orders_of(connection, person)
    return {
        **({"balance": (1, balance)} if balance else {}),
        **({"order": (len(orders), sum(one.minor for one in orders))} if orders else {}),
    }


async def forget_person(tx: Tx, person: PersonId) -> bool:
    """Close the money account, so that nothing can reach it any more, and forget the notes.

    Refusal account_not_empty when money came meanwhile.
    """
    await close_account(tx, money_of(person))
    await erase(tx, PERSONAL, person)
    return False
