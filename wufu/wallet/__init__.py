"""The wallet 钱包: a person's money, sending it, and bringing it in from or taking it out to a bank.

The story. A person's money is one ledger account (`money_of`). Sending it to somebody is one transfer in the
ledger; the payment PIN is checked at the edge before. Money comes in by a *top-up*: the wallet asks the bank,
and credits only when the bank's signed notification says so. It leaves by a *withdrawal*: the amount is set
aside in a ledger hold first, leaves for good when the bank confirms, and returns when the bank fails. A
notification may be lost, late, doubled or forged: the signature, the time, the order, the amount and the
state are checked, a repeated one changes nothing, and a job asks the bank about every order that stays open.

Who may be sent money: anybody but oneself, and nobody who blocked the sender; that is refused as
`not_reachable`, which does not say why. A refusal about the state of things (`not_enough`, `over_limit`,
`not_reachable`) is remembered under the id like a success, so that a late duplicate of a request that was
refused never moves money. Ids are the phone's own: the ledger's group is named by person and id, so one
person's ids mean nothing to another's.

Banks. `bank.py` has the protocol between wallet and bank: HTTP with HMAC-SHA256 over purpose, time and body,
both ways. `sandbox.py` is a whole small bank that speaks it and keeps its own book; it is used unless
`WUFU_BANK_URL` and `WUFU_BANK_KEY` (64 hex digits) name another. Sandbox amounts that end in 13 fen fail;
those that end in 14 fen are confirmed, but their notification is lost.

Tables: wallet_limit, wallet_person, wallet_transfer, wallet_order; the sandbox's bank_order, bank_key.
Accounts: `person/<n> money`; `bank/sandbox world`, which may overdraw: what it gave is what came in.
Facts: `wallet.moved` {balance_minor, minor, reason, note?, with?} to whom it concerns. Laws: `audit.py`.
"""

from wufu.wallet.acts import LISTENERS
from wufu.wallet.audit import LAWS
from wufu.wallet.bank import BadNotice, BadSignature
from wufu.wallet.http import routers
from wufu.wallet.jobs import jobs
from wufu.wallet.live import VERBS, SendRequest
from wufu.wallet.model import (
    BadNote,
    Limits,
    Notice,
    NotReachable,
    Order,
    OverLimit,
    SendMoney,
    Sent,
    TopUp,
    TransferToSelf,
    Withdraw,
    money_of,
)
from wufu.wallet.orders import ask_top_up, ask_withdrawal, hear_bank
from wufu.wallet.personal import PERSONAL, forget_person, see_unsettled
from wufu.wallet.verbs import fund, moved, see_balance, see_limits, see_statement, set_limits, transfer

__all__ = [
    "LAWS",
    "LISTENERS",
    "PERSONAL",
    "VERBS",
    "BadNote",
    "BadNotice",
    "BadSignature",
    "Limits",
    "NotReachable",
    "Notice",
    "Order",
    "OverLimit",
    "SendMoney",
    "SendRequest",
    "Sent",
    "TopUp",
    "TransferToSelf",
    "Withdraw",
    "ask_top_up",
    "ask_withdrawal",
    "forget_person",
    "fund",
    "hear_bank",
    "jobs",
    "money_of",
    "moved",
    "routers",
    "see_balance",
    "see_limits",
    "see_statement",
    "see_unsettled",
    "set_limits",
    "transfer",
]
