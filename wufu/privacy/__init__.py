"""Privacy: one's own data out, and the account gone.

The story. Anybody may have everything that is kept of them, as one JSON file. And anybody may leave. Who asks
to leave has seven days to change their mind; then, or at once if they wish, the account is closed: no
session, no password, no name. Money comes first: as long as there is a balance, an open packet, a photo that
people pay for, an order at a bank or a share of a pool to come, nothing is closed, and the page says what is
in the way. After the closing, when the last pass to the live edge has run out, everything else is taken away
domain by domain (`plan.py`), each step in a transaction of its own, so that a crash costs nothing but time.

What stays. The ledger and the draws keep a number that nobody has any more: other people's money and proofs
rest on them. Each domain says what stays and why (`personal.py` in each), and a test walks through the whole
schema, so that no column with a person's number is in nobody's list. Facts that other systems may read are
kept for seven days by the stream; what phones of others have kept is theirs.

Table: leaving. Laws: `audit.py`. If you add a table with a person's number, list it in your domain's
`personal.py`; a domain that keeps more than rows has a `forget_person`, and a step in `plan.py`.
"""

from wufu.privacy.audit import LAWS
from wufu.privacy.http import router
from wufu.privacy.jobs import jobs
from wufu.privacy.model import GRACE_DAYS, Leaving, NotSettled, Unsettled
from wufu.privacy.plan import DOMAINS, STEPS
from wufu.privacy.verbs import ask_to_leave, export, leave_due, see_leaving, stay

__all__ = [
    "DOMAINS",
    "GRACE_DAYS",
    "LAWS",
    "STEPS",
    "Leaving",
    "NotSettled",
    "Unsettled",
    "ask_to_leave",
    "export",
    "jobs",
    "leave_due",
    "router",
    "see_leaving",
    "stay",
]
