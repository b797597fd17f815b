"""The ledger: every fen and every card, who holds it, and how it got there.

The story. An *account* is a holder's amount of one asset for one purpose:
`Account("person/17", "money", "CNY")`, or a card: `Account("person/17", "card",
"gala-2016/jingye")`. Its id is the hash of these three names, so nobody looks an
account up and no two can be the same; the first transfer opens it. A *transfer*
moves an amount from one account to another and is one row: it cannot be
unbalanced. A *group* is transfers that happen together or not at all; its id,
made by whoever wants it, makes it happen once, however often it is asked.

`post` takes many groups, locks their accounts in id order, decides each in
order in pure code (`model.decide`), and writes with one statement a table. For
one shape, an account that pays many from a numbered series, `pay_out` does the
same for half the work (`payout.py`). Nothing else writes. What comes into the
system comes from accounts that *may overdraw*: a mint of cards, the world
behind the bank. They have no counters and are never locked, so that a campaign
minting a million cards does not queue on one row; what they gave is the sum of
their transfers.

An account that is debited is locked until the commit, so whoever pays from one
pool pays one batch at a time. That is fast (thousands a batch); to use several
connections, first move parts of the pool to accounts of their own.

A *hold* sets an amount aside: placing it moves the amount to an account of the
hold's own (`hold/<id>`, `pending`), ending it moves it on (posted) or back
(voided, expired). Exactly one ending wins, since it begins with the hold's lock.

Every few seconds the transfers are *sealed* into a chain of blocks (`chain.py`);
`check_chain` names each row that was changed, removed, added or moved since.

| table        | is                                                                           |
| ------------ | ---------------------------------------------------------------------------- |
| `account`    | names and two growing counters, `debits` and `credits`; balance = their gap  |
| `transfer`   | what moved: append only, the application may neither update nor delete it    |
| `hold`       | amounts set aside, and how that ended                                        |
| `seal_block` | the chain: numbers and digests of a range of transfers, hashed to the last   |

Laws (`audit.py`): every asset sums to zero; counters are the sums of the
transfers; only accounts that may overdraw are below zero; both sides of a
transfer have one asset; an account's id is the hash of its names; a group's
lines are numbered without holes; pending accounts hold exactly the open holds;
what is older than ten minutes is sealed.

If you add a purpose, nothing here changes: holders, purposes and assets are
text to the ledger. If you add a column to `transfer`, it also belongs into
`store/sealing.py`'s `DIGEST` and `chain.row_digest`, and old blocks need the old digest.
"""

from wufu.ledger.audit import LAWS
from wufu.ledger.chain import ChainFault, ChainHead, check_chain, seal
from wufu.ledger.jobs import jobs
from wufu.ledger.model import (
    Account,
    AccountClosed,
    AccountHasHolds,
    AccountNotEmpty,
    BadAmount,
    Entry,
    Group,
    GroupConflict,
    Held,
    Hold,
    HoldConflict,
    HoldEnded,
    NotEnough,
    Posted,
    Transfer,
    UnknownHold,
    account_id,
    named_group,
    numbered_group,
)
from wufu.ledger.payout import Payout
from wufu.ledger.personal import PERSONAL
from wufu.ledger.readers import balance_at, balances, count_transfers, holders_of_all, issued, statement
from wufu.ledger.verbs import close_account, expire_holds, pay_out, place_holds, post, post_holds, void_holds

__all__ = [
    "LAWS",
    "PERSONAL",
    "Account",
    "AccountClosed",
    "AccountHasHolds",
    "AccountNotEmpty",
    "BadAmount",
    "ChainFault",
    "ChainHead",
    "Entry",
    "Group",
    "GroupConflict",
    "Held",
    "Hold",
    "HoldConflict",
    "HoldEnded",
    "NotEnough",
    "Payout",
    "Posted",
    "Transfer",
    "UnknownHold",
    "account_id",
    "balance_at",
    "balances",
    "check_chain",
    "close_account",
    "count_transfers",
    "expire_holds",
    "holders_of_all",
    "issued",
    "jobs",
    "named_group",
    "numbered_group",
    "pay_out",
    "place_holds",
    "post",
    "post_holds",
    "seal",
    "statement",
    "void_holds",
]
