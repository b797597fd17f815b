"""The laws of campaigns, as queries that return the violations.

The ledger's own laws already hold that no card and no fen appears or vanishes;
these tie the campaign's rows to the ledger's.
"""

from wufu.db import Law

# The ledger's group of a gift or a swap is named by its kind and id (`model.derived_id`).
NAMED = r"""
    (SELECT encode(set_byte(set_byte(digest, 6, get_byte(digest, 6) & 15 | 128),
                            8, get_byte(digest, 8) & 63 | 128), 'hex')::uuid
     FROM (SELECT substr(sha256('group\000fortune\000{kind}\000'::bytea || {id}::text::bytea), 1, 16)
                  AS digest) AS hashed)
"""

LAWS = (
    Law(
        "a round's secret is published only when it closed, and fits its commitment",
        """
        SELECT r.campaign, r.number FROM campaign_round AS r
        JOIN round_secret AS s USING (campaign, number)
        WHERE sha256(s.secret) <> r.commitment OR r.secret <> s.secret
        """,
    ),
    Law(
        "player numbers run from 1 without holes, one a player",
        """
        SELECT c.campaign, c.players, count(p.number) AS counted, count(DISTINCT p.number) AS numbers,
               max(p.number) AS highest
        FROM campaign_count AS c LEFT JOIN player AS p USING (campaign)
        GROUP BY c.campaign, c.players
        HAVING c.players <> count(p.number) OR c.players <> count(DISTINCT p.number)
            OR c.players <> coalesce(max(p.number), 0)
        """,
    ),
    Law(
        "a win lies among the accepted taps",
        """
        SELECT w.person, w.campaign, w.round, w.tap FROM win AS w
        LEFT JOIN tapping AS t USING (person, campaign, round)
        WHERE t.next IS NULL OR w.tap >= t.next OR w.tap < 0
        """,
    ),
    Law(
        "every card minted for a campaign is won, a friend reward, or waiting in stock",
        """
        WITH minted AS (
            SELECT a.asset, sum(t.minor) FILTER (WHERE t.source = a.id)
                          - coalesce(sum(t.minor) FILTER (WHERE t.target = a.id), 0) AS cards
            FROM account AS a JOIN transfer AS t ON a.id IN (t.source, t.target)
            WHERE a.purpose = 'mint' AND t.reason <> 'void' GROUP BY a.asset
        ), won AS (
            SELECT campaign || '/' || prize AS asset, count(*) AS cards FROM win
            WHERE outcome = 'card' GROUP BY 1
        ), rewarded AS (
            SELECT campaign || '/' || card AS asset, count(*) AS cards
            FROM friend_reward, unnest(cards) AS card GROUP BY 1
        ), waiting AS (
            SELECT asset, sum(credits - debits) AS cards FROM account WHERE purpose = 'stock' GROUP BY 1
        )
        SELECT asset, m.cards AS minted, w.cards AS won, r.cards AS rewarded, s.cards AS waiting
        FROM minted AS m FULL JOIN won AS w USING (asset) FULL JOIN rewarded AS r USING (asset)
             FULL JOIN waiting AS s USING (asset)
        WHERE coalesce(m.cards, 0)
              <> coalesce(w.cards, 0) + coalesce(r.cards, 0) + coalesce(s.cards, 0)
        """,
    ),
    Law(
        "no limited prize is released beyond its stock",
        """
        SELECT s.campaign, s.prize, s.released, (line ->> 'stock')::bigint AS stock
        FROM stock AS s
        JOIN campaign_round AS r ON r.campaign = s.campaign AND r.number > 0,
             jsonb_array_elements(r.spec -> 'odds') AS line
        WHERE line ->> 'prize' = s.prize AND s.released > (line ->> 'stock')::bigint
        """,
    ),
    Law(
        "a cash win was paid once to its winner and once set aside for a friend",
        """
        SELECT w.person, w.campaign, w.round, w.tap, w.minor, c.minor AS packet
        FROM win AS w FULL JOIN cash_packet AS c USING (person, campaign, round, tap)
        WHERE (w.outcome = 'cash' OR w.outcome IS NULL)
          AND (c.minor IS NULL OR w.minor IS NULL OR c.minor <> w.minor)
        """,
    ),
    Law(
        "money set aside for passing on equals the packets that still wait",
        """
        WITH waiting AS (
            SELECT campaign, sum(minor) AS minor FROM cash_packet
            WHERE passed_to IS NULL AND returned_at IS NULL GROUP BY campaign
        ), aside AS (
            SELECT substr(holder, length('fortune/') + 1) AS campaign, credits - debits AS minor
            FROM account WHERE purpose = 'passing'
        )
        SELECT campaign, w.minor AS waiting, a.minor AS aside
        FROM waiting AS w FULL JOIN aside AS a USING (campaign)
        WHERE coalesce(w.minor, 0) <> coalesce(a.minor, 0)
        """,
    ),
    Law(
        "a gift moved exactly its card",
        f"""
        SELECT g.id FROM gift AS g
        LEFT JOIN transfer AS t ON t.group_id = {NAMED.format(kind="gift", id="g.id")}
        LEFT JOIN account AS s ON s.id = t.source
        LEFT JOIN account AS d ON d.id = t.target
        GROUP BY g.id, g.campaign, g.card, g.giver, g.receiver
        HAVING count(t.group_id) <> 1 OR min(t.minor) <> 1
            OR min(s.asset) <> g.campaign || '/' || g.card
            OR min(s.holder) <> 'person/' || g.giver OR min(d.holder) <> 'person/' || g.receiver
        """,
    ),
    Law(
        "a swap moved both cards or none",
        f"""
        SELECT s.id, s.state, count(t.group_id) AS transfers FROM swap AS s
        LEFT JOIN transfer AS t ON t.group_id = {NAMED.format(kind="swap", id="s.id")}
        GROUP BY s.id, s.state
        HAVING count(t.group_id) <> CASE s.state WHEN 'done' THEN 2 ELSE 0 END
        """,
    ),
    Law(
        "a request is given by a gift of its card to its asker",
        """
        SELECT r.id FROM card_request AS r LEFT JOIN gift AS g ON g.id = r.gift
        WHERE r.state = 'given' AND (g.id IS NULL OR g.receiver <> r.person OR g.card <> r.card)
        """,
    ),
    Law(
        "cards for new friends, given or held, were earned under the campaign's rule",
        """
        WITH rule AS (
            SELECT id AS campaign, f.friends, f.cards, coalesce(f.design, 'threshold') AS design,
                   coalesce(f.bonus, 0) AS bonus
            FROM campaign, jsonb_to_record(spec -> 'friends_for_cards')
                 AS f (friends int, cards int, design text, bonus int)
        ), counted AS (
            SELECT person, campaign, count(*) FILTER (WHERE rewarded) AS friends,
                   bool_and(r.design = n.design)
                   AND count(*) FILTER (WHERE rewarded) <= min(r.friends) AS sound
            FROM new_friend AS n JOIN rule AS r USING (campaign) GROUP BY person, campaign
        ), claimed AS (
            SELECT person, campaign, cardinality(cards) AS cards FROM friend_reward
            UNION ALL SELECT person, campaign, cards FROM reward_hold WHERE state <> 'given'
        ), sums AS (SELECT person, campaign, sum(cards) AS cards FROM claimed GROUP BY person, campaign)
        SELECT person, campaign, c.friends, s.cards FROM counted AS c
        FULL JOIN sums AS s USING (person, campaign) LEFT JOIN rule AS r USING (campaign)
        WHERE NOT coalesce(c.sound, false) OR coalesce(s.cards, 0) >
              CASE r.design WHEN 'each' THEN r.cards * least(c.friends, r.friends) ELSE 0 END
              + CASE WHEN c.friends < r.friends THEN 0 WHEN r.design = 'each' THEN r.bonus ELSE r.cards END
        """,
    ),
    Law(
        "a person's cards for new friends are draws without holes, each given once or held",
        """
        WITH parts AS (
            SELECT person, campaign, first, cardinality(cards) AS cards, false AS held FROM friend_reward
            UNION ALL
            SELECT person, campaign, first, cards, true FROM reward_hold WHERE state <> 'given'
        ), placed AS (
            SELECT *, coalesce(sum(cards) OVER (PARTITION BY person, campaign ORDER BY first, held
                                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS place
            FROM parts
        )
        SELECT person, campaign, first FROM placed WHERE first <> place
        """,
    ),
    Law(
        "held cards that were given are among the rewards",
        """
        SELECT h.person, h.campaign, h.first FROM reward_hold AS h
        LEFT JOIN friend_reward AS r USING (person, campaign, first)
        WHERE h.state = 'given' AND cardinality(r.cards) IS DISTINCT FROM h.cards
        """,
    ),
    Law(
        "nobody in the hold-out is rewarded for a friend",
        """
        SELECT n.person, n.campaign, n.friend FROM new_friend AS n
        JOIN campaign AS c ON c.id = n.campaign,
        LATERAL (SELECT substr(sha256(convert_to('wufu/holdout/' || c.id || '/' || n.person, 'UTF8')), 1, 8)
                        AS bytes) AS hashed
        WHERE n.rewarded AND c.spec -> 'friends_for_cards' ? 'holdout_permille'
          AND (SELECT sum(get_byte(bytes, place) * 256::numeric ^ (7 - place))
               FROM generate_series(0, 7) AS place) * 1000
              < (c.spec -> 'friends_for_cards' ->> 'holdout_permille')::int * 2::numeric ^ 64
        """,
    ),
    Law(
        "a late share was paid once by the sponsor, and to nobody who won",
        f"""
        SELECT l.person, l.campaign, count(t.group_id) AS transfers FROM late_share AS l
        LEFT JOIN transfer AS t
               ON t.group_id = {NAMED.format(kind="late", id="(l.campaign || '/' || l.person)")}
        LEFT JOIN settlement_winner AS w ON (w.person, w.campaign) = (l.person, l.campaign)
        GROUP BY l.person, l.campaign
        HAVING count(t.group_id) <> CASE WHEN l.paid_at IS NULL THEN 0 ELSE 1 END
            OR min(t.minor) <> l.minor OR count(w.person) > 0
        """,
    ),
    Law(
        "nothing is held in a campaign that was cancelled",
        """
        SELECT c.id, h.person, h.first FROM campaign AS c JOIN reward_hold AS h ON h.campaign = c.id
        WHERE c.state IN ('cancelling', 'cancelled') AND h.state = 'held'
        """,
    ),
    Law(
        "a settlement pays the floor to each winner once, and the rest returns to the sponsor",
        """
        WITH pool AS (
            SELECT id, substr(holder, length('fortune/') + 1) AS campaign FROM account
            WHERE holder LIKE 'fortune/%' AND (purpose = 'pool' OR purpose LIKE 'paying-%')
        ), due AS (
            SELECT campaign, sum(paid_through - after_place) AS payments, max(last_place) AS winners
            FROM settlement_lane GROUP BY campaign
        ), paid AS (
            SELECT p.campaign, count(*) AS payments, count(DISTINCT t.target) AS people,
                   min(t.minor) AS least, max(t.minor) AS most
            FROM transfer AS t JOIN pool AS p ON t.source = p.id
            WHERE t.reason = 'settlement' GROUP BY p.campaign
        )
        SELECT s.campaign, s.winners, due.payments AS due, s.each_minor, paid.*
        FROM settlement AS s LEFT JOIN due USING (campaign) LEFT JOIN paid USING (campaign)
        WHERE s.each_minor <> CASE WHEN s.winners = 0 THEN 0 ELSE s.pool_minor / s.winners END
           OR s.winners <> coalesce(due.winners, 0)
           OR s.each_minor > 0 AND (
                coalesce(paid.payments, 0) <> coalesce(due.payments, 0)
                OR coalesce(paid.people, 0) <> coalesce(due.payments, 0)
                OR paid.least <> s.each_minor OR paid.most <> s.each_minor)
           OR s.finished_at IS NOT NULL AND s.winners <> coalesce(due.payments, 0)
        """,
    ),
    Law(
        "the winners are those written down, in order of their numbers",
        """
        SELECT w.campaign, w.person, w.place FROM settlement_winner AS w
        JOIN settlement AS s USING (campaign)
        LEFT JOIN player AS p USING (person, campaign)
        LEFT JOIN settlement_winner AS before
               ON before.campaign = w.campaign AND before.place = w.place - 1
        WHERE w.place > s.winners OR p.number IS DISTINCT FROM w.number
           OR w.place > 1 AND (before.number IS NULL OR before.number >= w.number)
        """,
    ),
    Law(
        "a settled or cancelled campaign holds no money",
        """
        SELECT c.id, a.purpose, a.credits - a.debits AS minor FROM campaign AS c
        JOIN account AS a ON a.holder = 'fortune/' || c.id AND a.asset = 'CNY'
        WHERE c.state IN ('settled', 'cancelled') AND a.credits <> a.debits
        """,
    ),
)
