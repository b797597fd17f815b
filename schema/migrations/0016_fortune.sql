-- Designs of friends-for-cards, rewards that are held, and asks and offers that end with their campaign.

-- Which design a friend was counted under, and whether they count towards a reward of `person`: so a tie that
-- was formed for a reward is marked so.
ALTER TABLE new_friend
    ADD COLUMN design text NOT NULL DEFAULT 'threshold',
    ADD COLUMN rewarded boolean NOT NULL DEFAULT true;
-- Until now ten friends counted, whoever came later did not.
UPDATE new_friend AS n SET rewarded = false
FROM (SELECT f.person, f.campaign, f.friend,
             row_number() OVER (PARTITION BY f.person, f.campaign ORDER BY f.at, f.friend) AS place,
             (c.spec -> 'friends_for_cards' ->> 'friends')::int AS most
      FROM new_friend AS f JOIN campaign AS c ON c.id = f.campaign) AS counted
WHERE counted.place > counted.most
  AND (n.person, n.campaign, n.friend) = (counted.person, counted.campaign, counted.friend);
ALTER TABLE new_friend ALTER COLUMN design DROP DEFAULT, ALTER COLUMN rewarded DROP DEFAULT;

-- A person's cards for friends are the draws 0, 1, 2, … of round 0; a row holds those from `first` on.
ALTER TABLE friend_reward ADD COLUMN first int NOT NULL DEFAULT 0 CHECK (first >= 0);
ALTER TABLE friend_reward DROP CONSTRAINT friend_reward_pkey;
ALTER TABLE friend_reward ADD PRIMARY KEY (person, campaign, first);
ALTER TABLE friend_reward ALTER COLUMN first DROP DEFAULT;
COMMENT ON TABLE friend_reward IS
    'Cards given for new friends, as draws of round 0 from `first` on. distribution key: person';

CREATE TABLE reward_hold (
    person bigint NOT NULL,
    campaign text NOT NULL,
    first int NOT NULL CHECK (first >= 0),
    cards int NOT NULL CHECK (cards > 0),
    state text NOT NULL CHECK (state IN ('held', 'given', 'void')),
    late boolean NOT NULL DEFAULT false,
    held_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (person, campaign, first),
    CHECK ((state = 'held') = (ended_at IS NULL))
);
CREATE INDEX reward_hold_open ON reward_hold (campaign, person) WHERE state = 'held';
COMMENT ON TABLE reward_hold IS
    'Cards that are due and held while somebody looks at the person; `late`: still held when the pool was split. distribution key: person';

CREATE TABLE late_share (
    person bigint NOT NULL,
    campaign text NOT NULL,
    minor bigint NOT NULL CHECK (minor > 0),
    due_at timestamptz NOT NULL,
    paid_at timestamptz,
    PRIMARY KEY (person, campaign)
);
CREATE INDEX late_share_unpaid ON late_share (due_at, person) WHERE paid_at IS NULL;
COMMENT ON TABLE late_share IS
    'What the sponsor owes to somebody whose held cards would have completed the set in time. distribution key: person';

-- Nothing is asked or offered any more in a campaign that is over.
ALTER TABLE card_request DROP CONSTRAINT card_request_state_check;
ALTER TABLE card_request ADD CONSTRAINT card_request_state_check
    CHECK (state IN ('open', 'given', 'withdrawn', 'expired'));
ALTER TABLE swap DROP CONSTRAINT swap_state_check;
ALTER TABLE swap ADD CONSTRAINT swap_state_check
    CHECK (state IN ('offered', 'done', 'refused', 'withdrawn', 'gone', 'expired'));
CREATE INDEX card_request_open ON card_request (campaign) WHERE state = 'open';
CREATE INDEX swap_offered ON swap (campaign) WHERE state = 'offered';

GRANT SELECT, INSERT, UPDATE ON reward_hold, late_share TO wufu_app;
