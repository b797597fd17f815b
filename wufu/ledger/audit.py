"""The ledger's laws, as queries that return the violations.

They trust nothing the posting code computed: balances are summed again from the
transfers, ids hashed again from the names.
"""

from wufu.db import Law

MOVED = """
    SELECT id, sum(debits)::bigint AS debits, sum(credits)::bigint AS credits FROM (
        SELECT source AS id, sum(minor) AS debits, 0 AS credits FROM transfer GROUP BY source
        UNION ALL
        SELECT target, 0, sum(minor) FROM transfer GROUP BY target) AS side
    GROUP BY id
"""

LAWS = (
    Law(
        # Counters where there are counters, transfers where there are none: a counter that is off by a
        # fen, or a transfer between two assets, leaves a sum that is not zero.
        "every asset's accounts sum to zero",
        f"""
        SELECT asset, sum(CASE WHEN may_overdraw THEN coalesce(moved.credits - moved.debits, 0)
                               ELSE account.credits - account.debits END) AS surplus_minor
        FROM account LEFT JOIN ({MOVED}) AS moved USING (id)
        GROUP BY asset
        HAVING sum(CASE WHEN may_overdraw THEN coalesce(moved.credits - moved.debits, 0)
                        ELSE account.credits - account.debits END) <> 0
        """,
    ),
    Law(
        "an account's counters are the sums of its transfers",
        f"""
        SELECT coalesce(account.id, moved.id) AS id, account.holder, account.purpose, account.asset,
               account.debits, moved.debits AS debits_moved, account.credits, moved.credits AS credits_moved
        FROM account FULL JOIN ({MOVED}) AS moved ON moved.id = account.id
        WHERE account.id IS NULL  -- moved, but never opened
           OR NOT account.may_overdraw AND (account.debits, account.credits)
              IS DISTINCT FROM (coalesce(moved.debits, 0), coalesce(moved.credits, 0))
        """,
    ),
    Law(
        "no account is below zero that may not overdraw",
        """
        SELECT id, holder, purpose, asset, credits - debits AS balance_minor FROM account
        WHERE NOT may_overdraw AND debits > credits
        """,
    ),
    Law(
        "a closed account is empty",
        """
        SELECT id, holder, purpose, asset, credits - debits AS balance_minor, closed_at FROM account
        WHERE closed_at IS NOT NULL AND debits <> credits
        """,
    ),
    Law(
        "both accounts of a transfer have the same asset",
        """
        SELECT transfer.seq, transfer.group_id, source.asset AS source_asset, target.asset AS target_asset
        FROM transfer JOIN account AS source ON source.id = transfer.source
                      JOIN account AS target ON target.id = transfer.target
        WHERE source.asset <> target.asset
        """,
    ),
    Law(
        "an account's id is the hash of its three names",
        r"""
        SELECT id, holder, purpose, asset
        FROM (SELECT account.*, sha256(convert_to(holder, 'UTF8') || '\x00' || convert_to(purpose, 'UTF8')
                                       || '\x00' || convert_to(asset, 'UTF8')) AS digest
              FROM account) AS named
        WHERE id <> encode(set_byte(set_byte(substr(digest, 1, 16), 6, get_byte(digest, 6) & 15 | 128),
                                    8, get_byte(digest, 8) & 63 | 128), 'hex')::uuid
        """,
    ),
    Law(
        "the lines of a group are numbered from 0 without holes",
        """
        SELECT group_id, count(*) AS lines, min(ordinal) AS first, max(ordinal) AS last
        FROM transfer GROUP BY group_id
        HAVING min(ordinal) <> 0 OR max(ordinal) <> count(*) - 1
        """,
    ),
    Law(
        "an open hold's amount lies in its pending account, and nothing else lies in one",
        """
        SELECT coalesce('hold/' || hold.id, pending.holder) AS holder, hold.minor, hold.outcome,
               pending.credits - pending.debits AS balance_minor
        FROM hold
        FULL JOIN (SELECT * FROM account WHERE purpose = 'pending' AND holder LIKE 'hold/%') AS pending
             ON pending.holder = 'hold/' || hold.id AND pending.asset = hold.asset
        WHERE coalesce(pending.credits - pending.debits, 0)
              <> CASE WHEN hold.ended_at IS NULL THEN coalesce(hold.minor, 0) ELSE 0 END
        """,
    ),
    Law(
        # The sealer waits only for running transactions; what it passed over in ten minutes was
        # written behind its back. True of a database in which the sealer never ran, too.
        "every transfer older than ten minutes is sealed, once sealing has begun",
        """
        SELECT transfer.seq, transfer.group_id, transfer.at FROM transfer,
               (SELECT last_seq, sealed_at FROM seal_block ORDER BY number DESC LIMIT 1) AS head
        WHERE transfer.seq > head.last_seq AND transfer.at < head.sealed_at - interval '10 minutes'
        """,
    ),
)
